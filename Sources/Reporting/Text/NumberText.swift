import Evaluation
import Glibc

/// Numbers for people.
package enum NumberText {
    /// A number with a fixed number of decimals, or in powers of ten where those would show nothing or far too much.
    package static func fixed(_ value: Double, _ decimals: Int = 3) -> String {
        guard value.isFinite else { return value.isNaN ? "-" : value < 0 ? "-inf" : "inf" }
        let magnitude = abs(value)
        if magnitude >= 1e7 || (magnitude > 0 && magnitude < 0.5 * pow(10, -Double(decimals))) { return printed("%.1e", value) }
        return printed("%.\(max(0, min(decimals, 12)))f", value)
    }

    /// A number with a number of significant digits, such as 0.0123 or 1.2e-05.
    package static func significant(_ value: Double, _ digits: Int = 3) -> String {
        guard value.isFinite else { return fixed(value) }
        return printed("%.\(max(1, min(digits, 17)))g", value)
    }

    /// A mean with its interval: `0.97 ± 0.02`.
    package static func estimate(_ estimate: Estimate, _ decimals: Int = 3) -> String {
        let mean = fixed(estimate.mean, decimals)
        return estimate.halfWidth.map { "\(mean) ± \(fixed($0, decimals))" } ?? mean
    }

    /// A whole number in groups of three: `1,048,576`.
    package static func grouped(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + text
    }

    /// `850 ms`, `12.3 s`, `4 min 05 s`, `2 h 03 min`.
    package static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "-" }
        if seconds < 0.9995 { return "\(fixed(seconds * 1000, 0)) ms" }
        if seconds < 99.95 { return "\(fixed(seconds, 1)) s" }
        let whole = Int(seconds.rounded())
        let padded = { (value: Int) in (value < 10 ? "0" : "") + String(value) }
        if whole < 3600 { return "\(whole / 60) min \(padded(whole % 60)) s" }
        return "\(whole / 3600) h \(padded(whole % 3600 / 60)) min"
    }

    /// `512 B`, `1.5 MiB`.
    package static func bytes(_ count: Int) -> String {
        var value = Double(count)
        var unit = "B"
        for next in ["KiB", "MiB", "GiB", "TiB"] where value >= 1024 {
            value /= 1024
            unit = next
        }
        return "\(unit == "B" ? String(count) : fixed(value, value < 100 ? 1 : 0)) \(unit)"
    }

    private static func printed(_ format: String, _ value: Double) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            let length = withVaList([value]) { vsnprintf(buffer.baseAddress, buffer.count, format, $0) }
            guard length >= 0, length < buffer.count else { return "\(value)" }
            return String(decoding: buffer.prefix(Int(length)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }
}
