import Files
import Testing

/// Runs a command that must fail as the user's mistake and leave nothing at `absent`, not even a partial result.
/// - Parameter limits: see `Command.start`.
func expectRefusal(
    _ arguments: [String], _ words: [String], absent: String, limits: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let result = try Command.run(arguments, limits: limits)
    #expect(result.status == 2, "\(result.errors)", sourceLocation: sourceLocation)
    #expect(result.output.isEmpty, sourceLocation: sourceLocation)
    #expect(result.errors.contains("ofmu-gpu: error: "), "\(result.errors)", sourceLocation: sourceLocation)
    for word in words {
        #expect(result.errors.contains(word), "\"\(word)\" is missing in: \(result.errors)", sourceLocation: sourceLocation)
    }
    #expect(FileSystem.entry(at: absent) == nil, sourceLocation: sourceLocation)
    let name = lastComponent(of: absent)
    let left = ((try? FileSystem.list(parentFolder(of: absent))) ?? []).filter { $0.contains(name) }
    #expect(left.isEmpty, sourceLocation: sourceLocation)
}
