import Files
import Testing

@Suite("Files of another kind than their names say")
struct MistakenFileTests {
    static let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:\(String(repeating: "ab", count: 32))\nsize 12345\n"

    @Test("a Git LFS pointer is named in the place of any file", arguments: ["model.safetensors", "config.json", "model.gguf"])
    func pointers(name: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.put(name, Self.pointer)
        let error = #expect(throws: FileError.self) {
            switch name {
            case "config.json": _ = try JSONValue(contentsOf: path)
            case "model.gguf": _ = try ModelFolder(path: path)
            default: _ = try SafetensorsFile(path: path)
            }
        }
        #expect(error?.description.contains("Git LFS pointer") == true)
        #expect(error?.description.contains("git lfs pull") == true)
    }

    static let kinds: [(bytes: [UInt8], what: String?)] = [
        (Array(pointer.utf8), "Git LFS"), ([0x1F, 0x8B, 8, 0], "gzip"), (Array("PK\u{3}\u{4}..".utf8), "zip archive"),
        ([0x28, 0xB5, 0x2F, 0xFD], "zstd"), (Array("PAR1".utf8), "Parquet"), ([0xFF, 0xFE, 0x7B, 0], "UTF-16"),
        (Array(" <!DOCTYPE html><html>".utf8), "web page"), (Array("{\"a\": 1}".utf8), nil), (Array("[]".utf8), nil), ([], nil),
        // A pointer is small: what goes on is something else.
        (Array((pointer + String(repeating: " ", count: 1024)).utf8), nil),
    ]

    @Test("are recognised by their first bytes", arguments: kinds.indices)
    func beginnings(index: Int) {
        let (bytes, what) = Self.kinds[index]
        let found = MistakenFile(beginning: bytes)
        if let what { #expect(found?.what.contains(what) == true) } else { #expect(found == nil) }
    }

    @Test(
        "tables are recognised where rows of JSON are wanted",
        arguments: [
            ("question,answer\nWho?,Ann\n", "CSV"), ("\"question\",\"answer\"\n", "CSV"), ("question\tanswer\n", "TSV"),
            ("a;b\n1;2\n", "CSV"),
            (",question,answer\n0,Who?,Ann\n", "CSV"),
        ])
    func tables(text: String, what: String) {
        #expect(MistakenFile(rows: Array(text.utf8))?.what.contains(what) == true)
        #expect(MistakenFile(beginning: Array(text.utf8)) == nil)
    }

    @Test(
        "rows of JSON and plain mistakes in them are no table",
        arguments: [
            "{\"question\": \"a,b\"}\n", "[{\"a\": 1},\n{\"a\": 2}]", "7\n", "hello\n", "", "{\"a\": 1,",
        ])
    func noTables(text: String) {
        #expect(MistakenFile(rows: Array(text.utf8)) == nil)
    }

    @Test("a length of a header that looks like a mark is no mistake")
    func headerLength() throws {
        // 0x8B1F bytes of header begin as gzip does.
        let json = Array("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}".utf8)
        let header = json + [UInt8](repeating: 0x20, count: 0x8B1F - json.count)
        let folder = try TemporaryFolder()
        let path = try folder.put("a.safetensors", [0x1F, 0x8B, 0, 0, 0, 0, 0, 0] + header + [0, 0, 0x80, 0x3F])
        #expect(try SafetensorsFile(path: path).read("a") == [1])
    }

    @Test("an adapter is refused, alone and beside the weights", arguments: [true, false])
    func adapters(hasWeights: Bool) throws {
        let folder = try TemporaryFolder()
        try folder.put("adapter_config.json", #"{"peft_type": "LORA", "base_model_name_or_path": "some/base"}"#)
        try folder.put("config.json", "{}")
        if hasWeights { try folder.put("model.safetensors", [2, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8)) }
        let text = (#expect(throws: FileError.self) { _ = try ModelFolder(path: folder.path) })?.description ?? ""
        #expect(text.contains(hasWeights ? "a LoRA adapter lies beside the weights" : "its base model is \"some/base\""), "\(text)")
        #expect(text.contains("Merge the adapter"))
    }
}
