import Backends
import Graph
import TestSupport
import Testing

/// The devices that every plan must agree on.
enum TestDevice: String, CaseIterable, CustomTestStringConvertible {
    case cpu
    /// PoCL or a GPU, with kernels shaped for a CPU and for a GPU.
    case openCLForCPU = "OpenCL shaped for a CPU"
    case openCLForGPU = "OpenCL shaped for a GPU"

    var testDescription: String { rawValue }

    func backend() throws -> any Backend {
        switch self {
        case .cpu: Self.processor
        case .openCLForCPU: try OpenCLShape.cpu.backend()
        case .openCLForGPU: try OpenCLShape.gpu.backend()
        }
    }

    private static let processor = CPUBackend()
}

/// A plan with buffers for everything it names; outputs hold NaN until they are written.
struct BoundPlan {
    let plan: Plan
    private let backend: any Backend
    private let executable: any Executable
    private let buffers: [any Buffer]

    /// - Parameter donating: outputs that share the buffer of an input.
    init(_ plan: Plan, on backend: any Backend, _ inputs: [String: HostTensor], donating: [String: String] = [:]) throws {
        self.plan = plan
        self.backend = backend
        executable = try backend.compile(plan)
        var made: [String: any Buffer] = [:]
        for external in plan.externals where external.role == .input {
            let values = try #require(inputs[external.name]?.values, "no value for \(external.name)")
            switch external.type {
            case .real: made[external.name] = try backend.upload(values.map { Float($0) })
            case .index: made[external.name] = try backend.upload(values.map { Int32($0) })
            }
        }
        buffers = try plan.externals.map { external in
            if external.role == .input { return try #require(made[external.name]) }
            if let input = donating[external.name] { return try #require(made[input]) }
            return try backend.upload([Float](repeating: .nan, count: external.count))
        }
    }

    func run() throws { try executable.run(buffers) }

    /// What an input or output of reals holds.
    func values(_ name: String, _ role: Plan.External.Role) throws -> [Float] {
        try backend.download(buffers[#require(plan.slot(name, role))])
    }
}

extension [String: HostTensor] {
    /// The values as a device will hold them, so that rounding the inputs is not counted as an error.
    var rounded: Self { mapValues { HostTensor($0.shape, $0.values.map { Double(Float($0)) }) } }
}

/// Runs a plan and compares every output with the definitions in float64.
/// - Returns: the outputs that differ, with their relative errors.
func disagreements(
    _ plan: Plan, on backend: any Backend, _ inputs: [String: HostTensor], donating: [String: String] = [:], runs: Int = 1
) throws -> [String] {
    let inputs = inputs.rounded
    let expected = plan.program.evaluate(inputs)
    let bound = try BoundPlan(plan, on: backend, inputs, donating: donating)
    for _ in 0..<runs { try bound.run() }
    var problems: [String] = []
    for external in plan.externals {
        switch external.role {
        case .output:
            let want = try #require(expected[external.name])
            let got = HostTensor(want.shape, try bound.values(external.name, .output).map(Double.init))
            let error = got.relativeError(to: want, floor: 1e-2)
            if !(error <= 1e-4) { problems.append("\(external.name): relative error \(error)") }
        case .input where external.type == .real && !donating.values.contains(external.name):
            let kept = try bound.values(external.name, .input).elementsEqual(#require(inputs[external.name]).values.map { Float($0) })
            if !kept { problems.append("\(external.name): the input was changed") }
        case .input: break
        }
    }
    return problems
}
