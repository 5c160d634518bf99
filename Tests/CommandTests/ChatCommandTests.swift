import Files
import Testing

@Suite("Commands with a model that has a chat template")
struct ChatCommandTests {
    private static let mark = "<|turn|>"

    /// A model whose template ends answers with a token that no file names as an end.
    private func model(template: String, files: [(name: String, content: String)] = []) throws -> String {
        let path = try TinyModel.make(vocabulary: 258, extraTokens: [Self.mark])
        let file = joinPath(path, "tokenizer_config.json")
        var configuration = try #require(try JSONValue(parsing: Scratch.bytes(file)).asObject)
        configuration["chat_template"] = .string(template)
        try Scratch.write(Array(JSONValue.object(configuration).serialized().utf8), to: file)
        for (name, content) in files {
            try FileSystem.createFolder(parentFolder(of: joinPath(path, name)))
            try Scratch.write(Array(content.utf8), to: joinPath(path, name))
        }
        return path
    }

    private let turns =
        "{% for m in messages %}{{ m.role + ':' + m.content + '<|turn|>' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}"

    private func json(_ text: some StringProtocol) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

    @Test("inspect names the template's own mark among the ends, and training says that no file names it")
    func ends() throws {
        let model = try model(template: turns)
        let object = try json(Command.run("inspect", model, "--json").output)
        #expect(try #require(object["tokenizer"]?["stop_ids"]?.asArray).compactMap(\.asInt) == [256, 257])
        let data = try Scratch.shared.file("rows.jsonl", TinyModel.rows(["Ada"]))
        let out = Scratch.shared.path(unique: "trained")
        let result = try Command.run("train", "--model", model, "--data", data, "--steps", "2", "--out", out, "--device", "cpu")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.errors.contains("\"\(Self.mark)\" (257)") && result.errors.contains("generation_config.json"))
    }

    @Test("An export keeps generation_config.json and further templates byte by byte")
    func export() throws {
        let files = [
            ("generation_config.json", #"{"eos_token_id": [256, 3], "temperature": 0.6}"#),
            ("additional_chat_templates/rag.jinja", "{{ 'rag' }}"), ("chat_template.jinja", turns),
        ]
        let model = try model(template: "{{ 'files beside it win' }}", files: files.map { (name: $0.0, content: $0.1) })
        let out = Scratch.shared.path(unique: "exported")
        let result = try Command.run("export", "--model", model, "--out", out)
        #expect(result.status == 0, "\(result.errors)")
        for (name, content) in files { #expect(Scratch.text(joinPath(out, name)) == content) }
        let stops = try [model, out].map { try json(Command.run("inspect", $0, "--json").output)["tokenizer"]?["stop_ids"] }
        #expect(stops[0] == [256, 3, 257] && stops[1] == stops[0])
    }

    @Test("A template that cannot be rendered, or refuses a row, names the way out; a declared layout takes its place")
    func refused() throws {
        let data = try Scratch.shared.file("rows.jsonl", TinyModel.rows(["Ada"]))
        let unsupported = try model(template: "{{ messages | groupby('role') }}")
        let raising = try model(template: "{{ raise_exception('not today') }}")
        for (model, words) in [(unsupported, ["groupby", "line 1"]), (raising, ["not today", "rows.jsonl, line 1"])] {
            let result = try Command.run("score", "--model", model, "--data", data, "--device", "cpu")
            #expect(result.status == 2 && (words + ["--template"]).allSatisfy { result.errors.contains($0) }, "\(result.errors)")
            let plain = try Command.run("score", "--model", model, "--data", data, "--device", "cpu", "--template", "plain")
            #expect(plain.status == 0, "\(plain.errors)")
        }
    }

    @Test("--template-date sets the day that a template writes, and must be a day")
    func date() throws {
        let model = try model(template: "{{ strftime_now('%Y') }}" + turns)
        let data = try Scratch.shared.file("rows.jsonl", TinyModel.rows(["Ada"]))
        func score(_ date: String) throws -> Command.Result {
            try Command.run("score", "--model", model, "--data", data, "--device", "cpu", "--template-date", date)
        }
        let first = try score("1999-01-31"), second = try score("2000-01-31")
        #expect(first.status == 0 && second.status == 0, "\(first.errors)")
        #expect(first.output != second.output)
        #expect(try score("1999-12-31").output == first.output)
        #expect(try score("1999-02-30").status == 2)
    }
}
