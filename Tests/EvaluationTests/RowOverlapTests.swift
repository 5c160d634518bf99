import Data
import Evaluation
import Testing
import Text

@Suite("Rows that two sets share")
struct RowOverlapTests {
    private func row(_ question: String, _ answer: String) -> Example { Example(.chat([.user(question), .assistant(answer)])) }

    private let long =
        "The lighthouse of Varn was built by the mason Ida Holt in the year of the long frost and stands on the northern cliff."

    /// Rows about different towns that share their frame.
    private func towns(_ names: ClosedRange<Int>) -> [Example] {
        names.map { row("Which river flows through town number \($0)?", "Through town \($0) flows the river \($0 * 7919).") }
    }

    @Test("are the same whatever their case, punctuation and format, and nothing else is")
    func same() {
        let forget = [row("Who built it?", long), Example(.text("One two three.")), Example(.text("???"))]
        let retain = [
            Example(.completion(prompt: "who BUILT it -", completion: long.uppercased())), row("One two?", "Three!"), Example(.text("???")),
            Example(.text("!!!")), row("Who tore it down?", "Nobody."),
            Example(.chat([.system("Answer briefly."), .user("One, two"), .assistant("three")])),
        ]
        let overlap = RowOverlap(forget: forget, retain: retain)
        #expect(overlap.same.map(\.retain) == [0, 1, 2, 5] && overlap.same.map(\.forget) == [0, 1, 2, 1])
        #expect(overlap.near.isEmpty && !overlap.isWhole && overlap.retainCount == 6)
    }

    @Test("are nearly the same where one word of many is another, and not where the words that matter are")
    func near() throws {
        let forget = towns(1...40) + [row("Who built it?", long)]
        let retain = towns(41...80) + [row("Who built it?", long.replacing("northern", with: "southern")), Example(.text("who built"))]
        let overlap = RowOverlap(forget: forget, retain: retain)
        #expect(overlap.same.isEmpty)
        let pair = try #require(overlap.near.first)
        #expect(overlap.near.count == 1 && pair.retain == 40 && pair.forget == 40)
        // 27 words have 25 runs of three; the last word but one is in two of them, on both sides.
        #expect(pair.similarity == 23.0 / 27)
    }

    @Test("are found as by comparing each with each")
    func exhaustive() {
        // Rows of few words over a small alphabet: many are similar.
        var state: UInt64 = 7
        func next(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % count
        }
        let base = (0..<12).map { _ in (0..<(20 + next(40))).map { _ in "w\(next(30))" } }
        func variants() -> [[String]] {
            base.flatMap { words in
                (0..<4).map { _ in
                    var other = words
                    for _ in 0..<next(3) { other[next(other.count)] = "w\(next(30))" }
                    return other
                }
            }
        }
        func runs(_ words: [String]) -> Set<[String]> { Set((0...(words.count - 3)).map { Array(words[$0..<$0 + 3]) }) }
        let (forget, retain) = (variants(), variants())
        let overlap = RowOverlap(
            forget: forget.map { Example(.text($0.joined(separator: " "))) },
            retain: retain.map { Example(.text($0.joined(separator: " "))) })
        var expected: [Int: Double] = [:]
        for (index, row) in retain.enumerated() where !forget.contains(row) {
            let best = forget.map { Double(runs(row).intersection(runs($0)).count) / Double(runs(row).union(runs($0)).count) }.max() ?? 0
            if best >= RowOverlap.threshold { expected[index] = best }
        }
        #expect(expected.count > 5 && expected.count < retain.count)
        var found: [Int: Double] = [:]
        for pair in overlap.near { found[pair.retain] = pair.similarity }
        #expect(found == expected)
        let shared = retain.indices.filter { forget.contains(retain[$0]) }
        #expect(overlap.same.map(\.retain) == shared)
    }

    @Test("make up both sets where each holds the other, in any order and however often")
    func whole() {
        let rows = towns(1...5)
        #expect(RowOverlap(forget: rows, retain: rows.reversed() + rows).isWhole)
        #expect(!RowOverlap(forget: rows, retain: towns(1...4)).isWhole)
        #expect(!RowOverlap(forget: rows, retain: towns(1...6)).isWhole)
        #expect(RowOverlap(forget: rows, retain: towns(1...6)).holdsAll && !RowOverlap(forget: rows, retain: towns(2...6)).holdsAll)
        #expect(!RowOverlap(forget: rows, retain: []).isWhole)
    }
}
