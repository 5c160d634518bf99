import Glibc

/// Drawn shapes of some sizes, places and shades on a noisy ground: a set of images for tests and demonstrations that needs no file.
package struct DrawnShapes: Sendable {
    /// Pixels along a side.
    package var side = 16
    /// Of each class.
    package var imagesPerClass = 40
    /// The deviation of the ground's and the shape's shades, from 0 to 1.
    package var noise = 0.08

    package init() {}

    /// What a class looks like: how far inside the shape a point is that lies at (x, y) from its middle, in units of its size.
    private static let kinds: [(name: String, depth: @Sendable (_ x: Double, _ y: Double) -> Double)] = [
        ("disc", { x, y in 1 - hypot(x, y) }),
        ("ring", { x, y in 0.28 - abs(hypot(x, y) - 0.72) }),
        ("square", { x, y in 0.85 - max(abs(x), abs(y)) }),
        ("frame", { x, y in 0.22 - abs(max(abs(x), abs(y)) - 0.65) }),
        ("triangle", { x, y in min(0.7 - y, (y + 1) / 2 - abs(x) * 0.9) }),
        ("cross", { x, y in max(0.25 - abs(x), 0.25 - abs(y)) }),
        ("diagonals", { x, y in 0.3 - min(abs(x - y), abs(x + y)) / 1.4 }),
        ("stripes", { _, y in 0.3 - abs((2.2 * y + 10).truncatingRemainder(dividingBy: 1) - 0.5) }),
    ]

    /// Images of all classes in turn, shape [1, side, side]; equal seeds give equal images.
    package func images(seed: UInt64) -> LabelledImages {
        var random = SeededRandom(seed: seed, stream: "shapes")
        var pixels: [UInt8] = []
        var labels: [Int32] = []
        for _ in 0..<imagesPerClass {
            for (label, kind) in Self.kinds.enumerated() {
                let size = Double(side) * (0.28 + 0.14 * random.uniform())
                let middle = (0..<2).map { _ in Double(side) / 2 - 0.5 + (Double(side) / 2 - size) * (2 * random.uniform() - 1) }
                let (ground, shade) = (0.25 * random.uniform(), 0.6 + 0.3 * random.uniform())
                for row in 0..<side {
                    for column in 0..<side {
                        let (x, y) = ((Double(column) - middle[0]) / size, (Double(row) - middle[1]) / size)
                        // Stripes end where the shape's square does.
                        let inside = max(abs(x), abs(y)) <= 1 ? kind.depth(x, y) * size : -1
                        let cover = min(1, max(0, inside + 0.5))
                        let value = ground + (shade - ground) * cover + noise * random.normalPair().0
                        pixels.append(UInt8((255 * min(1, max(0, value))).rounded()))
                    }
                }
                labels.append(Int32(label))
            }
        }
        return LabelledImages(known: [1, side, side], pixels, labels: labels, classes: Self.kinds.map(\.name))
    }
}
