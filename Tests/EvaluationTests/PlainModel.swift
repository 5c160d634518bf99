import Backends
import Data
import Demo
import Files
import Glibc
import Inference
import Runs
import Testing
import Text

/// The demo's smallest model with its data, and what it says by a computation on whole sequences in float64.
struct PlainModel {
    let data: DemoData
    let session: LanguageModelSession

    init(seed: UInt64 = 1) throws {
        data = try DemoData(people: 4, forgotten: 1, questions: 3, vocabulary: 320, seed: 1)
        let description = data.encoder.tokenizer.description
        let model = try DemoModel.make(vocabulary: description.tokens.count, endID: description.endID, size: .tiny, seed: seed)
        session = try LanguageModelSession(model, on: CPUBackend())
    }

    /// The log-probabilities after each token.
    func logProbabilities(_ ids: [Int32]) throws -> [[Double]] {
        let logits = try session.logits(ids).map(Double.init), columns = logits.count / ids.count
        return ids.indices.map { row in
            let values = logits[(row * columns)..<((row + 1) * columns)], top = values.max() ?? 0
            let normaliser = top + log(values.reduce(0) { $0 + exp($1 - top) })
            return values.map { $0 - normaliser }
        }
    }

    /// The log-probability of each token from the one at `start` on.
    func logProbabilities(_ ids: [Int32], from start: Int) throws -> [Double] {
        let all = try logProbabilities(ids)
        return (start..<ids.count).map { all[$0 - 1][Int(ids[$0])] }
    }

    /// What comes after some tokens, up to a stop or so many, each chosen from its log-probabilities.
    func continuation(_ prompt: [Int32], _ count: Int, _ choose: ([Double]) -> Int) throws -> [Int32] {
        var ids = prompt
        while ids.count < prompt.count + count {
            let next = Int32(choose(try logProbabilities(ids).last ?? []))
            if data.encoder.stopIDs.contains(next) { break }
            ids.append(next)
        }
        return Array(ids.dropFirst(prompt.count))
    }

    /// The first of the likeliest.
    static func greedy(_ values: [Double]) -> Int { values.indices.max { values[$0] < values[$1] } ?? 0 }

    func text(_ ids: [Int32]) -> String {
        data.encoder.tokenizer.decode(ids, skipSpecialTokens: true).pythonStripped()
    }

    /// A tokenizer of single bytes, whose texts begin with 256 and end with 257.
    static func byteEncoder(limits: SequenceLimits = .none) throws -> Encoder {
        var description = TokenizerDescription(
            tokens: ByteAlphabet.scalars.map { String($0) } + ["<s>", "</s>"], merges: [],
            addedTokens: [AddedToken(id: 256, content: "<s>", isSpecial: true), AddedToken(id: 257, content: "</s>", isSpecial: true)],
            preTokenizer: .gpt2)
        (description.prefix, description.beginID, description.endID, description.stopIDs) = ([256], 256, 257, [257])
        return try Encoder(tokenizer: Tokenizer(description), template: ChatTemplate(for: description), limits: limits)
    }

    static func fixture(_ name: String) throws -> JSONValue {
        let here = #filePath
        return try JSONValue(contentsOf: here[..<(here.lastIndex(of: "/") ?? here.endIndex)] + "/Fixtures/\(name).json")
    }
}
