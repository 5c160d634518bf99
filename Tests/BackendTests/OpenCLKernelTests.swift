import Backends
import Graph
import Testing

extension OpenCLTests {
    @Suite("OpenCL kernels")
    struct Kernels {
        @Test("compute what plain loops compute, in place too", arguments: OpenCLShape.allCases, allSpecs)
        func computeTheContract(shape: OpenCLShape, spec: KernelSpec) throws {
            let backend = try shape.backend()
            for seed in 0..<20 {
                var dice = Dice(seed)
                let test = spec.make(&dice)
                for shared in [nil] + test.inPlace.map(Optional.some) {
                    let mistake = try test.mistake(of: spec.name, on: backend, sharing: shared)
                    #expect(mistake == nil, "seed \(seed)\(shared.map { ", over operand \($0)" } ?? "")")
                }
            }
        }

        @Test("compute at sizes beyond their blocks, tiles and groups", arguments: OpenCLShape.allCases, OpenCLLargeCase.all)
        func computeLargeCases(shape: OpenCLShape, large: OpenCLLargeCase) throws {
            #expect(try large.test.mistake(of: large.kernel, on: shape.backend()) == nil)
        }

        @Test("multiply matrices with narrower vectors", arguments: [4, 8])
        func multiplyWithNarrowVectors(lanes: Int) throws {
            try OpenCLShape.requireDevice()
            let backend = try OpenCLBackend(
                index: 0, matmul: .panelled, lanes: lanes, cache: ProgramCache(directory: nil))
            for large in OpenCLLargeCase.all where large.kernel == "matmul" {
                #expect(try large.test.mistake(of: "matmul", on: backend) == nil, "\(large)")
            }
        }

        @Test("give the same bits every time", arguments: OpenCLShape.allCases)
        func repeatThemselves(shape: OpenCLShape) throws {
            let backend = try shape.backend()
            for spec in allSpecs {
                var dice = Dice(3)
                let test = spec.make(&dice)
                let first = bits(try test.run(spec.name, on: backend))
                #expect(try bits(test.run(spec.name, on: backend)) == first, "\(spec.name)")
            }
        }

        @Test("saturate where their derivatives do", arguments: OpenCLShape.allCases, UnaryFunction.gates)
        func saturate(shape: OpenCLShape, gate: Gate) throws {
            let arguments: [Float] = [-3e38, -1e30, -1e4, -200, 200, 1e4, 1e30, 3e38]
            for (order, function) in gate.functions.enumerated() {
                let limits = arguments.map { $0 < 0 ? 0 : [Double($0), 1, 0, 0][order] }
                let test = KernelCase(
                    [.output(arguments.count), .real(arguments)], [arguments.count], elements: arguments.count,
                    expected: limits)
                #expect(try test.mistake(of: function.rawValue, on: shape.backend()) == nil, "order \(order)")
            }
        }
    }
}

extension KernelCase {
    private static let margin = 5

    /// Runs the case with every operand inside a larger buffer and describes the first wrong value, or the first value
    /// beside an operand that changed. With `shared`, the output is the storage of that input.
    func mistake(of kernel: String, on backend: some Backend, sharing shared: Int? = nil) throws -> String? {
        let side = Array(repeating: Float(12345), count: Self.margin)
        let before = operands.map { values in
            switch values {
            case .real(let values): side + values + side
            case .index(let values):
                (Array(repeating: 0, count: Self.margin) + values).map { Float(bitPattern: UInt32(bitPattern: $0)) }
            case .output(let count): side + Array(repeating: .nan, count: count) + side
            }
        }
        let buffers = try zip(operands, before).map { operand, words in
            if case .index = operand { return try backend.upload(words.map { Int32(bitPattern: $0.bitPattern) }) }
            return try backend.upload(words)
        }
        let places = operands.indices.map { operand in
            Operand(storage: .external(operand == 0 ? shared ?? 0 : operand), offset: Self.margin)
        }
        try backend.dispatch(
            KernelCall(#require(Kernel.named(kernel)), places, integers, reals: reals), on: buffers)
        var results: [Int: [Float]] = [:]
        for (operand, wanted) in expected {
            let buffer = operand == 0 ? shared ?? 0 : operand
            let values = try backend.download(buffers[buffer])
            let written = Self.margin..<Self.margin + wanted.count
            results[operand] = Array(values[written])
            guard values.indices.allSatisfy({ written.contains($0) || values[$0] == before[buffer][$0] }) else {
                return "operand \(operand): the kernel wrote beside it; integers \(integers)"
            }
        }
        return firstError(in: results)
    }
}
