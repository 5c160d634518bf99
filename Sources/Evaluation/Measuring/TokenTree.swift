import Data

/// Sequences of tokens in which equal beginnings are one: the prompt that candidate answers share is there once, and so are the words
/// that the answers begin with.
struct TokenTree {
    /// Rows that one path leads to, in order, of which at most `pieceLength` are new.
    struct Piece {
        /// From the first token to the last of the piece.
        var path: [Int32]
        /// How many rows at the end of the path are the piece's own.
        var count: Int
    }

    private struct Step: Hashable {
        var parent: Int32
        var id: Int32
    }

    /// Short enough that little is padded, long enough that a product has work to do.
    static let pieceLength = 32

    private(set) var ids: [Int32] = []
    private(set) var positions: [Int32] = []
    private(set) var pieces: [Piece] = []
    private(set) var longest = 0
    private var steps: [Step: Int32] = [:]

    /// Adds a sequence.
    /// - Returns: the row of each of its tokens.
    mutating func add(_ sequence: [Int32]) -> [Int32] {
        var rows: [Int32] = []
        rows.reserveCapacity(sequence.count)
        var known = 0
        for (place, id) in sequence.enumerated() {
            let step = Step(parent: rows.last ?? -1, id: id)
            if let row = steps[step] {
                rows.append(row)
                known = place + 1
            } else {
                steps[step] = Int32(ids.count)
                rows.append(Int32(ids.count))
                ids.append(id)
                positions.append(Int32(place))
            }
        }
        while known < sequence.count {
            let end = min(sequence.count, known + Self.pieceLength)
            pieces.append(Piece(path: Array(rows[..<end]), count: end - known))
            known = end
        }
        longest = max(longest, sequence.count)
        return rows
    }

    /// How many tokens of a sequence are not there yet.
    func newTokens(of sequence: [Int32]) -> Int {
        var parent: Int32 = -1
        for (place, id) in sequence.enumerated() {
            guard let row = steps[Step(parent: parent, id: id)] else { return sequence.count - place }
            parent = row
        }
        return 0
    }
}
