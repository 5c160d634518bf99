import Files
import Inference

extension WeightChange {
    /// How far the weights moved, in a sentence without its full stop.
    package var text: String {
        complaint
            ?? "\(NumberText.grouped(moved)) of \(NumberText.grouped(count)) weights moved, by "
            + "\(NumberText.significant(100 * relative)) % of their norm"
    }

    /// What whoever takes the model for a changed one must know; nil if it is changed.
    package var complaint: String? {
        guard isNone else { return nil }
        return norm > 0
            ? "no weight moved as far as \(precision.rawValue) tells: it holds the model as it was"
            : "no weight moved: it holds the model as it was"
    }

    package var json: JSONValue {
        ["moved": .integer(moved), "weights": .integer(count), "norm": .number(norm), "relative": .number(relative)]
    }
}
