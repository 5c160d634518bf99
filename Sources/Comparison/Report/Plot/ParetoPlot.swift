import Evaluation
import Reporting

/// D against utility as SVG: every method's chosen setting with its intervals over seeds and a number, which a legend names in the order
/// of D; all other settings as pale dots; the models before and without the forget rows as diamonds; and where the goals lie.
struct ParetoPlot {
    let group: ComparisonReport.Group

    private static let (left, top, width, height) = (64.0, 44.0, 560.0, 460.0)
    private static let (right, bottom) = (left + width, top + height)
    private static let rowHeight = 18.0
    private static let colours = ["#1b6ca8", "#c0392b", "#27864a", "#8e44ad", "#b9770e", "#117a8b", "#7f3f3f", "#5d6d7e"]
    private static let (ink, grey, goal) = ("#222", "#888", "#7a9")

    /// A row that has a place, and what is drawn of it.
    private struct Point {
        let row: ComparisonRow
        let distance: Estimate
        let utility: Estimate
        var spot: SVGCanvas.Spot = (0, 0)
        var colour = ParetoPlot.ink
        var number: Int?
    }

    var svg: String {
        let chosen = numbered(points(group.chosen)), compared = points(group.references)
        let rest = points(group.all.filter { row in !group.chosen.contains { $0.label == row.label && $0.settings == row.settings } })
        let axes = PlotAxes(
            (chosen + compared + rest).map { ($0.distance, $0.utility) }, left: Self.left, top: Self.top, width: Self.width,
            height: Self.height)
        let placed = { (points: [Point]) in
            points.map { point in
                var point = point
                point.spot = (axes.x(point.distance.mean), axes.y(point.utility.mean))
                return point
            }
        }
        let (methods, references, others) = (placed(chosen), placed(compared), placed(rest))
        var canvas = SVGCanvas()
        canvas.text(group.title, at: (Self.left, 24), size: 14, bold: true)
        draw(axes, references, in: &canvas)
        for point in others {
            let colour = methods.first { $0.row.label == point.row.label }?.colour ?? Self.grey
            canvas.circle(at: point.spot, radius: 2, colour, opacity: 0.5)
        }
        for point in references + methods { drawIntervals(point, axes, in: &canvas) }
        for point in references { canvas.diamond(at: point.spot, radius: 7, Self.ink, filled: point.row.role == .retrained) }
        for point in methods where group.isOnFront(point.row) { canvas.circle(at: point.spot, radius: 7.5, Self.ink, filled: false) }
        for point in methods { canvas.circle(at: point.spot, radius: 4.5, point.colour) }
        drawNumbers(methods, references, in: &canvas)
        let end = drawLegend(methods, references, in: &canvas)
        return canvas.svg(width: end.x + 16, height: max(Self.bottom + 52, end.y + 16))
    }

    private func points(_ rows: [ComparisonRow]) -> [Point] {
        rows.compactMap { row in
            guard let distance = row.figures["distance"], let utility = row.figures["utility"] else { return nil }
            return Point(row: row, distance: distance, utility: utility)
        }
    }

    /// In the order of D, counted from 1.
    private func numbered(_ points: [Point]) -> [Point] {
        points.sorted { ($0.distance.mean, -$0.utility.mean) < ($1.distance.mean, -$1.utility.mean) }.enumerated().map { index, point in
            var point = point
            (point.number, point.colour) = (index + 1, Self.colours[index % Self.colours.count])
            return point
        }
    }

    // MARK: Axes

