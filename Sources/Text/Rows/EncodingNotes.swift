import Data

extension TokenExample {
    /// What a reader should know about rows of a file that are read otherwise than they look, with their lines.
    public static func notes(_ rows: [TokenExample]) -> [String] {
        func lines(_ isMeant: (TokenExample) -> Bool) -> String? {
            let numbers = rows.filter(isMeant).map(\.position.line)
            guard !numbers.isEmpty, let file = rows.first?.position.file else { return nil }
            let shown = numbers.prefix(5).map { "\($0)" }.joined(separator: ", ")
            let rest = numbers.count > 5 ? " and \(numbers.count - 5) more" : ""
            return "\(file), line\(numbers.count == 1 ? "" : "s") \(shown)\(rest)"
        }
        var notes: [String] = []
        if let lines = lines(\.spansBoundary) {
            notes.append(
                "\(lines): a token lies across the boundary of prompt and answer and counts as answer, unless it is the row's first. "
                    + "Asked for the answer, the model sees other tokens; move spaces from the end of the prompt to the beginning of the answer"
            )
        }
        if let lines = lines(\.departsFromPrompt) {
            notes.append(
                "\(lines): the model's template writes the turns before an answer otherwise when it asks for the answer; the "
                    + "answer is counted from where its text begins")
        }
        return notes
    }
}
