extension ChatFamily {
    /// Qwen 3: ChatML with thoughts before answers. Asked as here, with `enable_thinking` false, it answers behind an empty thought.
    package static let qwen3 = ChatFamily("qwen3", title: "Qwen-3") { _, _ in
        var conventions = ChatConventions.chatML
        conventions.thinks = true
        return conventions
    }
}
