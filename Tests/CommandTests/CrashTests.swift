import Files
import Glibc
import Testing

@Suite("A job in place that died near its end is finished by the next start, to the same bytes")
struct CrashTests {
    enum Job: String, CaseIterable, Sendable {
        case run, train

        /// The call, without the model's place.
        func call() throws -> [String] {
            let forget = try Scratch.shared.file("forget.jsonl", TinyModel.rows(["Ann", "Bob"]))
            let common = ["--device", "cpu", "--quiet", "--checkpoint-every", "0", "--replace"]
            guard self == .run else {
                return ["train", "--data", forget, "--steps", "400", "--lr", "1e-3", "--batch-size", "2"] + common
            }
            let retain = try Scratch.shared.file("retain.jsonl", TinyModel.rows(["Cid", "Dee"]))
            return [
                "run", "--forget", forget, "--retain", retain, "--rounds", "60", "--inner-steps", "2", "--outer-steps", "1",
                "--forget-batch",
                "2", "--retain-batch", "2", "--evaluate", "0", "--forget-target", "none", "--hold-rounds", "1000",
            ] + common
        }
    }

    /// What a process can leave that is killed near its end.
    enum State: String, CaseIterable, Sendable {
        case beforeTheExchange, oldSteppedAside, oldBesideNew, checkpointLeft, everythingDone
    }

    /// A job's call, the folder it makes, and a checkpoint of it.
    struct JobFiles: Sendable {
        var call: [String]
        var result: String
        var checkpoint: String
    }

    private static let prepared: [Job: Result<JobFiles, any Error>] = Dictionary(
        uniqueKeysWithValues: Job.allCases.map { job in (job, Result { try prepare(job) }) })

    private static func prepare(_ job: Job) throws -> JobFiles {
        let call = try job.call()
        let (whole, killed) = (try place(), try place())
        let result = try Command.run(call + inPlace(whole))
        try #require(result.status == 0, "\(result.errors)")
        let running = try Command.start(call + inPlace(killed))
        #expect(Command.waits(for: killed + ".checkpoint"))
        running.send(SIGKILL)
        _ = try running.wait()
        return JobFiles(call: call, result: whole, checkpoint: killed + ".checkpoint")
    }

    /// A copy of the model in a folder of its own.
    private static func place() throws -> String {
        let parent = Scratch.shared.path(unique: "place")
        try TinyModel.copy(TinyModel.folder, to: parent + "/model")
        return parent + "/model"
    }

    private static func inPlace(_ model: String) -> [String] { ["--model", model, "--out", model] }

    private func weights(_ folder: String) throws -> [UInt8] { try Scratch.bytes(joinPath(folder, "model.safetensors")) }

    @Test("In every state that it can leave", arguments: Job.allCases, State.allCases)
    func state(_ job: Job, _ state: State) throws {
        let files = try #require(Self.prepared[job]).get()
        let parent = Scratch.shared.path(unique: "crashed")
        let model = parent + "/model"
        try FileSystem.createFolder(parent)
        func put(_ folder: String, as name: String) throws { try TinyModel.copy(folder, to: joinPath(parent, name)) }
        switch state {
        case .beforeTheExchange:
            try put(TinyModel.folder, as: "model")
            try put(TinyModel.folder, as: ".model.partial")
        case .oldSteppedAside:
            try put(files.result, as: ".model.partial")
            try put(TinyModel.folder, as: ".model.partial.old")
        case .oldBesideNew:
            try put(files.result, as: "model")
            try put(TinyModel.folder, as: ".model.partial.old")
        case .checkpointLeft, .everythingDone: try put(files.result, as: "model")
        }
        if state != .everythingDone { try FileSystem.copyFile(files.checkpoint, to: model + ".checkpoint", for: .weights) }

        let resume = state == .everythingDone ? [] : ["--resume"]
        let next = try Command.run(files.call + Self.inPlace(model) + resume)
        #expect(next.status == 0, "\(next.errors)")
        #expect(try FileSystem.list(parent) == ["model"])
        #expect(try FileSystem.list(model) == FileSystem.list(files.result))
        #expect(try weights(model) == weights(files.result))
        #expect(try weights(model) != weights(TinyModel.folder))
    }

