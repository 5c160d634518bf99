/// Text in columns, for lines that appear one by one.
enum Format {
    /// `text` filled with spaces to `width`.
    static func padded(_ text: String, _ width: Int, right: Bool = false) -> String {
        let spaces = String(repeating: " ", count: max(0, width - text.count))
        return right ? spaces + text : text + spaces
    }
}
