/// A model on disk: a Hugging Face folder, or one GGUF file.
package struct ModelFolder: Sendable {
    /// The folder or file, as the user named it.
    package let path: String
    /// `config.json`; nil for GGUF, whose configuration is in `gguf`.
    package let configuration: JSONValue?
    /// The metadata of a GGUF file; nil for a folder.
    package let gguf: GGUFMetadata?
    /// The tensors, under the names the file gives them.
    package let weights: any WeightSource
    /// Names of the files in the folder that make up the tokenizer, in a fixed order. Empty for GGUF.
    package let tokenizerFiles: [String]

    /// Opens a model without reading its numbers.
    /// - Parameter path: a folder with `config.json` and safetensors weights, a folder with one
    ///   GGUF file and no `config.json`, or a GGUF file.
    /// - Throws: `missing` naming the absent file, `unsupported` for weights in another format,
    ///   and what opening the files throws.
    package init(path: String) throws(FileError) {
        switch FileSystem.entry(at: path) {
        case .folder:
            try self.init(folder: path)
        case .file:
            guard GGUFFile.isGGUF(path) || path.hasSuffix(".gguf") else {
                let found = try MappedFile(path: path).withBytes { MistakenFile(beginning: $0) }
                throw FileError(
                    .unsupported, path: path,
                    problem: "is neither a GGUF file nor a model folder\(found.map { ", but \($0.what)" } ?? "")",
                    advice: "Name a .gguf file, or the folder that holds config.json and the weights")
            }
            try self.init(ggufFile: path, named: path)
        case .other:
            throw FileError(
                .unreadable, path: path, problem: "is neither a file nor a folder",
                advice: "Name a .gguf file or a model folder")
        case nil:
            throw FileError(
                .missing, path: path, problem: "no such model",
                advice: "Name a .gguf file, or the folder that holds config.json and the weights")
        }
    }

    /// Names of files that say how the model is used: where answers end, and further chat templates. Empty for GGUF.
    package let companionFiles: [String]

    /// The path of a file in the folder, such as one of `tokenizerFiles`.
    package func file(_ name: String) -> String { joinPath(path, name) }

    /// What Hugging Face tokenizers are made of.
    private static let knownTokenizerFiles = [
        "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
        "vocab.json", "merges.txt", "tokenizer.model", "chat_template.jinja", "chat_template.json",
    ]

    private init(ggufFile: String, named path: String) throws(FileError) {
        let file = try GGUFFile(path: ggufFile)
        self.path = path
        configuration = nil
        gguf = file.metadata
        weights = file
        tokenizerFiles = []
        companionFiles = []
    }

    private init(folder: String) throws(FileError) {
        let names = try FileSystem.list(folder)
        try Self.refuseAdapter(folder, names)
        guard names.contains("config.json") else {
            try self.init(ggufFile: Self.onlyGGUF(in: folder, names), named: folder)
            return
        }
        try self.init(folder: folder, names)
    }

    private init(folder: String, _ names: [String]) throws(FileError) {
        let configuration = try JSONValue(contentsOf: joinPath(folder, "config.json"))
        guard configuration.asObject != nil else {
            throw FileError(
                .malformed, path: joinPath(folder, "config.json"),
                problem: "it holds \(configuration.kind) where an object is expected", advice: downloadAgain)
        }
        path = folder
        self.configuration = configuration
        gguf = nil
        weights = try Self.openWeights(folder, names)
        tokenizerFiles = Self.knownTokenizerFiles.filter { names.contains($0) }
        companionFiles = names.filter { $0 == "generation_config.json" } + (try Self.additionalTemplates(folder))
    }

    private static func additionalTemplates(_ folder: String) throws(FileError) -> [String] {
        let name = "additional_chat_templates"
        guard FileSystem.isFolder(joinPath(folder, name)) else { return [] }
        return try FileSystem.list(joinPath(folder, name)).filter { $0.hasSuffix(".jinja") }.map { joinPath(name, $0) }
    }

    /// transformers applies an adapter that lies beside the weights, or loads its base model: without it another model would be read.
    private static func refuseAdapter(_ folder: String, _ names: [String]) throws(FileError) {
        let files = ["adapter_config.json", "adapter_model.safetensors", "adapter_model.bin"]
        guard let found = files.first(where: names.contains) else { return }
        let settings = joinPath(folder, "adapter_config.json")
        let base =
            names.contains("adapter_config.json")
            ? try JSONValue(contentsOf: settings)["base_model_name_or_path"]?.asString : nil
        let hasWeights = names.contains { $0.hasPrefix("model") && $0.hasSuffix(".safetensors") }
        throw FileError(
            .unsupported, path: joinPath(folder, found),
            problem: hasWeights
                ? "a LoRA adapter lies beside the weights, and adapters are not applied"
                : "the folder holds a LoRA adapter, not a whole model" + (base.map { "; its base model is \(quoted($0))" } ?? ""),
            advice: "Merge the adapter into its base model (in Python: peft's merge_and_unload, then save_pretrained)"
                + (hasWeights ? ", or remove the adapter's files to use the weights without it" : ""))
    }

    private static func onlyGGUF(in folder: String, _ names: [String]) throws(FileError) -> String {
        let candidates = names.filter { $0.hasSuffix(".gguf") }
        if candidates.count == 1 { return joinPath(folder, candidates[0]) }
        throw FileError(
            .missing, path: folder,
            problem: candidates.isEmpty
                ? "the folder has no config.json" : "the folder has \(candidates.count) GGUF files",
            advice: candidates.isEmpty ? "Download the whole model into it" : "Name the one to use")
    }

    private static func openWeights(_ folder: String, _ names: [String]) throws(FileError) -> any WeightSource {
        if names.contains("model.safetensors") {
            return try SafetensorsFile(path: joinPath(folder, "model.safetensors"))
        }
        if names.contains("model.safetensors.index.json") {
            return try ShardedSafetensors(index: joinPath(folder, "model.safetensors.index.json"))
        }
        let others = names.filter { $0.hasSuffix(".safetensors") && !$0.hasPrefix("adapter") }
        if others.count == 1 { return try SafetensorsFile(path: joinPath(folder, others[0])) }
        if others.count > 1 {
            throw FileError(
                .missing, path: joinPath(folder, "model.safetensors.index.json"),
                problem: "the folder has \(others.count) safetensors files, but not the index that joins them",
                advice: "Download the index into the same folder")
        }
        if let pickle = names.first(where: { $0.hasSuffix(".bin") || $0.hasSuffix(".pth") || $0.hasSuffix(".pt") }) {
            throw FileError(
                .unsupported, path: joinPath(folder, pickle),
                problem: "the weights are in PyTorch's pickle format, which can run code and is not read",
                advice: "Convert them to safetensors: in Python, AutoModelForCausalLM.from_pretrained(folder)"
                    + ".save_pretrained(other_folder, safe_serialization=True)")
        }
        throw FileError(
            .missing, path: joinPath(folder, "model.safetensors"), problem: "the folder has no weights",
            advice: "Download model.safetensors into it")
    }
}
