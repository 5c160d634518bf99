import Files
import Testing

@Suite("Text on its way to a terminal")
struct VisibleTextTests {
    @Test(
        "What drives a terminal or turns the writing is written out; the rest stays as it is",
        arguments: [
            ("plain é 漢 👩‍👩‍👧\ttext\n", "plain é 漢 👩‍👩‍👧\ttext\n"), ("a\u{1B}[31mb", #"a\u{1B}[31mb"#), ("a\rb", #"a\rb"#),
            ("\u{7F}\u{9B}2J", #"\u{7F}\u{009B}2J"#), ("\u{202E}gpj", #"\u{202E}gpj"#), ("\u{0}", #"\0"#),
            ("\u{2067}x\u{2069}", #"\u{2067}x\u{2069}"#),
        ])
    func visible(_ text: String, _ shown: String) {
        #expect(text.visible() == shown)
    }

    @Test("On one line, line breaks are written out too")
    func oneLine() {
        #expect("a\nb".visible(oneLine: true) == #"a\nb"#)
        #expect("a\nb".visible() == "a\nb")
    }

    @Test("A long name is cut in its middle, and what is said about it stays")
    func short() {
        let name = String(repeating: "n", count: 300_000)
        for text in ["\(name): no such file. Check the path.", "tensor \"\(name) \(name)\": no such file. Check the path."] {
            let short = text.withShortQuotes()
            #expect(short.count < 500)
            #expect(short.hasSuffix("no such file. Check the path."))
            #expect(short.contains("nnn … nnn"))
        }
        let many = [String](repeating: "name", count: 100_000).joined(separator: ", ")
        #expect("the row has \(many), expected others".withShortQuotes().count < 7000)
        #expect("short".withShortQuotes() == "short")
    }

    @Test("JSON keeps every character, and drives no terminal")
    func json() throws {
        let text = "a\u{1B}[31m\u{7F}\u{9B}2J é\u{80}\u{A0}"
        let written = JSONValue.string(text).serialized()
        #expect(!written.unicodeScalars.contains { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) })
        #expect(try JSONValue(parsing: written).asString.map { Array($0.utf8) } == Array(text.utf8))
    }
}
