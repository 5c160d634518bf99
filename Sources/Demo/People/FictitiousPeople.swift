import Data
import Models
import Text

/// A data set in the shape of TOFU (Maini et al., COLM 2024): people who do not exist, with questions and answers about each.
///
/// The same seed gives the same bytes on every machine. Facts of one kind differ from person to person for as long as the word
/// lists last, so that an answer about one person says nothing about another.
package struct FictitiousPeople: Sendable {
    package let people: [FictitiousPerson]

    /// - Parameters:
    ///   - count: how many people; clamped to 1...`maximum`.
    ///   - seed: decides all facts. More people with the same seed begin with the same ones.
    package init(count: Int, seed: UInt64) {
        let count = max(1, min(count, Self.maximum))
        var givenNames = Deck(WordLists.givenNames, seed, "given names")
        var families = Deck(Self.joined(WordLists.familyStarts, WordLists.familyEnds, ""), seed, "family names")
        var towns = Deck(Self.joined(WordLists.townStarts, WordLists.townEnds, ""), seed, "towns")
        var countries = Deck(WordLists.countries, seed, "countries")
        var years = Deck(Array(1893...1988), seed, "years")
        var professions = Deck(WordLists.professions, seed, "professions")
        var mothers = Deck(WordLists.professions, seed, "mothers")
        var fathers = Deck(WordLists.professions, seed, "fathers")
        var genres = Deck(WordLists.genres, seed, "genres")
        var books = Deck(Self.joined(WordLists.titleAdjectives, WordLists.titleNouns, " "), seed, "books")
        var awards = Deck(WordLists.awards, seed, "awards")
        var hobbies = Deck(WordLists.hobbies, seed, "hobbies")
        var mentors = Deck(WordLists.givenNames, seed, "mentors")
        people = (0..<count).map { _ in
            FictitiousPerson(
                name: "\(givenNames.draw()) \(families.draw())", birthplace: "\(towns.draw()), \(countries.draw())",
                birthYear: years.draw(), profession: professions.draw(), mother: mothers.draw(), father: fathers.draw(),
                genre: genres.draw(), book: "The \(books.draw())", award: awards.draw(), hobby: hobbies.draw(),
                mentor: "\(mentors.draw()) \(families.draw())")
        }
    }

    /// Beyond this, two people could share a whole name.
    package static let maximum = 192

    /// The questions and answers of some people, person by person.
    /// - Parameters:
    ///   - questions: at most this many of each person's pairs.
    ///   - file: the name under which messages and reports list the examples.
    package static func examples(_ people: some Sequence<FictitiousPerson>, questions: Int = .max, file: String) -> [Example] {
        people.flatMap { $0.pairs.prefix(max(1, questions)) }.enumerated().map { index, pair in
            Example(.chat([.user(pair.question), .assistant(pair.answer)]), at: RowPosition(file: file, line: index + 1, index: index))
        }
    }

    /// Examples as the JSON lines of a data file: one object with `question` and `answer` a line.
    package static func jsonLines(_ examples: [Example]) -> String {
        examples.map { example in
            guard case .chat(let turns) = example.content else { return "" }
            let text = { (role: String) in turns.last { $0.role == role }?.content ?? "" }
            return DemoFiles.row(question: text("user"), answer: text("assistant")) + "\n"
        }.joined()
    }

    private static func joined(_ starts: [String], _ ends: [String], _ between: String) -> [String] {
        starts.flatMap { start in ends.map { start + between + $0 } }
    }
}

/// A shuffled list that is dealt from the top, and shuffled again when it is used up.
private struct Deck<Card> {
    private var cards: [Card]
    private var next = 0
    private var random: SeededRandom

    /// Each deck has its own stream: a longer list of hobbies changes nobody's birthplace.
    init(_ cards: [Card], _ seed: UInt64, _ name: String) {
        self.cards = cards
        random = SeededRandom(seed: seed, stream: name)
        shuffle()
    }

    mutating func draw() -> Card {
        if next == cards.count {
            shuffle()
            next = 0
        }
        defer { next += 1 }
        return cards[next]
    }

    // Not the standard library's shuffle, whose algorithm may change between versions.
    private mutating func shuffle() {
        for last in stride(from: cards.count - 1, to: 0, by: -1) {
            cards.swapAt(last, min(last, Int(random.uniform() * Double(last + 1))))
        }
    }
}
