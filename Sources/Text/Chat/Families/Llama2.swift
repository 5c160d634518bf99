extension ChatFamily {
    /// Llama 2 Chat: every question begins with the begin token, and the first holds the system's text.
    package static let llama2 = ChatFamily("llama2", title: "Llama-2") { begin, end in
        ChatConventions(
            turn: { role in
                switch role {
                case "user": ("\(begin)[INST] ", " [/INST]")
                case "assistant": ("", "")
                default: nil
                }
            },
            endMark: end, system: .inQuestion(before: "<<SYS>>\n", after: "\n<</SYS>>\n\n"), trims: true,
            answerSpaces: (before: " ", after: " "))
    }
}
