import Backends
import Graph
import Testing

extension OpenCLTests {
    @Suite("The OpenCL backend")
    struct WholeBackend {
        // MARK: The contract

        @Test("every kernel in its table has cases, and every case a kernel")
        func coversTheContract() {
            #expect(Kernel.all.map(\.name).sorted() == allSpecs.map(\.name).sorted())
        }

        @Test("new buffers hold zeros")
        func zeroFills() throws {
            let backend = try OpenCLShape.cpu.backend()
            #expect(try backend.download(backend.makeBuffer(.real, count: 1000)).allSatisfy { $0 == 0 })
            #expect(try backend.download(backend.makeBuffer(.real, count: 0)) == [])
        }

        @Test("reads and writes keep to their place in the buffer")
        func copiesParts() throws {
            let backend = try OpenCLShape.cpu.backend()
            let buffer = try backend.upload([1, 2, 3, 4, 5, 6] as [Float])
            try backend.write([Float](arrayLiteral: 20, 30).span, to: buffer, at: 1)
            var part = [Float](repeating: 0, count: 3)
            var span = part.mutableSpan
            try backend.read(buffer, at: 2, into: &span)
            #expect(part == [30, 4, 5])
        }

        @Test("an empty call does nothing")
        func skipsEmptyWork() throws {
            let backend = try OpenCLShape.cpu.backend()
            let buffer = try backend.upload([7] as [Float])
            try backend.dispatch(KernelCall(.unary(.exponential, 0, to: 0, count: 0)), on: [buffer])
            #expect(try backend.download(buffer) == [7])
        }

        // MARK: Plans

        private func network() -> Plan {
            let graph = ComputationGraph()
            let x = graph.input("x", .real, [9, 20])
            let w = graph.input("w", .real, [20, 33])
            let bias = graph.constant([33], (0..<33).map { Double($0) / 10 })
            let hidden = (x.matmul(w) + bias.broadcast(to: [9, 33])).mapped(.exponential)
            return Plan([("h", hidden), ("total", hidden.sum())])
        }

        @Test("plans agree with their definitions, run after run and with other buffers", arguments: OpenCLShape.allCases)
        func runsPlans(shape: OpenCLShape) throws {
            let backend = try shape.backend()
            let plan = network()
            let executable = try backend.compile(plan)
            var dice = Dice(5)
            for _ in 0..<3 {
                var values: [String: HostTensor] = [:]
                let buffers = try plan.externals.map { external in
                    let numbers = dice.reals(external.count, -0.3, 0.3)
                    values[external.name] = HostTensor([external.count], numbers.map(Double.init))
                    return try backend.upload(numbers)
                }
                let expected = plan.program.evaluate(values)
                for _ in 0..<2 { try executable.run(buffers) }
                for (index, external) in plan.externals.enumerated() where external.role == .output {
                    let got = try backend.download(buffers[index])
                    let want = try #require(expected[external.name]?.values)
                    #expect(zip(got, want).allSatisfy { abs(Double($0) - $1) <= 1e-4 * (1 + abs($1)) }, "\(external.name)")
                }
            }
        }

        // MARK: What goes wrong

        @Test("a plan refuses buffers of the wrong number, size, type or backend")
        func refusesWrongBuffers() throws {
            let backend = try OpenCLShape.cpu.backend()
            let plan = network()
            let executable = try backend.compile(plan)
            let right = try plan.externals.map { try backend.makeBuffer($0.type, count: $0.count) }
            var wrong = [Array(right.dropLast())]
            let replacements = [
                try backend.makeBuffer(.real, count: right[0].count + 1),
                try backend.makeBuffer(.index, count: right[0].count),
                try OpenCLShape.gpu.backend().makeBuffer(.real, count: right[0].count),
            ]
            wrong += replacements.map { [$0] + right.dropFirst() }
            for buffers in wrong {
                let error = #expect(throws: BackendError.self) { try executable.run(buffers) }
                guard case .mismatchedBuffer = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
            }
            try executable.run(right)
        }

