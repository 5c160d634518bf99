import Data
import Files
import Text

/// One question with four answers to choose from: `question`, `choices`, `answer` (the index of the right one), and for MMLU `subject`.
package struct ChoiceItem: Sendable, Hashable {
    /// What stands before the answers in the prompt, and what the model answers.
    package static let letters = ["A", "B", "C", "D"]

    package let question: String
    package let choices: [String]
    /// The place of the right one, from 0.
    package let answer: Int
    /// What the prompt says the questions are about.
    package let subject: String
    package let position: RowPosition

    /// - Throws: `DataError` naming the field that is missing or of another kind, an answer that is none of the choices, or another
    ///   number of choices than the prompt has letters.
    package init(_ row: JSONValue, at position: RowPosition, of task: ChoiceTask) throws(DataError) {
        let fields = try RowFields(row, position)
        question = try fields.text("question")
        let list = try fields.list("choices"), count = Self.letters.count
        guard list.count == count else {
            throw fields.failure("choices", "holds \(list.count) answers, and the prompt has letters for \(count); give \(count)")
        }
        var choices: [String] = []
        for (index, choice) in list.enumerated() {
            // Some published rows have an empty one, which the harness writes as it is.
            guard let text = choice.asString else { throw fields.failure("choices[\(index)]", "expected a string, found \(choice.kind)") }
            choices.append(text)
        }
        self.choices = choices
        let value = try fields.value("answer")
        guard let answer = value.asInt, (0..<count).contains(answer) else {
            throw fields.failure(
                "answer", "expected the index of the right choice, from 0 to \(count - 1), found \(value.serialized())")
        }
        self.answer = answer
        if let known = task.subject { subject = known } else { subject = try fields.text("subject").replacing("_", with: " ") }
        self.position = position
    }

    /// The items of a file.
    package static func read(_ bytes: [UInt8], file: String, of task: ChoiceTask) throws -> [ChoiceItem] {
        try ExampleFile.rows(bytes, file: file).map { try ChoiceItem($0.value, at: $0.position, of: task) }
    }

    /// The harness' prompt, to which an answer is a space and a letter.
    package var prompt: String {
        let lines = zip(Self.letters, choices).map { "\($0). \($1)\n" }.joined()
        return
            "The following are multiple choice questions (with answers) about \(subject).\n\n\(question.pythonStripped())\n\(lines)Answer:"
    }

    /// The prompt with each letter, whose tokens count. A prompt that is too long loses its beginning, as in the harness.
    /// - Returns: the examples, and whether something was cut off.
    package func encoded(_ encoder: Encoder) throws(DataError) -> (examples: [TokenExample], isCut: Bool) {
        let before = encoder.openEnded(prompt).count
        var isCut = false
        var examples: [TokenExample] = []
        for letter in Self.letters {
            let whole = encoder.openEnded("\(prompt) \(letter)")
            guard whole.count > before else {
                throw DataError(position, "the tokenizer joins the letter \(letter) with the prompt, so that it has no token of its own")
            }
            let left = max(0, whole.count - encoder.limits.context)
            isCut = isCut || left > 0
            let example = TokenExample(
                ids: Array(whole[left...]),
                labels: whole.indices.dropFirst(left).map { $0 < before ? TokenExample.masked : whole[$0] }, position: position)
            try encoder.limits.check(example)
            examples.append(example)
        }
        return (examples, isCut)
    }
}
