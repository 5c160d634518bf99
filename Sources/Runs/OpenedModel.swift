import Backends
import Files
import Inference
import Models
import Text

/// A model's files and tokenizer, before its weights are read.
package struct OpenedModel {
    package let folder: ModelFolder
    package let model: any LanguageModel
    /// The contents of `config.json`, rebuilt if the model is a GGUF file.
    package let configuration: JSONValue
    package let tokenizer: Tokenizer

    package init(path: String) throws {
        let folder = try ModelFolder(path: path)
        let (described, configuration) = try ModelLoader.describe(folder)
        let model = try described.language
        let tokenizer = try Tokenizer(TokenizerDescription(of: folder, model))
        try Self.check(tokenizer, model, path)
        self.folder = folder
        self.model = model
        self.configuration = configuration
        self.tokenizer = tokenizer
    }

    var parameterCount: Int { model.specifications.reduce(0) { $0 + $1.count } }

    /// Reads the weights and brings them to a device.
    package func session(
        on backend: any Backend, trainable: TrainableParameters = .all, seed: UInt64 = 0
    ) throws -> LanguageModelSession {
        try LanguageModelSession(ModelLoader.load(folder, trainable: trainable, seed: seed), on: backend)
    }

    /// Every id that ends an answer, whatever template is in use: those of the files and the mark of the model's own template.
    package var stopIDs: [Int32] {
        // A template that cannot be rendered has no mark.
        tokenizer.description.stopIDs(with: try? ChatTemplate(for: tokenizer.description))
    }

    /// What a reader should know about the template in use before work with it begins.
    package func notes(_ encoder: Encoder) -> [String] {
        let date = encoder.template.writtenDate.map {
            "The model's chat template writes the date \($0); --template-date \($0) fixes it for other days."
        }
        return [date, endNote(encoder)].compactMap { $0 }
    }

    /// A remark if answers end without a mark, or with a token that none of the model's files names as an end: an export keeps those
    /// files, and programs that go by them run on.
    private func endNote(_ encoder: Encoder) -> String? {
        guard encoder.template.endMark != nil else {
            return "The template ends answers without a mark, so nothing teaches the model to stop after an answer."
        }
        let unnamed = encoder.stopIDs.filter { !tokenizer.description.stopIDs.contains($0) }
        guard !folder.tokenizerFiles.isEmpty, !unnamed.isEmpty else { return nil }
        let texts = unnamed.map { "\(FileError.quoted(tokenizer.description.token($0) ?? "")) (\($0))" }.joined(separator: ", ")
        return "Answers end with \(texts), which no file of the model names as an end. This program stops there; for others, add it to "
            + "eos_token_id in generation_config.json"
    }

    /// Tokenizer files for an export, if the model's folder has none of its own.
    package var rebuiltTokenizerFiles: [ModelExporter.ExtraFile] {
        guard folder.tokenizerFiles.isEmpty else { return [] }
        return tokenizer.description.folderFiles().map {
            ModelExporter.ExtraFile(name: $0.name, bytes: Array($0.content.utf8))
        }
    }

    /// A tokenizer that can make ids the model has no embedding for belongs to another model. Added tokens are let through: many
    /// folders name some that are never written, and one that is written is refused with its line.
    private static func check(_ tokenizer: Tokenizer, _ model: any LanguageModel, _ path: String) throws(RunError) {
        let vocabulary = model.dimensions.vocabulary
        let added = Set(tokenizer.description.addedTokens.map(\.id))
        let tokens = tokenizer.description.tokens
        guard tokens.count > vocabulary else { return }
        guard let id = (vocabulary..<tokens.count).first(where: { !tokens[$0].isEmpty && !added.contains(Int32($0)) })
        else { return }
        throw .badInput(
            "\(path): the tokenizer has the id \(id), but the model's vocabulary ends at \(vocabulary - 1). "
                + "The tokenizer and the weights belong to different models.")
    }
}

extension TokenizerDescription {
    /// Reads the tokenizer of a model, from its folder or from a GGUF file's metadata.
    package init(of folder: ModelFolder, _ model: any LanguageModel) throws {
        guard let metadata = folder.gguf else {
            try self.init(folder: folder.path)
            return
        }
        let key = { (name: String) in "tokenizer.ggml.\(name)" }
        guard let kind = metadata.string(key("model")), let tokens = metadata.strings(key("tokens")) else {
            throw RunError.badInput("\(folder.path): the file has no tokenizer. Use a complete GGUF file.")
        }
        try self.init(
            ggufModel: kind, pre: metadata.string(key("pre")), tokens: tokens,
            tokenTypes: metadata.ints(key("token_type")) ?? [],
            scores: (metadata.doubles(key("scores")) ?? []).map(Float.init), merges: metadata.strings(key("merges")) ?? [],
            bos: metadata.int(key("bos_token_id")), eos: metadata.int(key("eos_token_id")),
            padding: metadata.int(key("padding_token_id")), unknown: metadata.int(key("unknown_token_id")),
            addBOS: metadata.bool(key("add_bos_token")), addEOS: metadata.bool(key("add_eos_token")),
            addSpacePrefix: metadata.bool(key("add_space_prefix")),
            ends: ["eot_token_id", "eom_token_id"].compactMap { metadata.int(key($0)) },
            chatTemplate: metadata.string("tokenizer.chat_template"),
            namedTemplates: metadata.strings("tokenizer.chat_templates") ?? [],
            maximumLength: model.dimensions.context)
    }
}
