import Testing

extension Optional<ExitTest.Result> {
    /// Whether a program that ended said this on standard error.
    package func said(_ text: String) -> Bool {
        String(decoding: self?.standardErrorContent ?? [], as: UTF8.self).contains(text)
    }
}
