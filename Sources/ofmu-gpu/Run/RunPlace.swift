import Files
import Models
import Unlearning

/// Where a run or a training puts its result: a model folder that appears when it is complete, and beside it, until then, a
/// checkpoint.
struct RunPlace {
    let path: String
    /// How the model is stored, and whether one that is there already may be replaced.
    let exporter: ModelExporter

    init(_ options: PlaceOptions) {
        path = options.out ?? ""
        exporter = ModelExporter(precision: options.dtype, replacing: options.replace)
    }

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
        try AtomicFolder.check(path, replacing: exporter.replacing)
        try AtomicFile.check(checkpoint, expectedBytes: bytes)
    }

    /// Makes sure that the checkpoint belongs to this run and is whole, before anything is computed.
    func checkCheckpoint(_ identity: JSONValue) throws {
        let file = try CheckpointFile(path: checkpoint)
        guard file.header["identity"] == identity else { throw UnlearningError.otherRun(path: checkpoint) }
        try file.verify()
    }

    /// Where to read the model from. A file within the folder itself is gone once the result has taken the folder's place.
    func source(_ model: String) -> String {
        let isGone = FileSystem.entry(at: model) == nil && FileSystem.isSame(parentFolder(of: model), path)
        return isGone && ResultSeal(folder: path) != nil ? path : model
    }

    /// Whether the folder already holds what this call would make: an earlier start died after the exchange of folders, or ran in
    /// place to its end, where another one would begin with its own result.
    /// - Parameter model: where the call takes the model from.
    func holdsResult(of request: RunIdentity, from model: String) -> Bool {
        guard let seal = ResultSeal(folder: path), let identity = seal.run["identity"], request.isRequest(of: identity),
            seal.run["stored"]?.asString == exporter.precision.rawValue
        else { return false }
        guard FileSystem.isFile(checkpoint) else { return FileSystem.isSame(path, model) }
        return (try? CheckpointFile(path: checkpoint))?.header["identity"] == identity
    }

    /// Clears up after a call whose result was there already, and says so.
    func acknowledge(_ console: Console) throws {
        try FileSystem.remove(checkpoint)
        try console.say("Nothing is left to do: \(path) holds the result of this very call. Other settings, or another --seed, go further.")
        try console.emit(["event": "complete", "folder": .string(path)])
    }

    /// Writes the result, sealed with what it came from, and removes the checkpoint.
    func export(_ model: LoadedModel, _ identity: JSONValue, extra: [ModelExporter.ExtraFile]) throws(ModelError) {
        let seal = ResultSeal(run: ["identity": identity, "stored": .string(exporter.precision.rawValue)])
        try exporter.export(model, to: path, extra: extra, seal: seal)
    }

    /// The last words of a call whose result is complete; losing them is not losing it.
    func finish(_ words: () throws -> Void) throws {
        try CommandError.telling("The model is complete in \(path).") {
            try FileSystem.remove(checkpoint)
            try words()
        }
    }
}
