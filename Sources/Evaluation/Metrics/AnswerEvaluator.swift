import Data
import Inference
import Models
import Text

/// Asks a model every question of a data set. Keeps its plans, so one evaluator should serve all evaluations of a session.
/// Used from one thread at a time.
public final class AnswerEvaluator {
    /// What is asked and measured.
    public struct Options: Sendable {
        /// Whether answers are generated; without, only what follows from the loss is computed.
        public var generates: Bool
        /// The most tokens of a generated answer. It ends where the context ends in any case.
        public var maximumTokens: Int
        /// Examples that are asked at once.
        public var batchSize: Int
        /// What is measured of every answer.
        public var metrics: [any AnswerMetric]

        /// The standard metrics, on answers generated greedily.
        public init(
            generates: Bool = true, maximumTokens: Int = 128, batchSize: Int = 16,
            metrics: [any AnswerMetric] = AnswerEvaluation.standardMetrics
        ) {
            self.generates = generates
            self.maximumTokens = maximumTokens
            self.batchSize = batchSize
            self.metrics = metrics
        }
    }

    private let encoder: Encoder
    private let losses: LossEvaluator
    private let generator: Generator

    /// Asks a model; `encoder` writes questions the way the model was taught.
    public init(_ session: LanguageModelSession, encoder: Encoder) {
        self.encoder = encoder
        losses = LossEvaluator(session)
        generator = Generator(session)
    }

    /// Scores and, unless told otherwise, generates every answer.
    /// - Parameter progress: called with the number of losses done and, while answers are generated, again from 0.
    /// - Throws: `DataError` naming the row that cannot be evaluated, `ModelError`, `EvaluationError` without rows.
    public func evaluate(
        _ examples: [Example], _ options: Options = Options(), progress: (Int) -> Void = { _ in }
    ) throws -> AnswerEvaluation {
        guard !examples.isEmpty else { throw EvaluationError("There are no examples to evaluate.") }
        let encoded = try examples.map(encoder.encode)
        let scores = try losses.scores(encoded, batchSize: options.batchSize, progress: progress)
        let asked = try zip(examples, encoded).map { example, ids in
            try AskedExample(example, ids, encoder, maximumTokens: options.maximumTokens)
        }
        let generated = options.generates ? try generate(asked, options, progress) : [:]
        let answered = asked.indices.map { index in
            AnsweredExample(
                question: asked[index].question, reference: asked[index].reference, generated: generated[index],
                loss: scores[index].loss, tokens: scores[index].tokens)
        }
        return AnswerEvaluation(answered, metrics: options.metrics)
    }

    /// - Returns: answers by the positions of those that can be asked.
    private func generate(
        _ asked: [AskedExample], _ options: Options, _ progress: (Int) -> Void
    ) throws -> [Int: String] {
        let places = asked.indices.filter { asked[$0].prompt != nil }
        guard !places.isEmpty else { return [:] }
        let settings = Generator.Options(
            maximum: options.maximumTokens, stops: Set(encoder.stopIDs),
            batchSize: options.batchSize)
        var begun = Set<Int>()
        let answers = try generator.generate(places.compactMap { asked[$0].prompt }, settings) { prompt, _ in
            if begun.insert(prompt).inserted { progress(begun.count - 1) }
        }
        let texts = zip(places, answers).map { place, ids in
            (place, trimmedSpaces(encoder.tokenizer.decode(Array(ids.prefix(asked[place].limit)), skipSpecialTokens: true)))
        }
        return Dictionary(uniqueKeysWithValues: texts)
    }
}

/// `text` without spaces and line breaks at its ends.
func trimmedSpaces(_ text: String) -> String {
    let isSpace = { (character: Character) in character == " " || character.isNewline }
    return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
}
