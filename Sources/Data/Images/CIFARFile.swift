import Files

/// The two forms of CIFAR-10 and CIFAR-100: records of bytes, and Python's pickles.
package enum CIFAR: String, Sendable, CaseIterable {
    case ten = "cifar10"
    case hundred = "cifar100"

    private static let shape = [3, 32, 32]
    private static let pixels = 3072

    /// Bytes before the pixels of a record; the last of them is the class.
    private var head: Int { self == .ten ? 1 : 2 }
    private var classes: Int { self == .ten ? 10 : 100 }

    /// Files of records: the class (of CIFAR-100 after the coarse one), and 3,072 pixels, channel by channel.
    package func records(_ paths: [String]) throws(FileError) -> LabelledImages {
        var pixels: [UInt8] = []
        var labels: [Int32] = []
        let size = head + Self.pixels
        for path in paths {
            let bytes = try readFile(path, for: .data)
            guard bytes.count > 0, bytes.count % size == 0 else {
                throw FileError(
                    .truncated, path: path, problem: "\(bytes.count) bytes are no whole number of records of \(size)",
                    advice: "Download or copy it again")
            }
            for start in stride(from: 0, to: bytes.count, by: size) {
                labels.append(Int32(bytes[start + head - 1]))
                pixels += bytes[(start + head)..<(start + size)]
            }
        }
        return try images(pixels, labels, paths)
    }

    /// Files of Python's: a dictionary with "data", an array [images, 3072], and "labels" or "fine_labels". Nothing in them is executed.
    package func pickles(_ paths: [String]) throws(FileError) -> LabelledImages {
        var pixels: [UInt8] = []
        var labels: [Int32] = []
        for path in paths {
            let malformed = { (problem: String) in
                FileError(.malformed, path: path, problem: problem, advice: "Give one of CIFAR's files for Python")
            }
            let content = try Pickle.read(readFile(path, for: .data), path: path)
            guard case .array(let shape, let values)? = content["data"] else { throw malformed("has no array \"data\"") }
            guard case .list(let given)? = content[self == .ten ? "labels" : "fine_labels"] else {
                throw malformed("has no list \"\(self == .ten ? "labels" : "fine_labels")\"")
            }
            let found = given.compactMap { if case .integer(let label) = $0 { Int32(exactly: label) } else { nil } }
            guard shape == [given.count, Self.pixels], found.count == given.count, !found.isEmpty else {
                throw malformed("has data of the sizes \(shape) for \(given.count) labels")
            }
            pixels += values
            labels += found
        }
        return try images(pixels, labels, paths)
    }

    private func images(_ pixels: [UInt8], _ labels: [Int32], _ paths: [String]) throws(FileError) -> LabelledImages {
        try LabelledImages(
            shape: Self.shape, pixels: pixels, labels: labels, classes: (0..<classes).map(String.init), path: paths.first ?? "")
    }
}
