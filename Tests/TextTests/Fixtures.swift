import Files
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

    static func json(_ name: String) throws -> JSONValue { try JSONValue(contentsOf: path(name), for: .tokenizer) }

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
