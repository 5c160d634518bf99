import Reporting

/// Shapes and words of a drawing, as SVG. Lengths are pixels, y grows downwards.
struct SVGCanvas {
    typealias Spot = (x: Double, y: Double)

    private var body = ""

    mutating func line(from start: Spot, to end: Spot, _ colour: String, width: Double = 1, dash: String = "") {
        let dashes = dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\""
        body +=
            "<line x1=\"\(n(start.x))\" y1=\"\(n(start.y))\" x2=\"\(n(end.x))\" y2=\"\(n(end.y))\" stroke=\"\(colour)\" "
            + "stroke-width=\"\(n(width))\"\(dashes)/>\n"
    }

    mutating func rectangle(at corner: Spot, width: Double, height: Double, fill: String, stroke: String = "none") {
        body +=
            "<rect x=\"\(n(corner.x))\" y=\"\(n(corner.y))\" width=\"\(n(width))\" height=\"\(n(height))\" fill=\"\(fill)\" "
            + "stroke=\"\(stroke)\"/>\n"
    }

    mutating func circle(at centre: Spot, radius: Double, _ colour: String, filled: Bool = true, opacity: Double = 1) {
        body +=
            "<circle cx=\"\(n(centre.x))\" cy=\"\(n(centre.y))\" r=\"\(n(radius))\" fill=\"\(filled ? colour : "white")\" "
            + "stroke=\"\(colour)\" opacity=\"\(n(opacity))\"/>\n"
    }

    /// A square that stands on its corner.
    mutating func diamond(at centre: Spot, radius: Double, _ colour: String, filled: Bool) {
        let corners = [(0, -1), (1, 0), (0, 1), (-1, 0)].map { "\(n(centre.x + radius * $0.0)),\(n(centre.y + radius * $0.1))" }
        body +=
            "<polygon points=\"\(corners.joined(separator: " "))\" fill=\"\(filled ? colour : "white")\" stroke=\"\(colour)\" "
            + "stroke-width=\"1.5\"/>\n"
    }

    enum Anchor: String { case start, middle, end }

    /// - Parameter halo: whether a white rim keeps what lies below from the letters.
    mutating func text(
        _ text: String, at spot: Spot, _ anchor: Anchor = .start, size: Int = 12, bold: Bool = false, halo: Bool = false,
        rotated: Bool = false
    ) {
        let safe = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        let turn = rotated ? " transform=\"rotate(-90 \(n(spot.x)) \(n(spot.y)))\"" : ""
        let weight = bold ? " font-weight=\"bold\"" : ""
        let begin = "<text x=\"\(n(spot.x))\" y=\"\(n(spot.y))\" text-anchor=\"\(anchor.rawValue)\" font-size=\"\(size)\"\(weight)\(turn)"
        if halo { body += "\(begin) fill=\"none\" stroke=\"white\" stroke-width=\"3\">\(safe)</text>\n" }
        body += "\(begin)>\(safe)</text>\n"
    }

    func svg(width: Double, height: Double) -> String {
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(n(width))\" height=\"\(n(height))\" "
            + "viewBox=\"0 0 \(n(width)) \(n(height))\" font-family=\"sans-serif\" font-size=\"12\">\n"
            + "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n" + body + "</svg>\n"
    }

    private func n(_ value: Double) -> String { NumberText.fixed(value, 1) }
}