    @Test("Another call on a result in place goes further")
    func further() throws {
        let files = try #require(Self.prepared[.run]).get()
        let model = Scratch.shared.path(unique: "model")
        try TinyModel.copy(files.result, to: model)
        let next = try Command.run(files.call + Self.inPlace(model) + ["--seed", "7"])
        #expect(next.status == 0, "\(next.errors)")
        #expect(try weights(model) != weights(files.result))
        // A result whose weights were changed since is no result of that call.
        var bytes = try weights(files.result)
        bytes[bytes.count - 3] ^= 1
        try TinyModel.copy(files.result, to: model + "-changed")
        try Scratch.write(bytes, to: model + "-changed/model.safetensors")
        let again = try Command.run(files.call + Self.inPlace(model + "-changed"))
        #expect(again.status == 0, "\(again.errors)")
        #expect(try weights(model + "-changed") != bytes)
    }

    @Test("What would be refused at the end is refused before the work", arguments: Job.allCases)
    func early(_ job: Job) throws {
        let files = try #require(Self.prepared[job]).get()
        let model = try Self.place()
        try FileSystem.createFolder(model + "/mine")
        let refused = try Command.run(files.call.filter { $0 != "--quiet" } + Self.inPlace(model))
        #expect(refused.status == 2)
        #expect(refused.errors.contains("holds another folder, \"mine\""), "\(refused.errors)")
        #expect(!refused.errors.contains("steps"), "\(refused.errors)")
        #expect(try FileSystem.list(parentFolder(of: model)) == ["model"])
    }

    @Test("A checkpoint of another call is refused before the model is asked")
    func otherCheckpoint() throws {
        let files = try #require(Self.prepared[.run]).get()
        let model = try Self.place()
        try FileSystem.copyFile(files.checkpoint, to: model + ".checkpoint", for: .weights)
        let call = files.call.filter { $0 != "--quiet" } + Self.inPlace(model) + ["--resume", "--evaluate", "2", "--beta", "0.7"]
        let refused = try Command.run(call)
        #expect(refused.status == 2)
        #expect(refused.errors.contains("other settings"), "\(refused.errors)")
        #expect(!refused.errors.contains("before"), "\(refused.errors)")
    }

    @Test("A result whose last words cannot be printed is complete, and the status says so", arguments: Job.allCases)
    func lastWords(_ job: Job) throws {
        let files = try #require(Self.prepared[job]).get()
        let model = try Self.place()
        let result = try Command.run(files.call + Self.inPlace(model), output: "/dev/full")
        #expect(result.status == 74)
        #expect(result.errors.contains("The model is complete in \(model)"), "\(result.errors)")
        #expect(result.errors.contains("standard output"), "\(result.errors)")
        #expect(try weights(model) == weights(files.result))
        #expect(try FileSystem.list(parentFolder(of: model)) == ["model"])
    }

    @Test("When nobody listens to the events any more, the job saves where it stands and can be continued", arguments: Job.allCases)
    func noListener(_ job: Job) throws {
        let files = try #require(Self.prepared[job]).get()
        let model = try Self.place()
        let result = try Command.run(files.call + Self.inPlace(model) + ["--json"], output: "/dev/full")
        #expect(result.status == 130)
        #expect(result.errors.contains("standard output") && result.errors.contains("--resume"), "\(result.errors)")
        let next = try Command.run(files.call + Self.inPlace(model) + ["--resume"])
        #expect(next.status == 0, "\(next.errors)")
        #expect(try weights(model) == weights(files.result))
    }

    @Test("However few files may be open, nothing half-made stays behind", arguments: 3...9)
    func descriptors(_ count: Int) throws {
        let parent = Scratch.shared.path(unique: "few")
        try FileSystem.createFolder(parent)
        let result = try Command.run(["export", "--model", TinyModel.folder, "--out", parent + "/out"], limits: "ulimit -n \(count)")
        #expect(try FileSystem.list(parent) == (result.status == 0 ? ["out"] : []), "\(result.status) \(result.errors)")
    }
}
