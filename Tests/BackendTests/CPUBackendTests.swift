import Backends
import CKernels
import Graph
import Testing

/// Buffers, plans and errors of the CPU backend.
@Suite struct CPUBackendTests {
    private func buffer(_ values: [Float], on backend: CPUBackend) throws -> Buffer {
        let buffer = try backend.makeBuffer(.real, count: values.count)
        try values.withUnsafeBufferPointer { try backend.write($0, to: buffer, at: 0) }
        return buffer
    }

    private func contents(_ buffer: Buffer, on backend: CPUBackend) throws -> [Float] {
        var values = Array(repeating: Float.nan, count: buffer.count)
        try values.withUnsafeMutableBufferPointer { try backend.read(buffer, at: 0, into: $0) }
        return values
    }

    private func external(_ name: String, _ count: Int, _ role: Plan.External.Role) -> Plan.External {
        Plan.External(name: name, type: .real, count: count, role: role)
    }

    /// y = 2·x + 3 in an arena of `arena` elements, with a constant of one element.
    private func plan(_ count: Int, arena: Int) -> Plan {
        Plan(
            externals: [external("x", count, .input), external("y", count, .output)],
            constants: [.real([3]), .index([1, 2, 3])], arenaCount: arena,
            calls: [
                KernelCall(
                    kernel: "scale",
                    operands: [Operand(storage: .arena, offset: arena - count), Operand(storage: .external(0), offset: 0)],
                    integers: [count], reals: [2], work: .elements(count)),
                KernelCall(
                    kernel: "add",
                    operands: [
                        Operand(storage: .external(1), offset: 0), Operand(storage: .arena, offset: arena - count),
                        Operand(storage: .constant(0), offset: 0),
                    ],
                    integers: [count, 1, 1, 1, 1, 1, count, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
                    work: .elements(count)),
            ])
    }

    @Test(arguments: [1, 1000, 400_000]) func buffersStartAtZeroAndKeepWhatIsWritten(_ count: Int) throws {
        let backend = CPUBackend()
        let buffer = try backend.makeBuffer(.real, count: count)
        #expect(try contents(buffer, on: backend).allSatisfy { $0 == 0 })
        try [Float(5)].withUnsafeBufferPointer { try backend.write($0, to: buffer, at: count - 1) }
        #expect(try contents(buffer, on: backend).last == 5)
    }

    @Test func plansRunOnTheBuffersTheyAreGiven() throws {
        let backend = CPUBackend()
        let small = try backend.compile(plan(4, arena: 10))
        let x = try buffer([1, 2, 3, 4], on: backend), z = try buffer([0, 0, 0, 1], on: backend)
        let y = try backend.makeBuffer(.real, count: 4)
        try small.run([x, y])
        #expect(try contents(y, on: backend) == [5, 7, 9, 11])
        try small.run([z, y])
        #expect(try contents(y, on: backend) == [3, 3, 3, 5])

        // A larger plan moves the shared workspace; the smaller one must notice.
        let count = 300_000
        let large = try backend.compile(plan(count, arena: 2 * count))
        let many = try buffer((0..<count).map { Float($0 % 97) }, on: backend)
        let result = try backend.makeBuffer(.real, count: count)
        try large.run([many, result])
        #expect(try contents(result, on: backend) == (0..<count).map { Float(2 * ($0 % 97) + 3) })
        try small.run([x, y])
        #expect(try contents(y, on: backend) == [5, 7, 9, 11])
    }

    @Test func emptyPlansAndEmptyBuffersAreFine() throws {
        let backend = CPUBackend()
        let empty = try backend.compile(Plan(externals: [], constants: [], arenaCount: 0, calls: []))
        try empty.run([])
        let nothing = try backend.makeBuffer(.real, count: 0)
        #expect(try contents(nothing, on: backend) == [])
        try backend.synchronize()
    }

    @Test func unknownKernelsAreReported() throws {
        let backend = CPUBackend()
        let call = KernelCall(kernel: "juggle", operands: [], integers: [], work: .elements(1))
        let missing = BackendError.missingKernel(device: "cpu", kernel: "juggle")
        #expect(throws: missing) { try backend.dispatch(call, on: []) }
        let plan = Plan(externals: [], constants: [], arenaCount: 0, calls: [call])
        #expect(throws: missing) { _ = try backend.compile(plan) }
    }

    @Test func wrongBuffersAreRejected() throws {
        let backend = CPUBackend()
        let executable = try backend.compile(plan(4, arena: 4))
        let right = try backend.makeBuffer(.real, count: 4), short = try backend.makeBuffer(.real, count: 3)
        let ids = try backend.makeBuffer(.index, count: 4), foreign = Buffer(type: .real, count: 4)
        for wrong in [[right], [right, short], [ids, right], [right, foreign]] {
            #expect(throws: BackendError.self) { try executable.run(wrong) }
        }
        #expect(throws: BackendError.self) { _ = try backend.makeBuffer(.real, count: -1) }
        #expect(throws: BackendError.self) { _ = try backend.makeBuffer(.real, count: .max / 2) }
        for offset in [-1, 4] {
            #expect(throws: BackendError.self) {
                try [Float(1)].withUnsafeBufferPointer { try backend.write($0, to: right, at: offset) }
            }
        }
    }

    @Test func operandsOutsideTheirStorageAreRejected() throws {
        let backend = CPUBackend()
        for storage in [Storage.arena, .external(0), .external(2), .constant(0), .constant(5)] {
            let operand = Operand(storage: storage, offset: 100)
            let call = KernelCall(
                kernel: "fill", operands: [operand], integers: [1], reals: [0], work: .elements(1))
            var broken = plan(4, arena: 4)
            broken.calls.append(call)
            #expect(throws: BackendError.self) { _ = try backend.compile(broken) }
        }
    }

    /// A product large enough to be cut for several threads equals the same product on one thread, bit for bit.
    @Test(arguments: [(256, 512), (512, 192), (1, 4096), (4096, 1)])
    func dividedProductsHaveTheSameBits(_ m: Int, _ n: Int) throws {
        let backend = CPUBackend()
        let k = m == 1 || n == 1 ? 1024 : 96
        var dice = Dice(m)
        let operands: [Values] = [.output(m * n), .real(dice.reals(m * k)), .real(dice.reals(k * n))]
        let integers = [m, n, k, 1, 1, 1, 0, 0, 0, k, 1, 0, 0, 0, 1, k, 0, 1]
        var test = KernelCase(operands, integers, elements: 1, expected: Array(repeating: 0, count: m * n))
        test.work = .matmul
        let whole = bits(test.run(try #require(ofmu_kernel_named("matmul"))))
        #expect(bits(try test.run("matmul", on: backend)) == whole)
        for parts in [2, 3, 4] {
            var divided = test
            divided.integers[17] = parts
            divided.units = parts
            #expect(bits(divided.run(try #require(ofmu_kernel_named("matmul")))) == whole, "\(parts) parts")
        }
    }
}
