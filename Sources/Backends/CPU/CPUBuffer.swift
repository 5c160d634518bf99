import Graph

/// Host memory of a `CPUBackend`.
final class CPUBuffer: Buffer, @unchecked Sendable {
    let memory: Memory

    /// `memory` holds at least `count` elements.
    init(type: ElementType, count: Int, memory: Memory) {
        self.memory = memory
        super.init(type: type, count: count)
    }
}
