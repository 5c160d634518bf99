import CKernels
import Graph
import Testing

/// Repeatable random numbers.
struct Dice {
    private var state: UInt64
    init(_ seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 }

    mutating func bits() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func integer(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + Int(bits() % UInt64(range.upperBound - range.lowerBound + 1))
    }

    /// Often 1, often odd, sometimes beyond every block size of the kernels.
    mutating func size(_ largest: Int = 300) -> Int {
        switch integer(0...5) {
        case 0: 1
        case 1: integer(2...7)
        case 2: min(largest, 64)
        case 3: integer(1...max(1, largest / 8))
        default: integer(1...largest)
        }
    }

    mutating func real(_ low: Float = -1, _ high: Float = 1) -> Float {
        low + (high - low) * Float(bits() >> 40) / 16_777_216
    }

    mutating func reals(_ count: Int, _ low: Float = -1, _ high: Float = 1) -> [Float] {
        (0..<count).map { _ in real(low, high) }
    }

    mutating func ids(_ count: Int, below bound: Int) -> [Int32] {
        (0..<count).map { _ in Int32(integer(0...bound - 1)) }
    }
}

/// One operand's storage.
enum Values {
    case real([Float])
    case index([Int32])
    /// An output of that many elements, filled with NaN so that an element the kernel forgets is noticed.
    case output(Int)
}

/// One call of a kernel on small data, with the result that a plain loop in double precision gives.
struct KernelCase {
    var operands: [Values]
    var integers: [Int]
    var reals: [Double] = []
    /// How the contract counts the work.
    var work: Work
    /// Units of the C function.
    var units: Int
    /// Pieces of each product, for `matmul`.
    var parts = 1
    /// Expected contents of operand 0 and of further written operands.
    var expected: [Int: [Double]]
    /// Allowed error relative to the larger of the expected value and `magnitude`.
    var tolerance = 1e-5
    /// The size of the terms a result is made of: below it, cancellation makes relative errors meaningless.
    var magnitude = 1.0
    /// Inputs whose storage the output may share.
    var inPlace: [Int] = []
    /// Whether −0 and 0 are different results.
    var countsZeroSigns = false

    init(
        _ operands: [Values], _ integers: [Int], reals: [Double] = [], elements: Int, expected: [Double],
        inPlace: [Int] = []
    ) {
        self.operands = operands
        self.integers = integers
        self.reals = reals
        work = .elements(elements)
        units = elements
        self.expected = [0: expected]
        self.inPlace = inPlace
    }

    init(
        _ operands: [Values], _ integers: [Int], reals: [Double] = [], rows: Int, expected: [Double],
        inPlace: [Int] = []
    ) {
        self.init(operands, integers, reals: reals, elements: rows, expected: expected, inPlace: inPlace)
        work = .rows(rows)
    }

    func with(tolerance: Double, magnitude: Double = 1) -> KernelCase {
        var copy = self
        copy.tolerance = tolerance
        copy.magnitude = magnitude
        return copy
    }
}

/// A kernel and a generator of cases for it.
struct KernelSpec: Sendable, CustomTestStringConvertible {
    var name: String
    var make: @Sendable (inout Dice) -> KernelCase
    var testDescription: String { name }
}

extension KernelCase {
    /// Runs the C function over the units in pieces that end at `cuts`. With `shared`, the output is the storage of that
    /// input. Returns the contents of every written operand.
    func run(_ kernel: ofmu_kernel, cuts: [Int] = [], sharing shared: Int? = nil) -> [Int: [Float]] {
        var call = ofmu_call()
        call.parts = Int64(parts)
        let memory = operands.map { values -> UnsafeMutableRawPointer in
            let count: Int
            switch values {
            case .real(let values): count = values.count
            case .index(let values): count = values.count
            case .output(let size): count = size
            }
            let address = UnsafeMutableRawPointer.allocate(byteCount: max(1, count) * 4, alignment: 64)
            switch values {
            case .real(let values): address.initializeMemory(as: Float.self, from: values, count: count)
            case .index(let values): address.initializeMemory(as: Int32.self, from: values, count: count)
            case .output: address.initializeMemory(as: Float.self, repeating: .nan, count: count)
            }
            return address
        }
        defer { for address in memory { address.deallocate() } }

        withUnsafeMutableBytes(of: &call.operand) { bytes in
            let pointers = bytes.bindMemory(to: UnsafeMutableRawPointer?.self)
            for (index, address) in memory.enumerated() { pointers[index] = address }
            if let shared { pointers[0] = memory[shared] }
        }
        withUnsafeMutableBytes(of: &call.n) { bytes in
            let values = bytes.bindMemory(to: Int64.self)
            for (index, value) in integers.enumerated() { values[index] = Int64(value) }
        }
        withUnsafeMutableBytes(of: &call.x) { bytes in
            let values = bytes.bindMemory(to: Float.self)
            for (index, value) in reals.enumerated() { values[index] = Float(value) }
        }
        var begin = 0
        for cut in cuts + [units] where cut > begin {
            kernel(&call, Int64(begin), Int64(cut))
            begin = cut
        }
        var written: [Int: [Float]] = [:]
        for (operand, values) in expected {
            let address = operand == 0 && shared != nil ? memory[shared ?? 0] : memory[operand]
            let floats = address.assumingMemoryBound(to: Float.self)
            written[operand] = Array(UnsafeBufferPointer(start: floats, count: values.count))
        }
        return written
    }

    /// Describes the first value that is too far off, or nil.
    func firstError(in results: [Int: [Float]]) -> String? {
        for (operand, wanted) in expected {
            guard let got = results[operand], got.count == wanted.count else { return "operand \(operand) is missing" }
            for (index, pair) in zip(got, wanted).enumerated() {
                let value = Double(pair.0)
                if countsZeroSigns, value == 0, pair.1 == 0, value.sign != pair.1.sign {
                    return "operand \(operand), element \(index): \(pair.0), expected \(pair.1); integers \(integers)"
                }
                if value == pair.1 || (value.isNaN && pair.1.isNaN) { continue }
                let error = abs(value - pair.1)
                // An infinity is right or wrong; its distance from a number would be infinite, and so would the bound.
                if value.isInfinite || pair.1.isInfinite || !(error <= tolerance * max(abs(pair.1), magnitude)) {
                    return "operand \(operand), element \(index): \(pair.0), expected \(pair.1); integers \(integers)"
                }
            }
        }
        return nil
    }
}

/// Bit patterns, so that NaN equals itself and −0 differs from 0.
func bits(_ results: [Int: [Float]]) -> [Int: [UInt32]] { results.mapValues { $0.map(\.bitPattern) } }
