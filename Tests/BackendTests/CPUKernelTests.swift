import Backends
import CKernels
import Graph
import Testing

let allSpecs = elementwiseSpecs + rowSpecs + indexingSpecs + imageSpecs

/// Every C kernel against a plain loop in double precision.
@Suite struct CPUKernelTests {
    static let casesPerKernel = 20

    @Test func everyKernelHasATest() {
        let tested = Set(allSpecs.map(\.name))
        let catalogue = Set((0..<ofmu_kernel_count()).compactMap { ofmu_kernel_name($0).map { String(cString: $0) } })
        #expect(catalogue.subtracting(tested).sorted() == [])
        #expect(tested.subtracting(catalogue).sorted() == [])
        #expect(catalogue.count == Int(ofmu_kernel_count()))
        // Declared, and written in C.
        #expect(catalogue.subtracting(Kernel.all.map(\.name)).sorted() == [])
        #expect(Set(Kernel.all.map(\.name)).subtracting(catalogue).sorted() == [])
    }

    /// Needs no device: a kernel is written as `ofmu_NAME`, or given to UNARY or BINARY.
    @Test func everyKernelHasATextForDevices() {
        let texts = Dictionary(
            uniqueKeysWithValues: (0..<ofmu_source_count()).map {
                (String(cString: ofmu_source_name($0)), String(cString: ofmu_source_text($0)))
            })
        for kernel in Kernel.all {
            let text = texts[kernel.family] ?? ""
            #expect(
                text.contains("ofmu_\(kernel.name)") || text.contains("ARY(\(kernel.name),"), "\(kernel.family).cl lacks \(kernel.name)")
        }
    }

    @Test func unknownNamesHaveNoKernel() {
        #expect(ofmu_kernel_named("no_such_kernel") == nil)
        #expect(ofmu_kernel_name(-1) == nil)
        #expect(ofmu_kernel_name(ofmu_kernel_count()) == nil)
    }

    /// One test per kernel, because making the cases takes longer than checking them.
    @Test(arguments: allSpecs)
    func matchesAPlainLoopWholeDividedInPlaceAndOnTheBackend(_ spec: KernelSpec) throws {
        let kernel = try #require(ofmu_kernel_named(spec.name))
        let backend = CPUBackend()
        for seed in 0..<Self.casesPerKernel {
            var dice = Dice(seed)
            let test = spec.make(&dice)
            let whole = test.run(kernel)
            let error = test.firstError(in: whole)
            try #require(error == nil, "seed \(seed)")

            let cuts = (0..<dice.integer(1...6)).map { _ in dice.integer(0...test.units) }.sorted()
            try #require(bits(test.run(kernel, cuts: cuts)) == bits(whole), "seed \(seed), cut at \(cuts)")
            for operand in test.inPlace {
                try #require(bits(test.run(kernel, sharing: operand)) == bits(whole), "seed \(seed), over \(operand)")
            }
            let dispatched = try test.run(spec.name, on: backend)
            // Into how many parts a product is cut is the backend's own choice, and may decide its last bits.
            if spec.name == "matmul" || spec.name.hasPrefix("convolution") {
                try #require(test.firstError(in: dispatched) == nil, "seed \(seed), on the backend")
            } else {
                try #require(bits(dispatched) == bits(whole), "seed \(seed), on the backend")
            }
        }
    }
}

extension KernelCase {
    /// Runs the case as a single call of a backend.
    func run(_ name: String, on backend: some Backend) throws -> [Int: [Float]] {
        var buffers: [any Buffer] = []
        for values in operands {
            let buffer: any Buffer
            switch values {
            case .real(let values):
                buffer = try backend.makeBuffer(.real, count: values.count)
                try backend.write(values.span, to: buffer, at: 0)
            case .index(let values):
                buffer = try backend.makeBuffer(.index, count: values.count)
                try backend.write(values.span, to: buffer, at: 0)
            case .output(let count):
                buffer = try backend.makeBuffer(.real, count: count)
                let values = Array(repeating: Float.nan, count: count)
                try backend.write(values.span, to: buffer, at: 0)
            }
            buffers.append(buffer)
        }
        let call = try KernelCall(
            #require(Kernel.named(name)), buffers.indices.map { Operand(storage: .external($0), offset: 0) }, integers, reals: reals)
        #expect(call.work == work)
        try backend.dispatch(call, on: buffers)
        var results: [Int: [Float]] = [:]
        for (operand, wanted) in expected {
            results[operand] = try Array(backend.download(buffers[operand]).prefix(wanted.count))
        }
        return results
    }
}
