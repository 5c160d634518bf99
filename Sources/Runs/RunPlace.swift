import Files
import Inference
import Models
import Unlearning

/// Where a run or a training puts its result: a model folder that appears when it is complete, and beside it, until then, a
/// checkpoint.
public struct RunPlace {
    /// The folder of the result.
    public let path: String
    /// How the model is stored, and whether one that is there already may be replaced.
    package let exporter: ModelExporter

    /// A place for a model, stored in `precision`; a model that is there is only replaced if `replacing`.
    public init(_ path: String, precision: ModelExporter.Precision = .f32, replacing: Bool = false) {
        self.path = path
        exporter = ModelExporter(precision: precision, replacing: replacing)
    }

    /// The file beside the folder in which an interrupted run waits.
    public var checkpoint: String {
        var name = path
        while name.count > 1, name.hasSuffix("/") { name.removeLast() }
        return name + ".checkpoint"
    }

    /// Makes sure that a run can end here, before hours are spent; writes nothing.
    /// - Parameter bytes: what the model and the checkpoint will take.
    package func check(resumes: Bool, bytes: Int) throws {
        let checkpointExists = FileSystem.isFile(checkpoint)
        if resumes, !checkpointExists {
            throw RunError.badInput(
                "\(checkpoint): there is no checkpoint to resume from. Leave --resume out to start a run.")
        }
        if !resumes, checkpointExists {
            throw RunError.badInput(
                "\(checkpoint): an interrupted run for this place left a checkpoint. Continue it with --resume, or delete it.")
        }
        try AtomicFolder.check(path, replacing: exporter.replacing)
        try AtomicFile.check(checkpoint, expectedBytes: bytes)
    }

    /// Makes sure that the checkpoint belongs to this run and is whole, before anything is computed.
    package func checkCheckpoint(_ identity: JSONValue) throws {
        let file = try CheckpointFile(path: checkpoint)
        guard file.header["identity"] == identity else { throw UnlearningError.otherRun(path: checkpoint) }
        try file.verify()
    }

    /// Where to read the model from. A file within the folder itself is gone once the result has taken the folder's place.
    package func source(_ model: String) -> String {
        let isGone = FileSystem.entry(at: model) == nil && FileSystem.isSame(parentFolder(of: model), path)
        return isGone && ResultSeal(folder: path) != nil ? path : model
    }

    /// Whether the folder already holds what this call would make: an earlier start died after the exchange of folders, or ran in
    /// place to its end, where another one would begin with its own result.
    /// - Parameter model: where the call takes the model from.
    package func holdsResult(of request: RunIdentity, from model: String) -> Bool {
        guard let seal = ResultSeal(folder: path), let identity = seal.run["identity"], request.isRequest(of: identity),
            seal.run["stored"]?.asString == exporter.precision.rawValue
        else { return false }
        guard FileSystem.isFile(checkpoint) else { return FileSystem.isSame(path, model) }
        return (try? CheckpointFile(path: checkpoint))?.header["identity"] == identity
    }

    /// Clears up after a call whose result was there already.
    func acknowledge() throws { try FileSystem.remove(checkpoint) }

    /// Writes the result, sealed with what it came from, and removes the checkpoint.
    package func export(_ model: LoadedModel, _ identity: JSONValue, extra: [ModelExporter.ExtraFile]) throws {
        let seal = ResultSeal(run: ["identity": identity, "stored": .string(exporter.precision.rawValue)])
        try exporter.export(model, to: path, extra: extra, seal: seal)
    }

    /// The end of a call whose result is complete; what goes wrong from here on does not lose it.
    package func finish() throws { try tell { try FileSystem.remove(checkpoint) } }

    /// The last words of a call whose result is complete; losing them is not losing it.
    package func tell(_ words: () throws -> Void) throws {
        try RunError.telling("The model is complete in \(path).", words)
    }
}
