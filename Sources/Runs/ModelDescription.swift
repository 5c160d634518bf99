import Files
import Graph
import Inference
import Reporting
import Text

/// The facts about a model that `inspect` shows, for people and for programs.
package struct ModelDescription {
    private let opened: OpenedModel

    package init(_ opened: OpenedModel) { self.opened = opened }

    private var parameterCount: Int { opened.model.specifications.reduce(0) { $0 + $1.count } }

    /// Numbers by the type they are stored in, most first.
    private var storedTypes: [(type: String, count: Int)] {
        var counts: [String: Int] = [:]
        for name in opened.folder.weights.names {
            if let info = opened.folder.weights.info(name) { counts[info.type.name, default: 0] += info.count }
        }
        return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
    }

    private var storedBytes: Int {
        opened.folder.weights.names.reduce(0) { $0 + (opened.folder.weights.info($1)?.byteCount ?? 0) }
    }

    private var specialTokens: [(role: String, id: Int32, text: String)] {
        let description = opened.tokenizer.description
        let roles = [
            ("begin", description.beginID), ("end", description.endID), ("padding", description.paddingID),
            ("unknown", description.unknownID),
        ]
        return roles.compactMap { role, id in id.map { (role, $0, description.token($0) ?? "") } }
    }

    private var tokenizerKind: String {
        switch opened.tokenizer.description.preTokenizer {
        case .gpt2: "byte-level BPE, GPT-2 words"
        case .smolLM: "byte-level BPE, GPT-2 words and single digits"
        case .llama3: "byte-level BPE, Llama 3 words"
        case .qwen2: "byte-level BPE, Qwen 2 words"
        case .metaspace, .whole, .wholeBeforeSpaces: "BPE with bytes for unknown characters (SentencePiece)"
        }
    }

    /// The template's name, or why it cannot be used.
    private var template: (name: String, isUsable: Bool) {
        do {
            let template = try ChatTemplate(for: opened.tokenizer.description)
            if template.family == .plain { return ("none (Question: / Answer: lines are used)", true) }
            let end = template.endMark.map { "answers end with \(FileError.quoted($0))" } ?? "answers end without a mark"
            let date = template.writtenDate == nil ? "" : ", the date is written"
            return ("the model's own (\(end)\(date))", true)
        } catch {
            return ("\(error)", false)
        }
    }

    private var stopTokens: String {
        let description = opened.tokenizer.description
        return opened.stopIDs.map { "\($0) \(description.token($0) ?? "")" }.joined(separator: ", ")
    }

    package var lines: [(String, String)] {
        let sizes = opened.model.dimensions
        let parameters = parameterCount
        let types = storedTypes.map { "\($0.type) (\(NumberText.grouped($0.count)))" }.joined(separator: ", ")
        let tied = opened.model.storedNames.tied == nil ? "own head" : "head tied to the embedding"
        return [
            ("Model", opened.folder.path),
            ("Architecture", "\(opened.model.architecture), \(sizes.layers) layers of width \(sizes.width), \(tied)"),
            ("Attention", "\(sizes.heads) heads of \(sizes.headSize), \(sizes.keyValueHeads) for keys and values"),
            ("Context", "\(sizes.context) tokens (\(sizes.contextReason))"),
            ("Parameters", NumberText.grouped(parameters)),
            ("Stored as", "\(types); \(NumberText.bytes(storedBytes))"),
            ("In memory", "\(NumberText.bytes(DType.real.byteCount * parameters)) as 32-bit numbers"),
            ("Trainable", "all \(opened.model.specifications.count) tensors, unless --trainable or --lora says otherwise"),
            ("Vocabulary", "\(sizes.vocabulary) (the tokenizer has \(opened.tokenizer.count))"),
            ("Tokenizer", tokenizerKind),
            ("Special tokens", specialTokens.map { "\($0.role) \($0.id) \($0.text)" }.joined(separator: ", ")),
            ("Answers end at", stopTokens),
            ("Chat template", template.name),
        ]
    }

    package var json: JSONValue {
        let sizes = opened.model.dimensions
        let template = template
        let name: JSONValue = template.isUsable ? .string(template.name) : .null
        return [
            "model": .string(opened.folder.path), "architecture": .string(opened.model.architecture),
            "layers": .integer(sizes.layers), "width": .integer(sizes.width), "heads": .integer(sizes.heads),
            "key_value_heads": .integer(sizes.keyValueHeads), "head_size": .integer(sizes.headSize),
            "context": .integer(sizes.context), "vocabulary": .integer(sizes.vocabulary),
            "parameters": .integer(parameterCount), "tensors": .integer(opened.model.specifications.count),
            "stored_bytes": .integer(storedBytes),
            "stored_types": .object(JSONObject(storedTypes.map { (key: $0.type, value: .integer($0.count)) })),
            "trainable": "all",
            "tokenizer": [
                "kind": .string(tokenizerKind), "tokens": .integer(opened.tokenizer.count),
                "special": .object(
                    JSONObject(
                        specialTokens.map { special in
                            (key: special.role, value: ["id": .integer(Int(special.id)), "text": .string(special.text)])
                        })),
                "stop_ids": .array(opened.stopIDs.map { .integer(Int($0)) }),
            ],
            "chat_template": name,
            "configuration": opened.configuration,
        ]
    }
}
