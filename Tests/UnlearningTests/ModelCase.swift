import Backends
import Data
import Graph
import Inference
import Models
import TestSupport
import Testing
import Unlearning

/// A tiny model at random parameters with a forget batch and a retain batch, its type erased.
struct ModelCase: Sendable, CustomTestStringConvertible {
    let name: String
    let theta: [Double]
    let inputs: [String: HostTensor]
    let objective: @Sendable (_ saturates: Bool) throws -> Objective
    let cappedObjective: @Sendable () throws -> Objective
    /// With a method's forget objective.
    let methodObjective: @Sendable (UnlearningMethod) throws -> Objective
    /// How many terms each example of the forget batch has.
    let forgetTerms: [Double]
    private let compile: @Sendable (ObjectivePlan, ObjectiveOptions, _ distance: Int) throws -> Plan

    var testDescription: String { name }
    var count: Int { theta.count }

    init<Loss: ExampleLoss>(_ name: String, _ loss: Loss, theta: [Double], forget: Loss.Batch, retain: Loss.Batch) {
        self.name = name
        // The same numbers in float32 and float64.
        self.theta = theta.map { Double(Float($0)) }
        var inputs = loss.inputs(forget, role: "forget").merging(loss.inputs(retain, role: "retain")) { $1 }
            .mapValues(HostTensor.init)
        inputs["theta"] = HostTensor([theta.count], self.theta)
        self.inputs = inputs
        let shapes = (loss.shape(of: forget), loss.shape(of: retain))
        objective = { try Objective(loss, forget: shapes.0, retain: shapes.1, saturates: $0) }
        cappedObjective = { try Objective(loss, forget: shapes.0, retain: shapes.1, saturates: false, capsTerms: true) }
        methodObjective = { try Objective(loss, forget: shapes.0, retain: shapes.1, saturates: false, method: $0) }
        forgetTerms = loss.termCounts(forget).map(Double.init)
        compile = { try $0.compile(loss, forget: shapes.0, retain: shapes.1, $1, recomputingAfter: $2) }
    }

    func plan(
        _ kind: ObjectivePlan, _ options: ObjectiveOptions, recomputingAfter distance: Int = Plan.recomputingDistance
    ) throws -> Plan { try compile(kind, options, distance) }

    /// The inputs with scalars and other parameters put in.
    func bound(_ scalars: [String: Double] = [:], theta: [Double]? = nil, _ vectors: [String: [Double]] = [:]) -> [String: HostTensor] {
        var result = inputs
        for (name, value) in scalars { result[name] = HostTensor([], [value]) }
        for (name, values) in vectors { result[name] = HostTensor([values.count], values) }
        if let theta { result["theta"] = HostTensor([theta.count], theta) }
        return result
    }

    // MARK: The models

    static var perceptron: ModelCase {
        let loss = Perceptron()
        return ModelCase(
            "perceptron", loss, theta: randomVector(loss.parameterCount, 3, 0.7), forget: labelled(loss, 3, seed: 5),
            retain: labelled(loss, 4, seed: 6))
    }

    static var convolutional: ModelCase {
        let loss = ConvolutionalNet()
        return ModelCase(
            "convolutional", loss, theta: randomVector(loss.parameterCount, 4, 0.7), forget: labelled(loss, 2, seed: 7),
            retain: labelled(loss, 3, seed: 8))
    }

    static var llama: ModelCase { language("llama", DecoderModel(Llama(), llamaConfiguration)) }

    static var qwen2: ModelCase {
        var configuration = llamaConfiguration
        configuration.biases = .queriesKeysValues
        return language("qwen2", DecoderModel(Qwen2(), configuration))
    }

    static var qwen3: ModelCase {
        var configuration = llamaConfiguration
        configuration.normalisesHeads = true
        return language("qwen3", DecoderModel(Qwen3(), configuration))
    }

    static var gpt2: ModelCase {
        let sizes = DecoderModel.Configuration(vocabulary: 31, width: 16, intermediateSize: 24, layers: 2, heads: 2, context: 8)
        return language("gpt2", DecoderModel(GPT2(), GPT2.block(sizes)))
    }

    /// One of each kind, for derivatives; every family, for backends.
    static let kinds = [perceptron, llama, convolutional]
    static let families = [perceptron, convolutional, llama, qwen2, qwen3, gpt2]

    static var llamaConfiguration: DecoderModel.Configuration {
        DecoderModel.Configuration(vocabulary: 31, width: 16, intermediateSize: 24, layers: 2, heads: 4, keyValueHeads: 2, context: 8)
    }

