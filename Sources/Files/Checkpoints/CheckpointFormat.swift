/// The shared layout of checkpoint files, little-endian throughout:
///
/// | bytes | content |
/// | --- | --- |
/// | 0 ..< 8 | `OFMUCKPT` |
/// | 8 ..< 16 | format version |
/// | 16 ..< 24 | length of the whole file |
/// | 24 ..< 32 | where the table begins; it runs to the end |
/// | 32 ..< 40 | checksum of the table |
/// | 40 ..< 48 | checksum of bytes 0 ..< 40 |
/// | 48 ..< table | the sections, one after the other |
/// | table | JSON: the caller's header, and each section's name, kind, offset, bytes, checksum |
///
/// The checksums cover every byte, so that no flipped bit goes unnoticed.
enum CheckpointFormat {
    static let magic = Array("OFMUCKPT".utf8)
    static let version: UInt64 = 1
    static let preambleBytes = 48

    static func preamble(fileBytes: Int, tableOffset: Int, tableChecksum: UInt64) -> [UInt8] {
        var bytes = magic
        for value in [version, UInt64(fileBytes), UInt64(tableOffset), tableChecksum] {
            append(value, to: &bytes)
        }
        append(bytes.withUnsafeBytes { xxHash64($0) }, to: &bytes)
        return bytes
    }

    private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

/// A named part of a checkpoint.
package struct CheckpointSection: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case float32, bytes
    }

    package let name: String
    package let kind: Kind
    /// Bytes from the start of the file.
    let offset: Int
    /// Length in bytes.
    package let byteCount: Int
    let checksum: UInt64

    /// Numbers in a float section; bytes otherwise.
    package var count: Int { kind == .float32 ? byteCount / 4 : byteCount }
}
