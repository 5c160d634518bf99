extension FixedWidthInteger where Self: UnsignedInteger {
    /// In hexadecimal, with at least so many digits.
    package func hexadecimal(digits: Int) -> String {
        let text = String(self, radix: 16)
        return String(repeating: "0", count: Swift.max(0, digits - text.utf8.count)) + text
    }
}
