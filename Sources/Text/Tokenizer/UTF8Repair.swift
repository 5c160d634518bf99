/// Calls `body` with `bytes` as valid UTF-8.
///
/// Each maximal malformed stretch becomes one U+FFFD, as the Unicode standard recommends and as Python's
/// `errors="replace"` does. Well-formed text is passed on without a copy.
func withValidUTF8<Result>(
    _ bytes: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>) -> Result
) -> Result {
    if String(validating: bytes, as: UTF8.self) != nil { return body(bytes) }
    let repaired = Array(String(decoding: bytes, as: UTF8.self).utf8)
    return repaired.withUnsafeBufferPointer(body)
}
