import Backends
import Graph
import Inference
import Testing

/// The devices that tests run on. Without any OpenCL device they fail: install pocl-opencl-icd.
enum Devices {
    static let names = ["cpu", "opencl"]

    static func backend(_ name: String) throws -> any Backend {
        try DeviceCatalogue.backend(named: name)
    }
}

extension GoldenTests {
    @Test("on devices: logits, loss, gradient and Hessian-vector product", arguments: Golden.names, Devices.names)
    func devices(name: String, device: String) throws {
        let golden = try Golden(name)
        let plan = Self.plan(golden)
        let u = try golden.flat("u", golden.loaded.split.trainable)
        let results = try run(plan, on: Devices.backend(device), golden.inputs(role: "b", ["u": u]))
        try Self.check(golden, results, logits: 1e-4, derivatives: 1e-3)
    }
}
