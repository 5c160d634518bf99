extension ChatFamily {
    /// Llama 3 Instruct. Any role may speak.
    package static let llama3 = ChatFamily("llama3", title: "Llama-3") { begin, _ in
        ChatConventions(
            turn: { role in ("<|start_header_id|>\(role)<|end_header_id|>\n\n", role == "assistant" ? "" : "<|eot_id|>") },
            endMark: "<|eot_id|>", opening: begin, trims: true)
    }
}
