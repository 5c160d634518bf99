import Files

/// Where a run puts things: OUT/model is a Hugging Face folder, beside it lie the report and, until the end, a checkpoint.
struct RunFolder {
    let path: String

    var model: String { joinPath(path, "model") }
    var checkpoint: String { joinPath(path, "checkpoint.ofmu") }

    /// Makes sure that a run can end here, before hours are spent; creates nothing.
    /// - Parameters:
    ///   - resumes: whether to go on from a checkpoint.
    ///   - bytes: what the model and the checkpoint will take.
    func check(resumes: Bool, bytes: Int) throws {
        if resumes {
            guard FileSystem.isFile(checkpoint) else {
                throw CommandError.badInput(
                    "\(path): there is no checkpoint to resume from. Leave --resume out to start a run.")
            }
        } else if let entry = FileSystem.entry(at: path) {
            guard entry == .folder, try FileSystem.list(path).isEmpty else {
                throw CommandError.badInput(
                    "\(path): is there already. Choose another place, or continue an interrupted run with --resume.")
            }
        }
        // The nearest folder that exists tells how much room there is.
        var place = path
        while FileSystem.entry(at: place) == nil, parentFolder(of: place) != place { place = parentFolder(of: place) }
        guard FileSystem.isFolder(place) else {
            throw FileError(
                .unwritable, path: path, problem: "\(place) is a file, not a folder", advice: "Choose another place")
        }
        if let free = FileSystem.freeBytes(at: place), free < bytes {
            throw FileError(
                .diskFull, path: path, problem: "the disk is full: the run needs \(bytes) bytes and \(free) are free",
                advice: "Free that much or choose another disk")
        }
    }

    /// Creates the folder, if it is not there.
    func create() throws(FileError) { try FileSystem.createFolder(path) }

    /// Takes the folder away again if nothing has come into it.
    func removeIfEmpty() {
        if let names = try? FileSystem.list(path), names.isEmpty { try? FileSystem.remove(path) }
    }

    func removeCheckpoint() throws(FileError) { try FileSystem.remove(checkpoint) }
}
