import Graph

/// The keys and values of earlier tokens in a graph: inputs that come out with the rows of the new tokens added.
///
/// A cache of one layer has batch·capacity rows and one more, where tokens of padding go. A plan that donates each input to the
/// output of the same layer updates the cache in place. Rows must be zero before their token arrives.
package final class KVCacheNodes {
    package let capacity: Int
    private let batch: Int
    private let width: Int
    /// [tokens]: the cache row of every new token.
    private let places: Node
    /// The new contents, by the name of the output; the input is named likewise, with "past." before it.
    package private(set) var outputs: [(name: String, node: Node)] = []

    package init(places: Node, batch: Int, capacity: Int, width: Int) {
        self.places = places
        self.batch = batch
        self.capacity = capacity
        self.width = width
    }

    /// The number of rows of a layer's keys or values.
    package static func rows(batch: Int, capacity: Int) -> Int { batch * capacity + 1 }

    /// Adds rows to a cache.
    /// - Parameters:
    ///   - name: such as `keys.3`.
    ///   - rows: [tokens, width].
    /// - Returns: everything in the cache, [batch·capacity, width].
    func extend(_ name: String, with rows: Node) -> Node {
        let count = Self.rows(batch: batch, capacity: capacity)
        let past = rows.graph.input("past.\(name)", .real, [count, width])
        // Added, not put: an addition to a donated input is done where it lies, so that a step costs its new rows and no more.
        let all = past + rows.scatter(places, rows: count)
        outputs.append((name, all))
        return all.slice(at: [0, 0], shape: [count - 1, width])
    }
}
