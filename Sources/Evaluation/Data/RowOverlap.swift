import Data
import Text

/// Rows of a retain set that say what a forget set says: they would be kept and forgotten at once.
///
/// Two rows are the same if their words are, whatever their case, punctuation and format; nearly the same if most of what either says
/// in runs of three words the other says too. Words are those of `Rouge`.
public struct RowOverlap: Hashable, Sendable {
    /// A retain row with the forget row that it is most like.
    package struct Pair: Hashable, Sendable {
        /// Positions in the two sets, from 0.
        package var retain: Int
        package var forget: Int
        /// Shared runs of three words over all of both rows' (Jaccard's index); 1 for the same rows.
        package var similarity: Double
    }

    /// In the order of the retain set.
    package let same: [Pair]
    package let near: [Pair]
    /// Whether every forget row is in the retain set.
    package let holdsAll: Bool
    /// Whether each set holds the rows of the other and no more.
    package let isWhole: Bool
    package let retainCount: Int

    /// From this similarity on rows are nearly the same.
    package static let threshold = 0.8

    package init(forget: [Example], retain: [Example]) {
        var numbers = Numbering<String>()
        let words = { (examples: [Example]) in examples.map { $0.comparedWords.map { numbers[$0] } } }
        let (forgotten, kept) = (words(forget), words(retain))
        let first = Dictionary(zip(forgotten, forgotten.indices)) { first, _ in first }
        var same: [Pair] = []
        var others: [Int] = []
        for (index, row) in kept.enumerated() {
            if let twin = first[row] {
                same.append(Pair(retain: index, forget: twin, similarity: 1))
            } else {
                others.append(index)
            }
        }
        self.same = same
        holdsAll = !same.isEmpty && Set(same.map { kept[$0.retain] }).count == first.count
        isWhole = holdsAll && others.isEmpty
        let search = ShingleSearch(forgotten, others.map { kept[$0] }, threshold: Self.threshold)
        near = others.indices.compactMap { place in
            search.nearest(place).map { Pair(retain: others[place], forget: $0.row, similarity: $0.similarity) }
        }
        retainCount = retain.count
    }
}

extension Example {
    /// The words of everything a row says, instructions to the model left out: those are often common to all rows.
    fileprivate var comparedWords: [String] {
        let texts: [String] =
            switch content {
            case .chat(let turns): turns.filter { $0.role != "system" }.map(\.content)
            case .completion(let prompt, let completion): [prompt, completion]
            case .text(let text): [text]
            }
        let words = texts.flatMap(Rouge.words)
        // Rows of signs alone are compared as they stand.
        return words.isEmpty ? texts : words
    }
}

/// Small numbers for things, in the order in which they appear.
private struct Numbering<Key: Hashable> {
    private(set) var known: [Key: Int] = [:]

    subscript(_ key: Key) -> Int {
        mutating get {
            if let number = known[key] { return number }
            known[key] = known.count
            return known.count - 1
        }
    }
}

/// Finds similar rows without comparing each with each: two sets that share enough have one of their few rarest members in common.
private struct ShingleSearch {
    private let indexed: [[Int]]
    private let asked: [[Int]]
    private let threshold: Double
    /// Rows by each of their rarest shingles.
    private var rows: [Int: [Int]] = [:]

    /// - Parameters: rows as numbers of words.
    init(_ indexed: [[Int]], _ asked: [[Int]], threshold: Double) {
        var numbers = Numbering<[Int]>()
        let sets = (indexed + asked).map { row in Set(Self.shingles(row).map { numbers[$0] }) }
        var counts: [Int: Int] = [:]
        for set in sets { for shingle in set { counts[shingle, default: 0] += 1 } }
        // Renumbered from the rarest to the commonest, so that a sorted row begins with its rarest.
        let order = counts.keys.sorted { (counts[$0] ?? 0, $0) < (counts[$1] ?? 0, $1) }
        let rank = Dictionary(uniqueKeysWithValues: zip(order, order.indices))
        let sorted = sets.map { set in set.compactMap { rank[$0] }.sorted() }
        self.indexed = Array(sorted[..<indexed.count])
        self.asked = Array(sorted[indexed.count...])
        self.threshold = threshold
        for (row, shingles) in self.indexed.enumerated() {
            for shingle in rarest(shingles) { rows[shingle, default: []].append(row) }
        }
    }

    /// The most similar of the indexed rows; nil if none is similar enough.
    func nearest(_ place: Int) -> (row: Int, similarity: Double)? {
        let shingles = asked[place]
        var best: (row: Int, similarity: Double)?
        for row in Set(rarest(shingles).flatMap { rows[$0] ?? [] }).sorted() {
            let similarity = Self.similarity(shingles, indexed[row])
            if similarity >= max(threshold, (best?.similarity ?? 0).nextUp) { best = (row, similarity) }
        }
        return best
    }

    /// Of n shingles at least t·n are shared with a similar row, so one of the n − ⌈t·n⌉ + 1 rarest is.
    private func rarest(_ shingles: [Int]) -> ArraySlice<Int> {
        // A hair less, lest rounding ask for one more than is needed.
        let needed = Int((threshold * Double(shingles.count) - 1e-6).rounded(.up))
        return shingles.prefix(shingles.count - needed + 1)
    }

    /// Runs of three words; a shorter row is one run.
    private static func shingles(_ words: [Int]) -> [[Int]] {
        words.count < 3 ? [words] : (0...(words.count - 3)).map { Array(words[$0..<$0 + 3]) }
    }

    /// Jaccard's index of two sorted sets.
    private static func similarity(_ a: [Int], _ b: [Int]) -> Double {
        var (i, j, shared) = (0, 0, 0)
        while i < a.count, j < b.count {
            if a[i] == b[j] {
                (i, j, shared) = (i + 1, j + 1, shared + 1)
            } else if a[i] < b[j] {
                i += 1
            } else {
                j += 1
            }
        }
        return Double(shared) / Double(max(1, a.count + b.count - shared))
    }
}
