import Files

/// What a job finds wrong itself, or has to say at its end.
public enum RunError: Error, CustomStringConvertible {
    case badInput(String)
    case interrupted(String)
    /// The result is written, but it is not what was asked for.
    case targetUnmet(String)
    /// The work is complete, but somebody could not be told.
    case untold(String)

    public var description: String {
        switch self {
        case .badInput(let text), .interrupted(let text), .targetUnmet(let text), .untold(let text): text
        }
    }

    /// Runs the last words of a call.
    /// - Parameter complete: what is done and stays done if they cannot be said; nil if the words are all there is.
    package static func telling(_ complete: String?, _ words: () throws -> Void) throws {
        do { try words() } catch let error as FileError {
            guard let complete else { throw error }
            throw RunError.untold("\(complete) Only the last words were lost: \(error)")
        }
    }
}
