import Files
import Testing

@Suite("A safetensors file that lies is refused")
struct SafetensorsMalformedTests {
    /// A file with this header, or with another claimed length, and `data` zero bytes.
    private func file(_ header: String, data: Int, claimed: UInt64? = nil) -> [UInt8] {
        let length = claimed ?? UInt64(header.utf8.count)
        return withUnsafeBytes(of: length.littleEndian) { Array($0) } + Array(header.utf8)
            + [UInt8](repeating: 0, count: data)
    }

    private func expectRefused(
        _ bytes: [UInt8], _ kind: FileError.Kind, _ words: String, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let folder = try TemporaryFolder()
        let path = try folder.put("m.safetensors", bytes)
        expectError(kind, saying: "m.safetensors", words, sourceLocation: sourceLocation) {
            _ = try SafetensorsFile(path: path)
        }
    }

    private let good = #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#

    @Test("The pattern of these tests is itself a good file")
    func accepted() throws {
        let folder = try TemporaryFolder()
        let weights = try SafetensorsFile(path: folder.put("m.safetensors", file(good, data: 8)))
        #expect(try weights.read("a") == [0, 0])
    }

    @Test("Lengths that the file cannot have")
    func lengths() throws {
        try expectRefused([], .truncated, "it has 0")
        try expectRefused([1, 2, 3], .truncated, "it has 3")
        try expectRefused(file("", data: 0, claimed: .max), .malformed, "more than the format allows")
        try expectRefused(file(good, data: 8, claimed: 1 << 60), .malformed, "more than the format allows")
        try expectRefused(file(good, data: 8, claimed: 70), .truncated, "only 62 follow")
        try expectRefused(file(good, data: 7), .truncated, "beyond the end")
        try expectRefused(file(good, data: 9), .malformed, "1 bytes after the last tensor")
    }

    @Test("Headers that are not the JSON they should be")
    func headers() throws {
        try expectRefused(file("", data: 0), .malformed, "does not begin with {")
        try expectRefused(file("[]", data: 0), .malformed, "does not begin with {")
        try expectRefused(file("{\"a\"", data: 0), .malformed, "not valid JSON")
        var bytes = file(good, data: 8)
        bytes[10] = 0xFF
        try expectRefused(bytes, .malformed, "not valid JSON")
        try expectRefused(file(#"{"__metadata__":3}"#, data: 0), .malformed, "__metadata__")
        try expectRefused(file(#"{"__metadata__":{"a":3}}"#, data: 0), .malformed, "only strings")
        let deep = String(repeating: #"{"a":"#, count: 50_000)
        try expectRefused(file(deep, data: 0), .malformed, "not valid JSON")
    }

    @Test(
        "Entries that contradict themselves",
        arguments: [
            (#"{"a":3}"#, "no dtype"),
            (#"{"a":{"shape":[2],"data_offsets":[0,8]}}"#, "no dtype"),
            (#"{"a":{"dtype":"F32","data_offsets":[0,8]}}"#, "no shape"),
            (#"{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}"#, "something else than sizes"),
            (#"{"a":{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}}"#, "something else than sizes"),
            (#"{"a":{"dtype":"F32","shape":[2]}}"#, "data_offsets"),
            (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, "data_offsets"),
            (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#, "data_offsets"),
            (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,16]}}"#, "data_offsets"),
            (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, "needs 12 bytes"),
            (#"{"a":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}}"#, "needs 4 bytes"),
            (#"{"a":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,8]}}"#, "larger than any memory"),
            (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[9223372036854775799,9223372036854775807]}}"#, "beyond any"),
            (
                #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
                "twice"
            ),
            (
                #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#,
                "overlaps"
            ),
            (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, "gap"),
        ])
    func entries(header: String, words: String) throws {
        try expectRefused(file(header, data: 8), .malformed, words)
    }

    @Test("Types that are not read are named", arguments: ["F8_E4M3", "Q4_0", "C64"])
    func types(name: String) throws {
        let header = #"{"odd":{"dtype":"\#(name)","shape":[8],"data_offsets":[0,8]}}"#
        try expectRefused(file(header, data: 8), .unsupported, name)
    }
}
