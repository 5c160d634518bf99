/// What the process's exit status tells a script.
enum ExitStatus: Int32 {
    case success = 0
    /// The input, the arguments or the place for the output are wrong.
    case badInput = 2
    /// A device or its driver failed, or ran out of memory.
    case device = 3
    /// A defect of this program; 70 is `EX_SOFTWARE` of sysexits.h.
    case defect = 70
    /// Ctrl-C: 128 plus the number of SIGINT, as shells report it.
    case interrupted = 130
}

/// What commands find wrong themselves.
enum CommandError: Error {
    case badInput(String)
    case interrupted(String)
}
