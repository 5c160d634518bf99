import Files
import Glibc
import Testing
import Text

/// What Fixtures/generate.py wrote.
enum Fixture {
    static let families = [
        "gpt2", "gpt2-spaced", "smollm", "llama3", "qwen2", "llama2", "metaspace", "metaspace-split",
    ]

    static func path(_ name: String) -> String {
        let file = #filePath
        return String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)]) + "/Fixtures/" + name
    }

    static func json(_ name: String) throws -> JSONValue {
        let stream = try #require(fopen(path(name), "r"), "\(name) is missing")
        defer { fclose(stream) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let got = fread(&chunk, 1, chunk.count, stream), got > 0 { bytes += chunk[..<got] }
        return try JSONValue(parsing: bytes)
    }

    static func description(_ family: String) throws -> TokenizerDescription {
        try TokenizerDescription(tokenizerJSON: json(family + ".tokenizer.json"))
    }

    static func ids(_ value: JSONValue?) throws -> [Int32] {
        try #require(value?.asArray).map { Int32(try #require($0.asInt)) }
    }

    static func bytes(hex: String) throws -> [UInt8] {
        let digits = Array(hex)
        return try stride(from: 0, to: digits.count, by: 2).map {
            try #require(UInt8(String(digits[$0...$0 + 1]), radix: 16))
        }
    }
}

/// Runs `body` with the path of a file of this content, which exists only for that time.
func withFile<Result>(_ content: String, _ body: (String) throws -> Result) throws -> Result {
    var template = Array("/tmp/text-tests-XXXXXX".utf8CString)
    let handle = mkstemp(&template)
    try #require(handle >= 0)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer { unlink(path) }
    let bytes = Array(content.utf8)
    #expect(write(handle, bytes, bytes.count) == bytes.count)
    close(handle)
    return try body(path)
}
