import Files
import Glibc
import Testing

@Suite("run and train")
struct RunTests {
    private let forget: String
    private let retain: String
    /// A few rounds of everything, small enough for a test.
    private let settings: [String]

    init() throws {
        forget = try Scratch.shared.file("forget.jsonl", TinyModel.rows(["Ann", "Bob"]))
        retain = try Scratch.shared.file("retain.jsonl", TinyModel.rows(["Cid", "Dee", "Eve", "Fay"]))
        settings = [
            "run", "--model", TinyModel.folder, "--forget", forget, "--retain", retain, "--device", "cpu", "--inner-steps", "2",
            "--outer-steps", "1", "--forget-batch", "2", "--retain-batch", "2", "--evaluate", "2", "--answer-tokens", "4",
            "--forget-target", "none",
        ]
    }

    private func lines(_ text: String) throws -> [JSONValue] {
        try text.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
    }

    @Test("A run writes a model folder with a report, and its events end with the report")
    func whole() throws {
        let out = Scratch.shared.path(unique: "forgotten")
        let result = try Command.run(settings + ["--rounds", "3", "--out", out, "--json"])
        #expect(result.status == 0, "\(result.errors)")
        let events = try lines(result.output)
        #expect(events.count { $0["event"]?.asString == "round" } == 3)
        #expect(events.count { $0["event"]?.asString == "forgot" } == 6)
        #expect(events.last?["event"]?.asString == "report")
        let names = try FileSystem.list(out)
        for name in ["config.json", "model.safetensors", "tokenizer.json", "report.json", "report.md"] {
            #expect(names.contains(name))
        }
        let report = try JSONValue(contentsOf: joinPath(out, "report.json"))
        #expect(report["stages"]?.asArray?.map { $0["name"]?.asString } == ["before", "after"])
        #expect(report["data"]?.asArray?.count == 2)
        #expect((report["cost"]?["gradient_equivalents"]?.asDouble ?? 0) > 0)
        #expect(FileSystem.entry(at: out + ".checkpoint") == nil)
        let score = try Command.run("score", "--model", out, "--data", forget, "--device", "cpu")
        #expect(score.status == 0, "\(score.errors)")
    }

    @Test("Gradient ascent needs no data to keep, and a report without them says nothing of them")
    func ascentAlone() throws {
        let call = [
            "run", "--model", TinyModel.folder, "--forget", forget, "--device", "cpu", "--method", "grad-ascent", "--rounds", "1",
            "--answer-tokens", "4", "--json",
        ]
        let plan = try Command.run(call + ["--plan"])
        #expect(plan.status == 0, "\(plan.errors)")
        let out = Scratch.shared.path(unique: "ascent")
        let result = try Command.run(call + ["--out", out])
        #expect(result.status == 0, "\(result.errors)")
        #expect(!result.errors.contains("retain"))
        let report = try JSONValue(contentsOf: joinPath(out, "report.json"))
        #expect(report["data"]?.asArray?.map { $0["role"]?.asString } == ["forget"])
        for stage in report["stages"]?.asArray ?? [] {
            #expect(stage["forget"]?["loss"] != nil && stage["retain"]?.asObject?.members.isEmpty == true)
        }
        #expect(report["stages"]?.asArray?.count == 2)
    }

    @Test("A run or a training that moves no weight says so, in its last line, its events and the report")
    func unmoved() throws {
        let out = Scratch.shared.path(unique: "unmoved")
        let still = ["--inner-step", "sgd:1e-30", "--outer-step", "sgd:1e-30", "--rounds", "1", "--evaluate", "0", "--quiet"]
        let run = try Command.run(settings + still + ["--out", out])
        #expect(run.status == 0, "\(run.errors)")
        let last = run.output.split(separator: "\n").last ?? ""
        #expect(last.hasSuffix("report.md to \(out), but no weight moved: it holds the model as it was."), "\(last)")
        let report = try JSONValue(contentsOf: joinPath(out, "report.json"))
        #expect(report["weight_change"]?["moved"]?.asInt == 0)
        #expect(Scratch.text(joinPath(out, "report.md")).contains("no weight moved"))
        let weights = { (folder: String) in try Scratch.bytes(joinPath(folder, "model.safetensors")) }
        #expect(try weights(out) == weights(TinyModel.folder))

        let train = [
            "train", "--model", TinyModel.folder, "--data", forget, "--device", "cpu", "--epochs", "1", "--quiet", "--weight-decay", "0",
        ]
        let trained = Scratch.shared.path(unique: "untrained")
        let none = try Command.run(train + ["--lr", "1e-30", "--out", trained])
        #expect(none.output.hasSuffix("Wrote \(trained), but no weight moved: it holds the model as it was.\n"), "\(none.output)")
        let event = try lines(Command.run(train + ["--lr", "1e-30", "--out", trained, "--replace", "--json"]).output).last
        #expect(event?["weight_change"]?["moved"]?.asInt == 0)
        let some = try Command.run(train + ["--lr", "1e-3", "--out", trained, "--replace"])
        #expect(some.output.hasSuffix("Wrote \(trained).\n"), "\(some.output)")
        #expect(try weights(trained) != weights(TinyModel.folder))
    }

