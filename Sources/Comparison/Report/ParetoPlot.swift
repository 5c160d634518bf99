import Evaluation
import Reporting

/// D against utility as SVG: every method's chosen setting with its intervals over seeds, all other settings as small dots.
struct ParetoPlot {
    let group: ComparisonReport.Group

    private static let (width, height, left, top, side) = (720.0, 480.0, 64.0, 40.0, 400.0)
    private static let colours = ["#1b6ca8", "#c0392b", "#27864a", "#8e44ad", "#b9770e", "#117a8b", "#7f3f3f", "#5d6d7e"]

    private var rows: [ComparisonRow] { (group.references + group.all).filter { $0.mean("utility") != nil && $0.mean("distance") != nil } }

    /// From the least utility to the highest, with room.
    private var utilities: ClosedRange<Double> {
        let values = rows.flatMap { row -> [Double] in
            guard let estimate = row.figures["utility"] else { return [] }
            return [estimate.mean - (estimate.halfWidth ?? 0), estimate.mean + (estimate.halfWidth ?? 0)]
        }
        let low = max(-0.1, values.min() ?? 0), high = min(1.5, max(values.max() ?? 1, 1))
        let room = max(0.02, 0.05 * (high - low))
        return (min(low, high) - room)...(high + room)
    }

    private func x(_ distance: Double) -> Double { Self.left + Self.side * max(0, min(1, distance)) }

    private func y(_ utility: Double) -> Double {
        let range = utilities
        let share = (max(range.lowerBound, min(range.upperBound, utility)) - range.lowerBound) / (range.upperBound - range.lowerBound)
        return Self.top + Self.side * (1 - share)
    }

    var svg: String {
        var text =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(n(Self.width))\" height=\"\(n(Self.height))\" "
            + "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
        text += label(group.title, Self.left, 24, size: 14)
        text +=
            "<rect x=\"\(n(Self.left))\" y=\"\(n(Self.top))\" width=\"\(n(Self.side))\" height=\"\(n(Self.side))\" fill=\"none\" stroke=\"#888\"/>\n"
        for tick in stride(from: 0.0, through: 1.0, by: 0.2) {
            text += label(NumberText.fixed(tick, 1), x(tick), Self.top + Self.side + 16, anchor: "middle")
        }
        let range = utilities
        for step in 0...4 {
            let value = range.lowerBound + Double(step) / 4 * (range.upperBound - range.lowerBound)
            text += label(NumberText.fixed(value, 2), Self.left - 6, y(value) + 4, anchor: "end")
        }
        text += label(
            "D to the retrained models (smaller is better)", Self.left + Self.side / 2, Self.top + Self.side + 34, anchor: "middle")
        text +=
            "<g transform=\"translate(16 \(n(Self.top + Self.side / 2))) rotate(-90)\">" + label("utility", 0, 0, anchor: "middle")
            + "</g>\n"
        let labels = ComparisonReport.unique(rows.map(\.label))
        for row in rows {
            let colour = row.role == .unlearned ? Self.colours[(labels.firstIndex(of: row.label) ?? 0) % Self.colours.count] : "#222"
            text += mark(row, colour)
        }
        for (index, name) in labels.enumerated() {
            let isReference = group.references.contains { $0.label == name }
            let at = Self.top + 14 + 18 * Double(index), start = Self.left + Self.side + 20
            text += circle(start, at - 4, radius: 4, isReference ? "#222" : Self.colours[index % Self.colours.count], filled: !isReference)
            text += label(name, start + 12, at)
        }
        return text + "</svg>\n"
    }

    private func mark(_ row: ComparisonRow, _ colour: String) -> String {
        guard let distance = row.figures["distance"], let utility = row.figures["utility"] else { return "" }
        let isChosen = row.role != .unlearned || group.chosen.contains { $0.label == row.label && $0.settings == row.settings }
        let (px, py) = (x(distance.mean), y(utility.mean))
        guard isChosen else { return circle(px, py, radius: 2, colour, filled: true) }
        var text = circle(px, py, radius: 5, colour, filled: row.role == .unlearned)
        if let half = distance.halfWidth { text += line(x(distance.mean - half), py, to: x(distance.mean + half), py, colour: colour) }
        if let half = utility.halfWidth { text += line(px, y(utility.mean - half), to: px, y(utility.mean + half), colour: colour) }
        return text
    }

    private func circle(_ x: Double, _ y: Double, radius: Double, _ colour: String, filled: Bool) -> String {
        "<circle cx=\"\(n(x))\" cy=\"\(n(y))\" r=\"\(n(radius))\" fill=\"\(filled ? colour : "none")\" stroke=\"\(colour)\"/>\n"
    }

    private func line(_ x1: Double, _ y1: Double, to x2: Double, _ y2: Double, colour: String) -> String {
        "<line x1=\"\(n(x1))\" y1=\"\(n(y1))\" x2=\"\(n(x2))\" y2=\"\(n(y2))\" stroke=\"\(colour)\"/>\n"
    }

    private func label(_ text: String, _ x: Double, _ y: Double, anchor: String = "start", size: Int = 12) -> String {
        let safe = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        return "<text x=\"\(n(x))\" y=\"\(n(y))\" text-anchor=\"\(anchor)\" font-size=\"\(size)\">\(safe)</text>\n"
    }

    private func n(_ value: Double) -> String { NumberText.fixed(value, 1) }
}
