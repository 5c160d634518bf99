/// A pattern for parameter names: dot-separated pieces that must match neighbouring pieces of the name, anywhere in it.
///
/// A piece is literal text with `*` for any run of characters, or a range of numbers such as `3-7`. So `layers.3-7` means every
/// parameter of the layers 3 to 7, `mlp` all feed-forward weights, `q_proj.weight` all query weights.
package struct NamePattern: Sendable, Hashable {
    package let text: String
    private let pieces: [Piece]

    private enum Piece: Sendable, Hashable {
        case range(ClosedRange<Int>)
        case glob([UInt8])
    }

    package init(_ text: String) {
        self.text = text
        pieces = text.split(separator: ".", omittingEmptySubsequences: false).map { piece in
            let ends = piece.split(separator: "-", omittingEmptySubsequences: false)
            if ends.count == 2, let first = Int(ends[0]), let last = Int(ends[1]), first <= last {
                return .range(first...last)
            }
            return .glob(Array(piece.utf8))
        }
    }

    package func matches(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard pieces.count <= parts.count else { return false }
        return (0...(parts.count - pieces.count)).contains { start in
            zip(pieces, parts[start...]).allSatisfy { piece, part in
                switch piece {
                case .range(let range): Int(part).map(range.contains) ?? false
                case .glob(let glob): Self.matches(glob[...], Array(part.utf8)[...])
                }
            }
        }
    }

    private static func matches(_ glob: ArraySlice<UInt8>, _ text: ArraySlice<UInt8>) -> Bool {
        guard let first = glob.first else { return text.isEmpty }
        if first == UInt8(ascii: "*") {
            return (text.startIndex...text.endIndex).contains { matches(glob.dropFirst(), text[$0...]) }
        }
        return text.first == first && matches(glob.dropFirst(), text.dropFirst())
    }
}
