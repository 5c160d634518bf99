import Backends
import Testing

extension OpenCLTests {
    @Suite("OpenCL kernels")
    struct Kernels {
        @Test("compute what the contract says", arguments: OpenCLShape.allCases, ContractCase.kernels)
        func computesTheContract(shape: OpenCLShape, kernel: String) throws {
            let backend = try shape.backend()
            for contractCase in ContractCase.all where contractCase.call.kernel == kernel {
                for mistake in try contractCase.mistakes(on: backend) { Issue.record("\(mistake)") }
            }
        }

        @Test("multiply matrices with narrower vectors", arguments: [4, 8])
        func multipliesWithNarrowVectors(lanes: Int) throws {
            try OpenCLShape.requireDevice()
            let backend = try OpenCLBackend(
                index: 0, matmul: .panelled, lanes: lanes, cache: ProgramCache(directory: nil))
            for contractCase in ContractCase.matmulCases() {
                for mistake in try contractCase.mistakes(on: backend) { Issue.record("\(mistake)") }
            }
        }

        @Test("give the same bits every time", arguments: OpenCLShape.allCases)
        func repeatsItself(shape: OpenCLShape) throws {
            let backend = try shape.backend()
            for kernel in ["matmul", "sum", "softmax", "scatter_rows", "similarity_dots"] {
                guard let contractCase = ContractCase.all.last(where: { $0.call.kernel == kernel }) else {
                    Issue.record("\(kernel) has no case")
                    continue
                }
                let results = try (0..<3).map { _ in try contractCase.result(on: backend).map(\.bitPattern) }
                #expect(results[1] == results[0] && results[2] == results[0], "\(kernel)")
            }
        }
    }
}

extension ContractCase {
    /// What the output's buffer holds after the call.
    fileprivate func result(on backend: any Backend) throws -> [Float] {
        let buffers = try self.buffers.map { contents in
            switch contents {
            case .real(let values): try backend.upload(values)
            case .index(let values): try backend.upload(values)
            }
        }
        try backend.dispatch(call, on: buffers)
        return try backend.download(buffers[0])
    }
}
