import Data
import Evaluation

/// How sure it is that one method is nearer to the references than another: both, and the references, are drawn anew with the same
/// forget examples.
package struct PairedBootstrap: Hashable, Sendable {
    /// D of the one minus D of the other, means over seeds.
    package let difference: Double
    /// 95 % of the drawn differences are within.
    package let lower: Double
    package let upper: Double

    static let draws = 1000

    /// - Returns: nil where there is nothing to draw from, or examples cannot be paired.
    package init?(_ one: ComparisonRow, _ other: ComparisonRow, _ reference: SplitReference) {
        let samples = { (cells: [StoredCell]) in cells.map(SplitReference.sample) }
        let (a, b, r) = (samples(one.cells), samples(other.cells), samples(reference.retrained))
        guard let count = a.first?.count, count >= 2, !b.isEmpty, !r.isEmpty, (a + b + r).allSatisfy({ $0.count == count }) else {
            return nil
        }
        func difference(_ places: [Int]) -> Double {
            let drawn = { (sample: [Double]) in places.map { sample[$0] } }
            let references = r.map(drawn)
            let distance = { (sample: [Double]) in
                let own = drawn(sample)
                return references.reduce(0) { $0 + (KolmogorovSmirnov.distance(own, $1) ?? 1) } / Double(references.count)
            }
            return a.reduce(0) { $0 + distance($1) } / Double(a.count) - b.reduce(0) { $0 + distance($1) } / Double(b.count)
        }
        var random = SeededRandom(seed: 0, stream: "paired bootstrap")
        let drawn = (0..<Self.draws).map { _ in difference((0..<count).map { _ in Int(random.below(UInt64(count))) }) }.sorted()
        self.difference = difference(Array(0..<count))
        (lower, upper) = (drawn[Self.draws * 25 / 1000], drawn[Self.draws * 975 / 1000 - 1])
    }
}
