import Glibc

/// Numbers as people read them.
enum Format {
    /// `value` with a fixed number of decimals.
    static func fixed(_ value: Double, _ digits: Int) -> String { printed("%.\(digits)f", value) }

    /// `value` with a number of significant digits, in scientific notation where that is shorter.
    static func significant(_ value: Double, _ digits: Int = 4) -> String { printed("%.\(digits)g", value) }

    /// Bytes in binary units.
    static func bytes(_ count: Int) -> String {
        let units = ["bytes", "KiB", "MiB", "GiB", "TiB"]
        var value = Double(count)
        var unit = 0
        while value >= 1024, unit + 1 < units.count {
            value /= 1024
            unit += 1
        }
        return unit == 0 ? "\(count) bytes" : "\(fixed(value, value < 10 ? 2 : 1)) \(units[unit])"
    }

    /// A count in millions or billions where it is large.
    static func count(_ count: Int) -> String {
        switch count {
        case 1_000_000_000...: "\(fixed(Double(count) / 1e9, 2)) billion"
        case 1_000_000...: "\(fixed(Double(count) / 1e6, 1)) million"
        default: "\(count)"
        }
    }

    /// Seconds as hours, minutes and seconds.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e7 else { return "unknown time" }
        if seconds < 10 { return "\(fixed(max(0, seconds), 1)) s" }
        let whole = Int(seconds.rounded())
        if whole < 60 { return "\(whole) s" }
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole / 3600) h \(whole % 3600 / 60) min"
    }

    /// `text` filled with spaces to `width`.
    static func padded(_ text: String, _ width: Int, right: Bool = false) -> String {
        let spaces = String(repeating: " ", count: max(0, width - text.count))
        return right ? spaces + text : text + spaces
    }

    private static func printed(_ format: String, _ value: Double) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            let length = withVaList([value]) { vsnprintf(buffer.baseAddress, buffer.count, format, $0) }
            guard length >= 0, length < buffer.count else { return "\(value)" }
            return String(decoding: buffer.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }
}
