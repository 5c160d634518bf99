import Files
import Testing

@Suite("A model is found where the user points")
struct ModelFolderTests {
    private let config = #"{"model_type": "llama"}"#

    @Test("A Hugging Face folder gives configuration, weights and tokenizer files")
    func folder() throws {
        let model = try ModelFolder(path: fixture("sharded"))
        #expect(model.configuration?["model_type"] == "llama")
        #expect(model.gguf == nil)
        #expect(model.weights.names == ["a.weight", "b.bias", "c.weight"])
        #expect(model.tokenizerFiles == ["tokenizer.json", "merges.txt"])
        #expect(FileSystem.isFile(model.file("tokenizer.json")))
    }

    @Test("A GGUF file is a model, by its contents whatever its name")
    func gguf() throws {
        let folder = try TemporaryFolder()
        try FileSystem.copyFile(fixture("types.gguf"), to: folder("model.bin"))
        for path in [fixture("types.gguf"), folder("model.bin")] {
            let model = try ModelFolder(path: path)
            #expect(model.configuration == nil)
            #expect(model.gguf?.int("llama.block_count") == 2)
            #expect(model.weights.names.count == 13)
            #expect(model.tokenizerFiles == [])
        }
        try FileSystem.copyFile(fixture("types.gguf"), to: folder("a.gguf"))
        #expect(try ModelFolder(path: folder.path).gguf != nil)
        try FileSystem.copyFile(fixture("types.gguf"), to: folder("b.gguf"))
        expectError(.missing, saying: "2 GGUF files", "Name the one") { _ = try ModelFolder(path: folder.path) }
    }

    @Test("One safetensors file of any name will do; model.safetensors comes first")
    func single() throws {
        let folder = try TemporaryFolder()
        try folder.put("config.json", config)
        try FileSystem.copyFile(fixture("types.safetensors"), to: folder("other.safetensors"))
        #expect(try ModelFolder(path: folder.path).weights.names.count == 8)
        try FileSystem.copyFile(fixture("sharded/model-00001-of-00002.safetensors"), to: folder("more.safetensors"))
        expectError(.missing, saying: "2 safetensors files", "index") { _ = try ModelFolder(path: folder.path) }
        try FileSystem.copyFile(fixture("types.safetensors"), to: folder("model.safetensors"))
        #expect(try ModelFolder(path: folder.path).weights.path == folder("model.safetensors"))
    }

    @Test("What is missing is named, with what to do")
    func missing() throws {
        let folder = try TemporaryFolder()
        expectError(.missing, saying: "no such model") { _ = try ModelFolder(path: folder("absent")) }
        expectError(.missing, saying: "config.json") { _ = try ModelFolder(path: folder.path) }
        try folder.put("config.json", config)
        expectError(.missing, saying: "model.safetensors", "no weights") { _ = try ModelFolder(path: folder.path) }
        try folder.put("pytorch_model.bin", "pickle")
        expectError(.unsupported, saying: "pytorch_model.bin", "safetensors", "save_pretrained") {
            _ = try ModelFolder(path: folder.path)
        }
        expectError(.unsupported, saying: "neither") { _ = try ModelFolder(path: folder("config.json")) }
        expectError(.unreadable, saying: "neither") { _ = try ModelFolder(path: "/dev/null") }
    }

    @Test("A bad config.json or a file only called GGUF is refused")
    func malformed() throws {
        let folder = try TemporaryFolder()
        try FileSystem.copyFile(fixture("types.safetensors"), to: folder("model.safetensors"))
        try folder.put("config.json", "[1]")
        expectError(.malformed, saying: "config.json", "an array") { _ = try ModelFolder(path: folder.path) }
        try folder.put("config.json", "{")
        expectError(.malformed, saying: "config.json", "not valid JSON") { _ = try ModelFolder(path: folder.path) }
        expectError(.malformed, saying: "letters GGUF") {
            _ = try ModelFolder(path: folder.put("x.gguf", "not a model"))
        }
    }
}
