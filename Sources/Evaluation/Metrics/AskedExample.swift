import Data
import Text

/// What a model is asked about an example, and the answer that its own is compared with.
struct AskedExample {
    var question: String
    var reference: String
    /// The ids to continue; nil where the row is too short to ask for any part of it.
    var prompt: [Int32]?
    /// The most tokens that count of what the model says.
    var limit: Int

    /// Conversations are asked up to their last answer, completions by their prompt. Plain text, and a completion of nothing, has no
    /// question: its second half is asked for after its first.
    init(
        _ example: Example, _ encoded: TokenExample, _ encoder: Encoder, maximumTokens: Int
    ) throws {
        limit = maximumTokens
        switch example.content {
        case .chat(let turns):
            let answer = turns.lastIndex { $0.role == "assistant" } ?? turns.endIndex - 1
            // Whatever comes after the answer must not be known when it is asked for.
            prompt = try encoder.prompt(
                Example(.chat(Array(turns[...answer])), at: example.position, fields: example.fields))
            (question, reference) = example.questionAndAnswer
        case .completion(let text, _) where !trimmedSpaces(text).isEmpty:
            prompt = try encoder.prompt(example)
            (question, reference) = example.questionAndAnswer
        case .completion(_, let whole), .text(let whole):
            let half = encoded.ids.count / 2
            // What is not asked for cannot be missed: the reference is no longer than the answer may be.
            let rest = encoded.ids[half...].prefix(maximumTokens)
            let text = { (ids: ArraySlice<Int32>) in encoder.tokenizer.decode(Array(ids), skipSpecialTokens: true) }
            (question, reference) = (trimmedSpaces(text(encoded.ids[..<half])), trimmedSpaces(text(rest)))
            prompt = Array(encoded.ids[..<half])
            limit = rest.count
            if question.isEmpty || reference.isEmpty { (question, reference, prompt) = (whole, whole, nil) }
        }
    }
}
