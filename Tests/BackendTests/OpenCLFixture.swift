import Backends
import Graph
import TestSupport
import Testing

/// All tests that use an OpenCL device, one after another: they share it.
@Suite("OpenCL", .serialized, .openCLTurn)
enum OpenCLTests {}

/// The two ways the kernels are compiled: for CPU devices and for GPUs. PoCL runs both, so that a machine without a GPU
/// tests what a GPU would run.
enum OpenCLShape: String, CaseIterable, CustomTestStringConvertible {
    case cpu, gpu

    var testDescription: String { "kernels shaped for a \(rawValue.uppercased())" }

    /// One backend per shape for the whole process: programs compile once.
    func backend() throws -> OpenCLBackend {
        switch self {
        case .cpu: try Self.shared.0.get()
        case .gpu: try Self.shared.1.get()
        }
    }

    private static let shared = (
        make(.panelled, rowItems: 1), make(.tiled, rowItems: 64)
    )

    private static func make(_ matmul: MatmulVariant, rowItems: Int) -> Result<OpenCLBackend, any Error> {
        Result {
            try requireDevice()
            return try OpenCLBackend(index: 0, matmul: matmul, rowItems: rowItems, cache: ProgramCache(directory: nil))
        }
    }

    /// Fails, rather than skips, where there is nothing to test on.
    static func requireDevice() throws {
        if DeviceCatalogue.devices().isEmpty { throw NoOpenCLDevice() }
    }
}

struct NoOpenCLDevice: Error, CustomStringConvertible {
    var description: String {
        "These tests need an OpenCL device. On Debian and Ubuntu, `apt-get install pocl-opencl-icd` makes the CPU one."
    }
}

extension Backend {
    func upload(_ values: [Float]) throws -> any Buffer {
        let buffer = try makeBuffer(.real, count: values.count)
        try write(values.span, to: buffer, at: 0)
        return buffer
    }

    func upload(_ values: [Int32]) throws -> any Buffer {
        let buffer = try makeBuffer(.index, count: values.count)
        try write(values.span, to: buffer, at: 0)
        return buffer
    }

    func download(_ buffer: any Buffer) throws -> [Float] {
        var values = [Float](repeating: .nan, count: buffer.count)
        var span = values.mutableSpan
        try read(buffer, at: 0, into: &span)
        return values
    }
}
