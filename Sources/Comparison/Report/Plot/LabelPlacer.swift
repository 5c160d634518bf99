import Glibc

/// Finds places for short labels beside points, so that none covers another or a point. Lengths are pixels.
package struct LabelPlacer {
    package struct Box: Hashable, Sendable {
        package var x: ClosedRange<Double>
        package var y: ClosedRange<Double>

        package init(around centre: (x: Double, y: Double), _ width: Double, _ height: Double) {
            x = (centre.x - width / 2)...(centre.x + width / 2)
            y = (centre.y - height / 2)...(centre.y + height / 2)
        }

        package var centre: (x: Double, y: Double) { ((x.lowerBound + x.upperBound) / 2, (y.lowerBound + y.upperBound) / 2) }

        package func overlaps(_ other: Box) -> Bool { x.overlaps(other.x) && y.overlaps(other.y) }

        package func contains(_ other: Box) -> Bool { x.contains(other.x) && y.contains(other.y) }
    }

    package struct Label: Hashable, Sendable {
        package var box: Box
        /// Whether it lies so far away that a line should lead to it.
        package var isFar: Bool
        package var spot: (x: Double, y: Double) { box.centre }
    }

    private let frame: Box
    private var taken: [Box]
    private static let distances = [11.0, 16, 22, 29, 37, 46, 56, 67, 80]
    private static let directions = 16
    /// The side of the square around a point that is kept free.
    package static let pointSize = 11.0

    /// - Parameters:
    ///   - frame: what labels stay within.
    ///   - points: what they must not cover.
    package init(within frame: Box, points: [(x: Double, y: Double)]) {
        self.frame = frame
        taken = points.map { Box(around: $0, Self.pointSize, Self.pointSize) }
    }

    /// The nearest free place; right above the point where all are taken.
    package mutating func place(_ point: (x: Double, y: Double), width: Double, height: Double) -> Label {
        for distance in Self.distances {
            for direction in 0..<Self.directions {
                // From the upper right on, to both sides in turn.
                let turn = Double((direction + 1) / 2) * (direction % 2 == 0 ? 1 : -1)
                let angle = -Double.pi / 4 + turn * 2 * Double.pi / Double(Self.directions)
                let box = Box(around: (point.x + distance * cos(angle), point.y + distance * sin(angle)), width, height)
                if frame.contains(box), !taken.contains(where: box.overlaps) { return take(box, isFar: distance > Self.distances[1]) }
            }
        }
        return take(Box(around: (point.x, point.y - Self.distances[0]), width, height), isFar: false)
    }

    private mutating func take(_ box: Box, isFar: Bool) -> Label {
        taken.append(box)
        return Label(box: box, isFar: isFar)
    }
}
