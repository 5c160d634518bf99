import Graph

/// How attention finds its way among rows that are no grid: sequences that share their beginnings, each token once. Queries go in pieces
/// of one length, and every piece sees the rows on the path to it; all else is computed row by row, so that nothing is padded.
package struct TokenPathNodes {
    /// [pieces·length]: the rows of each piece's queries; any row where a piece is shorter.
    var queries: Node
    /// [pieces·span]: the rows on the path to the end of each piece, from the first token; any row beyond it, as limits hide them.
    var keys: Node
    /// [rows]: where each row's result lies among the pieces.
    var results: Node
    /// The longest path that there is room for.
    var span: Int

    package init(queries: Node, keys: Node, results: Node, span: Int) {
        self.queries = queries
        self.keys = keys
        self.results = results
        self.span = span
    }
}
