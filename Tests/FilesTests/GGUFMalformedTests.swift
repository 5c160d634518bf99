import Files
import Glibc
import Testing

@Suite("A GGUF file that lies is refused")
struct GGUFMalformedTests {
    private func expectRefused(
        _ file: GGUFBuilder, _ kind: FileError.Kind, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let folder = try TemporaryFolder()
        let path = try folder.put("m.gguf", file.bytes)
        for word in words {
            expectError(kind, saying: "m.gguf", word, sourceLocation: sourceLocation) { _ = try GGUFFile(path: path) }
        }
    }

    @Test("The pattern of these tests is itself a good file")
    func accepted() throws {
        var file = GGUFBuilder(tensors: 2, keys: 1)
        file.pair("general.alignment", 64)
        file.tensor("a", sizes: [2, 3])
        file.tensor("b", sizes: [32], type: 8, offset: 64)
        file.data(64 + 34, alignment: 64)
        let folder = try TemporaryFolder()
        let weights = try GGUFFile(path: folder.put("m.gguf", file.bytes))
        #expect(weights.info("a")?.shape == [3, 2])
        #expect(try weights.read("b") == [Float](repeating: 0, count: 32))
    }

    @Test("What is not GGUF of a known version")
    func notGGUF() throws {
        var empty = GGUFBuilder()
        empty.bytes = []
        try expectRefused(empty, .truncated, "it has 0")
        try expectRefused(GGUFBuilder(magic: "GGML"), .malformed, "letters GGUF")
        try expectRefused(GGUFBuilder(version: 1), .unsupported, "version 1", "versions 2 and 3")
        try expectRefused(GGUFBuilder(version: 4), .unsupported, "version 4")
        try expectRefused(GGUFBuilder(version: UInt32(3).byteSwapped), .unsupported, "big-endian")
    }

    @Test("Counts beyond the file")
    func counts() throws {
        try expectRefused(GGUFBuilder(tensors: .max), .truncated, "number of tensors")
        try expectRefused(GGUFBuilder(tensors: 1 << 40), .truncated, "number of tensors")
        try expectRefused(GGUFBuilder(keys: .max), .truncated, "number of metadata keys")
        try expectRefused(GGUFBuilder(keys: 1), .truncated, "number of metadata keys")
        var file = GGUFBuilder(tensors: 1)
        file.bytes += [UInt8](repeating: 0, count: 8)
        try expectRefused(file, .truncated, "number of tensors")
    }

    @Test("Strings and arrays beyond the file")
    func lengths() throws {
        var key = GGUFBuilder(keys: 1)
        key.number(UInt64.max)
        key.data(64)
        try expectRefused(key, .truncated, "length of the name of metadata key 1 of 1")

        for count in [UInt64.max, 1 << 61, 1000] {
            for type in [UInt32(0), 8, 9, 12] {
                var array = GGUFBuilder(keys: 1)
                array.string("list")
                array.number(UInt32(9))
                array.number(type)
                array.number(count)
                array.data(64)
                try expectRefused(array, .truncated, "number of elements of \"list\"")
            }
        }
        var string = GGUFBuilder(keys: 1)
        string.string("list")
        string.number(UInt32(9))
        string.number(UInt32(8))
        string.number(UInt64(2))
        string.string("fine")
        string.number(UInt64(1) << 40)
        string.data(16)
        try expectRefused(string, .truncated, "length of a string in \"list\"")
    }

    @Test("Arrays nested too deep")
    func nesting() throws {
        var file = GGUFBuilder(keys: 1)
        file.string("list")
        file.number(UInt32(9))
        for _ in 0..<100_000 {
            file.number(UInt32(9))
            file.number(UInt64(1))
        }
        try expectRefused(file, .malformed, "nested more than 4")
    }

