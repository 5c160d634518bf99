import Glibc
import Synchronization

/// Ctrl-C and termination as a flag that loops look at between steps, so that they can save before they stop.
enum Interruption {
    private static let signals = Atomic<Int>(0)
    /// The value of SIG_IGN, which cannot be compared as a function.
    private static let ignoring = 1

    static var isRequested: Bool { signals.load(ordering: .relaxed) > 0 }

    /// From now on the first signal sets the flag and a second one ends the process at once.
    static func watch() {
        // Touched before a signal can come: a lazy initialiser must not run in a handler.
        _ = signals.load(ordering: .relaxed)
        for number in [SIGINT, SIGTERM] {
            let earlier = signal(number) { _ in
                if Interruption.signals.add(1, ordering: .relaxed).newValue > 1 { _exit(ExitStatus.interrupted.rawValue) }
            }
            // Whoever started this in the background with the signal switched off meant it.
            if unsafeBitCast(earlier, to: Int.self) == ignoring { signal(number, SIG_IGN) }
        }
    }
}
