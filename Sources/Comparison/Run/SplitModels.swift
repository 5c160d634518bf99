import Data
import Evaluation
import Files
import Inference
import Runs
import Text

/// The models of a split, opened, and its rows as they read them.
package struct SplitModels {
    package let trained: OpenedModel
    package let references: [OpenedModel]
    /// Of a method that forgets towards a model that never saw the data: the one before training, which is at hand in practice, or where
    /// that one was made for the plan and knows nothing, the first retrained one. Nil where the split names none.
    package let neverSaw: OpenedModel?
    package let encoder: Encoder
    package let forget: [TokenExample]
    package let retain: [TokenExample]
    /// What the trained model says instead; invented once for all cells that ask for it.
    private let alternatives: InventedAnswers

    /// - Throws: what opening and encoding throw; `ComparisonError.plan` where a reference reads text in other tokens than the trained
    ///   model: their numbers could not be compared.
    package init(_ places: ModelMaker.Models, _ data: SplitData, _ plan: ComparisonPlan) throws {
        trained = try OpenedModel(path: places.trained)
        references = try places.references.map { try OpenedModel(path: $0) }
        encoder = try plan.text.choice.encoder(for: trained)
        var others = zip(places.references, references).map { ("\(data.split.place).references", $0, $1) }
        if case .given(let path) = plan.base {
            let base = try OpenedModel(path: path)
            neverSaw = base
            others.append(("base.model", path, base))
        } else {
            neverSaw = references.first
        }
        for (place, path, model) in others {
            let other = try plan.text.choice.encoder(for: model)
            for example in data.forget where try encoder.encode(example).ids != other.encode(example).ids {
                throw ComparisonError.plan(
                    file: plan.file, place: place,
                    problem: "\(path) reads \(example.position) in other tokens than \(places.trained): their tokenizers or templates "
                        + "differ, so their numbers cannot be compared.")
            }
        }
        if plan.judging.measuresDepth {
            // A row whose entity does not stand in its answer is told before anything is spent.
            for item in data.depthItems(plan.judging.depthExamples) { _ = try EntitySpan.narrowed(item.example, encoder) }
        }
        forget = try data.forget.map(encoder.encode)
        retain = try data.retain.map(encoder.encode)
        alternatives = InventedAnswers(forget: data.forget, retain: data.retain, encoder)
    }

    /// Other answers to the forget rows' questions.
    /// - Parameter session: of the trained model, as it was.
    func others(_ session: LanguageModelSession) throws -> [TokenExample] { try alternatives.encoded(session) }
}

/// Other answers to a split's forget rows, invented when first asked for.
final class InventedAnswers {
    private let forget: [Example]
    private let retain: [Example]
    private let encoder: Encoder
    private var known: [TokenExample]?

    init(forget: [Example], retain: [Example], _ encoder: Encoder) {
        (self.forget, self.retain, self.encoder) = (forget, retain, encoder)
    }

    func encoded(_ session: LanguageModelSession) throws -> [TokenExample] {
        if let known { return known }
        let rows = try AlternativeWriter(session, encoder, seed: 0).write(forget, retain: retain)
        let encoded = try rows.map { try encoder.truncating.encode(forget[$0.index].answered($0.alternative)) }
        known = encoded
        return encoded
    }
}
