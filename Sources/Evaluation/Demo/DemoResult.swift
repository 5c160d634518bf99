import Models
import Unlearning

/// What the demo found.
public struct DemoResult: Sendable {
    /// How one model answers about those to forget and those to keep.
    public struct Stage: Sendable {
        public var forget: AnswerEvaluation
        public var retain: AnswerEvaluation
    }

    public var data: DemoData
    public var settings: DemoSettings
    /// The settings of unlearning as they were used, forget target included.
    public var unlearning: UnlearningSettings
    public var before: Stage
    public var after: Stage
    /// Of the model that was trained the same way from the same beginning, without those to forget.
    public var retrained: Stage
    /// The mean answer loss of the trained model about people nobody was trained on.
    public var strangersLoss: Double
    public var rounds: [RoundRecord]
    public var stopReason: String?
    /// The model after unlearning; `data.files` go with it into a folder.
    public var model: LoadedModel
    /// Wall-clock time of each phase, in the order in which they ran.
    public var seconds: [(phase: DemoPhase, seconds: Double)]

    /// The device the demo ran on, in its own words.
    public var device: String

    /// The files that belong beside the exported model: tokenizer and data.
    public var extraFiles: [ModelExporter.ExtraFile] {
        data.files.map { ModelExporter.ExtraFile(name: $0.name, bytes: Array($0.content.utf8)) }
    }

    /// Three questions: two about the forgotten, one about those kept. Each is about another person and another fact, as far as
    /// there are any.
    public var sampleIndices: [(isForget: Bool, index: Int)] {
        let questions = max(1, min(settings.questions, data.forget.count))
        let people = max(1, data.forget.count / questions)
        let first = questions > 5 ? 5 : 0
        let second = (people > 1 ? questions : 0) + min(2, questions - 1)
        return [(true, min(first, data.forget.count - 1)), (true, min(second, data.forget.count - 1)), (false, 0)]
    }
}
