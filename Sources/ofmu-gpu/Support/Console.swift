import ArgumentParser
import Files

/// How a command speaks.
struct OutputOptions: ParsableArguments {
    @Flag(
        name: .long,
        help: "Write JSON to standard output, one object a line, and nothing else there. For programs.")
    var json = false

    @Flag(name: .shortAndLong, help: "Show no progress and no notes; errors still appear.")
    var quiet = false

    var console: Console { Console(isJSON: json, isQuiet: quiet) }
}

/// Results go to standard output, progress and notes to standard error. What people read can drive no terminal, whatever data and
/// models hold; what programs read is exact.
struct Console {
    let isJSON: Bool
    let isQuiet: Bool

    /// A line of the result for people; left out when a program is listening.
    func say(_ line: String = "") throws(FileError) {
        if !isJSON { try StandardStream.output.write(line.visible() + "\n") }
    }

    /// Text without a line break, for answers that appear word by word.
    func stream(_ text: String) throws(FileError) {
        if !isJSON { try StandardStream.output.write(text.visible()) }
    }

    /// An event or a result for programs; left out when a person is reading.
    func emit(_ value: JSONValue) throws(FileError) {
        if isJSON { try StandardStream.output.write(value.serialized() + "\n") }
    }

    /// A line that both people and programs want: the commands whose results are JSON lines anyway.
    func emitAlways(_ value: JSONValue) throws(FileError) {
        try StandardStream.output.write(value.serialized() + "\n")
    }

    /// What is going on, on standard error.
    func note(_ line: String) {
        // A lost note is no reason to lose the work.
        if !isQuiet { try? StandardStream.errors.write(line.visible().withShortQuotes() + "\n") }
    }

    /// Something the user should know even when quiet.
    func warn(_ line: String) {
        try? StandardStream.errors.write("ofmu-gpu: warning: \(line.visible().withShortQuotes())\n")
    }

    /// A progress line for `total` units of work.
    func progress(_ label: String, total: Int, unit: String) -> Progress {
        Progress(label, total: total, unit: unit, isSilent: isQuiet)
    }
}
