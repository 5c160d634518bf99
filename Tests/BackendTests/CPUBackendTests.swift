import Backends
import CKernels
import Graph
import Testing

extension Kernel {
    /// A declaration that no backend has a text for.
    static func unknown(_ name: String) -> Kernel { Kernel(unimplemented: name) }
}

/// A call that differs from what its kernel declares is refused, on every backend alike.
func refusesMisfits(_ backend: some Backend) throws {
    let buffers = [try backend.upload([1, 2] as [Float]), try backend.upload([1, 2] as [Float])]
    let ids = try backend.upload([0, 1] as [Int32])
    for kernel in Kernel.all {
        let operands = kernel.operands.map { _ in Operand(storage: .external(0), offset: 0) }
        let integers = [Int](repeating: 1, count: kernel.integerCount), reals = kernel.reals.map { _ in 1.0 }
        for wrong in [
            KernelCall(kernel, Array(operands.dropLast()), integers, reals: reals),
            KernelCall(kernel, operands + operands.prefix(1), integers, reals: reals),
            KernelCall(kernel, operands, Array(integers.dropLast()), reals: reals),
            KernelCall(kernel, operands, integers + [1], reals: reals),
            KernelCall(kernel, operands, integers, reals: reals + [1]),
        ] {
            let error = #expect(throws: BackendError.self) { try backend.dispatch(wrong, on: buffers) }
            #expect(error.map { "\($0)" }?.contains("kernel \(kernel.name) takes") == true)
        }
    }
    // Numbers where ids are meant, and the other way round.
    let gather = KernelCall(.gatherRows(0, ids: 1, to: 0, rows: 1, columns: 1, stride: 1, tableRows: 1))
    #expect(throws: BackendError.self) { try backend.dispatch(gather, on: buffers) }
    let scale = KernelCall(.scale(1, by: 2, to: 0, count: 1))
    #expect(throws: BackendError.self) { try backend.dispatch(scale, on: [buffers[0], ids]) }
    try backend.dispatch(scale, on: buffers)
}

/// Buffers, plans and errors of the CPU backend.
@Suite struct CPUBackendTests {
    private func buffer(_ values: [Float], on backend: CPUBackend) throws -> any Buffer {
        let buffer = try backend.makeBuffer(.real, count: values.count)
        try backend.write(values.span, to: buffer, at: 0)
        return buffer
    }

    private func contents(_ buffer: any Buffer, on backend: CPUBackend) throws -> [Float] {
        var values = Array(repeating: Float.nan, count: buffer.count)
        var span = values.mutableSpan
        try backend.read(buffer, at: 0, into: &span)
        return values
    }

    /// y = Σ (x + 1)·x, and z = x + 1: the first needs workspace, the second is written straight into its buffer.
    private func plan(_ count: Int) -> Plan {
        let graph = ComputationGraph()
        let x = graph.input("x", .real, [count])
        let shifted = x.shifted(by: 1)
        return Plan([("y", (shifted * x).sum()), ("z", shifted)])
    }

    @Test(arguments: [1, 1000, 400_000]) func buffersStartAtZeroAndKeepWhatIsWritten(_ count: Int) throws {
        let backend = CPUBackend()
        let buffer = try backend.makeBuffer(.real, count: count)
        #expect(try contents(buffer, on: backend).allSatisfy { $0 == 0 })
        try backend.write([Float(5)].span, to: buffer, at: count - 1)
        #expect(try contents(buffer, on: backend).last == 5)
    }

    /// The plan's buffers in its own order.
    private func bindings(_ plan: Plan, x: any Buffer, y: any Buffer, z: any Buffer) throws -> [any Buffer] {
        try plan.externals.map { try #require(["x": x, "y": y, "z": z][$0.name]) }
    }

    @Test func plansRunOnTheBuffersTheyAreGiven() throws {
        let backend = CPUBackend()
        let small = try backend.compile(plan(4))
        let x = try buffer([1, 2, 3, 4], on: backend), other = try buffer([0, 0, 0, 1], on: backend)
        let y = try backend.makeBuffer(.real, count: 1), z = try backend.makeBuffer(.real, count: 4)
        try small.run(bindings(small.plan, x: x, y: y, z: z))
        #expect(try contents(z, on: backend) == [2, 3, 4, 5])
        #expect(try contents(y, on: backend) == [40])
        try small.run(bindings(small.plan, x: other, y: y, z: z))
        #expect(try contents(y, on: backend) == [2])

        // A larger plan moves the shared workspace; the smaller one must notice.
        let count = 600_000
        let large = try backend.compile(plan(count))
        let many = try buffer((0..<count).map { Float($0 % 3) }, on: backend)
        let result = try backend.makeBuffer(.real, count: count)
        try large.run(bindings(large.plan, x: many, y: y, z: result))
        #expect(try contents(result, on: backend) == (0..<count).map { Float($0 % 3 + 1) })
        #expect(try contents(y, on: backend) == [1_600_000])
        try small.run(bindings(small.plan, x: x, y: y, z: z))
        #expect(try contents(y, on: backend) == [40])
    }

    @Test func emptyBuffersAreFine() throws {
        let backend = CPUBackend()
        let nothing = try backend.makeBuffer(.real, count: 0)
        #expect(try contents(nothing, on: backend) == [])
        try backend.synchronize()
    }

    @Test func callsThatNoKernelCanTakeAreReported() throws {
        let backend = CPUBackend()
        let call = KernelCall(.unknown("juggle"), [], [0])
        #expect(throws: BackendError.missingKernel(device: "cpu", kernel: "juggle")) {
            try backend.dispatch(call, on: [])
        }
        let y = try backend.makeBuffer(.real, count: 4)
        for (storage, offset) in [(Storage.external(0), 5), (.external(0), -1), (.external(1), 0), (.arena, 0)] {
            let call = KernelCall(.fill, [Operand(storage: storage, offset: offset)], [1], reals: [0])
            #expect(throws: BackendError.self) { try backend.dispatch(call, on: [y]) }
        }
        try refusesMisfits(backend)
    }

