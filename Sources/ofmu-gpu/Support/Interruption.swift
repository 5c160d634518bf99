import Glibc
import Synchronization

/// Ctrl-C and termination as a flag that loops look at between steps, so that they can save before they stop.
enum Interruption {
    private static let signals = Atomic<Int>(0)

    static var isRequested: Bool { signals.load(ordering: .relaxed) > 0 }

    /// From now on the first signal sets the flag and a second one ends the process at once.
    static func watch() {
        // Touched before a signal can come: a lazy initialiser must not run in a handler.
        _ = signals.load(ordering: .relaxed)
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in
                if Interruption.signals.add(1, ordering: .relaxed).newValue > 1 { _exit(ExitStatus.interrupted.rawValue) }
            }
        }
    }
}
