import CZlib

/// The bytes that zlib's usual compression makes of a text's UTF-8, its header and checksum included: Python's
/// len(zlib.compress(text)).
package func compressedSize(_ text: String) -> Int {
    let bytes = Array(text.utf8)
    var count = compressBound(uLong(bytes.count))
    var output = [UInt8](repeating: 0, count: Int(count))
    let status = compress(&output, &count, bytes, uLong(bytes.count))
    precondition(status == Z_OK, "zlib refused a buffer of the size that it asked for: \(status)")
    return Int(count)
}
