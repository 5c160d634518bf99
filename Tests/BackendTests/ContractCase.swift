import Backends
import Graph

/// One call of a kernel of the contract with random operands, and what it must leave behind, computed by plain loops in
/// double precision. Knows no backend: every backend runs the same cases through `Backend.dispatch`.
struct ContractCase: Sendable {
    enum Contents: Sendable {
        case real([Float])
        case index([Int32])
    }

    var label: String
    var call: KernelCall
    /// What the buffers hold before the call. Operands lie inside, between margins that must survive.
    var buffers: [Contents]
    /// What the written buffers hold afterwards.
    var expected: [Int: [Double]]
    /// Errors are measured against this plus each expected value; by default the root mean square of the buffer.
    var magnitude: Double?

    /// All cases of the contract, the same in every process.
    static let all: [ContractCase] =
        elementwiseCases() + rowCases() + normalisationCases() + indexingCases() + similarityCases() + matmulCases()

    /// The kernels that have cases.
    static let kernels: [String] = Array(Set(all.map(\.call.kernel))).sorted()

    /// Runs the case and describes every buffer that came out wrong.
    func mistakes(on backend: any Backend, tolerance: Double = 1e-4) throws -> [String] {
        let buffers = try self.buffers.map { contents in
            switch contents {
            case .real(let values): try backend.upload(values)
            case .index(let values): try backend.upload(values)
            }
        }
        try backend.dispatch(call, on: buffers)
        return try expected.sorted { $0.key < $1.key }.compactMap { index, expected in
            let values = try backend.download(buffers[index])
            let size = (expected.reduce(0) { $0 + $1 * $1 } / Double(max(expected.count, 1))).squareRoot()
            let wrong = expected.indices.filter { i in
                let error = abs(Double(values[i]) - expected[i])
                return !(error <= tolerance * (abs(expected[i]) + (magnitude ?? size)))
            }
            guard let first = wrong.first else { return nil }
            return "\(call.kernel), \(label): \(wrong.count) of \(expected.count) values of buffer \(index) are wrong; "
                + "[\(first)] is \(values[first]), not \(expected[first])"
        }
    }
}

extension Backend {
    func upload(_ values: [Float]) throws -> Buffer {
        let buffer = try makeBuffer(.real, count: values.count)
        try values.withUnsafeBufferPointer { try write($0, to: buffer, at: 0) }
        return buffer
    }

    func upload(_ values: [Int32]) throws -> Buffer {
        let buffer = try makeBuffer(.index, count: values.count)
        try values.withUnsafeBufferPointer { try write($0, to: buffer, at: 0) }
        return buffer
    }

    func download(_ buffer: Buffer) throws -> [Float] {
        var values = [Float](repeating: .nan, count: buffer.count)
        try values.withUnsafeMutableBufferPointer { try read(buffer, at: 0, into: $0) }
        return values
    }
}

/// Collects the operands of one case.
struct CaseBuilder {
    private(set) var random: SplitMix
    private var contents: [ContractCase.Contents] = []
    private var operands: [Operand] = []
    private var counts: [Int] = []
    private static let margin = 5

    init(seed: Int) {
        random = SplitMix(state: UInt64(truncatingIfNeeded: seed) &* 0x5851_f42d_4c95_7f2d)
    }

    /// Normally distributed values.
    mutating func values(_ count: Int, scale: Float = 1) -> [Float] {
        (0..<count).map { _ in scale * random.normal() }
    }

    mutating func integers(_ count: Int, in range: ClosedRange<Int>) -> [Int] {
        (0..<count).map { _ in Int.random(in: range, using: &random) }
    }

    /// Adds an operand with these values and returns them in double precision.
    @discardableResult
    mutating func real(_ values: [Float]) -> [Double] {
        let margins = (self.values(Self.margin), self.values(Self.margin))
        add(.real(margins.0 + values + margins.1), count: values.count)
        return values.map(Double.init)
    }

    /// Adds a random operand and returns its values.
    @discardableResult
    mutating func real(_ count: Int, scale: Float = 1) -> [Double] {
        real(values(count, scale: scale))
    }

    mutating func index(_ values: [Int]) {
        let margin = [Int32](repeating: 0, count: Self.margin)
        add(.index(margin + values.map(Int32.init) + margin), count: values.count)
    }

    /// Adds an operand that is the same storage as an earlier one.
    mutating func alias(_ operand: Int) {
        operands.append(operands[operand])
        counts.append(counts[operand])
    }

    private mutating func add(_ new: ContractCase.Contents, count: Int) {
        operands.append(Operand(storage: .external(contents.count), offset: Self.margin))
        contents.append(new)
        counts.append(count)
    }

    /// - Parameter expected: the values of the operands that the kernel writes.
    func build(
        _ kernel: String, _ label: String, integers: [Int], reals: [Double] = [], work: Work,
        expected: [Int: [Double]], magnitude: Double? = nil
    ) -> ContractCase {
        var after: [Int: [Double]] = [:]
        for (operand, values) in expected {
            guard case .external(let buffer) = operands[operand].storage, case .real(let before) = contents[buffer]
            else { preconditionFailure("a case expects values of an operand it does not have") }
            precondition(values.count == counts[operand], "\(kernel), \(label): the expectation has another size")
            after[buffer] =
                before.prefix(Self.margin).map(Double.init) + values + before.suffix(Self.margin).map(Double.init)
        }
        return ContractCase(
            label: label,
            call: KernelCall(kernel: kernel, operands: operands, integers: integers, reals: reals, work: work),
            buffers: contents, expected: after, magnitude: magnitude)
    }
}

/// SplitMix64: small, and the same sequence everywhere.
struct SplitMix: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// A sum of uniforms is normal enough for test data.
    mutating func normal() -> Float {
        (0..<12).reduce(-6) { sum, _ in sum + Float.random(in: 0..<1, using: &self) }
    }
}
