import Evaluation
import Inference
import Unlearning

/// Everything an auditor needs to know about a run: what was asked, how it was done, what it changed and what it cost.
public struct RunReport: Sendable {
    /// A data set that the run used.
    public struct DataFile: Hashable, Sendable {
        /// What it was for: "forget", "retain".
        public var role: String
        /// The file as it was named.
        public var path: String
        /// The number of its examples.
        public var examples: Int
        /// The digest of the file's bytes; of the text the file would have, if the data were made and not read.
        public var sha256: String

        package init(role: String, path: String, examples: Int, sha256: String) {
            self.role = role
            self.path = path
            self.examples = examples
            self.sha256 = sha256
        }
    }

    /// A named fact, such as a library and its version.
    public struct Entry: Hashable, Sendable {
        /// What it is about.
        public var name: String
        /// What there is to say of it.
        public var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// How the model answered at one point of the run.
    public struct Stage: Sendable {
        /// "before", "after", "retrained".
        public var name: String
        /// What the answers to the forget set measured.
        public var forget: [MetricSummary]
        /// What the answers to the retain set measured.
        public var retain: [MetricSummary]

        package init(name: String, forget: [MetricSummary], retain: [MetricSummary]) {
            self.name = name
            self.forget = forget
            self.retain = retain
        }

        package init(name: String, forget: AnswerEvaluation, retain: AnswerEvaluation) {
            self.init(name: name, forget: forget.metrics, retain: retain.metrics)
        }
    }

    /// What unlearning cost, without training or evaluation.
    public struct Cost: Hashable, Sendable {
        /// 1 = forward and backward over one batch.
        public var gradientEquivalents: Double
        /// Seconds of unlearning, on the wall.
        public var seconds: Double
        /// The most device memory held.
        public var bytes: Int

        package init(gradientEquivalents: Double, seconds: Double, bytes: Int) {
            self.gradientEquivalents = gradientEquivalents
            self.seconds = seconds
            self.bytes = bytes
        }

        /// The sums over rounds.
        package init(_ rounds: [RoundRecord]) {
            gradientEquivalents = rounds.reduce(0) { $0 + $1.gradientEquivalents }
            seconds = rounds.reduce(0) { $0 + $1.seconds }
            bytes = rounds.reduce(0) { max($0, $1.bytes) }
        }
    }

    /// The first line.
    public var title: String
    /// When the run began, in the caller's words; reports never look at the clock.
    public var date: String
    /// The files that were read.
    public var data: [DataFile] = []
    /// What is known of the model: name, architecture, parameters, which of them moved.
    public var model: [Entry] = []
    /// What decided the run.
    public var settings: UnlearningSettings
    /// Settings of whatever else was run, such as the training of a reference.
    package var otherSettings: [Entry] = []
    /// What it ran on.
    public var device: String
    package var versions: [Entry] = []
    /// What every round measured.
    public var rounds: [RoundRecord] = []
    /// Why the run ended; nil if it was interrupted.
    public var stopReason: RunState.StopReason?
    /// What is missing where the target was not reached.
    public var shortfall: String?
    /// The model before and after, and a reference where there is one.
    public var stages: [Stage] = []
    /// How far the weights moved; nil if that was not measured.
    public var change: WeightChange?
    /// What the run took.
    public var cost: Cost
    /// Some answers in full.
    public var samples: [SampleAnswers] = []
    /// Whatever else a reader should know.
    public var notes: [String] = []

    /// - Parameter rounds: also give the cost.
    package init(title: String, date: String, settings: UnlearningSettings, device: String, rounds: [RoundRecord]) {
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
    /// "forget" or "retain".
    public var role: String
    /// What was asked.
    public var question: String
    /// The answer in the data.
    public var reference: String
    /// By the name of the stage.
    public var answers: [RunReport.Entry]

    package init(role: String, question: String, reference: String, answers: [RunReport.Entry]) {
        self.role = role
        self.question = question
        self.reference = reference
        self.answers = answers
    }
}
