import Glibc
import Runs

/// This program started again with other arguments, so that a measurement has a process of its own.
enum ChildProcess {
    struct Result {
        var status: Int32
        var output: String
        /// The most memory the child held at any time.
        var peakResidentBytes: Int
    }

    /// Runs this program and waits for it. The child's standard error is this process's own.
    static func run(_ arguments: [String]) throws(RunError) -> Result {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw failure("pipe") }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], StandardStream.output.rawValue)
        posix_spawn_file_actions_addclose(&actions, ends[0])

        var words: [UnsafeMutablePointer<CChar>?] = (["ofmu-gpu"] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, "/proc/self/exe", &actions, nil, &words, environ)
        close(ends[1])
        defer { close(ends[0]) }
        guard code == 0 else { throw failure("posix_spawn") }

        let output = readAll(ends[0])
        var status: Int32 = 0
        var usage = rusage()
        while wait4(child, &status, 0, &usage) < 0 {
            guard errno == EINTR else { throw failure("wait4") }
        }
        // The shell's convention for processes that a signal ended.
        let ended = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F
        return Result(status: ended, output: output, peakResidentBytes: usage.ru_maxrss * 1024)
    }

    private static func readAll(_ descriptor: Int32) -> String {
        var all: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return String(decoding: all, as: UTF8.self) }
            all += part[..<count]
        }
    }

    private static func failure(_ call: String) -> RunError {
        let words = strerror(errno).map { String(cString: $0) } ?? "an unknown error"
        return .badInput("A process for the measurement cannot be started: \(call): \(words).")
    }
}
