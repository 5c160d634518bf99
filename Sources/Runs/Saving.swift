import Files

/// Where and how often a loop saves.
package struct Saving {
    package var path: String
    package var identity: JSONValue
    /// The least seconds between two savings.
    package var interval: Double

    package init(path: String, identity: JSONValue, interval: Double) {
        self.path = path
        self.identity = identity
        self.interval = interval
    }

    /// Ends a loop that somebody interrupted: saves, if there is a place for it, and tells where the loop stood.
    /// - Parameter error: what went wrong, if nobody can be told of the events any more.
    static func interrupt(
        _ place: String, by error: FileError? = nil, _ saving: Saving?, _ save: (_ path: String, _ identity: JSONValue) throws -> Void
    ) throws -> Never {
        let reason = error.map { " \($0)" } ?? ""
        guard let saving else { throw RunError.interrupted("Interrupted \(place).\(reason)") }
        try save(saving.path, saving.identity)
        throw RunError.interrupted(
            "Interrupted \(place).\(reason) Saved in \(saving.path); continue with the same command and --resume.")
    }
}
