import Files
import Reporting

/// How far a loop has come: one rewritten line on a terminal, a plain line now and then in a log.
final class Progress {
    private let label: String
    private let total: Int
    private let unit: String
    private let isSilent: Bool
    private let isTerminal = StandardStream.errors.isTerminal
    private let start = SteadyClock.seconds
    private var lastShown: Double
    private var isLineOpen = false
    /// Units done before this process began, which say nothing about its speed.
    private let earlier: Int

    init(_ label: String, total: Int, unit: String, earlier: Int = 0, isSilent: Bool = false) {
        self.label = label
        self.total = total
        self.unit = unit
        self.earlier = earlier
        self.isSilent = isSilent
        // A log does not want to hear about loops that are over in a moment.
        lastShown = StandardStream.errors.isTerminal ? -.infinity : SteadyClock.seconds
    }

    deinit { finish() }

    /// Seconds between two lines: eyes want ten a second at most, logs far fewer.
    private var interval: Double { isTerminal ? 0.1 : 10 }

    /// Shows the state if the last time was long enough ago, or the work is complete.
    /// - Parameter detail: current numbers, such as losses.
    func update(_ done: Int, _ detail: @autoclosure () -> String = "") {
        guard !isSilent else { return }
        let now = SteadyClock.seconds
        guard now - lastShown >= interval || (isTerminal && done >= total) else { return }
        lastShown = now
        let elapsed = now - start
        let fresh = done - earlier
        var text = "\(label) \(done)/\(total) \(unit)"
        if fresh > 0, elapsed > 0 {
            let rate = Double(fresh) / elapsed
            text += ", " + (rate >= 1 ? "\(NumberText.fixed(rate, 1))/s" : "\(NumberText.fixed(1 / rate, 1)) s each")
            if done < total { text += ", \(NumberText.duration(Double(total - done) / rate)) left" }
        }
        let more = detail()
        if !more.isEmpty { text += ", " + more }
        if isTerminal {
            // One column stays free: some terminals wrap when the last one is used.
            let shown = String(text.prefix(max(1, StandardStream.errors.width - 1)))
            try? StandardStream.errors.write("\r\(shown)\u{1B}[K")
            isLineOpen = true
        } else {
            try? StandardStream.errors.write(text + "\n")
        }
    }

    /// Leaves the line standing, so that what follows begins on its own.
    func finish() {
        if isLineOpen { try? StandardStream.errors.write("\n") }
        isLineOpen = false
    }
}
