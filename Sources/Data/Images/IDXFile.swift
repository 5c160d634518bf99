import Files

/// Arrays of bytes in the form of MNIST's files: two zeros, a type, a number of axes, the sizes as big-endian integers, the numbers.
/// They may be compressed by gzip.
package struct IDXFile {
    package let sizes: [Int]
    package let values: [UInt8]

    /// The most bytes of an array.
    private static let most = 1 << 31

    /// - Throws: `FileError` for a file that is no such array, or ends before its sizes say or after.
    package init(path: String) throws(FileError) {
        var bytes = try readFile(path, for: .data)
        if Gzip.isCompressed(bytes) { bytes = try Gzip.inflated(bytes, most: Self.most, path: path) }
        let malformed = { (problem: String) in
            FileError(.malformed, path: path, problem: problem, advice: "Give an IDX file of bytes, such as MNIST's")
        }
        guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0 else { throw malformed("does not begin as an IDX file does") }
        guard bytes[2] == 8 else { throw malformed("holds numbers of type \(bytes[2]), not bytes (8)") }
        let axes = Int(bytes[3]), start = 4 + 4 * axes
        guard (1...4).contains(axes), bytes.count >= start else { throw malformed("has \(axes) axes") }
        sizes = (0..<axes).map { axis in (0..<4).reduce(0) { $0 << 8 | Int(bytes[4 + 4 * axis + $1]) } }
        var count = 1
        for size in sizes {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            guard !overflow, product <= Self.most else { throw malformed("claims the sizes \(sizes)") }
            count = product
        }
        guard bytes.count == start + count else {
            throw FileError(
                .truncated, path: path, problem: "its sizes \(sizes) call for \(count) numbers, but it has \(bytes.count - start)",
                advice: "Download or copy it again")
        }
        values = Array(bytes[start...])
    }
}

extension LabelledImages {
    /// Two IDX files, [images, height, width] and [images].
    /// - Parameter classes: their names; nil for the numbers from 0 to the largest label.
    package init(idx images: String, labels: String, classes: [String]? = nil) throws(FileError) {
        let (pixels, given) = (try IDXFile(path: images), try IDXFile(path: labels))
        guard pixels.sizes.count == 3, pixels.sizes.allSatisfy({ $0 > 0 }) else {
            throw FileError(.malformed, path: images, problem: "has the sizes \(pixels.sizes), not [images, height, width]")
        }
        guard given.sizes == [pixels.sizes[0]] else {
            throw FileError(
                .malformed, path: labels, problem: "has the sizes \(given.sizes), but there are \(pixels.sizes[0]) images",
                advice: "Give the labels of these images")
        }
        let names = classes ?? (0...Int(given.values.max() ?? 0)).map(String.init)
        try self.init(
            shape: [1] + pixels.sizes.dropFirst(), pixels: pixels.values, labels: given.values.map(Int32.init), classes: names, path: labels
        )
    }
}
