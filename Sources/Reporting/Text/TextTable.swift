/// A table of text for a terminal, a log or Markdown.
package struct TextTable: Sendable {
    package enum Alignment: Sendable {
        case left, right
    }

    package struct Column: Sendable {
        package var title: String
        package var alignment: Alignment

        package init(_ title: String, _ alignment: Alignment = .left) {
            self.title = title
            self.alignment = alignment
        }
    }

    package var columns: [Column]
    package private(set) var rows: [[String]] = []

    package init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row. Missing cells are empty, surplus ones are dropped.
    package mutating func add(_ cells: [String]) {
        rows.append((0..<columns.count).map { $0 < cells.count ? Self.oneLine(cells[$0]) : "" })
    }

    /// Lines of aligned columns. If they are wider than the style allows, the widest left-aligned column is cut.
    package func rendered(_ style: OutputStyle = .plain) -> String {
        guard !columns.isEmpty else { return "" }
        let widths = fittedWidths(style)
        let (gap, bar, crossing) = style.isDecorated ? (" │ ", "─", "─┼─") : ("  ", "-", "  ")
        let line = { (cells: [String]) in
            let padded = zip(cells.indices, cells).map { index, cell in
                Self.padded(Self.cut(cell, widths[index], style), widths[index], columns[index].alignment)
            }
            return Self.withoutTrailingSpaces(padded.joined(separator: gap)) + "\n"
        }
        let rule = widths.map { String(repeating: bar, count: $0) }.joined(separator: crossing) + "\n"
        return line(columns.map(\.title)) + rule + rows.map(line).joined()
    }

    /// The table in GitHub's Markdown.
    package var markdown: String {
        let line = { (cells: [String]) in "| " + cells.map(Self.escaped).joined(separator: " | ") + " |\n" }
        let rule = columns.map { $0.alignment == .left ? "---" : "---:" }
        return line(columns.map(\.title)) + "| " + rule.joined(separator: " | ") + " |\n" + rows.map(line).joined()
    }

    /// The columns a text takes on the screen, if every character takes one.
    private static func width(_ text: String) -> Int { text.count }

    private func fittedWidths(_ style: OutputStyle) -> [Int] {
        var widths = columns.indices.map { index in
            rows.reduce(Self.width(columns[index].title)) { max($0, Self.width($1[index])) }
        }
        guard let limit = style.width else { return widths }
        let gaps = (columns.count - 1) * (style.isDecorated ? 3 : 2)
        // Numbers are never cut: a shortened number is a wrong one.
        let flexible = columns.indices.filter { columns[$0].alignment == .left }
        while widths.reduce(gaps, +) > limit, let widest = flexible.max(by: { widths[$0] < widths[$1] }), widths[widest] > 8 {
            widths[widest] = max(8, widths[widest] - (widths.reduce(gaps, +) - limit))
        }
        return widths
    }

    private static func cut(_ text: String, _ width: Int, _ style: OutputStyle) -> String {
        guard text.count > width else { return text }
        let mark = style.isDecorated ? "…" : "..."
        return text.prefix(max(0, width - mark.count)) + mark
    }

    private static func padded(_ text: String, _ width: Int, _ alignment: Alignment) -> String {
        let space = String(repeating: " ", count: max(0, width - self.width(text)))
        return alignment == .left ? text + space : space + text
    }

    private static func withoutTrailingSpaces(_ line: String) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }

    /// A cell is one line, and nothing in it may drive the terminal.
    private static func oneLine(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { $0 += $1 == "|" ? "\\|" : String($1) }
    }
}
