import Files

/// The patterns of byte-level BPE as `tokenizer.json` files write them.
enum KnownPattern {
    static let gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
    static let llama3 = contractions + #"\p{N}{1,3}"# + rest
    static let qwen2 = contractions + #"\p{N}"# + rest

    private static let contractions = #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"#
    private static let rest = #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
}

// What the normaliser, pre-tokeniser, decoder and post-processor sections mean.
extension HuggingFaceParts {
    private static let mark = "\u{2581}"

    /// The steps of a section: those of a `Sequence`, or the section itself.
    private static func steps(_ section: JSONValue?, _ list: String) -> [JSONValue] {
        guard let section, !section.isNull else { return [] }
        return section["type"]?.asString == "Sequence" ? section[list]?.asArray ?? [] : [section]
    }

    private static func type(_ step: JSONValue) -> String { step["type"]?.asString ?? "no type" }

    static func normalization(_ section: JSONValue?) throws(TextError) -> Normalization {
        let steps = steps(section, "normalizers")
        func isReplace(_ step: JSONValue) -> Bool {
            type(step) == "Replace" && step["pattern"]?["String"]?.asString == " " && step["content"]?.asString == mark
        }
        func isPrepend(_ step: JSONValue) -> Bool {
            type(step) == "Prepend" && step["prepend"]?.asString == mark
        }
        if steps.isEmpty { return .none }
        if steps.count == 1, type(steps[0]) == "NFC" { return .nfc }
        if steps.count == 1, isReplace(steps[0]) { return .metaspace(prefixed: false) }
        if steps.count == 2, isPrepend(steps[0]), isReplace(steps[1]) { return .metaspace(prefixed: true) }
        throw .unsupported(
            part: "normalizer", found: steps.map(type).joined(separator: " + "),
            supported: "none, NFC, Replace of spaces by \(mark), Prepend \(mark) + Replace")
    }

    static func preTokenizer(_ section: JSONValue?) throws(TextError) -> (rule: PreTokenizer, addsPrefixSpace: Bool) {
        let steps = steps(section, "pretokenizers")
        let last = steps.last ?? .null
        let spaced = last["add_prefix_space"]?.asBool ?? true
        let byPattern = last["use_regex"]?.asBool ?? true
        switch steps.map(type) {
        case []: return (.whole, false)
        case ["ByteLevel"] where byPattern: return (.gpt2, spaced)
        case ["Digits", "ByteLevel"]
        where byPattern && !spaced && steps[0]["individual_digits"]?.asBool == true:
            return (.smolLM, false)
        case ["Split", "ByteLevel"] where !byPattern && !spaced:
            let split = steps[0]
            let pattern = split["pattern"]?["Regex"]?.asString ?? "no regular expression"
            if split["behavior"]?.asString == "Isolated", split["invert"]?.asBool != true {
                switch pattern {
                case KnownPattern.gpt2: return (.gpt2, false)
                case KnownPattern.llama3: return (.llama3, false)
                case KnownPattern.qwen2: return (.qwen2, false)
                default: break
                }
            }
            throw .unsupported(
                part: "pre_tokenizer", found: "Split by \(pattern)",
                supported: "the patterns of GPT-2, Llama 3 and Qwen2, isolated")
        case ["Metaspace"] where last["replacement"]?.asString == mark:
            let older = spaced ? "always" : "never"
            if let prefix = PreTokenizer.PrefixRule(rawValue: last["prepend_scheme"]?.asString ?? older) {
                return (.metaspace(prefix: prefix, splits: last["split"]?.asBool ?? true), false)
            }
        default: break
        }
        throw .unsupported(
            part: "pre_tokenizer", found: section?.serialized() ?? "none",
            supported: "ByteLevel, Digits (individual) + ByteLevel, Split by a known pattern + ByteLevel, "
                + "Metaspace, none")
    }

    static func stripsLeadingSpace(_ section: JSONValue?) -> Bool {
        steps(section, "decoders").contains { step in
            switch type(step) {
            case "Strip": step["content"]?.asString == " " && (step["start"]?.asInt ?? 0) > 0
            case "Metaspace":
                (step["prepend_scheme"]?.asString ?? "always") != "never"
                    && (step["add_prefix_space"]?.asBool ?? true)
            default: false
            }
        }
    }

    /// The ids put around a single text; `nil` if the section leaves that open.
    func frame(_ section: JSONValue?) throws(TextError) -> (prefix: [Int32], suffix: [Int32])? {
        var result: (prefix: [Int32], suffix: [Int32])?
        for step in Self.steps(section, "processors") {
            switch Self.type(step) {
            case "ByteLevel": continue
            case "TemplateProcessing":
                var frame: (prefix: [Int32], suffix: [Int32]) = ([], [])
                var pastText = false
                for piece in step["single"]?.asArray ?? [] {
                    if piece["Sequence"] != nil {
                        pastText = true
                    } else if let name = piece["SpecialToken"]?["id"]?.asString {
                        let listed = step["special_tokens"]?[name]?["ids"]?.asArray?.compactMap(\.asInt)
                        guard let ids = listed ?? id(of: name).map({ [Int($0)] }),
                            ids.allSatisfy(tokens.indices.contains)
                        else {
                            throw .invalid(part: "post_processor", problem: "\"\(name)\" is not in the vocabulary")
                        }
                        if pastText { frame.suffix += ids.map { Int32($0) } } else { frame.prefix += ids.map { Int32($0) } }
                    }
                }
                result = frame
            case let type:
                throw .unsupported(
                    part: "post_processor", found: type, supported: "ByteLevel, TemplateProcessing, none")
            }
        }
        return result
    }
}
