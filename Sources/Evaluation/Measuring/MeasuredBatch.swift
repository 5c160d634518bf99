import Data
import Inference

/// The tokens of some examples as one tree, and the predictions that their labels ask for, each once.
struct MeasuredBatch {
    /// The sizes that decide which plan serves a batch, rounded up so that few are compiled.
    struct Shape: Hashable {
        var rows, pieces, span, answers, moments: Int
    }

    private struct Prediction: Hashable {
        var row, label: Int32
    }

    private(set) var tree = TokenTree()
    private var predictions: [Prediction] = []
    private var places: [Prediction: Int] = [:]
    private var withMoments: [Int] = []
    private var momentPlaces: [Int: Int] = [:]
    /// Per example, in the order added: the places of its labelled tokens among the predictions.
    private(set) var answers: [[Int]] = []
    /// The same among those with moments; nil for examples without.
    private(set) var moments: [[Int]?] = []

    var predictionCount: Int { predictions.count }

    mutating func add(_ example: TokenExample, moments wanted: Bool) {
        let rows = tree.add(example.ids)
        let found = example.labels.indices.dropFirst().filter { example.labels[$0] >= 0 }.map { index -> Int in
            let prediction = Prediction(row: rows[index - 1], label: example.labels[index])
            if let place = places[prediction] { return place }
            places[prediction] = predictions.count
            predictions.append(prediction)
            return predictions.count - 1
        }
        answers.append(found)
        guard wanted else {
            moments.append(nil)
            return
        }
        moments.append(
            found.map { place in
                if let known = momentPlaces[place] { return known }
                momentPlaces[place] = withMoments.count
                withMoments.append(place)
                return withMoments.count - 1
            })
    }

    var shape: Shape {
        let up = TokenBatch.roundedUp
        return Shape(
            rows: up(tree.ids.count, 64), pieces: up(tree.pieces.count, 8), span: up(max(tree.longest, TokenTree.pieceLength), 32),
            answers: up(max(1, predictions.count), 32), moments: withMoments.isEmpty ? 0 : up(withMoments.count, 32))
    }

    /// The inputs of the plan that `TokenMeasurer` makes for `shape`.
    func inputs(vocabulary: Int) -> [String: HostInput] {
        let shape = shape, length = TokenTree.pieceLength
        func padded(_ values: [Int32], _ count: Int) -> HostInput {
            .index(values + [Int32](repeating: 0, count: count - values.count))
        }
        var queries = [Int32](repeating: 0, count: shape.pieces * length)
        var keys = [Int32](repeating: 0, count: shape.pieces * shape.span)
        // Padding sees one key, as a softmax needs one.
        var limits = [Int32](repeating: 1, count: shape.pieces * length)
        var results = [Int32](repeating: 0, count: shape.rows)
        for (number, piece) in tree.pieces.enumerated() {
            keys.replaceSubrange((number * shape.span)..<(number * shape.span + piece.path.count), with: piece.path)
            let before = piece.path.count - piece.count
            for index in 0..<piece.count {
                let row = piece.path[before + index], place = number * length + index
                queries[place] = row
                limits[place] = Int32(before + index + 1)
                results[Int(row)] = Int32(place)
            }
        }
        var inputs: [String: HostInput] = [
            "ids": padded(tree.ids, shape.rows), "positions": padded(tree.positions, shape.rows), "queries": .index(queries),
            "keys": .index(keys), "limits": .index(limits), "results": .index(results),
            "rows": padded(predictions.map(\.row), shape.answers), "labels": padded(predictions.map(\.label), shape.answers),
            "places": padded(predictions.enumerated().map { Int32($0 * vocabulary) + $1.label }, shape.answers),
        ]
        if shape.moments > 0 { inputs["moments"] = padded(withMoments.map(Int32.init), shape.moments) }
        return inputs
    }
}