    private func draw(_ axes: PlotAxes, _ references: [Point], in canvas: inout SVGCanvas) {
        let utility = axes.y(SelectionRule.utility)
        if let retrained = references.first(where: { $0.row.role == .retrained }) {
            let distance = retrained.spot.x
            canvas.rectangle(at: (Self.left, Self.top), width: distance - Self.left, height: utility - Self.top, fill: "#e8f4ea")
            canvas.line(from: (distance, Self.top), to: (distance, Self.bottom), Self.goal, dash: "4 3")
        }
        canvas.line(from: (Self.left, utility), to: (Self.right, utility), Self.goal, dash: "4 3")
        if axes.isStretched {
            let edge = axes.y(PlotAxes.edge)
            canvas.line(from: (Self.left, edge), to: (Self.right, edge), "#bbb")
            canvas.text("from here down in a smaller scale", at: (Self.right - 6, edge + 14), .end, size: 11)
        }
        canvas.rectangle(at: (Self.left, Self.top), width: Self.width, height: Self.height, fill: "none", stroke: Self.grey)
        for tick in axes.distanceTicks {
            canvas.line(from: (axes.x(tick), Self.bottom), to: (axes.x(tick), Self.bottom + 4), Self.grey)
            canvas.text(NumberText.fixed(tick, 2), at: (axes.x(tick), Self.bottom + 18), .middle)
        }
        for tick in axes.utilityTicks {
            canvas.line(from: (Self.left - 4, axes.y(tick)), to: (Self.left, axes.y(tick)), Self.grey)
            canvas.text(NumberText.fixed(tick, 2), at: (Self.left - 8, axes.y(tick) + 4), .end)
        }
        canvas.text("D to the retrained models (smaller is better)", at: (Self.left + Self.width / 2, Self.bottom + 38), .middle)
        canvas.text("utility", at: (18, Self.top + Self.height / 2), .middle, rotated: true)
    }

    // MARK: Points

    private func drawIntervals(_ point: Point, _ axes: PlotAxes, in canvas: inout SVGCanvas) {
        let (distance, utility, spot) = (point.distance, point.utility, point.spot)
        if let half = distance.halfWidth {
            let ends = (axes.x(distance.mean - half), axes.x(distance.mean + half))
            canvas.line(from: (ends.0, spot.y), to: (ends.1, spot.y), point.colour)
        }
        if let half = utility.halfWidth {
            let ends = (axes.y(utility.mean - half), axes.y(utility.mean + half))
            canvas.line(from: (spot.x, ends.0), to: (spot.x, ends.1), point.colour)
        }
    }

    private func drawNumbers(_ methods: [Point], _ references: [Point], in canvas: inout SVGCanvas) {
        let frame = LabelPlacer.Box(around: (Self.left + Self.width / 2, Self.top + Self.height / 2), Self.width - 4, Self.height - 4)
        var placer = LabelPlacer(within: frame, points: (methods + references).map(\.spot))
        for point in methods {
            guard let number = point.number else { continue }
            let label = placer.place(point.spot, width: number < 10 ? 10 : 17, height: 12)
            if label.isFar { canvas.line(from: point.spot, to: label.spot, point.colour, width: 0.5) }
            canvas.text("\(number)", at: (label.spot.x, label.spot.y + 4), .middle, size: 11, bold: true, halo: true)
        }
    }

    // MARK: Legend

    private static let notes = [
        "●, ringed: on the Pareto front", "lines: 95 % intervals over seeds", "pale dots: other settings",
        "green: D as between retrained models, utility ≥ \(SelectionRule.utility)",
    ]

    /// - Returns: its lower right corner.
    private func drawLegend(_ methods: [Point], _ references: [Point], in canvas: inout SVGCanvas) -> SVGCanvas.Spot {
        let start = Self.right + 28, name = start + 34
        let longest = (methods + references).map(\.row.label.count).max() ?? 0
        let distance = name + max(70, 7 * Double(longest)) + 44, utility = distance + 52
        var y = Self.top + 10
        canvas.text("D", at: (distance, y), .end, bold: true)
        canvas.text("utility", at: (utility, y), .end, bold: true)
        for point in references + methods {
            y += Self.rowHeight
            if let number = point.number {
                canvas.text("\(number)", at: (start + 8, y), .end, size: 11, bold: true)
                canvas.circle(at: (start + 20, y - 4), radius: 4.5, point.colour)
            } else {
                canvas.diamond(at: (start + 20, y - 4), radius: 6, Self.ink, filled: point.row.role == .retrained)
            }
            canvas.text(point.row.label + (group.isOnFront(point.row) ? " ●" : ""), at: (name, y))
            canvas.text(NumberText.fixed(point.distance.mean, 2), at: (distance, y), .end)
            canvas.text(NumberText.fixed(point.utility.mean, 2), at: (utility, y), .end)
        }
        y += Self.rowHeight
        for note in Self.notes {
            y += Self.rowHeight - 2
            canvas.text(note, at: (start, y), size: 11)
        }
        return (max(utility, start + 330), y)
    }
}
