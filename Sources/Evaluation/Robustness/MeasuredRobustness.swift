/// What becomes of a model's forgetting when its weights are rounded or trained on, and how deep it goes.
package struct MeasuredRobustness: Sendable {
    package var rounded: [WeightRounding: MeasuredRounding] = [:]
    package var relearnt: [RelearningData: MeasuredRelearning] = [:]
    /// How it was trained, in words; nil where it was not.
    package var relearning: String?
    /// The probability of every forget answer in the model that was to forget; nil without that model.
    package var original: [Double]?
    /// Nil without the original and the reference.
    package var depth: MeasuredDepth?

    package init() {}
}

/// The answers' probabilities in a model whose weights are rounded.
package struct MeasuredRounding: Sendable, Hashable {
    /// By set, of every item.
    package var probabilities: [EvaluationRole: [Double]] = [:]

    package init() {}
}

/// What a model is trained on to see whether it remembers.
package enum RelearningData: String, CaseIterable, Sendable, Hashable {
    /// A part of the forget set.
    case forget
    /// Rows that have nothing to do with it: the retain set, or plain text.
    case unrelated

    package var title: String { self == .forget ? "a part of the forget set" : "unrelated rows" }
}

/// A recovery curve: the forget answers' probabilities while a copy of the model is trained.
package struct MeasuredRelearning: Sendable, Hashable {
    /// Steps of training after which was measured, from 0 on, rising.
    package var steps: [Int]
    /// At each of these, of every item of the forget set.
    package var probabilities: [[Double]]
    /// Places of the items that were trained on.
    package var trained: Set<Int>
    /// Why the curve ends early or is not there; nil if it is whole.
    package var problem: String?

    package init(steps: [Int] = [], probabilities: [[Double]] = [], trained: Set<Int> = [], problem: String? = nil) {
        (self.steps, self.probabilities, self.trained, self.problem) = (steps, probabilities, trained, problem)
    }

    /// Which items a number is of.
    package enum Part: String, Sendable {
        /// Those not trained on.
        case unseen
        case all
    }

    package func places(_ part: Part) -> [Int] {
        (probabilities.first ?? []).indices.filter { part == .all || !trained.contains($0) }
    }

    /// The mean probability at every measured step.
    package func curve(_ part: Part) -> [Double] {
        let places = places(part)
        return probabilities.map { row in places.reduce(0) { $0 + row[$1] } / Double(places.count) }
    }

    /// An item's mean probability over the steps: the area under its curve, in straight lines, over the last step.
    package func area(_ item: Int) -> Double {
        guard let last = steps.last, last > 0 else { return probabilities.first.map { $0[item] } ?? .nan }
        var area = 0.0
        for next in steps.indices.dropFirst() {
            area += Double(steps[next] - steps[next - 1]) * (probabilities[next][item] + probabilities[next - 1][item]) / 2
        }
        return area / Double(last)
    }

    /// Where a curve first reaches a level, in straight lines between measurements; nil where it does not.
    package static func reach(_ level: Double, steps: [Int], curve: [Double]) -> Double? {
        guard let first = curve.firstIndex(where: { $0 >= level }) else { return nil }
        guard first > 0 else { return Double(steps[0]) }
        let share = (level - curve[first - 1]) / (curve[first] - curve[first - 1])
        return Double(steps[first - 1]) + share * Double(steps[first] - steps[first - 1])
    }
}
