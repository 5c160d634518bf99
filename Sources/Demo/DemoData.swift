import Data
import Evaluation
import Files
import Models
import Text

/// Everything the demo knows before it trains: people, their questions, and a tokenizer learned from them.
package struct DemoData: Sendable {
    /// Those to forget.
    package let forget: [Example]
    /// Those to keep.
    package let retain: [Example]
    /// People nobody trains on. How badly a model answers about them is how badly it should answer about the forgotten.
    package let strangers: [Example]
    package let encoder: Encoder

    /// - Parameters:
    ///   - people: forgotten and kept together.
    ///   - forgotten: how many of them are to be forgotten.
    ///   - questions: per person.
    package init(people: Int, forgotten: Int, questions: Int, vocabulary: Int, seed: UInt64) throws {
        let count = people + forgotten
        guard forgotten >= 1, people > forgotten, count <= FictitiousPeople.maximum else {
            throw EvaluationError(
                "At least one person must be forgotten and one kept, and at most \(FictitiousPeople.maximum) can be made.")
        }
        let everybody = FictitiousPeople(count: count, seed: seed).people
        forget = FictitiousPeople.examples(everybody[..<forgotten], questions: questions, file: DemoFiles.forget)
        retain = FictitiousPeople.examples(everybody[forgotten..<people], questions: questions, file: DemoFiles.retain)
        strangers = FictitiousPeople.examples(everybody[people...], questions: questions, file: DemoFiles.strangers)

        let template = ChatTemplate(.plain)
        let all = forget + retain + strangers
        let texts = try all.map { example in
            guard case .chat(let turns) = example.content else { return "" }
            return try template.render(turns).map(\.text).joined()
        }
        let description = BytePairTrainer(vocabularySize: vocabulary).train(texts)
        encoder = try Encoder(tokenizer: Tokenizer(description), template: ChatTemplate(for: description))
    }

    /// Examples as the models take them.
    package func tokens(_ examples: [Example]) throws -> [TokenExample] { try examples.map(encoder.encode) }

    /// The data sets and the tokenizer as files for a model's folder, so that the demo can be repeated with any tool.
    package var files: [(name: String, content: String)] {
        [
            (DemoFiles.forget, FictitiousPeople.jsonLines(forget)), (DemoFiles.retain, FictitiousPeople.jsonLines(retain)),
        ] + encoder.tokenizer.description.folderFiles()
    }
}

/// The names and rows of the demo's data files.
package enum DemoFiles {
    package static let forget = "forget.jsonl"
    package static let retain = "retain.jsonl"
    package static let strangers = "strangers.jsonl"

    package static func row(question: String, answer: String) -> String {
        JSONValue.object(JSONObject([("question", .string(question)), ("answer", .string(answer))])).serialized()
    }
}
