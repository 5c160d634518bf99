import Data

/// Somebody who is asked about in the place of a subject: the same one for every question about it, so that what is invented agrees
/// with itself.
package struct Persona: Sendable {
    /// The subject's whole name.
    package let subject: String
    /// The persona's.
    package let name: String
    /// The subject's name and its words, each with the persona's in its place.
    private let words: [(subject: String, persona: String)]

    /// Somebody who does not exist.
    /// - Parameters:
    ///   - avoiding: words of the data, which no such persona has.
    ///   - number: tells several personas of one subject apart.
    package init(for subject: String, avoiding: Set<String>, seed: UInt64, number: Int = 0) {
        var random = SeededRandom(seed: seed, stream: "persona \(number) \(subject)")
        var taken = avoiding
        func draw(_ names: [String]) -> String {
            let free = names.filter { !taken.contains($0) }
            let from = free.isEmpty ? names : free
            let drawn = from[Int(random.below(UInt64(from.count)))]
            // Two words with one stand-in could not be put back.
            taken.insert(drawn)
            return drawn
        }
        let parts = subject.split(separator: " ").map(String.init)
        let drawn = parts.indices.map { draw($0 == parts.count - 1 && parts.count > 1 ? Self.familyNames : Self.givenNames) }
        self.subject = subject
        name = drawn.joined(separator: " ")
        words = [(subject, name)] + zip(parts, drawn).map { (subject: $0, persona: $1) }
    }

    /// Another, known subject.
    package init(for subject: String, like other: String) {
        let (own, others) = (subject.split(separator: " ").map(String.init), other.split(separator: " ").map(String.init))
        self.subject = subject
        name = other
        words = [(subject, other)] + own.enumerated().map { (subject: $1, persona: others[min($0, others.count - 1)]) }
    }

    /// The text with the persona in the subject's place.
    package func replaced(in text: String) -> String { words.reduce(text) { $0.replacingWords($1.subject, with: $1.persona) } }

    /// The text with the subject in the persona's place.
    package func restored(in text: String) -> String { words.reduce(text) { $0.replacingWords($1.persona, with: $1.subject) } }

    private static let givenNames = [
        "Alma", "Bertil", "Carmen", "Dorian", "Elspeth", "Farid", "Greta", "Henrik", "Ines", "Jonas", "Katarina", "Lorenz", "Mirela",
        "Nadir", "Orla", "Petra", "Quentin", "Rosalind", "Stellan", "Tamsin", "Ulrik", "Vera", "Wendell", "Yara",
    ]
    private static let familyNames = [
        "Abernathy", "Bergstrom", "Castellan", "Dunmore", "Everhart", "Fairbanks", "Grunwald", "Hollister", "Ingram", "Jankowski",
        "Kestrel", "Lindqvist", "Marchetti", "Norwood", "Okafor", "Pemberton", "Radford", "Sandoval", "Thackeray", "Underhill", "Vasquez",
        "Whitlock", "Yardley", "Zielinski",
    ]
}

extension Persona {
    /// Who can stand in for each subject: two who do not exist, and some of whom the retain rows tell.
    package static func casts(for subjects: [String?], _ forget: [Example], retain: [Example], seed: UInt64) -> [String: [Persona]] {
        let others = Array(Set(Subjects(retain, retain: forget).names.compactMap { $0 })).sorted()
        let words = (forget + retain).flatMap { row in
            let (question, answer) = row.questionAndAnswer
            return [question, answer].flatMap { $0.split(separator: " ").map { NameSpan.bare($0) } }
        }
        let known = Set(words)
        var casts: [String: [Persona]] = [:]
        for name in subjects.compactMap({ $0 }) where casts[name] == nil {
            var random = SeededRandom(seed: seed, stream: "others \(name)")
            let order = others.isEmpty ? [] : random.order(of: others.count)
            // An acronym that many rows share is nobody.
            let alike = order.map { others[$0] }.filter { $0.contains(" ") == name.contains(" ") }
            casts[name] =
                (0..<2).map { Persona(for: name, avoiding: known, seed: seed, number: $0) }
                + alike.prefix(4).map { Persona(for: name, like: $0) }
        }
        return casts
    }
}

extension String {
    /// Replaces `word` where it stands as a whole word.
    func replacingWords(_ word: String, with other: String) -> String {
        guard !word.isEmpty, word != other else { return self }
        var result = ""
        var rest = self[...]
        var before: Character?
        while !rest.isEmpty {
            if rest.hasPrefix(word), before.map(Self.isPart) != true, rest.dropFirst(word.count).first.map(Self.isPart) != true {
                result += other
                before = word.last
                rest = rest.dropFirst(word.count)
            } else {
                before = rest.removeFirst()
                if let before { result.append(before) }
            }
        }
        return result
    }

    private static func isPart(_ character: Character) -> Bool { character.isLetter || character.isNumber }
}
