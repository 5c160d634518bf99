import Files
import Testing

@Suite("Safetensors files are read as the reference library wrote them")
struct SafetensorsTests {
    @Test(
        "Names, types and shapes",
        arguments: [
            ("single", StoredType.f32, [3, 5]), ("half", .f16, [10]), ("brain", .bf16, [2, 3, 4]),
            ("double", .f64, [7]), ("long", .i64, [4]), ("int", .i32, [2, 3]), ("scalar", .f32, []),
            ("empty", .f32, [0, 4]),
        ])
    func infos(name: String, type: StoredType, shape: [Int]) throws {
        let file = try SafetensorsFile(path: fixture("types.safetensors"))
        let info = try #require(file.info(name))
        #expect(info.name == name)
        #expect(info.type == type)
        #expect(info.shape == shape)
        #expect(info.count == shape.reduce(1, *))
        #expect(file.names.count == 8 && file.names.contains(name))
        #expect(file.metadata == ["format": "pt"])
    }

    @Test("Every float type is read to the bit", arguments: ["single", "half", "brain", "double"])
    func values(name: String) throws {
        let file = try SafetensorsFile(path: fixture("types.safetensors"))
        #expect(sameBits(try file.read(name), try floats(fixture("types.\(name).f32"))))
    }

    @Test("A single number and an empty tensor are read")
    func small() throws {
        let file = try SafetensorsFile(path: fixture("types.safetensors"))
        #expect(try file.read("scalar") == [2.5])
        #expect(try file.read("empty") == [])
    }

    @Test("Integers, absent names and wrong sizes are refused by name")
    func refused() throws {
        let file = try SafetensorsFile(path: fixture("types.safetensors"))
        expectError(.unsupported, saying: "long", "I64") { _ = try file.read("long") }
        expectError(.notFound, saying: "lm_head", "8 in it") { _ = try file.read("lm_head") }
        expectError(.wrongSize, saying: "single", "[3, 5]", "4 are wanted") {
            try withUnsafeTemporaryAllocation(of: Float.self, capacity: 4) { try file.read("single", into: $0) }
        }
    }

    @Test("Shards are joined through the index")
    func sharded() throws {
        let weights = try ShardedSafetensors(index: fixture("sharded/model.safetensors.index.json"))
        #expect(weights.names == ["a.weight", "b.bias", "c.weight"])
        #expect(weights.shards.count == 2)
        #expect(weights.info("c.weight")?.shape == [2, 2])
        #expect(sameBits(try weights.read("a.weight"), try floats(fixture("sharded.a.f32"))))
        #expect(sameBits(try weights.read("c.weight"), try floats(fixture("sharded.c.f32"))))
        #expect(weights.info("d") == nil)
        expectError(.notFound) { _ = try weights.read("d") }
    }

    @Test("A missing shard is named, with its number")
    func missingShard() throws {
        let folder = try TemporaryFolder()
        let first = "model-00001-of-00002.safetensors"
        try FileSystem.copyFile(fixture("sharded/\(first)"), to: folder(first))
        let index = folder("model.safetensors.index.json")
        try FileSystem.copyFile(fixture("sharded/model.safetensors.index.json"), to: index)
        expectError(.missing, saying: "model-00002-of-00002.safetensors", "shard 2 of 2") {
            _ = try ShardedSafetensors(index: index)
        }
        let second = "model-00002-of-00002.safetensors"
        try FileSystem.copyFile(fixture("sharded/\(first)"), to: folder(second))
        expectError(.notFound, saying: "c.weight", second) { _ = try ShardedSafetensors(index: index) }
    }

    @Test(
        "A bad index is refused",
        arguments: [
            ("{}", "weight_map"), (#"{"weight_map": {}}"#, "empty"), (#"{"weight_map": {"a": 3}}"#, "shard must be"),
            (#"{"weight_map": {"a": "../x.safetensors"}}"#, "shard must be"),
            (#"{"weight_map": {"a": "x", "a": "x"}}"#, "twice"), ("{", "not valid JSON"),
        ])
    func badIndex(text: String, words: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.put("model.safetensors.index.json", text)
        expectError(.malformed, saying: words) { _ = try ShardedSafetensors(index: path) }
    }

    @Test("The place of the first number that is not finite is found")
    func nonFinite() throws {
        var values = [Float](repeating: 3e38, count: 10_000)
        #expect(firstNonFinite(in: values) == nil)
        #expect(firstNonFinite(in: []) == nil)
        values[9_999] = -.infinity
        #expect(firstNonFinite(in: values) == 9_999)
        values[5_000] = .nan
        #expect(firstNonFinite(in: values) == 5_000)
        values[0] = -.nan
        #expect(firstNonFinite(in: values) == 0)

        let file = try SafetensorsFile(path: fixture("types.safetensors"))
        expectError(.notFinite, saying: "half", "number 7 of 10 is inf") {
            try withUnsafeTemporaryAllocation(of: Float.self, capacity: 10) { try file.readFinite("half", into: $0) }
        }
        try withUnsafeTemporaryAllocation(of: Float.self, capacity: 15) { try file.readFinite("single", into: $0) }
    }
}
