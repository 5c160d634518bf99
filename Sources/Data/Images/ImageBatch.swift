/// Images with a class each.
public struct ImageBatch: Sendable, Hashable {
    /// [images, channels, height, width], from 0 to 1.
    public var pixels: [Float]
    /// One for each image, from 0.
    public var labels: [Int32]

    /// As many images as labels, one after the other.
    public init(pixels: [Float], labels: [Int32]) {
        (self.pixels, self.labels) = (pixels, labels)
    }
}
