import Glibc
import Synchronization

/// Ctrl-C and termination as a flag that loops look at between steps, so that they can save before they stop.
enum Interruption {
    private static let signals = Atomic<Int>(0)
    /// The value of SIG_IGN, which cannot be compared as a function.
    private static let ignoring = 1

    /// Set while nothing is under way that would have to be saved.
    private static let isIdle = Atomic<Bool>(false)

    static var isRequested: Bool { signals.load(ordering: .relaxed) > 0 }

    private static let idleMessage: StaticString =
        "\nofmu-gpu: Interrupted between two parts of the job. Where there is a checkpoint, the same command with --resume continues.\n"

    /// Runs something that changes nothing: a signal ends the process at once, because there is nothing to save.
    static func whileIdle<T>(_ body: () throws -> T) rethrows -> T {
        isIdle.store(true, ordering: .relaxed)
        // The signal may have come while the data were read.
        if isRequested { endIdle() }
        defer { isIdle.store(false, ordering: .relaxed) }
        return try body()
    }

    /// Says so, and ends the process at once; may run in a signal's handler.
    private static func endIdle() -> Never {
        _ = write(STDERR_FILENO, idleMessage.utf8Start, idleMessage.utf8CodeUnitCount)
        _exit(ExitStatus.interrupted.rawValue)
    }

    /// From now on the first signal sets the flag and a second one ends the process at once.
    static func watch() {
        // Touched before a signal can come: a lazy initialiser must not run in a handler.
        _ = (signals.load(ordering: .relaxed), isIdle.load(ordering: .relaxed), idleMessage.utf8CodeUnitCount)
        // When whoever listens to the events goes away, the job saves where it stands; a signal would end it at once.
        signal(SIGPIPE, SIG_IGN)
        for number in [SIGINT, SIGTERM] {
            let earlier = signal(number) { _ in
                let isSecond = Interruption.signals.add(1, ordering: .relaxed).newValue > 1
                if isSecond { _exit(ExitStatus.interrupted.rawValue) }
                if Interruption.isIdle.load(ordering: .relaxed) { Interruption.endIdle() }
            }
            // Whoever started this in the background with the signal switched off meant it.
            if unsafeBitCast(earlier, to: Int.self) == ignoring { signal(number, SIG_IGN) }
        }
    }
}
