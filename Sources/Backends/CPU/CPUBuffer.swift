import Graph

/// Host memory of a `CPUBackend`.
final class CPUBuffer: Buffer, @unchecked Sendable {
    let type: DType
    let count: Int
    /// At least `count` elements.
    let memory: Memory

    init(type: DType, count: Int, memory: Memory) {
        (self.type, self.count, self.memory) = (type, count, memory)
    }
}
