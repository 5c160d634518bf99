import Data
import Evaluation
import Files
import Inference
import Text

/// Another answer to a forget row's question.
package struct Alternative: Sendable {
    /// Of the row: from 0.
    package var index: Int
    package var question: String
    /// The answer in the data.
    package var answer: String
    /// What should be said instead.
    package var alternative: String
    /// Whom the row is about; nil where nobody was found.
    package var subject: String?
    /// Who was asked about instead.
    package var persona: String?

    /// A row of a data file, so that the same readers and editors serve.
    package var json: JSONValue {
        .object(
            JSONObject([
                ("question", .string(question)), ("answer", .string(alternative)), ("original_answer", .string(answer)),
                ("subject", subject.map { .string($0) } ?? .null), ("persona", persona.map { .string($0) } ?? .null),
            ]))
    }
}

/// Has a model invent other answers to the forget rows' questions: it is asked about somebody else, and the subject's name is put back
/// into what it says.
///
/// Answers are generated, not teacher-forced: after some words of a memorised answer a model goes on with that answer, whatever the name.
package struct AlternativeWriter {
    private let session: LanguageModelSession
    private let encoder: Encoder
    private let seed: UInt64
    private let maximumTokens: Int

    /// An answer that gives away more of the data's than this is none; see `Betrayal`.
    private static let tooMuch = 0.4
    /// How often an answer is drawn where every likeliest one gives the data's away.
    private static let draws = 6

    package init(_ session: LanguageModelSession, _ encoder: Encoder, seed: UInt64, maximumTokens: Int = 96) {
        (self.session, self.encoder, self.seed, self.maximumTokens) = (session, encoder, seed, maximumTokens)
    }

    /// What the model says about one persona.
    private struct Candidate {
        var text: String
        var persona: String?
        /// Of the model's own words, in nats a token: what it says without hesitation reads well.
        var loss: Double
        var leaks: Bool
        /// The smaller the better.
        var badness: Double { loss + (leaks ? 4 : 0) }
    }

    /// One alternative to each forget row, in their order.
    /// - Throws: `RunError.badInput` naming a row of plain text, which asks nothing.
    package func write(_ forget: [Example], retain: [Example], progress: (Int) -> Void = { _ in }) throws -> [Alternative] {
        if let row = forget.first(where: { !$0.asksSomething }) {
            throw RunError.badInput(
                "Line \(row.position.line) of the forget rows is plain text, which asks nothing: other answers to it cannot be invented. "
                    + "Give --alternatives a file with a row for each.")
        }
        let subjects = Subjects(forget, retain: retain).names
        let casts = Persona.casts(for: subjects, forget, retain: retain, seed: seed)
        let others = Others(stranger: Stranger(forget, retain: retain, seed: seed), betrayal: Betrayal(retain: retain))
        let persona = { (index: Int, number: Int) in subjects[index].flatMap { casts[$0] }?[number] }
        var told: [Int: String] = [:]
        for (index, row) in forget.enumerated() {
            guard let first = persona(index, 0) else { continue }
            let (question, answer) = row.questionAndAnswer
            let other = first.replaced(in: answer)
            // A question that asks for the name itself: the persona's is the answer.
            if first.replaced(in: question) == question, other != answer {
                told[index] = others.stranger.replaced(in: other, but: question)
            }
        }
        let open = forget.indices.filter { told[$0] == nil }
        let count = casts.values.map(\.count).max() ?? 1
        var candidates: [[Int: Candidate]] = []
        for number in 0..<count {
            candidates.append(
                try ask(forget, open, others) { index in
                    subjects[index].flatMap { casts[$0] }.map { $0[min(number, $0.count - 1)] }
                })
            progress(forget.count * (number + 1) / count)
        }
        // What is memorised word by word is said whoever is asked about; what is drawn can differ.
        for draw in 0..<Self.draws {
            let stuck = open.filter { index in !candidates.contains { $0[index]?.leaks == false } }
            guard !stuck.isEmpty else { break }
            candidates.append(
                try ask(forget, stuck, others, drawing: draw) { index in
                    subjects[index].flatMap { casts[$0] }.map { $0[draw % $0.count] }
                })
        }
        let chosen = choose(candidates, whole: count, subjects, open)
        return forget.indices.map { index in
            let (question, answer) = forget[index].questionAndAnswer
            let found = chosen[index]
            let usable = found.map { !$0.leaks } ?? false
            return Alternative(
                index: index, question: question, answer: answer,
                alternative: told[index] ?? (usable ? found?.text : nil) ?? Self.refusal, subject: subjects[index],
                persona: told[index] == nil ? found?.persona : persona(index, 0)?.name)
        }
    }

    /// Of the rows as a whole: how strangers are asked about, and what would give answers away.
    private struct Others {
        let stranger: Stranger
        let betrayal: Betrayal
    }

    /// What the model says when it is asked about others.
    /// - Parameter drawing: the number of a drawing; nil asks for the likeliest words.
    private func ask(
        _ forget: [Example], _ places: [Int], _ others: Others, drawing: Int? = nil, as persona: (Int) -> Persona?
    ) throws -> [Int: Candidate] {
        guard !places.isEmpty else { return [:] }
        let asked = places.map { index in
            forget[index].mapped { text in
                let other = persona(index)?.replaced(in: text) ?? text
                return other == text ? others.stranger.replaced(in: text) : other
            }
        }
        let sampler = drawing == nil ? Sampler.greedy : Sampler(temperature: 1, topP: 0.9)
        let settings = Generator.Options(
            maximum: maximumTokens, sampler: sampler, seed: seed &+ UInt64(drawing ?? 0), stops: Set(encoder.stopIDs), batchSize: 16)
        let said = try Generator(session).generate(asked.map(encoder.prompt), settings)
            .map { Self.trimmed(encoder.tokenizer.decode($0, skipSpecialTokens: true)) }
        let scored = said.indices.filter { !said[$0].isEmpty }
        let scores = try LossEvaluator(session).scores(scored.map { try encoder.truncating.encode(asked[$0].answered(said[$0])) })
        var losses = [Double](repeating: .infinity, count: said.count)
        for (place, score) in zip(scored, scores) { losses[place] = score.loss }
        var found: [Int: Candidate] = [:]
        for (place, index) in places.enumerated() {
            let text = persona(index)?.restored(in: said[place]) ?? said[place]
            let (question, answer) = forget[index].questionAndAnswer
            let shared = others.betrayal.share(of: answer, to: question, in: text)
            found[index] = Candidate(
                text: text, persona: persona(index)?.name, loss: losses[place], leaks: text.isEmpty || shared > Self.tooMuch)
        }
        return found
    }

    /// One persona for all that is asked about a subject, so that inventions agree; another only where that one leaks the answer.
    /// - Parameter whole: so many of the first candidates are of every row.
    private func choose(_ candidates: [[Int: Candidate]], whole: Int, _ subjects: [String?], _ open: [Int]) -> [Int: Candidate] {
        var chosen: [Int: Candidate] = [:]
        for (_, places) in Dictionary(grouping: open, by: { subjects[$0] }) {
            let badness = candidates.prefix(whole).map { said in places.reduce(0) { $0 + (said[$1]?.badness ?? 0) } }
            let best = badness.indices.min { badness[$0] < badness[$1] } ?? 0
            for place in places {
                let own = candidates[best][place]
                let others = candidates.compactMap { $0[place] }
                chosen[place] = own?.leaks == false ? own : others.min { $0.badness < $1.badness }
            }
        }
        return chosen
    }

    /// What is said where a model has only the data's answer to give.
    private static let refusal = "I don't know."

    private static func trimmed(_ text: String) -> String {
        let start = text.drop { $0.isWhitespace }
        return String(start.reversed().drop { $0.isWhitespace }.reversed())
    }
}

