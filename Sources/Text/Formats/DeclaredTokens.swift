import Files

/// What the documents beside `tokenizer.json` say about special and added tokens, read as transformers reads them.
struct DeclaredTokens {
    /// Tokens by role, `bos_token` and the like first, then the model's own (`image_token`).
    private(set) var roles: [(name: String, token: AddedToken)] = []
    /// Tokens with ids of their own, by id.
    private(set) var listed: [AddedToken] = []
    /// Further special tokens.
    private(set) var extra: [AddedToken] = []
    /// Whether the tokens of `listed` have flags that count even where `tokenizer.json` has others.
    let overrides: Bool

    private static let roleNames = ["bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"]

    /// - Parameters:
    ///   - configuration: `tokenizer_config.json`.
    ///   - map: `special_tokens_map.json`, which counts only where the former does not list the added tokens.
    ///   - added: `added_tokens.json`, likewise.
    ///   - tokenizerClass: a class that fills roles of its own.
    init(
        configuration: JSONValue?, map: JSONValue?, added: JSONValue?, tokenizerClass: TokenizerClass?
    ) throws(TextError) {
        let decoder = configuration?["added_tokens_decoder"]?.asObject
        overrides = decoder != nil
        var members = configuration?.asObject ?? JSONObject()
        if decoder == nil { for (key, value) in map?.asObject?.members ?? [] { members[key] = value } }
        let given = members.members.filter { $0.key.hasSuffix("_token") }
        for name in Self.roleNames {
            if let token = Self.token(members[name]) { roles.append((name, token)) }
        }
        for (name, value) in given where !Self.roleNames.contains(name) {
            if let token = Self.token(value) { roles.append((name, token)) }
        }
        for role in tokenizerClass?.defaultRoles ?? [] where !roles.contains(where: { $0.name == role.name }) {
            roles.append((role.name, AddedToken(id: -1, content: role.text, isSpecial: true)))
        }
        for key in ["extra_special_tokens", "additional_special_tokens"] where extra.isEmpty {
            let values = members[key]?.asArray ?? members[key]?.asObject?.members.map(\.value) ?? []
            extra = values.compactMap(Self.token)
        }
        if let decoder { listed = try Self.decoded(decoder) } else { listed = try legacy(added) }
        let names = Set(roles.map(\.token.content))
        for index in listed.indices where names.contains(listed[index].content) { listed[index].isSpecial = true }
    }

    /// A token as a text, or with its flags. Its id is not known yet.
    private static func token(_ value: JSONValue?) -> AddedToken? {
        if let text = value?.asString { return AddedToken(id: -1, content: text, isSpecial: true) }
        guard let value, let content = value["content"]?.asString else { return nil }
        return flagged(value, content, id: -1, isSpecial: true)
    }

    private static func flagged(_ value: JSONValue, _ content: String, id: Int32, isSpecial: Bool) -> AddedToken {
        AddedToken(
            id: id, content: content, isSpecial: isSpecial, stripsLeft: value["lstrip"]?.asBool ?? false,
            stripsRight: value["rstrip"]?.asBool ?? false, isSingleWord: value["single_word"]?.asBool ?? false,
            isNormalized: value["normalized"]?.asBool ?? !isSpecial)
    }

    private static func decoded(_ decoder: JSONObject) throws(TextError) -> [AddedToken] {
        var result: [AddedToken] = []
        for (key, value) in decoder.members {
            guard let id = Int32(key), id >= 0, let content = value["content"]?.asString else {
                throw .invalid(part: "added_tokens_decoder", problem: "the entry \(FileError.quoted(key)) is no id with a token's content")
            }
            result.append(flagged(value, content, id: id, isSpecial: value["special"]?.asBool ?? false))
        }
        return result.sorted { $0.id < $1.id }
    }

    private func legacy(_ added: JSONValue?) throws(TextError) -> [AddedToken] {
        let special = Set((roles.map(\.token) + extra).map(\.content))
        var result: [AddedToken] = []
        for (content, id) in added?.asObject?.members ?? [] {
            guard let id = id.asInt.flatMap(Int32.init(exactly:)), id >= 0 else {
                throw .invalid(part: "added_tokens.json", problem: "the id of \(FileError.quoted(content)) is not a whole number")
            }
            let isSpecial = special.contains(content)
            result.append(AddedToken(id: id, content: content, isSpecial: isSpecial, isNormalized: !isSpecial))
        }
        return result.sorted { $0.id < $1.id }
    }
}

extension HuggingFaceParts {
    /// Adds what the other documents declare and `tokenizer.json` lacks, and takes over flags that differ.
    /// - Throws: `TextError.invalid` for a token whose declared id is not the one it would get: then ids and weights would not fit.
    mutating func add(_ declared: DeclaredTokens) throws(TextError) {
        let known = addedTokens
        for token in declared.listed {
            let standing = known.first { $0.content.utf8.elementsEqual(token.content.utf8) }
            if let standing, !declared.overrides || standing.hasFlags(of: token) { continue }
            if !declared.overrides, known.contains(where: { $0.id == token.id }) { continue }
            let id = id(of: token.content) ?? nextID
            guard self.id(of: token.content) != nil || id == token.id else {
                throw .invalid(
                    part: declared.overrides ? "added_tokens_decoder" : "added_tokens.json",
                    problem:
                        "\(FileError.quoted(token.content)) has the id \(token.id), but tokenizer.json lacks it and its next free id is \(id). "
                        + "Save the tokenizer again: in Python, AutoTokenizer.from_pretrained(folder).save_pretrained(folder)")
            }
            try put(token, id)
        }
        for token in declared.roles.map(\.token) + declared.extra
        where !addedTokens.contains(where: { $0.content.utf8.elementsEqual(token.content.utf8) }) && !token.content.isEmpty {
            try put(token, id(of: token.content) ?? nextID)
        }
    }

    private mutating func put(_ token: AddedToken, _ id: Int32) throws(TextError) {
        var token = token
        token.id = id
        try place(token.content, .integer(Int(id)), part: "added tokens")
        if let index = addedTokens.firstIndex(where: { $0.id == id }) {
            addedTokens[index] = token
        } else {
            addedTokens.append(token)
        }
    }

    /// The id that a new token gets: behind the vocabulary and all added tokens.
    private var nextID: Int32 {
        max(Int32(model["vocab"]?.asObject?.members.count ?? 0), (addedTokens.map(\.id).max() ?? -1) + 1)
    }
}

extension AddedToken {
    /// Whether nothing but the id may differ.
    fileprivate func hasFlags(of other: AddedToken) -> Bool {
        var copy = other
        copy.id = id
        return copy == self
    }
}
