import Files
import Testing

@Suite("GGUF files are read as the reference library wrote them")
struct GGUFTests {
    private static let types: [(StoredType, [Int])] = [
        (.f32, [3, 4]), (.f16, [2, 6]), (.bf16, [2, 4]),
        (.q8_0, [3, 64]), (.q4_0, [3, 64]), (.q4_1, [3, 64]), (.q5_0, [3, 64]), (.q5_1, [3, 64]),
        (.q2_K, [2, 512]), (.q3_K, [2, 512]), (.q4_K, [2, 512]), (.q5_K, [2, 512]), (.q6_K, [2, 512]),
    ]

    @Test("Every type is dequantised to the bit", arguments: types)
    func values(type: StoredType, shape: [Int]) throws {
        let file = try GGUFFile(path: fixture("types.gguf"))
        let info = try #require(file.info(type.name))
        #expect(info.type == type)
        #expect(info.shape == shape, "row-major, as PyTorch has it")
        #expect(sameBits(try file.read(type.name), try floats(fixture("gguf.\(type.name).f32"))))
    }

    @Test("The file has these tensors and no other")
    func names() throws {
        let file = try GGUFFile(path: fixture("types.gguf"))
        #expect(Set(file.names) == Set(Self.types.map(\.0.name)))
        #expect(file.version == 3)
        expectError(.notFound, saying: "lm_head") { _ = try file.read("lm_head") }
        expectError(.wrongSize, saying: "Q4_K", "5 are wanted") {
            try withUnsafeTemporaryAllocation(of: Float.self, capacity: 5) { try file.read("Q4_K", into: $0) }
        }
    }

    @Test("Metadata of every type are read")
    func metadata() throws {
        let data = try GGUFFile(path: fixture("types.gguf")).metadata
        #expect(data.string("general.architecture") == "llama")
        #expect(data.string("general.name") == "fixture é")
        #expect(data.int("llama.block_count") == 2)
        let integers = [
            "u8": 200, "i8": -100, "u16": 60000, "i16": -30000, "u32": 4_000_000_000, "i32": -2_000_000_000,
            "i64": -(1 << 62),
        ]
        for (name, value) in integers { #expect(data.int("test.\(name)") == value) }
        guard case .large((1 << 63) + 5)? = data["test.u64"] else {
            Issue.record("the largest unsigned numbers keep their value")
            return
        }
        #expect(data.double("test.f32") == Double(Float(0.1)))
        #expect(data.double("test.f64") == 0.1)
        #expect(data.double("test.u8") == 200)
        #expect(data.bool("test.yes") == true && data.bool("test.no") == false)
        #expect(data.strings("test.strings") == ["a", "", "Ġhello", "日本", "🙂"])
        #expect(data.ints("test.ints") == [1, -2, 3])
        #expect(data.doubles("test.floats") == [0.5, -1.5])
        #expect(data.doubles("test.ints") == [1, -2, 3])
        #expect(data.array("test.nested")?.arrays?.map(\.ints) == [[1, 2], [3]])
        #expect(data.keys.contains("test.nested"))
    }

    @Test("Asking for a key as what it is not gives nil")
    func mismatches() throws {
        let data = try GGUFFile(path: fixture("types.gguf")).metadata
        #expect(data["absent"] == nil && data.int("absent") == nil && data.strings("absent") == nil)
        #expect(data.int("general.name") == nil && data.string("test.u8") == nil && data.bool("test.u8") == nil)
        #expect(data.int("test.u64") == nil && data.int("test.f32") == nil)
        #expect(data.strings("test.ints") == nil && data.ints("test.strings") == nil && data.ints("test.floats") == nil)
        #expect(data.doubles("test.strings") == nil && data.array("general.name") == nil)
    }

    @Test("Version 2 is read")
    func version2() throws {
        let file = try GGUFFile(path: fixture("version2.gguf"))
        #expect(file.version == 2)
        #expect(try file.read("odd.weight").count == 32)
    }

    @Test("A type that is not read is named with its tensor")
    func unsupported() {
        expectError(.unsupported, saying: "odd.weight", "IQ4_NL", "Q8_0") {
            _ = try GGUFFile(path: fixture("iq4.gguf"))
        }
    }
}