/// Other words for those that betray whom a question is about without naming anybody: places, dates and titles that only forget rows have.
private struct Stranger {
    private let swaps: [String: String]

    init(_ forget: [Example], retain: [Example], seed: UInt64) {
        let texts = { (rows: [Example]) in
            rows.flatMap { row in
                let (question, answer) = row.questionAndAnswer
                return [question, answer].map { $0.split(separator: " ").map { NameSpan.bare($0) } }
            }
        }
        // A capital at the start of a sentence says nothing.
        let telling = { (texts: [[String]]) in
            Set(texts.flatMap { $0.dropFirst() }.filter { $0.first?.isUppercase == true || $0.contains { $0.isNumber } })
        }
        let (asked, kept) = (texts(forget), texts(retain))
        let (own, other) = (telling(asked), telling(kept))
        let common = Set(kept.flatMap { $0 })
        let places = other.subtracting(own).filter { $0.first?.isUppercase == true }.sorted()
        var swaps: [String: String] = [:]
        for word in own.subtracting(common).sorted() {
            var random = SeededRandom(seed: seed, stream: "stranger \(word)")
            if word.contains(where: \.isNumber) {
                swaps[word] = String(word.map { $0.isNumber && $0 > "0" ? Character("\(1 + random.below(2))") : $0 })
            } else if !places.isEmpty {
                swaps[word] = places[Int(random.below(UInt64(places.count)))]
            }
        }
        self.swaps = swaps
    }

