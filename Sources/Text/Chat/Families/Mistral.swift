extension ChatFamily {
    /// Mistral Instruct, its first versions: the first question holds the system's text.
    package static let mistral = ChatFamily("mistral", title: "Mistral") { begin, end in
        ChatConventions(
            turn: { role in
                switch role {
                case "user": ("[INST] ", " [/INST]")
                case "assistant": ("", "")
                default: nil
                }
            },
            endMark: end, opening: begin, system: .inQuestion(before: "", after: "\n\n"))
    }
}