    @Test("Metadata that make no sense")
    func metadata() throws {
        var type = GGUFBuilder(keys: 1)
        type.string("odd")
        type.number(UInt32(13))
        type.data(16)
        try expectRefused(type, .malformed, "unknown code 13")
        var twice = GGUFBuilder(keys: 2)
        twice.pair("a", 1)
        twice.pair("a", 2)
        try expectRefused(twice, .malformed, "\"a\" occurs twice")
        var words = GGUFBuilder(keys: 1)
        words.string([0x61, 0xFF])
        words.data(16)
        try expectRefused(words, .malformed, "not valid UTF-8")
        for alignment in [UInt32(0), 3, 48, 1 << 30] {
            var file = GGUFBuilder(keys: 1)
            file.pair("general.alignment", alignment)
            try expectRefused(file, .malformed, "power of two")
        }
        var split = GGUFBuilder(keys: 1)
        split.pair("split.count", 3)
        try expectRefused(split, .unsupported, "one of 3 parts", "--merge")
    }

    @Test("Tensors that cannot be")
    func tensors() throws {
        func one(_ sizes: [UInt64], type: UInt32 = 0, offset: UInt64 = 0, data: Int = 64) -> GGUFBuilder {
            var file = GGUFBuilder(tensors: 1)
            file.tensor("odd", sizes: sizes, type: type, offset: offset)
            file.data(data)
            return file
        }
        try expectRefused(one([1, 1, 1, 1, 1]), .malformed, "\"odd\"", "5 dimensions")
        try expectRefused(one([.max]), .malformed, "dimension of 18446744073709551615")
        try expectRefused(one([1 << 32, 1 << 32]), .malformed, "larger than any memory")
        try expectRefused(one([1 << 62]), .malformed, "larger than any memory")
        try expectRefused(one([33], type: 2), .malformed, "do not fill blocks of 32")
        try expectRefused(one([16, 2], type: 2), .malformed, "rows of 16")
        try expectRefused(one([128], type: 12), .malformed, "blocks of 256")
        try expectRefused(one([4], type: 99), .unsupported, "number 99")
        try expectRefused(one([32], type: 20), .unsupported, "IQ4_NL")
        try expectRefused(one([4], offset: 8), .malformed, "multiple of 32")
        try expectRefused(one([4], offset: 96), .truncated, "beyond the end")
        try expectRefused(one([4], offset: .max - 31), .malformed, "begin at byte")
        try expectRefused(one([4], offset: UInt64(Int.max) - 31), .truncated, "beyond the end")
        try expectRefused(one([17]), .truncated, "68 bytes reach beyond")
        try expectRefused(one([1 << 30]), .truncated, "beyond the end")
    }

    @Test("Tensors that share a name or bytes")
    func shared() throws {
        var twice = GGUFBuilder(tensors: 2)
        twice.tensor("a", sizes: [8])
        twice.tensor("a", sizes: [8], offset: 32)
        twice.data(64)
        try expectRefused(twice, .malformed, "names it twice")
        var overlap = GGUFBuilder(tensors: 2)
        overlap.tensor("a", sizes: [16])
        overlap.tensor("b", sizes: [8], offset: 32)
        overlap.data(64)
        try expectRefused(overlap, .malformed, "overlap")
    }

    @Test(
        "A file of 100 GiB that takes no room on the disk cannot make its header take all memory",
        arguments: [
            "tensors", "strings", "arrays", "key",
        ])
    func sparse(_ part: String) throws {
        var builder = GGUFBuilder(tensors: part == "tensors" ? 3_000_000_000 : 0, keys: part == "tensors" ? 0 : 1)
        if part == "key" { builder.number(UInt64(50 << 30)) }
        if part == "strings" || part == "arrays" {
            builder.string("tokens")
            builder.number(UInt32(9))
            builder.number(UInt32(part == "strings" ? 8 : 9))
            builder.number(UInt64(5_000_000_000))
        }
        let folder = try TemporaryFolder()
        let path = try folder.put("large.gguf", builder.bytes)
        #expect(truncate(path, 100 << 30) == 0)
        expectError(.truncated, saying: "more than the") { _ = try GGUFFile(path: path) }
    }
}
