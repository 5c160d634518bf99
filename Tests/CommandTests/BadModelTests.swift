import Files
import Testing

@Suite("A bad model is refused with status 2, a message that says why, and nothing written")
struct BadModelTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var words: [String]
        var make: @Sendable () throws -> String

        init(_ description: String, _ words: [String], _ make: @escaping @Sendable () throws -> String) {
            testDescription = description
            self.words = words
            self.make = make
        }
    }

    static let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n"

    static let cases: [Case] = [
        Case("no such folder", ["no such model"]) { "/nowhere/model" },
        Case("a folder without config.json", ["config.json"]) {
            let path = Scratch.shared.path(unique: "empty")
            try FileSystem.createFolder(path)
            return path
        },
        Case("a text file", ["neither a GGUF file nor a model folder"]) { try Scratch.shared.file("note.txt", "hello") },
        Case("truncated safetensors", ["model.safetensors", "bytes"]) {
            try TinyModel.damaged("model.safetensors") { $0.removeLast($0.count / 2) }
        },
        Case("safetensors whose header is longer than the file", ["model.safetensors", "header"]) {
            try TinyModel.damaged("model.safetensors") { $0[6] = 0x7F }
        },
        Case("safetensors with integers for weights", ["integers", "I32"]) {
            try TinyModel.damaged("model.safetensors") { replace(#""dtype":"F32""#, by: #""dtype":"I32""#, in: &$0) }
        },
        Case("NaN among the weights", ["nan", "tensor"]) {
            try TinyModel.damaged("model.safetensors") { $0.replaceSubrange(($0.count - 4)..., with: [0, 0, 0xC0, 0x7F]) }
        },
        Case("a configuration of another width", ["shape", "configuration"]) {
            try TinyModel.damaged("config.json") { replace(#""hidden_size": 16"#, by: #""hidden_size": 32"#, in: &$0) }
        },
        Case("a configuration with more layers", ["missing", "layers.2"]) {
            try TinyModel.damaged("config.json") { replace(#""num_hidden_layers": 2"#, by: #""num_hidden_layers": 3"#, in: &$0) }
        },
        Case("an unknown architecture", ["architecture", "llama"]) {
            try TinyModel.damaged("config.json") { replace(#""model_type": "llama""#, by: #""model_type": "llamx""#, in: &$0) }
        },
        Case("a configuration that is not JSON", ["config.json", "line"]) {
            try TinyModel.damaged("config.json") { $0.removeLast(4) }
        },
        Case("GGUF cut off after its header", ["small.gguf"]) {
            try Scratch.shared.file("small.gguf", Array("GGUF".utf8) + [3, 0, 0, 0] + [1, 0, 0, 0, 0, 0, 0, 0])
        },
        Case("GGUF that claims more tensors than it can hold", ["lying.gguf"]) {
            try Scratch.shared.file(
                "lying.gguf",
                Array("GGUF".utf8) + [3, 0, 0, 0] + [UInt8](repeating: 0xFF, count: 8) + [UInt8](repeating: 0, count: 64))
        },
        Case("weights that are a Git LFS pointer", ["model.safetensors", "Git LFS pointer", "git lfs pull"]) {
            try TinyModel.damaged("model.safetensors") { $0 = Array(pointer.utf8) }
        },
        Case("a tokenizer that is a Git LFS pointer", ["tokenizer.json", "Git LFS pointer", "git lfs pull"]) {
            try TinyModel.damaged("tokenizer.json") { $0 = Array(pointer.utf8) }
        },
        Case("an adapter beside the weights", ["adapter_config.json", "LoRA adapter", "Merge"]) {
            let path = try TinyModel.damaged("config.json") { _ in }
            try Scratch.write(Array(#"{"peft_type": "LORA"}"#.utf8), to: joinPath(path, "adapter_config.json"))
            return path
        },
        Case("a tokenizer of another model", ["vocabulary", "tokenizer"]) { try TinyModel.make(vocabulary: 200) },
    ]

    @Test("export", arguments: cases)
    func export(_ bad: Case) throws {
        let out = Scratch.shared.path(unique: "out")
        try expectRefusal(["export", "--model", bad.make(), "--out", out], bad.words, absent: out)
    }

    /// It reads no numbers, but names and shapes as all others do.
    static let visible = cases.filter { $0.testDescription != "NaN among the weights" && !$0.testDescription.contains("integers") }

    @Test("inspect, too, where numbers need not be read", arguments: visible)
    func inspect(_ bad: Case) throws {
        try expectRefusal(["inspect", bad.make()], bad.words, absent: Scratch.shared.path(unique: "none"))
    }

    @Test("numbers that the wanted type cannot hold are refused before the work", arguments: ["export", "train", "run"])
    func overflow(_ command: String) throws {
        let model = try TinyModel.damaged("model.safetensors") { $0.replaceSubrange(($0.count - 4)..., with: [0, 0x50, 0xC3, 0x47]) }
        let data = try Scratch.shared.file("data.jsonl", TinyModel.rows(["Ann"]))
        let retain = try Scratch.shared.file("retain.jsonl", TinyModel.rows(["Bob"]))
        let out = Scratch.shared.path(unique: "out")
        let arguments =
            switch command {
            case "export": ["export", "--model", model]
            case "train": ["train", "--model", model, "--data", data, "--device", "cpu"]
            default: ["run", "--model", model, "--forget", data, "--retain", retain, "--device", "cpu"]
            }
        try expectRefusal(arguments + ["--out", out, "--dtype", "f16"], ["100000.0, which F16 cannot hold", "tensor"], absent: out)
        if command == "train" {
            let result = try Command.run(arguments + ["--out", out, "--dtype", "bf16", "--steps", "1"])
            #expect(result.status == 0, "\(result.errors)")
        }
    }
}
