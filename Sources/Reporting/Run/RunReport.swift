import Evaluation
import Models
import Unlearning

/// Everything an auditor needs to know about a run: what was asked, how it was done, what it changed and what it cost.
public struct RunReport: Sendable {
    /// A data set that the run used.
    public struct DataFile: Hashable, Sendable {
        /// What it was for: "forget", "retain".
        public var role: String
        public var path: String
        public var examples: Int
        /// The digest of the file's bytes; of the text the file would have, if the data were made and not read.
        public var sha256: String

        public init(role: String, path: String, examples: Int, sha256: String) {
            self.role = role
            self.path = path
            self.examples = examples
            self.sha256 = sha256
        }
    }

    /// A named fact, such as a library and its version.
    public struct Entry: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// How the model answered at one point of the run.
    public struct Stage: Sendable {
        /// "before", "after", "retrained".
        public var name: String
        public var forget: [MetricSummary]
        public var retain: [MetricSummary]

        public init(name: String, forget: [MetricSummary], retain: [MetricSummary]) {
            self.name = name
            self.forget = forget
            self.retain = retain
        }

        public init(name: String, forget: AnswerEvaluation, retain: AnswerEvaluation) {
            self.init(name: name, forget: forget.metrics, retain: retain.metrics)
        }
    }

    /// What unlearning cost, without training or evaluation.
    public struct Cost: Hashable, Sendable {
        /// 1 = forward and backward over one batch.
        public var gradientEquivalents: Double
        public var seconds: Double
        /// The most device memory held.
        public var bytes: Int

        public init(gradientEquivalents: Double, seconds: Double, bytes: Int) {
            self.gradientEquivalents = gradientEquivalents
            self.seconds = seconds
            self.bytes = bytes
        }

        /// The sums over rounds.
        public init(_ rounds: [RoundRecord]) {
            gradientEquivalents = rounds.reduce(0) { $0 + $1.gradientEquivalents }
            seconds = rounds.reduce(0) { $0 + $1.seconds }
            bytes = rounds.reduce(0) { max($0, $1.bytes) }
        }
    }

    public var title: String
    /// When the run began, in the caller's words; reports never look at the clock.
    public var date: String
    public var data: [DataFile] = []
    /// What is known of the model: name, architecture, parameters, which of them moved.
    public var model: [Entry] = []
    public var settings: UnlearningSettings
    /// Settings of whatever else was run, such as the training of a reference.
    public var otherSettings: [Entry] = []
    public var device: String
    public var versions: [Entry] = []
    public var rounds: [RoundRecord] = []
    /// Why the run ended; nil if it was interrupted.
    public var stopReason: RunState.StopReason?
    /// What is missing where the target was not reached.
    public var shortfall: String?
    public var stages: [Stage] = []
    /// How far the weights moved; nil if that was not measured.
    public var change: WeightChange?
    public var cost: Cost
    public var samples: [SampleAnswers] = []
    /// Whatever else a reader should know.
    public var notes: [String] = []

    /// - Parameter rounds: also give the cost.
    public init(title: String, date: String, settings: UnlearningSettings, device: String, rounds: [RoundRecord]) {
        self.title = title
        self.date = date
        self.settings = settings
        self.device = device
        self.rounds = rounds
        cost = Cost(rounds)
    }
}

/// One question and how it was answered at each stage.
public struct SampleAnswers: Hashable, Sendable {
    public var role: String
    public var question: String
    public var reference: String
    /// By the name of the stage.
    public var answers: [RunReport.Entry]

    public init(role: String, question: String, reference: String, answers: [RunReport.Entry]) {
        self.role = role
        self.question = question
        self.reference = reference
        self.answers = answers
    }
}
