import Files
import Testing

@Suite("Commands that look at a model")
struct ModelCommandTests {
    private let model = TinyModel.folder

    private func json(_ text: some StringProtocol) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    private func lines(_ text: String) throws -> [JSONValue] { try text.split(separator: "\n").map { try json($0) } }

    @Test("inspect names the architecture, the parameters and the tokenizer")
    func inspect() throws {
        let object = try json(Command.run("inspect", model, "--json").output)
        let layer = 2 * 16 * 16 + 2 * 8 * 16 + 3 * 16 * 24 + 2 * 16
        #expect(object["architecture"]?.asString == "llama")
        #expect(object["parameters"]?.asInt == 257 * 16 + 2 * layer + 16)
        #expect(object["stored_types"]?["F32"]?.asInt == object["parameters"]?.asInt)
        #expect(object["tokenizer"]?["tokens"]?.asInt == 257)
    }

    @Test("inspect takes the model with or without -m, and only once")
    func inspectOption() throws {
        let outputs = try [[model], ["-m", model], ["--model", model]].map { try Command.run(["inspect"] + $0).output }
        #expect(!outputs[0].isEmpty)
        #expect(outputs[1] == outputs[0] && outputs[2] == outputs[0])
        for wrong in [[], [model, "-m", model]] {
            let result = try Command.run(["inspect"] + wrong)
            #expect(result.status == 2 && result.errors.contains("model"), "\(result.errors)")
        }
    }

    @Test("inspect --logits dumps ids and logits")
    func logits() throws {
        let dump = Scratch.shared.path(unique: "logits.safetensors")
        let result = try Command.run("inspect", model, "--logits", "abc", "--dump", dump)
        #expect(result.status == 0, "\(result.errors)")
        let file = try SafetensorsFile(path: dump)
        #expect(file.info("ids")?.type == .i32)
        #expect(file.info("ids")?.shape == [3])
        #expect(file.info("logits")?.shape == [3, 257])
    }

    @Test("tokenize prints an array a line; an empty text has none")
    func tokenize() throws {
        #expect(try Command.run("tokenize", "--model", model, "--text", "aé").output == "[97,195,169]\n")
        #expect(try Command.run("tokenize", "--model", model, "--text=").output == "[]\n")
        let file = try Scratch.shared.file("texts", "a\n\nb<|end|>\n")
        #expect(try Command.run("tokenize", "--model", model, "--file", file).output == "[97]\n[]\n[98,256]\n")
    }

    @Test("score gives the loss of every row, the same alone and in a batch")
    func score() throws {
        let data = try Scratch.shared.file("data.jsonl", "\n" + TinyModel.rows(["Ann", "Bartholomew", "Cid"]))
        let rows = try ["1", "8"].map {
            try lines(
                Command.run("score", "--model", model, "--data", data, "--device", "cpu", "--batch-size", $0).output)
        }
        #expect(rows[0].map { $0["line"]?.asInt } == [2, 3, 4])
        // Single bytes, and the end token.
        let answers = [" In Annville.", " In Bartholomewville.", " In Cidville."]
        #expect(rows[0].map { $0["tokens"]?.asInt } == answers.map { $0.utf8.count + 1 })
        for (alone, together) in zip(rows[0], rows[1]) {
            let a = try #require(alone["loss"]?.asDouble)
            let b = try #require(together["loss"]?.asDouble)
            #expect(abs(a - b) < 1e-5)
            // Fresh weights know nothing: close to a uniform guess, ln 257.
            #expect(abs(a - 5.55) < 0.3)
        }
    }

    @Test("generate answers every question, and the same way twice")
    func generate() throws {
        let data = try Scratch.shared.file("data.jsonl", TinyModel.rows(["Ann", "Bob", "Cid"]))
        let arguments = [
            "generate", "--model", model, "--data", data, "--max-tokens", "5", "--temperature", "1", "--json", "--batch-size", "2",
        ]
        let first = try Command.run(arguments)
        let second = try Command.run(arguments)
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.output == second.output)
        let rows = try lines(first.output)
        #expect(rows.map { $0["index"]?.asInt } == [0, 1, 2])
        #expect(rows.allSatisfy { ($0["tokens"]?.asInt ?? 99) <= 5 })
        #expect(rows.dropFirst().first?["expected"]?.asString == "In Bobville.")
    }

    @Test("diagnose reports losses, norms, cosines and the cost, and dumps the vectors")
    func diagnose() throws {
        let forget = try Scratch.shared.file("forget.jsonl", TinyModel.rows(["Ann", "Bob"]))
        let retain = try Scratch.shared.file("retain.jsonl", TinyModel.rows(["Cid", "Dee"]))
        let dump = Scratch.shared.path(unique: "dump.safetensors")
        let result = try Command.run(
            "diagnose", "--model", model, "--forget", forget, "--retain", retain, "--dump", dump, "--json", "--beta", "0.5",
            "--device", "cpu")
        #expect(result.status == 0, "\(result.errors)")
        let object = try json(result.output)
        #expect(object["beta"]?.asDouble == 0.5)
        let layers = object["layers"]?.asArray?.map { $0["name"]?.asString }
        #expect(layers == ["model.embed_tokens", "layer 0", "layer 1", "model.norm"])
        #expect((object["cosine"]?.asDouble).map { (-1...1).contains($0) } == true)
        #expect((object["round"]?["bytes"]?.asInt ?? 0) > 0)
        let file = try SafetensorsFile(path: dump)
        #expect(file.names.count == 4 + 4 * 20)
        #expect(file.info("forget.labels")?.type == .i32)
        #expect(file.info("hessian_phi_v/model.norm.weight")?.shape == [16])
    }

    @Test("export keeps the model: the same scores from the written folder")
    func export() throws {
        let data = try Scratch.shared.file("data.jsonl", TinyModel.rows(["Ann"]))
        let out = Scratch.shared.path(unique: "exported")
        let result = try Command.run("export", "--model", model, "--out", out)
        #expect(result.status == 0, "\(result.errors)")
        let scores = try [model, out].map {
            try Command.run("score", "--model", $0, "--data", data, "--device", "cpu").output
        }
        #expect(scores[0] == scores[1])
        #expect(!scores[0].isEmpty)
    }
}
