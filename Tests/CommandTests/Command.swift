import Files
import Glibc
import Testing

/// The built program, run as a user runs it.
enum Command {
    struct Result {
        var status: Int32
        var output: String
        var errors: String
    }

    /// The program lies beside the tests' own executable.
    static let path: String = {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let own = String(decoding: buffer.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        for candidate in [own] + CommandLine.arguments {
            guard let slash = candidate.lastIndex(of: "/") else { continue }
            let path = candidate[...slash] + "ofmu-gpu"
            if access(String(path), X_OK) == 0 { return String(path) }
        }
        return ".build/debug/ofmu-gpu"
    }()

    /// - Parameters:
    ///   - input: a file to use as standard input.
    ///   - output: a file to use as standard output instead of catching it.
    ///   - limits: a command of the shell that limits what the program may have, such as "ulimit -f 8".
    ///   - environment: variables that are set for it, besides those it inherits.
    static func run(
        _ arguments: [String], input: String = "/dev/null", output: String? = nil, limits: String? = nil,
        environment: [String: String] = [:]
    ) throws -> Result {
        try start(arguments, input: input, output: output, limits: limits, environment: environment).wait()
    }

    static func run(_ arguments: String...) throws -> Result { try run(arguments) }

    /// Starts the program; see `run`.
    static func start(
        _ arguments: [String], input: String = "/dev/null", output: String? = nil, limits: String? = nil,
        environment: [String: String] = [:]
    ) throws -> Running {
        let scratch = Scratch.shared.path(unique: "streams")
        let (out, err) = (output ?? scratch + ".out", scratch + ".err")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | (output == nil ? O_CREAT | O_TRUNC : 0), 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, err, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        // Test threads block signals, and a child would inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let variables = environment.isEmpty ? [] : ["/usr/bin/env"] + environment.map { "\($0.key)=\($0.value)" }
        let launcher = variables + (limits.map { ["/bin/sh", "-c", "\($0); exec \"$0\" \"$@\""] } ?? [])
        let program = launcher.first ?? path
        var words: [UnsafeMutablePointer<CChar>?] = (launcher + [path] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var child: pid_t = 0
        try #require(posix_spawn(&child, program, &actions, &attributes, &words, environ) == 0, "\(path) cannot be started")
        return Running(child: child, output: out, errors: err)
    }

    /// Waits for something to appear, for a minute at most.
    static func waits(for path: String) -> Bool {
        let deadline = time(nil) + 60
        while FileSystem.entry(at: path) == nil {
            guard time(nil) < deadline else { return false }
            usleep(500)
        }
        return true
    }

    /// A program that has been started.
    struct Running {
        let child: pid_t
        let output: String
        let errors: String

        func send(_ signal: Int32) { kill(child, signal) }

        /// Waits for the end. A process ended by a signal has 128 plus its number as status, as in a shell.
        func wait() throws -> Result {
            var status: Int32 = 0
            while waitpid(child, &status, 0) < 0 { try #require(errno == EINTR) }
            let code = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + status & 0x7F
            return Result(status: code, output: Scratch.text(output), errors: Scratch.text(errors))
        }
    }
}
