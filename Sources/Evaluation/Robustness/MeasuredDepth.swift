/// How likely forget answers are by layer: in the original with another model's states put in, and read off every layer's states.
/// Values are mean log-probabilities of an answer's tokens, in nats.
package struct MeasuredDepth: Sendable, Hashable {
    /// Values by item and layer, the first layer's first, of the model that is evaluated and of the reference.
    package struct Pair: Sendable, Hashable {
        package var model: [[Double]] = []
        package var reference: [[Double]] = []
    }

    /// Of every item in the original.
    package var original: [Double] = []
    /// In the original, where the states that predict the answer are another model's after a layer.
    package var patched = Pair()
    /// Read off another model's states after a layer by the original's last normalisation and head (nostalgebraist, 2020).
    package var lens = Pair()
    /// The same of the original's own states.
    package var originalLens: [[Double]] = []

    package init() {}

    /// Layers whose difference is smaller say nothing (arXiv 2605.24614).
    package static let threshold = 0.05

    /// How far a model's knowledge is gone where the reference's was never there: over the layers where the reference's states take
    /// more than the threshold from the original's value, the model's part of that drop, from 0 to 1, weighed by the drop.
    /// - Returns: nil if no layer's drop is large enough.
    package static func erasure(original: [Double], reference: [Double], model: [Double]) -> Double? {
        var (sum, weight) = (0.0, 0.0)
        for layer in original.indices {
            let drop = original[layer] - reference[layer]
            guard drop > threshold else { continue }
            weight += drop
            sum += drop * min(1, max(0, (original[layer] - model[layer]) / drop))
        }
        return weight > 0 ? sum / weight : nil
    }

    /// The Unlearning Depth Score of every item.
    package var depthScores: [Double?] {
        original.indices.map { item in
            let level = patched.reference[item].map { _ in original[item] }
            return Self.erasure(original: level, reference: patched.reference[item], model: patched.model[item])
        }
    }

    /// The same of what the lens reads.
    package var lensScores: [Double?] {
        original.indices.map { item in
            Self.erasure(original: originalLens[item], reference: lens.reference[item], model: lens.model[item])
        }
    }
}
