/// Results that an earlier process had, and who keeps those that come.
///
/// Work in batches leaves out a batch of which it knows all results, and hands over those of each other batch when it is done. How
/// places fall into batches does not depend on what is known, and so neither do the results.
package struct KeptResults<Result> {
    /// By place.
    package var known: [Int: Result]
    package var keep: (_ results: [(place: Int, result: Result)]) throws -> Void

    package init(known: [Int: Result] = [:], keep: @escaping (_ results: [(place: Int, result: Result)]) throws -> Void = { _ in }) {
        self.known = known
        self.keep = keep
    }

    /// The results of some places; nil unless all are known.
    package func results(of places: some Sequence<Int>) -> [Result]? {
        var results: [Result] = []
        for place in places {
            guard let result = known[place] else { return nil }
            results.append(result)
        }
        return results
    }
}
