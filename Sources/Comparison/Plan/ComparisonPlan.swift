import Evaluation
import Files
import Runs
import Unlearning

/// What is compared: one plan file, checked as far as it can be without its data.
package struct ComparisonPlan: Sendable {
    /// The plan file.
    package var file: String
    package var name: String
    /// The folder that data files are named in.
    package var data: String
    /// The folder of the results, and of the models that are made.
    package var out: String
    package var seeds: [UInt64]
    /// How many of the seeds, from the first, all settings of a method are tried with; the others get the best of them alone.
    package var searchSeeds: Int
    /// How many settings a method may try.
    package var search: Int
    package var keepsModels: Bool
    package var text: TextPlan
    /// What training starts from; nil where all models are given.
    package var base: BaseModel?
    package var training: TrainingPlan?
    package var budgets: [Budget]
    package var judging: JudgingPlan
    package var splits: [SplitPlan]
    package var methods: [MethodPlan]
    /// Everything that decides a cell's numbers, but methods and seeds; data by their names.
    package var frame: JSONObject

    /// How rows become tokens.
    package struct TextPlan: Hashable, Sendable {
        package var template: String?
        package var date: String?
        package var maximumLength: Int?
        package var truncates = false
    }

    /// Where training begins.
    package enum BaseModel: Hashable, Sendable {
        /// A GGUF file or a folder.
        case given(String)
        /// A Llama of this size with random weights, and a tokenizer learned from the plan's data.
        case fresh(layers: Int, width: Int, heads: Int, vocabulary: Int, context: Int, seed: UInt64)
    }

    /// How the models that know everything, and those that never knew, are trained.
    package struct TrainingPlan: Sendable {
        package var settings: TrainingSettings
        /// How many models are trained without the forget rows, each with its own order of the data.
        package var references: Int
    }

    /// How much is asked.
    package struct JudgingPlan: Hashable, Sendable {
        /// Forget examples; nil for all.
        package var forgetExamples: Int?
        /// Examples of every other set.
        package var examples = 100
        package var answerTokens = 64
        package var batch = 16
        /// Questions whose answers the report shows.
        package var samples = 3
        /// How half of the forget rows are learned again; nil where they are not.
        package var relearning: TrainingSettings?
        /// Whether states are exchanged with the trained and a retrained model, layer by layer.
        package var measuresDepth = false
        /// Forget examples whose states are exchanged: a row costs as much as scoring it once for every layer, or more.
        package var depthExamples = 20
        /// Ways in which weights are rounded to see what comes back.
        package var roundings: [WeightRounding] = []
    }
}

/// What a cell may spend.
package enum Budget: Hashable, Sendable, CustomStringConvertible {
    /// 1 = forward and backward over one batch.
    case gradientEquivalents(Double)
    case seconds(Double)

    package var amount: Double {
        switch self {
        case .gradientEquivalents(let amount), .seconds(let amount): amount
        }
    }

    /// For people and for names of files.
    package var description: String {
        let number = amount == amount.rounded() && amount < 1e15 ? String(Int(amount)) : String(amount)
        return switch self {
        case .gradientEquivalents: "\(number) gradient-equivalents"
        case .seconds: "\(number) s"
        }
    }
}

/// What is forgotten and kept, and what is asked about.
package struct SplitPlan: Hashable, Sendable {
    package var name: String
    package var forget: DataSelection
    package var retain: DataSelection
    /// Sets that are asked beside, or in place of, the training rows, by name.
    package var asked: [String: DataSelection]
    /// Nil where it is trained from the plan.
    package var trained: String?
    /// Models that never saw the forget rows; empty where they are trained from the plan.
    package var references: [String]
    /// Its path in the plan.
    package var place: String

    /// The names that may stand in `ask`.
    package static let askable = EvaluationRole.allCases.map(\.asked)
}

/// One method with the settings that it tries.
package struct MethodPlan: Hashable, Sendable {
    /// How tables name it.
    package var label: String
    package var method: String
    package var isPaper: Bool
    /// All combinations, as texts by the names of settings; at least one.
    package var grid: [[String: String]]
    /// Its path in the plan.
    package var place: String
}
