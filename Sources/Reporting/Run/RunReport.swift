import Evaluation
import Inference
import Unlearning

/// Everything an auditor needs to know about a run: what was asked, how it was done, what it changed and what it cost.
package struct RunReport: Sendable {
    /// A data set that the run used.
    package struct DataFile: Hashable, Sendable {
        /// What it was for: "forget", "retain".
        package var role: String
        package var path: String
        package var examples: Int
        /// The digest of the file's bytes; of the text the file would have, if the data were made and not read.
        package var sha256: String

        package init(role: String, path: String, examples: Int, sha256: String) {
            self.role = role
            self.path = path
            self.examples = examples
            self.sha256 = sha256
        }
    }

    /// A named fact, such as a library and its version.
    package struct Entry: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// How the model answered at one point of the run.
    package struct Stage: Sendable {
        /// "before", "after", "retrained".
        package var name: String
        package var forget: [MetricSummary]
        package var retain: [MetricSummary]

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
    package struct Cost: Hashable, Sendable {
        /// 1 = forward and backward over one batch.
        package var gradientEquivalents: Double
        package var seconds: Double
        /// The most device memory held.
        package var bytes: Int

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

    package var title: String
    /// When the run began, in the caller's words; reports never look at the clock.
    package var date: String
    package var data: [DataFile] = []
    /// What is known of the model: name, architecture, parameters, which of them moved.
    package var model: [Entry] = []
    package var settings: UnlearningSettings
    /// Settings of whatever else was run, such as the training of a reference.
    package var otherSettings: [Entry] = []
    package var device: String
    package var versions: [Entry] = []
    package var rounds: [RoundRecord] = []
    /// Why the run ended; nil if it was interrupted.
    package var stopReason: RunState.StopReason?
    /// What is missing where the target was not reached.
    package var shortfall: String?
    package var stages: [Stage] = []
    /// How far the weights moved; nil if that was not measured.
    package var change: WeightChange?
    package var cost: Cost
    package var samples: [SampleAnswers] = []
    /// Whatever else a reader should know.
    package var notes: [String] = []

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
package struct SampleAnswers: Hashable, Sendable {
    package var role: String
    package var question: String
    package var reference: String
    /// By the name of the stage.
    package var answers: [RunReport.Entry]

    package init(role: String, question: String, reference: String, answers: [RunReport.Entry]) {
        self.role = role
        self.question = question
        self.reference = reference
        self.answers = answers
    }
}
