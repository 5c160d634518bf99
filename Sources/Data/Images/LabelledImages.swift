import Files

/// Images of one size with a class each, as a file or folder holds them.
public struct LabelledImages: Sendable, Hashable {
    /// [channels, height, width]
    public let shape: [Int]
    /// [images, channels, height, width], from 0 to 255.
    public let pixels: [UInt8]
    /// One for each image, below the number of classes.
    public let labels: [Int32]
    /// What the classes are called.
    public let classes: [String]

    /// - Throws: `FileError` naming the first image whose class there is not, and pixels that do not make up as many images as labels.
    package init(shape: [Int], pixels: [UInt8], labels: [Int32], classes: [String], path: String) throws(FileError) {
        guard pixels.count == labels.count * shape.reduce(1, *) else {
            throw FileError(
                .malformed, path: path, problem: "\(pixels.count) pixels are not \(labels.count) images of \(shape)",
                advice: "Images and labels belong to different files")
        }
        if let wrong = labels.firstIndex(where: { $0 < 0 || $0 >= classes.count }) {
            throw FileError(
                .malformed, path: path,
                problem: "image \(wrong) has the class \(labels[wrong]), but there are \(classes.count) classes, from 0")
        }
        self.init(known: shape, pixels, labels: labels, classes: classes)
    }

    /// Of numbers that fit each other.
    init(known shape: [Int], _ pixels: [UInt8], labels: [Int32], classes: [String]) {
        (self.shape, self.pixels, self.labels, self.classes) = (shape, pixels, labels, classes)
    }

    /// The number of images.
    public var count: Int { labels.count }

    /// Some images by their positions, in that order, from 0 to 1.
    public func batch(_ positions: [Int]) -> ImageBatch {
        let size = shape.reduce(1, *)
        let values = [Float](unsafeUninitializedCapacity: positions.count * size) { target, filled in
            for (place, position) in positions.enumerated() {
                for offset in 0..<size { target[place * size + offset] = Float(pixels[position * size + offset]) / 255 }
            }
            filled = positions.count * size
        }
        return ImageBatch(pixels: values, labels: positions.map { labels[$0] })
    }

    /// Those of some positions alone.
    public func subset(_ positions: [Int]) -> ExampleSet<ImageBatch> {
        ExampleSet(count: positions.count) { places in batch(places.map { positions[$0] }) }
    }
}
