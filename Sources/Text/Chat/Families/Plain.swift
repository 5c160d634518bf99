extension ChatFamily {
    /// "Question: …" and "Answer: …" on two lines, for models without a chat template.
    package static let plain = ChatFamily("plain", title: "plain") { _, end in
        ChatConventions(
            turn: { role in
                switch role {
                case "system": ("", "\n")
                case "user": ("Question: ", "\n")
                case "assistant": ("Answer:", "")
                default: nil
                }
            },
            // The space belongs to the answer's first token.
            endMark: end, answerSpaces: (before: " ", after: ""), betweenRounds: "\n", writesControlTokens: false)
    }
}
