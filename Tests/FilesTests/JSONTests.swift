import Files
import Testing

@Suite("JSON is read and written byte for byte")
struct JSONTests {
    @Test("Every kind of value is read")
    func kinds() throws {
        let text = #" {"a": [1, -2, 2.5, 1e3, true, false, null], "b": {"c": "x"}, "d": [], "e": {}} "#
        let expected: JSONValue = [
            "a": [1, -2, 2.5, 1000.0, true, false, nil], "b": ["c": "x"], "d": [], "e": [:],
        ]
        let value = try JSONValue(parsing: text)
        #expect(value == expected)
        #expect(value["b"]?["c"]?.asString == "x")
        #expect(value["a"]?.asArray?[3].asInt == 1000)
        #expect(value["missing"] == nil)
    }

    @Test("Keys that are canonically equal but differ in bytes stay apart")
    func canonicallyEqualKeys() throws {
        let value = try JSONValue(parsing: "{\"\u{E9}\": 1, \"e\u{301}\": 2}")
        #expect(value["\u{E9}"]?.asInt == 1)
        #expect(value["e\u{301}"]?.asInt == 2)
        #expect(JSONValue.string("\u{E9}") != JSONValue.string("e\u{301}"))
    }

    @Test("Member order is kept and the last duplicate wins")
    func orderAndDuplicates() throws {
        let value = try JSONValue(parsing: #"{"b":1,"a":2,"b":3}"#)
        #expect(value.asObject?.keys == ["b", "a", "b"])
        #expect(value["b"]?.asInt == 3)
    }

    @Test("A member can be replaced, added and removed")
    func editing() {
        var object = JSONObject([(key: "a", value: 1)])
        object["a"] = 2
        object["b"] = 3
        #expect(JSONValue.object(object) == ["a": 2, "b": 3])
        object["a"] = nil
        #expect(JSONValue.object(object) == ["b": 3])
    }

    @Test("Escapes and surrogate pairs become text")
    func escapes() throws {
        let value = try JSONValue(parsing: #"["\"\\\/\b\f\n\r\t\u00e9", "\ud83d\ude00"]"#)
        #expect(value == ["\"\\/\u{8}\u{C}\n\r\t\u{E9}", "\u{1F600}"])
    }

    @Test("Half of a surrogate pair is refused with its place", arguments: [#""\ud83dx""#, #""\ude00""#, #""\ud83d\u0041""#, #""\ud83d""#])
    func lone(text: String) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: "[\n  \(text)]") }
        #expect(error?.line == 2 && error?.column == 4)
        #expect(error?.problem.contains("half of a character") == true)
    }

    @Test("Integers keep all 64 bits and larger ones become doubles")
    func integers() throws {
        let value = try JSONValue(parsing: "[9223372036854775807, -9223372036854775808, 9223372036854775808, -0]")
        #expect(value == [.integer(.max), .integer(.min), .number(9223372036854775808), .number(-0.0)])
        #expect(value.asArray?[3].asDouble?.sign == .minus)
    }

    @Test(
        "A malformed document is refused with line and column",
        arguments: [
            ("", 1, 1, "empty"), ("{\"a\": 1,\n \"b\" 2}", 2, 6, "expected ':'"), ("[1,]", 1, 4, "expected a value"),
            ("{\"a\":1,}", 1, 8, "key in double quotes"), ("[1 2]", 1, 4, "expected ','"), ("[01]", 1, 2, "zero"),
            ("[1.]", 1, 4, "digit"), ("[1e]", 1, 4, "digit"), ("[-]", 1, 3, "digit"), ("\"ab", 1, 1, "closing quote"),
            ("[\"\\x\"]", 1, 3, "escape"), ("[\"\\u12g4\"]", 1, 3, "hexadecimal"), ("\"a\tb\"", 1, 3, "control character"),
            ("[NaN]", 1, 2, "NaN"), ("[-Infinity]", 1, 3, "Infinity"), ("[1] x", 1, 5, "after the end"),
            ("[1e999]", 1, 2, "too large"), ("{'a':1}", 1, 2, "double quotes"), ("[\"é\", tru]", 1, 7, "value"),
            ("{\"a\":", 1, 6, "ends"), ("[1\u{c}]", 1, 3, "expected ','"),
        ])
    func malformed(text: String, line: Int, column: Int, words: String) {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
        #expect(error?.line == line)
        #expect(error?.column == column)
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }

    @Test("Malformed UTF-8 is refused")
    func malformedUTF8() {
        for bytes: [UInt8] in [[0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0xFF]] {
            #expect(throws: JSONError.self) { try JSONValue(parsing: bytes) }
        }
    }

    @Test("512 levels are read and 513 are refused")
    func depth() throws {
        func nested(_ levels: Int) -> String {
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        _ = try JSONValue(parsing: nested(512))
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: nested(513)) }
        #expect(error?.problem.contains("512") == true)
    }

    @Test("A byte order mark is skipped")
    func byteOrderMark() throws {
        #expect(try JSONValue(parsing: [0xEF, 0xBB, 0xBF, 0x31]) == 1)
    }

    @Test("Writing and reading again gives the same document", arguments: [false, true])
    func roundTrip(pretty: Bool) throws {
        let value: JSONValue = [
            "text": "quote \" slash \\ control \u{1}\u{8}\n\r\t\u{C}\u{1F} emoji \u{1F600} null \u{0}",
            "numbers": [0.1, .number(.leastNonzeroMagnitude), 1.7976931348623157e308, 3.0, -0.0, 1e21, .integer(.min)],
            "nested": ["empty": [:], "list": [[], [nil, true]]], "e\u{301}": "\u{E9}",
        ]
        #expect(try JSONValue(parsing: value.serialized(pretty: pretty)) == value)
    }

    @Test("The written form is plain JSON")
    func written() {
        let value: JSONValue = ["a": [1, 2.5], "b": [:], "c": "x\n\u{1}"]
        #expect(value.serialized() == #"{"a":[1,2.5],"b":{},"c":"x\n\u0001"}"#)
        #expect(
            value.serialized(pretty: true) == """
                {
                  "a": [
                    1,
                    2.5
                  ],
                  "b": {},
                  "c": "x\\n\\u0001"
                }
                """)
        #expect(JSONValue.number(.nan).serialized() == "null")
    }
}