    @Test("Rows to keep that say what is to be forgotten are counted and said")
    func overlap() throws {
        let both = try Scratch.shared.file("both.jsonl", TinyModel.rows(["Cid", "Bob", "Dee"]))
        var call = settings + ["--rounds", "1", "--evaluate", "0", "--json"]
        call[try #require(call.firstIndex(of: retain))] = both
        let out = Scratch.shared.path(unique: "overlap")
        let result = try Command.run(call + ["--out", out])
        #expect(result.status == 0, "\(result.errors)")
        let words = "Of 3 retain rows, 1 are the same as a forget row and 0 nearly the same"
        #expect(result.errors.contains("warning: \(words)") && result.errors.contains("line 2, like line 2"), "\(result.errors)")
        #expect(try lines(result.output).first { $0["event"]?.asString == "overlap" }?["same"]?.asInt == 1)
        let report = try JSONValue(contentsOf: joinPath(out, "report.json"))
        #expect(report["notes"]?.asArray?.contains { $0.asString?.hasPrefix(words) == true } == true)
    }

    /// Starts a job and ends it by a signal once there is a checkpoint, which must be all that it leaves at `out`.
    private func interrupt(_ arguments: [String], by signal: Int32, _ out: String) throws {
        let running = try Command.start(arguments)
        #expect(Command.waits(for: out + ".checkpoint"))
        running.send(signal)
        let stopped = try running.wait()
        #expect(stopped.status == (signal == SIGKILL ? 128 + SIGKILL : 130), "\(stopped.errors)")
        #expect(FileSystem.entry(at: out) == nil)
        #expect(FileSystem.entry(at: out + ".checkpoint") == .file)
        if signal != SIGKILL { #expect(stopped.errors.contains("--resume")) }
    }

    @Test("An interrupted run resumes to the same bytes", arguments: [SIGINT, SIGKILL])
    func resume(_ signal: Int32) throws {
        let long = settings + ["--rounds", "60", "--checkpoint-every", "0"]
        let straight = Scratch.shared.path(unique: "straight")
        #expect(try Command.run(long + ["--out", straight]).status == 0)

        let out = Scratch.shared.path(unique: "interrupted")
        try interrupt(long + ["--out", out], by: signal, out)

        let refused = try Command.run(long + ["--out", out])
        #expect(refused.status == 2)
        #expect(refused.errors.contains("--resume"))
        let other = try Command.run(long + ["--out", out, "--resume", "--beta", "0.7"])
        #expect(other.status == 2)
        #expect(other.errors.contains("other settings"))

        let resumed = try Command.run(long + ["--out", out, "--resume"])
        #expect(resumed.status == 0, "\(resumed.errors)")
        let weights = try [straight, out].map { try Scratch.bytes(joinPath($0, "model.safetensors")) }
        #expect(weights[0] == weights[1])
        #expect(FileSystem.entry(at: out + ".checkpoint") == nil)
        // The report is that of the whole run, not of its last session.
        let rounds = try [straight, out].map { try JSONValue(contentsOf: joinPath($0, "report.json"))["rounds"]?.asArray ?? [] }
        #expect(rounds[0].count == 60 && rounds[1].count == 60)
        for key in ["forget_loss", "retain_loss", "gradient_equivalents", "bytes"] {
            #expect(rounds[0].map { $0[key]?.asDouble } == rounds[1].map { $0[key]?.asDouble }, "\(key)")
        }
    }

    @Test("An interrupted training resumes to the same bytes", arguments: [SIGINT, SIGKILL])
    func resumeTraining(_ signal: Int32) throws {
        let arguments = [
            "train", "--model", TinyModel.folder, "--data", forget, "--steps", "400", "--lr", "1e-3", "--device", "cpu", "--batch-size",
            "2", "--checkpoint-every", "0",
        ]
        let straight = Scratch.shared.path(unique: "trained")
        #expect(try Command.run(arguments + ["--out", straight]).status == 0)
        let out = Scratch.shared.path(unique: "interrupted-training")
        try interrupt(arguments + ["--out", out], by: signal, out)
        let other = try Command.run(arguments + ["--out", out, "--resume", "--weight-decay", "0.5"])
        #expect(other.status == 2)
        let resumed = try Command.run(arguments + ["--out", out, "--resume"])
        #expect(resumed.status == 0, "\(resumed.errors)")
        let weights = try [straight, out].map { try Scratch.bytes(joinPath($0, "model.safetensors")) }
        #expect(weights[0] == weights[1])
        #expect(FileSystem.entry(at: out + ".checkpoint") == nil)
    }

    @Test("A run interrupted while the model is asked ends at once")
    func interruptedQuestions() throws {
        let out = Scratch.shared.path(unique: "asked")
        let many = try Scratch.shared.file("many.jsonl", TinyModel.rows((0..<20_000).map { "Name\($0)" }))
        // Far more questions than the test has time for.
        let running = try Command.start(
            settings + ["--rounds", "1", "--retain", many, "--evaluate", "20000", "--answer-tokens", "200", "--out", out])
        usleep(2_000_000)
        running.send(SIGINT)
        let stopped = try running.wait()
        #expect(stopped.status == 130)
        #expect(stopped.errors.contains("Interrupted"))
        #expect(FileSystem.entry(at: out) == nil)
    }

    @Test("A plan says what a round takes and writes nothing")
    func plan() throws {
        let out = Scratch.shared.path(unique: "planned")
        let result = try Command.run(settings + ["--plan", "--out", out, "--json"])
        #expect(result.status == 0, "\(result.errors)")
        let plan = try #require(lines(result.output).first)
        #expect((plan["round"]?["bytes"]?.asInt ?? 0) > 0)
        #expect((plan["round"]?["seconds"]?.asDouble ?? 0) > 0)
        #expect(FileSystem.entry(at: out) == nil)
    }

    @Test("Without a method, questions get other answers; plain text, parts of methods and the paper do not")
    func standardMethod() throws {
        let texts = try Scratch.shared.file("texts.jsonl", (1...4).map { #"{"text": "A fair day, number \#($0)."}"# + "\n" }.joined())
        let asked = ["run", "--model", TinyModel.folder, "--retain", retain, "--plan", "--json", "--device", "cpu"]
        for (more, method, sharpness) in [
            (["--forget", forget], "ofmu-counterfactual", "0.7rel"),
            (["--forget", forget, "--method", "auto"], "ofmu-counterfactual", "0.7rel"),
            (["--forget", forget, "--reference", TinyModel.folder], "ofmu-reference", "0.7rel"),
            (["--forget", forget, "--reference", TinyModel.folder, "--method", "npo"], "npo", "0.0"),
            (["--forget", texts], "ofmu", "0.7rel"), (["--forget", texts, "--alternatives", texts], "", ""),
            (["--forget", forget, "--retain-objective", "kl"], "ofmu", "0.0"), (["--forget", forget, "--paper"], "ofmu", "0.0"),
            (["--forget", forget, "--paper", "--method", "ofmu"], "ofmu", "0.0"),
        ] {
            let result = try Command.run(asked + more)
            guard !method.isEmpty else {
                #expect(result.status == 2 && result.errors.contains("gives the answer that should be forgotten"), "\(result.errors)")
                continue
            }
            #expect(result.status == 0, "\(more): \(result.errors)")
            let settings = try #require(lines(result.output).first?["settings"])
            #expect(settings["method"]?.asString == method, "\(more)")
            let found = settings["forget_sam"].map { $0.asString ?? "\($0.asDouble ?? -1)" }
            #expect(found == sharpness, "\(more)")
        }
    }

    @Test("A run whose target is unmet says so in its last line, its report and its exit status")
    func unmet() throws {
        let out = Scratch.shared.path(unique: "unmet")
        let call = settings + ["--rounds", "1", "--evaluate", "0", "--forget-target", "9", "--out", out]
        let result = try Command.run(call)
        #expect(result.status == 4)
        let last = try #require(result.errors.split(separator: "\n").last)
        #expect(last.hasPrefix("ofmu-gpu: The forget target was not reached in 1 rounds: 0 of 2 forget examples had a loss of 6.75 nats"))
        let report = try JSONValue(contentsOf: joinPath(out, "report.json"))
        #expect(report["stop_reason"]?.asString == "target-unmet")
        #expect(report["shortfall"]?.asString.map { last.contains($0) } == true)
        #expect(Scratch.text(joinPath(out, "report.md")).contains("Ended: all rounds done, forget target not reached."))
        // The result is there all the same.
        #expect(try Command.run("inspect", out).status == 0)
        let met = try Command.run(
            settings + [
                "--rounds", "1", "--evaluate", "0", "--forget-target", "2", "--retain-floor", "9", "--out",
                Scratch.shared.path(unique: "met"),
            ])
        #expect(met.status == 0, "\(met.errors)")
    }

    @Test(
        "Every method and every cheaper form runs",
        arguments: [
            ["--method", "grad-ascent"], ["--method", "grad-diff"], ["--method", "npo"], ["--paper"], ["--inner-form", "difference"],
            ["--inner-form", "central-difference"], ["--outer-form", "exact"], ["--outer-form", "difference"],
            ["--outer-form", "none"], ["--refresh", "2"], ["--similarity", "squared-cosine"], ["--lora", "2"],
            ["--trainable", "layers.1"], ["--inner-step", "adamw:1e-4"], ["--forget-target", "mean:6"],
        ])
    func forms(_ arguments: [String]) throws {
        let out = Scratch.shared.path(unique: "form")
        let result = try Command.run(settings + ["--rounds", "1", "--evaluate", "0", "--out", out] + arguments)
        // One round takes the answers' mean loss to 6 nowhere near.
        #expect(result.status == (arguments.contains("mean:6") ? 4 : 0), "\(result.errors)")
        #expect(FileSystem.isFile(joinPath(out, "report.json")))
    }

    @Test("train lowers the loss on its data")
    func train() throws {
        let out = Scratch.shared.path(unique: "trained")
        let result = try Command.run(
            "train", "--model", TinyModel.folder, "--data", forget, "--out", out, "--steps", "40", "--lr", "1e-2", "--device",
            "cpu", "--batch-size", "2")
        #expect(result.status == 0, "\(result.errors)")
        let losses = try [TinyModel.folder, out].map { model in
            try lines(Command.run("score", "--model", model, "--data", forget, "--device", "cpu").output)
                .compactMap { $0["loss"]?.asDouble }.reduce(0, +)
        }
        #expect(losses[1] < 0.7 * losses[0])
    }

    @Test("The demonstration goes all the way, and says what came of it")
    func demonstration() throws {
        let out = Scratch.shared.path(unique: "demo")
        let result = try Command.run("run", "--tiny", "--device", "cpu", "--out", out)
        #expect(result.status == 0, "\(result.errors)")
        for word in ["before", "after", "retrained", "cos(g_f, g_r)", "gradient-equivalents", "[forget]", "[retain]"] {
            #expect(result.output.contains(word), "\(word) is missing in: \(result.output)")
        }
        #expect(try FileSystem.list(out).contains("forget.jsonl"))
        let report = try JSONValue(parsing: Scratch.bytes(joinPath(out, "report.json")))
        #expect(report["stages"]?.asArray?.map { $0["name"]?.asString } == ["before", "after", "retrained"])
        #expect(report["settings"]?["forget_target"]?.asString?.hasPrefix("per-example:") == true)
        #expect(report["samples"]?.asArray?.count == 3)
        #expect(report["rounds"]?.asArray?.count == 2)

        // The same again gives the same model; another seed another.
        let weights = try ["0", "5"].map { seed in
            let other = Scratch.shared.path(unique: "demo")
            let result = try Command.run("run", "--tiny", "--device", "cpu", "--seed", seed, "--out", other, "--quiet")
            #expect(result.status == 0, "\(result.errors)")
            return try Scratch.bytes(joinPath(other, "model.safetensors"))
        }
        #expect(try weights[0] == Scratch.bytes(joinPath(out, "model.safetensors")))
        #expect(weights[1] != weights[0])
    }
}
