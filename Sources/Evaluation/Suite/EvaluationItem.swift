import Data
import Files

/// One question of an evaluation: its answer, and what TOFU's files hold beside it.
package struct EvaluationItem: Sendable {
    /// What is asked and answered; where the row stands.
    package var example: Example
    /// The answer in other words (`paraphrased_answer`).
    package var paraphrase: String?
    /// Answers of the same form that are wrong (`perturbed_answer`); empty if the row has none.
    package var perturbed: [String]
    /// The question in other words (`paraphrased_question`).
    package var paraphrasedQuestion: String?

    package init(_ example: Example, paraphrase: String? = nil, perturbed: [String] = [], paraphrasedQuestion: String? = nil) {
        self.example = example
        self.paraphrase = paraphrase
        self.perturbed = perturbed
        self.paraphrasedQuestion = paraphrasedQuestion
    }

    /// Takes the fields of a row.
    /// - Throws: `DataError` naming a field that is neither text nor, where it may be, a list of texts, or is empty.
    package init(row example: Example) throws(DataError) {
        let text = { (field: String) throws(DataError) -> String? in
            guard let value = example.fields[field], !value.isNull else { return nil }
            return try RowFields.text(value, example.position, field)
        }
        var perturbed: [String] = []
        if let value = example.fields["perturbed_answer"], !value.isNull {
            let list = value.asArray ?? [value]
            if list.isEmpty { throw DataError(example.position, field: "perturbed_answer", "empty; give at least one wrong answer") }
            for (index, entry) in list.enumerated() {
                perturbed.append(try RowFields.text(entry, example.position, "perturbed_answer[\(index)]"))
            }
        }
        self.init(
            example, paraphrase: try text("paraphrased_answer"), perturbed: perturbed,
            paraphrasedQuestion: try text("paraphrased_question"))
    }

    /// The items of a file's rows. A field that some rows have, all must have.
    /// - Throws: `DataError` naming the first row that lacks a field which others have.
    package static func items(_ rows: [Example]) throws(DataError) -> [EvaluationItem] {
        var items: [EvaluationItem] = []
        for row in rows { items.append(try EvaluationItem(row: row)) }
        let fields: [(String, (EvaluationItem) -> Bool)] = [
            ("paraphrased_answer", { $0.paraphrase != nil }), ("perturbed_answer", { !$0.perturbed.isEmpty }),
            ("paraphrased_question", { $0.paraphrasedQuestion != nil }),
        ]
        for (field, has) in fields where items.contains(where: has) {
            guard let lacking = items.first(where: { !has($0) }) else { continue }
            throw DataError(
                lacking.example.position, field: field, "missing, though other rows have it; give it, or remove the row")
        }
        return items
    }

    /// The example with another answer in place of its own. Of plain text there is only one.
    package func answering(_ answer: String) -> Example {
        switch example.content {
        case .chat(var turns):
            guard let place = turns.lastIndex(where: { $0.role == "assistant" }) else { return example }
            turns[place] = .assistant(answer)
            return Example(.chat(turns), at: example.position, fields: example.fields)
        case .completion(let prompt, _):
            return Example(.completion(prompt: prompt, completion: answer), at: example.position, fields: example.fields)
        case .text: return example
        }
    }

    /// The item with its question in other words; nil where there are none.
    package var rephrased: EvaluationItem? {
        guard let paraphrasedQuestion else { return nil }
        var result = self
        switch example.content {
        case .chat(var turns):
            guard let place = turns.lastIndex(where: { $0.role == "user" }) else { return nil }
            turns[place] = .user(paraphrasedQuestion)
            result.example = Example(.chat(turns), at: example.position, fields: example.fields)
        case .completion(_, let completion):
            result.example = Example(
                .completion(prompt: paraphrasedQuestion, completion: completion), at: example.position, fields: example.fields)
        case .text: return nil
        }
        return result
    }
}
