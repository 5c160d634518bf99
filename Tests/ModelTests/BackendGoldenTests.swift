import Backends
import Graph
import Models
import Testing

extension GoldenTests {
    @Test("on the CPU: logits, loss, gradient and Hessian-vector product", arguments: Golden.names)
    func cpu(name: String) throws {
        let golden = try Golden(name)
        let plan = try Self.plan(golden)
        let u = try golden.flat("u", golden.loaded.split.moving)
        let results = try run(plan, on: CPUBackend(), golden.inputs(role: "b", ["u": u]))
        try Self.check(golden, results, logits: 1e-4, derivatives: 1e-3)
    }
}
