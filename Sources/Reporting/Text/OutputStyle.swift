import Glibc

/// What the reader's screen can show.
package struct OutputStyle: Hashable, Sendable {
    /// Box-drawing characters and blocks; plain ASCII otherwise, for logs and pipes.
    package var isDecorated: Bool
    /// Columns; nil where lines may be as long as they like.
    package var width: Int?

    package init(isDecorated: Bool, width: Int?) {
        self.isDecorated = isDecorated
        self.width = width
    }

    /// ASCII of any width.
    package static let plain = OutputStyle(isDecorated: false, width: nil)

    /// Decorated and fitted if the descriptor is a terminal whose locale is UTF-8; plain otherwise.
    package static func detect(descriptor: Int32 = STDOUT_FILENO) -> OutputStyle {
        guard isatty(descriptor) == 1 else { return .plain }
        var size = winsize()
        let known = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        // The first of the three that is set decides, as POSIX has it.
        let names = ["LC_ALL", "LC_CTYPE", "LANG"]
        let set = names.compactMap { (name: String) in getenv(name).map { String(cString: $0) } }
        let name = set.first { !$0.isEmpty }?.lowercased() ?? ""
        return OutputStyle(isDecorated: name.contains("utf-8") || name.contains("utf8"), width: known ? Int(size.ws_col) : 80)
    }
}
