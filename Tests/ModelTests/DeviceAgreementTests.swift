import Backends
import Data
import Graph
import Inference
import Models
import TestSupport
import Testing

/// A whole decoder on the CPU and on OpenCL. Fails, rather than skips, without an OpenCL device.
@Suite("A decoder of two layers on every device", .serialized, .openCLTurn)
struct DeviceAgreementTests {
    /// Gradient and Hessian-vector product of one batch: the plan, and values for its inputs.
    private static func problem() throws -> (plan: Plan, inputs: [String: HostTensor]) {
        var configuration = DecoderModel.Configuration(
            vocabulary: 37, width: 24, intermediateSize: 40, layers: 2, heads: 4, keyValueHeads: 2, context: 32)
        // Weights large enough for attention to choose.
        configuration.deviation = 0.2
        let loaded = try LoadedModel(initialising: DecoderModel(Llama(), configuration), seed: 3)
        var random = SeededRandom(seed: 4, stream: "tokens")
        let examples = [11, 7, 9].map { length in
            let ids = (0..<length).map { _ in Int32.random(in: 0..<37, using: &random) }
            return TokenExample(ids: ids, labels: [TokenExample.masked, TokenExample.masked] + ids.dropFirst(2))
        }
        let batch = TokenBatch(examples, context: configuration.context)
        let loss = LanguageModelLoss(try loaded.model.language, loaded.split, frozen: nil)

        let graph = ComputationGraph()
        let theta = graph.input("theta", .real, [loaded.trainable.count])
        let losses = loss.losses(theta, batch.shape, role: "b")
        let mean = losses.sum().scaled(by: 1 / Double(examples.count))
        let gradient = try #require(pullback(mean, cotangent: graph.scalar(1), to: [theta])[0])
        let product = hessianVectorProduct(gradient, theta, graph.input("u", .real, theta.shape))
        let plan = Plan([("losses", losses), ("gradient", gradient), ("product", product)])

        var inputs = loss.inputs(batch, role: "b").mapValues { input in
            switch input {
            case .real(let values): HostTensor([values.count], values.map(Double.init))
            case .index(let values): HostTensor([values.count], values.map(Double.init))
            }
        }
        inputs["theta"] = HostTensor([loaded.trainable.count], loaded.trainable.map(Double.init))
        inputs["u"] = HostTensor([loaded.trainable.count]) { _ in Double(Float(2 * random.uniform() - 1)) }
        return (plan, inputs)
    }

    /// ‖a − b‖ / ‖b‖
    private static func distance(_ a: [Double], _ b: [Double]) -> Double {
        guard a.count == b.count, !b.isEmpty else { return .infinity }
        let norm = { (values: [Double]) in values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        return norm(zip(a, b).map { $0 - $1 }) / norm(b)
    }

    @Test(
        "loss, gradient and Hessian-vector product are those of the CPU and of the definitions",
        arguments: [MatmulVariant.panelled, .tiled])
    func openCLAgreesWithCPU(variant: MatmulVariant) throws {
        let (plan, inputs) = try Self.problem()
        let device = try OpenCLBackend(
            index: 0, matmul: variant, rowItems: variant == .tiled ? 64 : 1, cache: ProgramCache(directory: nil))
        let openCL = try run(plan, on: device, inputs)
        let cpu = try run(plan, on: CPUBackend(), inputs)
        let defined = plan.program.evaluate(inputs)
        for name in ["losses", "gradient", "product"] {
            let (a, b) = (try #require(openCL[name]), try #require(cpu[name]))
            #expect(Self.distance(a, b) <= 1e-4, "\(name), OpenCL and CPU")
            #expect(try Self.distance(a, #require(defined[name]).values) <= 1e-4, "\(name), OpenCL and definitions")
            #expect(try Self.distance(b, #require(defined[name]).values) <= 1e-4, "\(name), CPU and definitions")
        }
    }
}
