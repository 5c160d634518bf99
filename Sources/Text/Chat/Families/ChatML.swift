extension ChatFamily {
    /// ChatML, as Qwen 2, SmolLM2 and many finetuned models write it. Any role may speak.
    package static let chatML = ChatFamily("chatml", title: "ChatML") { _, _ in .chatML }
}

extension ChatConventions {
    static let chatML = ChatConventions(
        turn: { role in ("<|im_start|>\(role)\n", role == "assistant" ? "\n" : "<|im_end|>\n") }, endMark: "<|im_end|>")
}
