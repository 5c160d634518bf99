import Files
import Glibc

/// Standard output or standard error, written at once so that the two keep their order and pipes see every line.
enum StandardStream: Int32 {
    case output = 1, errors = 2

    var isTerminal: Bool { isatty(rawValue) == 1 }

    /// The terminal's columns; 80 if they cannot be found out.
    var width: Int {
        var size = winsize()
        guard ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// - Throws: `FileError` if the reader is gone or the disk behind the stream is full.
    func write(_ text: String) throws(FileError) {
        var text = text
        let code = text.withUTF8 { bytes -> Int32 in
            var done = 0
            while done < bytes.count, let base = bytes.baseAddress {
                let written = Glibc.write(rawValue, base + done, bytes.count - done)
                if written >= 0 { done += written } else if errno != EINTR { return errno }
            }
            return 0
        }
        guard code != 0 else { return }
        throw FileError(
            code == ENOSPC || code == EDQUOT ? .diskFull : .unwritable,
            path: self == .output ? "standard output" : "standard error",
            problem: strerror(code).map { "cannot be written: \(String(cString: $0))" } ?? "cannot be written",
            advice: "Free some space or send the output elsewhere")
    }
}