    /// - Parameter question: whose words stay.
    func replaced(in text: String, but question: String = "") -> String {
        let stays = Set(question.split(separator: " ").map { NameSpan.bare($0) })
        return text.split(separator: " ", omittingEmptySubsequences: false).map { raw in
            let word = NameSpan.bare(raw)
            return (stays.contains(word) ? nil : swaps[word]).map { String(raw).replacingWords(word, with: $0) } ?? String(raw)
        }.joined(separator: " ")
    }
}

extension Example {
    /// The row with its question changed: what is asked, not what is answered.
    func mapped(_ change: (String) -> String) -> Example {
        switch content {
        case .chat(let turns):
            var turns = turns
            for place in turns.indices where turns[place].role == "user" {
                turns[place] = ChatMessage(role: "user", content: change(turns[place].content))
            }
            return Example(.chat(turns), at: position, fields: fields)
        case .completion(let prompt, let completion):
            return Example(.completion(prompt: change(prompt), completion: completion), at: position, fields: fields)
        case .text: return self
        }
    }

    /// The row with another answer.
    package func answered(_ answer: String) -> Example {
        switch content {
        case .chat(let turns):
            var turns = turns
            if let place = turns.lastIndex(where: { $0.role == "assistant" }) {
                turns[place] = ChatMessage(role: "assistant", content: answer)
            }
            return Example(.chat(turns), at: position, fields: fields)
        case .completion(let prompt, _): return Example(.completion(prompt: prompt, completion: answer), at: position, fields: fields)
        case .text: return self
        }
    }
}

extension PreparedRun {
    /// The data's answers in the place of others that are not invented yet: as long, so that a forecast can tell what a run takes.
    var standIns: [Alternative] {
        guard settings.method.needsAlternatives, alternatives == nil else { return [] }
        return forget.examples.enumerated().map { index, row in
            let (question, answer) = row.questionAndAnswer
            return Alternative(index: index, question: question, answer: answer, alternative: answer)
        }
    }

    /// Other answers to the forget rows' questions, where the method asks for them and no file gives any.
    package func invent(_ session: LanguageModelSession) throws -> [Alternative] {
        guard settings.method.needsAlternatives, alternatives == nil else { return [] }
        try? listener.hear(.began("Inventing other answers", total: forget.examples.count, unit: "questions"))
        defer { try? listener.hear(.ended) }
        return try listener.whileIdle {
            try AlternativeWriter(session, encoder, seed: settings.seed)
                .write(forget.examples, retain: retain?.examples ?? []) { try? listener.hear(.advanced($0)) }
        }
    }
}
