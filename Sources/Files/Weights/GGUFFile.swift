/// A GGUF file (versions 2 and 3), mapped into memory: metadata and tensors.
///
/// Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
package final class GGUFFile: WeightSource {
    package let version: Int
    /// Keys and values; the model's configuration and tokenizer are among them.
    package let metadata: GGUFMetadata
    /// Tensor names in file order, as GGUF spells them.
    package let names: [String]
    package var path: String { file.path }

    private let file: MappedFile
    private let tensors: [String: GGUFTensor]

    /// Opens a file and checks its whole header; the numbers are read when asked for.
    /// - Throws: `missing`, `unreadable`, `truncated`, `malformed` or `unsupported`.
    package init(path: String) throws(FileError) {
        let file = try MappedFile(path: path)
        let header = try file.withBytes { (bytes) throws(FileError) in
            try Header(bytes, file: file)
        }
        self.file = file
        version = header.version
        metadata = header.metadata
        names = header.tensors.map(\.info.name)
        tensors = Dictionary(header.tensors.map { ($0.info.name, $0) }) { first, _ in first }
    }

    package func info(_ name: String) -> TensorInfo? { tensors[name]?.info }

    package func read(_ name: String, into target: UnsafeMutableBufferPointer<Float>) throws(FileError) {
        guard let tensor = tensors[name] else { throw missing(name) }
        try file.withBytes(at: tensor.offset, count: tensor.info.byteCount) { (bytes) throws(FileError) in
            try decode(tensor.info, from: bytes, into: target)
        }
    }

    /// Whether a file begins like GGUF, whatever its name.
    package static func isGGUF(_ path: String) -> Bool {
        guard let file = try? MappedFile(path: path) else { return false }
        return file.withBytes { $0.prefix(4).elementsEqual(magic) }
    }

    private static let magic = Array("GGUF".utf8)
    /// Metadata and table of tensors together; those of the largest vocabularies take a tenth of it.
    private static let largestHeader = 128 << 20
}

extension GGUFFile {
    private struct Header {
        var version: Int
        var metadata: GGUFMetadata
        var tensors: [GGUFTensor]

        init(_ bytes: UnsafeRawBufferPointer, file: MappedFile) throws(FileError) {
            let path = file.path
            // Counts in the header are believed as far as the bytes can hold what they count, so those bytes are limited too.
            var cursor = GGUFCursor(UnsafeRawBufferPointer(rebasing: bytes.prefix(GGUFFile.largestHeader)), path: path)
            guard bytes.count >= 4 else {
                throw FileError(
                    .truncated, path: path, problem: "a GGUF file begins with four bytes, but it has \(bytes.count)",
                    advice: downloadAgain)
            }
            guard bytes.prefix(4).elementsEqual(GGUFFile.magic) else {
                if let mistake = MistakenFile(beginning: bytes) { throw mistake.error(path) }
                throw FileError(
                    .malformed, path: path, offset: 0, problem: "it does not begin with the letters GGUF",
                    advice: "Make sure that it is a GGUF file")
            }
            try cursor.skip(4, "the format's name")
            version = try Self.version(&cursor)
            let tensorCount = try cursor.nextCount(of: GGUFTensor.leastEntryBytes, "the number of tensors")
            // The least a pair takes: an empty key, a type and one byte.
            let pairCount = try cursor.nextCount(of: 8 + 4 + 1, "the number of metadata keys")
            metadata = try GGUFMetadata(&cursor, count: pairCount, file: file)
            let alignment = try Self.alignment(metadata, path: path)
            if let parts = metadata.int("split.count"), parts > 1 {
                throw FileError(
                    .unsupported, path: path, problem: "it is one of \(parts) parts of a split model",
                    advice: "Merge them with llama.cpp's llama-gguf-split --merge")
            }

            var found: [GGUFTensor] = []
            var seen: Set<String> = []
            found.reserveCapacity(min(tensorCount, 4096))
            for index in 0..<tensorCount {
                let tensor = try GGUFTensor(&cursor, index: index, of: tensorCount)
                guard seen.insert(tensor.info.name).inserted else {
                    throw FileError(
                        .malformed, path: path, tensor: tensor.info.name, problem: "the file names it twice",
                        advice: downloadAgain)
                }
                found.append(tensor)
            }
            // The file's length fits in Int with room to spare, and the alignment is capped.
            let dataStart = (cursor.offset + alignment - 1) / alignment * alignment
            tensors = try GGUFTensor.place(
                found, dataStart: dataStart, alignment: alignment, fileSize: bytes.count, path: path)
        }

        private static func version(_ cursor: inout GGUFCursor) throws(FileError) -> Int {
            let version = try cursor.next(UInt32.self, "the version")
            switch version {
            case 2, 3: return Int(version)
            case UInt32(2).byteSwapped, UInt32(3).byteSwapped:
                throw FileError(
                    .unsupported, path: cursor.path, offset: 4, problem: "it is a big-endian GGUF file",
                    advice: "Use the little-endian edition of the model")
            default:
                throw FileError(
                    .unsupported, path: cursor.path, offset: 4,
                    problem: "it has GGUF version \(version); versions 2 and 3 are read",
                    advice: "Convert the model again with a current llama.cpp")
            }
        }

        private static func alignment(_ metadata: GGUFMetadata, path: String) throws(FileError) -> Int {
            guard let value = metadata["general.alignment"] else { return 32 }
            guard case .integer(let alignment) = value, alignment > 0, alignment <= 1 << 20,
                alignment & (alignment - 1) == 0
            else {
                throw FileError(
                    .malformed, path: path, problem: "general.alignment must be a power of two up to 1048576",
                    advice: downloadAgain)
            }
            return alignment
        }
    }
}
