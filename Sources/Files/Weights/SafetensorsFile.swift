/// One safetensors file, mapped into memory.
package final class SafetensorsFile: WeightSource {
    /// Tensor names in the order of their data.
    package let names: [String]
    /// The header's `__metadata__`: pairs of strings, such as `format` and `pt`.
    package let metadata: [String: String]
    package var path: String { file.path }

    private let file: MappedFile
    private let entries: [String: SafetensorsHeader.Entry]

    /// Opens a file and checks its whole header; the numbers are read when asked for.
    /// - Throws: `missing`, `unreadable`, `truncated`, `malformed` or `unsupported`.
    package init(path: String) throws(FileError) {
        file = try MappedFile(path: path)
        let header = try SafetensorsHeader(of: file)
        names = header.entries.map(\.info.name)
        entries = Dictionary(header.entries.map { ($0.info.name, $0) }) { first, _ in first }
        metadata = Dictionary(header.metadata.map { ($0.key, $0.value) }) { first, _ in first }
    }

    package func info(_ name: String) -> TensorInfo? { entries[name]?.info }

    package func read(_ name: String, into target: UnsafeMutableBufferPointer<Float>) throws(FileError) {
        guard let entry = entries[name] else { throw missing(name) }
        try file.withBytes(at: entry.offset, count: entry.info.byteCount) { (bytes) throws(FileError) in
            try decode(entry.info, from: bytes, into: target)
        }
    }
}
