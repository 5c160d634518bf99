import Files

/// Where a run or a training puts its result: a model folder that appears when it is complete, and beside it, until then, a
/// checkpoint.
struct RunPlace {
    let path: String
    /// Whether a model that is there already may be replaced.
    var replaces: Bool

    var checkpoint: String {
        var name = path
        while name.count > 1, name.hasSuffix("/") { name.removeLast() }
        return name + ".checkpoint"
    }

    /// Makes sure that a run can end here, before hours are spent; writes nothing.
    /// - Parameter bytes: what the model and the checkpoint will take.
    func check(resumes: Bool, bytes: Int) throws {
        let checkpointExists = FileSystem.isFile(checkpoint)
        if resumes, !checkpointExists {
            throw CommandError.badInput(
                "\(checkpoint): there is no checkpoint to resume from. Leave --resume out to start a run.")
        }
        if !resumes, checkpointExists {
            throw CommandError.badInput(
                "\(checkpoint): an interrupted run for this place left a checkpoint. Continue it with --resume, or delete it.")
        }
        if let entry = FileSystem.entry(at: path) {
            guard entry == .folder else {
                throw FileError(
                    .alreadyExists, path: path, problem: "a file is in the place of this folder", advice: "Choose another place")
            }
            guard try replaces || FileSystem.list(path).isEmpty else {
                throw FileError(
                    .alreadyExists, path: path, problem: "the folder is not empty",
                    advice: "Choose another place, or use --replace")
            }
        }
        let parent = parentFolder(of: path)
        guard FileSystem.isFolder(parent) else {
            throw FileError(
                .unwritable, path: path, problem: "\(parent) is not a folder", advice: "Create it or choose another place")
        }
        // Opening a file and letting it go leaves nothing behind, and says whether one can be written.
        _ = try AtomicFile(path: checkpoint, expectedBytes: bytes)
    }

    func removeCheckpoint() throws(FileError) { try FileSystem.remove(checkpoint) }
}