    static func language(_ name: String, _ model: any LanguageModel) -> ModelCase {
        let layout = ParameterLayout(model.specifications)
        let start = ModelInitialiser.values(layout, seed: 1).map(Double.init)
        let theta = zip(start, randomVector(layout.count, 11, 0.25)).map { $0 + $1 }
        guard let split = try? ParameterSplit(model.specifications, .all) else { preconditionFailure("everything can move") }
        return ModelCase(
            name, LanguageModelLoss(model, split, frozen: nil), theta: theta,
            forget: TokenBatch(sentences(2, seed: 1), context: 8),
            retain: TokenBatch([sentences(1, seed: 1), sentences(1, seed: 2)].flatMap { $0 }, context: 8))
    }

    static func sentences(_ count: Int, seed: UInt64) -> [TokenExample] {
        var random = SplitMix(seed)
        return (0..<count).map { number in
            let ids = (0..<(5 + number % 3)).map { _ in Int32.random(in: 0..<31, using: &random) }
            return TokenExample(ids: ids, labels: ids.enumerated().map { $0.offset < 2 ? TokenExample.masked : $0.element })
        }
    }

    static func labelled<Loss: Classifier>(_ loss: Loss, _ count: Int, seed: UInt64) -> LabelledBatch {
        var random = SplitMix(seed)
        return LabelledBatch(
            features: (0..<count).map { _ in random.tensor([loss.featureCount]).values.map(Float.init) },
            labels: (0..<count).map { Int32($0 % 3) })
    }
}

func randomVector(_ count: Int, _ seed: UInt64, _ size: Double = 1) -> [Double] {
    var random = SplitMix(seed)
    return random.tensor([count], in: (-size)...size).values
}

extension HostTensor {
    init(_ input: HostInput) {
        switch input {
        case .real(let values): self.init([values.count], values.map(Double.init))
        case .index(let values): self.init([values.count], values.map(Double.init))
        }
    }
}

// MARK: Vectors (element by element, not joined as arrays are)

func + (a: [Double], b: [Double]) -> [Double] { zip(a, b).map { $0 + $1 } }
func - (a: [Double], b: [Double]) -> [Double] { zip(a, b).map { $0 - $1 } }
func * (a: Double, b: [Double]) -> [Double] { b.map { a * $0 } }
func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
func norm(_ a: [Double]) -> Double { dot(a, a).squareRoot() }

/// ‖found − expected‖ / ‖expected‖; infinite where something is not a number or has no size.
func relativeError(_ found: [Double], _ expected: [Double]) -> Double {
    guard found.count == expected.count, found.allSatisfy(\.isFinite), norm(expected) > 0 else { return .infinity }
    return norm(found - expected) / norm(expected)
}

/// The derivative at 0 by the five-point formula; its error is of fourth order.
func derivative(step: Double = 1e-3, _ f: (Double) throws -> [Double]) rethrows -> [Double] {
    let near = try f(step) - f(-step)
    let far = try f(2 * step) - f(-2 * step)
    return (1 / (12 * step)) * (8 * near - far)
}

// MARK: Backends

/// Where float32 results come from.
enum Device: String, CaseIterable, CustomTestStringConvertible {
    case cpu, openCL

    var testDescription: String { rawValue }

    /// - Throws: where there is no OpenCL device: these tests fail, rather than skip.
    func backend() throws -> any Backend {
        switch self {
        case .cpu: CPUBackend()
        case .openCL: try Self.shared.get()
        }
    }

    private static let shared = Result { () throws -> OpenCLBackend in
        try OpenCLBackend(index: 0, cache: ProgramCache(directory: nil))
    }
}

/// All tests that use an OpenCL device, one after another: they share it.
@Suite("Derivatives in float32", .serialized, .openCLTurn)
enum DeviceTests {}

/// Runs a plan once on a backend.
func run(_ plan: Plan, on backend: any Backend, _ inputs: [String: HostTensor]) throws -> [String: [Double]] {
    let runner = try PlanRunner(plan, on: backend)
    var host: [String: HostInput] = [:]
    for external in plan.externals where external.role == .input {
        let values = try #require(inputs[external.name]?.values, "no value for \(external.name)")
        host[external.name] = external.type == .real ? .real(values.map(Float.init)) : .index(values.map { Int32($0) })
    }
    try runner.run(host)
    var results: [String: [Double]] = [:]
    for external in plan.externals where external.role == .output {
        results[external.name] = try runner.read(external.name).map(Double.init)
    }
    return results
}

/// Evaluates a plan's definitions in float64.
func evaluate(_ plan: Plan, _ inputs: [String: HostTensor]) -> [String: [Double]] {
    plan.program.evaluate(inputs).mapValues(\.values)
}

extension [String: [Double]] {
    /// The values of a name; empty, which no comparison lets pass, if there are none.
    subscript(of name: String) -> [Double] { self[name] ?? [] }
}
