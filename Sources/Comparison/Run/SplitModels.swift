import Data
import Files
import Runs
import Text

/// The models of a split, opened, and its rows as they read them.
package struct SplitModels {
    package let trained: OpenedModel
    package let references: [OpenedModel]
    package let encoder: Encoder
    package let forget: [TokenExample]
    package let retain: [TokenExample]

    /// - Throws: what opening and encoding throw; `ComparisonError.plan` where a reference reads text in other tokens than the trained
    ///   model: their numbers could not be compared.
    package init(_ places: ModelMaker.Models, _ data: SplitData, _ plan: ComparisonPlan) throws {
        trained = try OpenedModel(path: places.trained)
        references = try places.references.map { try OpenedModel(path: $0) }
        encoder = try plan.text.choice.encoder(for: trained)
        for (path, reference) in zip(places.references, references) {
            let other = try plan.text.choice.encoder(for: reference)
            for example in data.forget where try encoder.encode(example).ids != other.encode(example).ids {
                throw ComparisonError.plan(
                    file: plan.file, place: "\(data.split.place).references",
                    problem: "\(path) reads \(example.position) in other tokens than \(places.trained): their tokenizers or templates "
                        + "differ, so their numbers cannot be compared.")
            }
        }
        forget = try data.forget.map(encoder.encode)
        retain = try data.retain.map(encoder.encode)
    }
}
