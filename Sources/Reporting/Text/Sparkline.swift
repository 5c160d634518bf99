/// A line of numbers drawn in one line of text.
package enum Sparkline {
    /// Draws values as heights.
    /// - Parameters:
    ///   - range: the values at the bottom and at the top; those of the data if nil.
    ///   - width: the most characters; longer series are drawn by the means of equal stretches.
    package static func drawn(_ values: [Double], range: ClosedRange<Double>? = nil, width: Int = 60, _ style: OutputStyle) -> String {
        let levels = Array(style.isDecorated ? "▁▂▃▄▅▆▇█" : "_.-=+*#")
        let finite = values.filter(\.isFinite)
        guard let low = range?.lowerBound ?? finite.min(), let high = range?.upperBound ?? finite.max() else { return "" }
        let points = resampled(values, max(1, width))
        return String(
            points.map { value -> Character in
                guard value.isFinite else { return "?" }
                let height = high > low ? (value - low) / (high - low) : 0.5
                return levels[Int((max(0, min(1, height)) * Double(levels.count - 1)).rounded())]
            })
    }

    private static func resampled(_ values: [Double], _ width: Int) -> [Double] {
        guard values.count > width else { return values }
        return (0..<width).map { column in
            let part = values[(column * values.count / width)..<((column + 1) * values.count / width)]
            return part.reduce(0, +) / Double(max(1, part.count))
        }
    }
}