        @Test("copies beyond a buffer's end are refused")
        func refusesCopiesBeyondTheEnd() throws {
            let backend = try OpenCLShape.cpu.backend()
            let buffer = try backend.makeBuffer(.real, count: 4)
            for offset in [-1, 2, 5, Int.max] {
                #expect(throws: BackendError.self) {
                    try backend.write([Float](arrayLiteral: 1, 2, 3).span, to: buffer, at: offset)
                }
            }
            #expect(throws: BackendError.self) {
                try backend.write([Int32](arrayLiteral: 1).span, to: buffer, at: 0)
            }
        }

        @Test("an unknown device is named, with those that exist")
        func namesUnknownDevices() throws {
            try OpenCLShape.requireDevice()
            let error = #expect(throws: BackendError.self) { try OpenCLBackend(index: 99) }
            #expect(error?.description.contains("opencl:99") == true)
            #expect(error?.description.contains("opencl:0") == true)
        }

        @Test("a kernel that does not compile shows its file and the compiler's words")
        func showsCompilerLogs() throws {
            let backend = try OpenCLShape.cpu.backend()
            let error = #expect(throws: BackendError.self) {
                try backend.check(source: "kernel void broken(global float *y) { y[0] = nonsense; }", file: "broken")
            }
            guard case .compilation(let device, let file, let log) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(device == "opencl:0")
            #expect(file == "broken.cl")
            #expect(log.contains("nonsense"))
        }

        @Test("unknown kernels and missing operands are reported")
        func reportsBadCalls() throws {
            let backend = try OpenCLShape.cpu.backend()
            let buffer = try backend.makeBuffer(.real, count: 4)
            let operand = Operand(storage: .external(0), offset: 0)
            func dispatch(_ kernel: Kernel, _ operands: [Operand]) -> BackendError? {
                #expect(throws: BackendError.self) { try backend.dispatch(KernelCall(kernel, operands, [4]), on: [buffer]) }
            }
            let exp = Kernel.unary(.exponential)
            #expect(dispatch(.unknown("nothing"), []) == .missingKernel(device: "opencl:0", kernel: "nothing"))
            #expect(dispatch(exp, [operand])?.description.contains("exp") == true)
            #expect(dispatch(exp, [operand, Operand(storage: .external(3), offset: 0)]) != nil)
            #expect(dispatch(exp, [operand, Operand(storage: .external(0), offset: 9)]) != nil)
            try refusesMisfits(backend)
        }

        @Test("a buffer larger than the device allows is out of memory")
        func limitsBuffers() throws {
            let backend = try OpenCLShape.cpu.backend()
            let error = #expect(throws: BackendError.self) {
                try backend.makeBuffer(.real, count: backend.info.maximumAllocation / 4 + 1)
            }
            guard case .outOfMemory = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }

        @Test("a kernel that fails after its call has returned is named, with the device and the code in words")
        func namesFailedKernels() throws {
            let backend = try OpenCLShape.cpu.backend()
            let buffer = try backend.makeBuffer(.real, count: 8)
            let call = KernelCall(.fill(0, with: 1, count: 8))
            try backend.dispatch(call, on: [buffer], failing: -5)
            let error = #expect(throws: BackendError.self) { try backend.synchronize() }
            let message = error.map { "\($0)" } ?? ""
            for part in [backend.name, "fill", "(-"] { #expect(message.contains(part), "\(message)") }
            #expect(!message.contains("the standard does not define"), "\(message)")
            // What comes later works and is not blamed.
            try backend.dispatch(call, on: [buffer])
            try backend.synchronize()
            #expect(try backend.download(buffer) == [Float](repeating: 1, count: 8))
        }

        @Test("status codes have names and words")
        func describesCodes() {
            #expect(OpenCLError.describe(-38).hasPrefix("CL_INVALID_MEM_OBJECT (-38): "))
            #expect(OpenCLError.describe(-12345).contains("-12345"))
            for code in Array(-19...0) + Array(-72 ... -30) + [-1001] {
                #expect(OpenCLError.describe(Int32(code)).hasPrefix("CL_"), "\(code)")
            }
        }

        // MARK: Choosing a device

        @Test("a device is chosen by name, and never the CPU through OpenCL unless asked for")
        func choosesDevices() throws {
            try OpenCLShape.requireDevice()
            #expect(try DeviceCatalogue.backend(named: "cpu").name == "cpu")
            #expect(try DeviceCatalogue.backend(named: "opencl:0").name == "opencl:0")
            #expect(try DeviceCatalogue.backend(named: "opencl").name.hasPrefix("opencl:"))
            let dedicated = DeviceCatalogue.devices().contains { $0.kind == .gpu || $0.kind == .accelerator }
            #expect((try DeviceCatalogue.backend(named: "auto").name == "cpu") == !dedicated)
            for name in ["opencl:99", "opencl:x", "gpu", ""] {
                #expect(throws: BackendError.self) { try DeviceCatalogue.backend(named: name) }
            }
        }
    }
}
