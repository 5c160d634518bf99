/// What the process's exit status tells a script.
enum ExitStatus: Int32 {
    case success = 0
    /// The input, the arguments or the place for the output are wrong.
    case badInput = 2
    /// A device or its driver failed, or ran out of memory.
    case device = 3
    /// All is done and written, but the forget target was not reached.
    case targetUnmet = 4
    /// A defect of this program; 70 is `EX_SOFTWARE` of sysexits.h.
    case defect = 70
    /// All is done and written, but the last words could not be printed; 74 is `EX_IOERR` of sysexits.h.
    case untold = 74
    /// Ctrl-C: 128 plus the number of SIGINT, as shells report it.
    case interrupted = 130
}
