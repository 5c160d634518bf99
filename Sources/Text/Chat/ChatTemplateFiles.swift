import Files

/// The chat templates that a model's files hold, wherever they keep them.
struct ChatTemplateFiles {
    /// The template that is used.
    var chosen: String?
    /// The names of all others.
    var others: [String] = []

    /// Nothing.
    init() {}

    /// The value of `chat_template`: one template, a list of named ones or a table of them.
    init(_ value: JSONValue?) {
        if let text = value?.asString {
            chosen = text
        } else if let list = value?.asArray {
            for entry in list {
                if let name = entry["name"]?.asString, let text = entry["template"]?.asString { add(name, text) }
            }
        } else if let table = value?.asObject {
            for (name, text) in table.members { if let text = text.asString { add(name, text) } }
        }
    }

    /// The files of a folder: `chat_template.jinja` and those in `additional_chat_templates`, or what `tokenizer_config.json` holds,
    /// or what a processor's `chat_template.json` holds.
    init(folder: String, configuration: JSONValue?) throws(FileError) {
        self.init()
        let additional = joinPath(folder, "additional_chat_templates")
        let file = joinPath(folder, "chat_template.jinja")
        if FileSystem.entry(at: file) != nil { add("default", try readText(file, for: .tokenizer)) }
        if FileSystem.isFolder(additional) {
            for name in try FileSystem.list(additional) where name.hasSuffix(".jinja") {
                add(String(name.dropLast(".jinja".count)), try readText(joinPath(additional, name), for: .tokenizer))
            }
        }
        if !isEmpty { return }
        self = ChatTemplateFiles(configuration?["chat_template"])
        if !isEmpty { return }
        self = ChatTemplateFiles(try JSONValue.read(ifPresent: joinPath(folder, "chat_template.json"), for: .tokenizer)?["chat_template"])
    }

    private var isEmpty: Bool { chosen == nil && others.isEmpty }

    private mutating func add(_ name: String, _ text: String) {
        if name == "default" { chosen = text } else { others.append(name) }
    }
}
