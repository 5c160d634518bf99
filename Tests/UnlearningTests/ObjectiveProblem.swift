import Backends
import Data
import Glibc
import Graph
import Inference
import Models
import TestSupport
import Unlearning

/// One term of an answer: the logits it was chosen from now, and those of frozen models.
struct ChosenTerm {
    var now, original, reference, blurred: [Double]
    var label: Int
    /// In the midst of the model, now and of the original.
    var state: [Double] = []
    var originalState: [Double] = []

    var loss: Double { -logSoftmax(now)[label] }
}

/// What objectives look at, as plain numbers: the terms of every example.
struct ObjectiveScene {
    var forget: [[ChosenTerm]]
    var alternative: [[ChosenTerm]]
    var retain: [[ChosenTerm]]
}

/// A tiny decoder with batches of several terms an example, and random numbers for what frozen models would say.
struct ObjectiveProblem {
    /// As runs have it where nobody asks for another.
    static let alternativeWeight = UnlearningSettings().alternativeWeight
    let loss: LanguageModelLoss
    let theta: [Double]
    let forgetRows = ModelCase.sentences(3, seed: 1)
    /// Of other lengths than the answers they stand for.
    let alternativeRows = Array(ModelCase.sentences(4, seed: 3).dropFirst())
    let retainRows = ModelCase.sentences(3, seed: 2)
    let targets = [2.0, 30, 3]
    let originalSums = [9.0, 14, 12]
    let alternativeSums = [11.0, 12, 21]
    private let original: [String: [Double]]
    private let reference: [String: [Double]]
    private let blurred: [String: [Double]]
    private let states: [String: [Double]]

    init() throws {
        let model = DecoderModel(Llama(), ModelCase.llamaConfiguration)
        let layout = ParameterLayout(model.specifications)
        loss = LanguageModelLoss(model, try ParameterSplit(model.specifications, .all), frozen: nil)
        theta = randomVector(layout.count, 11, 1.2).map { Double(Float($0)) }
        let rows = { (seed: UInt64) in randomVector(16 * model.dimensions.vocabulary, seed, 3) }
        original = ["forget": rows(21), "retain": rows(22), "alternative": rows(23)]
        reference = ["forget": rows(24), "retain": rows(25), "alternative": rows(26)]
        blurred = ["forget": rows(27), "retain": rows(28), "alternative": rows(29)]
        let width = 16 * model.dimensions.width
        states = ["forget": randomVector(width, 31), "retain": randomVector(width, 32), "alternative": randomVector(width, 33)]
    }

    func batch(_ rows: [TokenExample]) -> TokenBatch { TokenBatch(rows, context: 8) }

    var roles: [(name: String, rows: [TokenExample])] {
        [("forget", forgetRows), ("alternative", alternativeRows), ("retain", retainRows)]
    }

    func objective(_ method: UnlearningMethod, saturates: Bool = true) throws -> Objective {
        try Objective(
            loss, forget: batch(forgetRows).shape, retain: batch(retainRows).shape, alternative: batch(alternativeRows).shape,
            saturates: saturates, method: method)
    }

    /// Everything that a graph may ask for.
    /// - Parameter frozen: logits by role; nil for random ones.
    func inputs(
        _ theta: [Double], original: [String: [Double]]? = nil, reference: [String: [Double]]? = nil,
        blurred: [String: [Double]]? = nil, states: [String: [Double]]? = nil, sums: [String: [Double]]? = nil
    ) -> [String: HostTensor] {
        var all: [String: HostTensor] = [:]
        var vectors = ["theta": theta, "forget.targets": targets]
        for (role, rows) in roles {
            all.merge(loss.inputs(batch(rows), role: role).mapValues(HostTensor.init)) { $1 }
            vectors["\(role).terms"] = loss.termCounts(batch(rows)).map(Double.init)
            vectors["\(role).original.logits"] = (original ?? self.original)[role]
            vectors["\(role).original.states"] = (states ?? self.states)[role]
            vectors["\(role).blurred.logits"] = (blurred ?? self.blurred)[role]
            vectors["\(role).reference.logits"] = (reference ?? self.reference)[role]
        }
        vectors["forget.original"] = sums?["forget"] ?? originalSums
        vectors["alternative.original"] = sums?["alternative"] ?? alternativeSums
        for (name, values) in vectors { all[name] = HostTensor([values.count], values) }
        all["alternative.weight"] = HostTensor([], [Self.alternativeWeight])
        return all
    }

    /// The logits at every row of a role, padding included.
    func logits(_ theta: [Double], _ role: String, blur: Double = 1) -> [Double] {
        let loss = self.loss.blurred(by: blur)
        let rows = roles.first { $0.name == role }?.rows ?? []
        let node = ComputationGraph().input("theta", .real, [loss.parameterCount])
        guard let choices = loss.scores(node, batch(rows).shape, role: role).choices else { return [] }
        return evaluate(Plan([("logits", choices.logits)]), inputs(theta))[of: "logits"]
    }

    /// The states at every row of a role, padding included.
    func states(_ theta: [Double], _ role: String) -> [Double] {
        let rows = roles.first { $0.name == role }?.rows ?? []
        let node = ComputationGraph().input("theta", .real, [loss.parameterCount])
        guard let states = loss.scores(node, batch(rows).shape, role: role).states else { return [] }
        return evaluate(Plan([("states", states)]), inputs(theta))[of: "states"]
    }

    func scene(_ theta: [Double]) -> ObjectiveScene {
        let parts = roles.map { role, rows in
            let (now, midst) = (logits(theta, role), states(theta, role))
            let answers = batch(rows).shape.answers
            var next = 0
            return rows.map { example in
                example.labels.dropFirst().filter { $0 >= 0 }.map { label in
                    defer { next += 1 }
                    let row = { (values: [Double]) in
                        let width = values.count / answers
                        return Array(values[next * width..<(next + 1) * width])
                    }
                    return ChosenTerm(
                        now: row(now), original: row(original[role] ?? []), reference: row(reference[role] ?? []),
                        blurred: row(blurred[role] ?? []), label: Int(label), state: row(midst), originalState: row(states[role] ?? []))
                }
            }
        }
        return ObjectiveScene(forget: parts[0], alternative: parts[1], retain: parts[2])
    }
}

func logSoftmax(_ logits: [Double]) -> [Double] {
    let top = logits.max() ?? 0
    let total = top + log(logits.reduce(0) { $0 + exp($1 - top) })
    return logits.map { $0 - total }
}

func softmax(_ logits: [Double]) -> [Double] { logSoftmax(logits).map { exp($0) } }