    @Test func wrongBuffersAreRejected() throws {
        let backend = CPUBackend()
        let executable = try backend.compile(plan(4))
        let right = try backend.makeBuffer(.real, count: 4), short = try backend.makeBuffer(.real, count: 3)
        let one = try backend.makeBuffer(.real, count: 1)
        let ids = try backend.makeBuffer(.index, count: 4), foreign = ForeignBuffer()
        #expect(throws: BackendError.self) { try executable.run([right]) }
        for wrong in [short, ids, foreign] {
            let bound = try bindings(executable.plan, x: wrong, y: one, z: right)
            #expect(throws: BackendError.self) { try executable.run(bound) }
        }
        #expect(throws: BackendError.self) { _ = try backend.makeBuffer(.real, count: -1) }
        #expect(throws: BackendError.self) { _ = try backend.makeBuffer(.real, count: .max / 2) }
        for offset in [-1, 4] {
            #expect(throws: BackendError.self) {
                try backend.write([Float(1)].span, to: right, at: offset)
            }
        }
    }

    /// A product large enough to be cut for several threads has the same bits on any number of them, one included.
    @Test(arguments: [(256, 512), (512, 192), (1, 4096), (4096, 1), (333, 1009), (1009, 333)])
    func productsHaveTheSameBitsOnAnyNumberOfThreads(_ m: Int, _ n: Int) throws {
        let k = m == 1 || n == 1 ? 1024 : 96
        var dice = Dice(m)
        let operands: [Values] = [.output(m * n), .real(dice.reals(m * k)), .real(dice.reals(k * n))]
        let integers = [m, n, k, 1, 1, 1, 0, 0, 0, k, 1, 0, 0, 0, 1, k, 0]
        var test = KernelCase(operands, integers, elements: 1, expected: Array(repeating: 0, count: m * n))
        test.work = .matmul
        let alone = bits(try test.run("matmul", on: CPUBackend(threads: 1)))
        for threads in [2, 3, 8] {
            #expect(bits(try test.run("matmul", on: CPUBackend(threads: threads))) == alone, "\(threads) threads")
        }
    }

    /// Long and short calls in turn, so that workers are caught awake, half asleep and asleep; more threads than processors, so that
    /// the system takes some away in the middle.
    @Test("results do not depend on the number of threads", arguments: [2, 3, 8]) func threadsAgree(threads: Int) throws {
        let graph = ComputationGraph()
        let x = graph.input("x", .real, [333, 130])
        var y = x
        for _ in 0..<20 {
            let mixed = y.transposed().matmul(y).scaled(by: 1e-3)
            y = y.matmul(mixed).mapped(.tanh) + y.sum(axes: [0]).scaled(by: 1e-3).broadcast(to: [333, 130])
        }
        let plan = Plan([("y", y)])
        let values: [Float] = (0..<333 * 130).map { index in Float(index * 37 % 101) / 101 - 0.5 }
        let results = try [1, threads].map { threads in
            let backend = CPUBackend(threads: threads)
            let executable = try backend.compile(plan)
            let input = try buffer(values, on: backend), output = try backend.makeBuffer(.real, count: values.count)
            var results: [[Float]] = []
            for _ in 0..<10 {
                try executable.run([input, output])
                results.append(try contents(output, on: backend))
            }
            return results
        }
        #expect(results[0][0].contains { $0 != 0 })
        #expect(results[0].allSatisfy { $0 == results[0][0] })
        #expect(results[1].allSatisfy { $0 == results[0][0] })
    }
}

/// A buffer that no backend has made.
private final class ForeignBuffer: Buffer {
    let type = DType.real
    let count = 4
}
