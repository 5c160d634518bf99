import CZlib

/// Files compressed by gzip.
package enum Gzip {
    /// Whether bytes begin as such a file does.
    package static func isCompressed(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

    /// What a compressed file holds.
    /// - Parameters:
    ///   - most: bytes beyond which nothing is unpacked: a small file can stand for any amount.
    ///   - path: for messages.
    /// - Throws: `truncated` for a file that ends too early, `corrupt` for one that is damaged, `wrongSize` beyond `most`.
    package static func inflated(_ bytes: [UInt8], most: Int, path: String) throws(FileError) -> [UInt8] {
        var stream = z_stream()
        // Sixteen more than the largest window: a gzip header is expected, and its checksum is compared.
        guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw FileError(.unreadable, path: path, problem: "there is no memory to unpack it")
        }
        defer { inflateEnd(&stream) }
        var output: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 1 << 18)
        var read = 0
        while true {
            // A member of the file may follow the one that ended; zlib counts at most so many bytes at once.
            let offered = min(bytes.count - read, 1 << 20)
            let (status, used, made) = bytes.withUnsafeBufferPointer { input in
                piece.withUnsafeMutableBufferPointer { target in
                    stream.next_in = UnsafeMutablePointer(mutating: input.baseAddress.map { $0 + read })
                    stream.avail_in = uInt(offered)
                    stream.next_out = target.baseAddress
                    stream.avail_out = uInt(target.count)
                    let status = inflate(&stream, Z_NO_FLUSH)
                    return (status, offered - Int(stream.avail_in), target.count - Int(stream.avail_out))
                }
            }
            read += used
            output += piece[..<made]
            guard output.count <= most else {
                throw FileError(.wrongSize, path: path, problem: "unpacks to more than the \(most) bytes that are read")
            }
            switch status {
            case Z_OK where used > 0 || made > 0: continue
            case Z_STREAM_END:
                if read == bytes.count { return output }
                guard inflateReset(&stream) == Z_OK else { fallthrough }
            case Z_OK, Z_BUF_ERROR:
                throw FileError(.truncated, path: path, problem: "the compressed data end too early", advice: "Download or copy it again")
            default:
                throw FileError(.corrupt, path: path, problem: "the compressed data are damaged", advice: "Download or copy it again")
            }
        }
    }
}
