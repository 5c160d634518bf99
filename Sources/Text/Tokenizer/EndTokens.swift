import Files

/// The tokens that end an answer, from everything that names one.
enum EndTokens {
    /// The ids that a configuration gives as `eos_token_id`: one or a list.
    static func ids(in configuration: JSONValue?) -> [Int32] {
        let value = configuration?["eos_token_id"]
        return (value?.asArray ?? value.map { [$0] } ?? []).compactMap { $0.asInt.flatMap(Int32.init(exactly:)) }
    }

    /// The texts of tokens that end a turn or an answer in GGUF files, whether or not the metadata say so.
    static let wellKnown: Set<String> = [
        "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>",
        "<|eom_id|>", "<EOT>", "_<EOT>", "<end_of_utterance>", "<|END_OF_TURN_TOKEN|>",
    ]

    /// Each id once, in the order in which they came, without those beyond the vocabulary.
    static func union(_ ids: [Int32], count: Int) -> [Int32] {
        var result: [Int32] = []
        for id in ids where (0..<count).contains(Int(id)) && !result.contains(id) { result.append(id) }
        return result
    }
}

extension TokenizerDescription {
    /// Every id that ends an answer when it is written with this template: those of the model's files, and the template's own mark
    /// if that is a token.
    package func stopIDs(with template: ChatTemplate?) -> [Int32] {
        let mark = template?.endMark.flatMap { mark in addedTokens.first { $0.content.utf8.elementsEqual(mark.utf8) } }
        return EndTokens.union(stopIDs + [endID, mark?.id].compactMap { $0 }, count: tokens.count)
    }

    /// The `generation_config.json` document that says where answers end.
    package func generationConfigJSON() -> JSONValue {
        var object = JSONObject()
        if let beginID { object["bos_token_id"] = .integer(Int(beginID)) }
        let template = try? ChatTemplate(for: self)
        let stops = stopIDs(with: template)
        if !stops.isEmpty {
            object["eos_token_id"] =
                stops.count == 1
                ? .integer(Int(stops[0])) : .array(stops.map { .integer(Int($0)) })
        }
        if let paddingID { object["pad_token_id"] = .integer(Int(paddingID)) }
        return .object(object)
    }
}
