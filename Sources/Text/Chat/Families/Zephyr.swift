extension ChatFamily {
    /// Zephyr: the tokenizer's end token ends every turn.
    package static let zephyr = ChatFamily("zephyr", title: "Zephyr") { _, end in
        ChatConventions(
            turn: { role in
                guard ["system", "user", "assistant"].contains(role) else { return nil }
                return ("<|\(role)|>\n", role == "assistant" ? "\n" : "\(end)\n")
            },
            endMark: end)
    }
}
