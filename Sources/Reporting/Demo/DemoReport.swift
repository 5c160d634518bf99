import Evaluation
import Models
import Text

extension RunReport {
    /// The report of the demo.
    /// - Parameters:
    ///   - date: when it ran, in the caller's words.
    ///   - versions: of the engine and what it stands on.
    public init(_ result: DemoResult, date: String, versions: [Entry] = []) {
        self.init(
            title: "Unlearning demo: \(result.settings.forgotten) of \(result.settings.people) fictitious people", date: date,
            settings: result.unlearning, device: result.device, rounds: result.rounds)
        data = [("forget", result.data.forget), ("retain", result.data.retain)].map { role, examples in
            DataFile(
                role: role, path: "\(role).jsonl (generated)", examples: examples.count,
                sha256: SHA256.digest(Array(FictitiousPeople.jsonLines(examples).utf8)))
        }
        let sizes = result.model.model.dimensions
        model = [
            Entry("architecture", result.model.model.architecture), Entry("layers", String(sizes.layers)),
            Entry("width", String(sizes.width)), Entry("vocabulary", String(sizes.vocabulary)),
            Entry("parameters", NumberText.grouped(result.model.split.moving.count)), Entry("moving parameters", "all"),
        ]
        otherSettings = [
            Entry("demo seed", String(result.settings.seed)), Entry("training steps", String(result.settings.steps)),
            Entry("training batch", String(result.settings.batch)),
            Entry("training rate", NumberText.significant(result.settings.rate)),
        ] + result.seconds.map { Entry("time, \($0.phase.title)", NumberText.duration($0.seconds)) }
        self.versions = versions
        stopReason = result.stopReason
        stages = [
            Stage(name: "before", forget: result.before.forget, retain: result.before.retain),
            Stage(name: "after", forget: result.after.forget, retain: result.after.retain),
            Stage(name: "retrained", forget: result.retrained.forget, retain: result.retrained.retain),
        ]
        samples = result.sampleIndices.map { isForget, index in
            let evaluation = { (stage: DemoResult.Stage) in (isForget ? stage.forget : stage.retain).examples[index] }
            let before = evaluation(result.before)
            return SampleAnswers(
                role: isForget ? "forget" : "retain", question: before.question, reference: before.reference,
                answers: [
                    Entry("before", before.generated ?? ""), Entry("after", evaluation(result.after).generated ?? ""),
                    Entry("retrained", evaluation(result.retrained).generated ?? ""),
                ])
        }
        notes = [
            "The retrained model began from the same parameters and took the same number of steps, without the forgotten people.",
            "Before unlearning, the mean answer loss about people in no training data was "
                + "\(NumberText.fixed(result.strangersLoss)).",
        ]
    }

    /// The report in a screenful: the table, the trace of the cosine, the cost, and the sample answers.
    public func summary(_ style: OutputStyle) -> String {
        // Narrow terminals get the means alone: half a number would be worse than no interval.
        var table = RunTables.stages(stages).rendered(style)
        if let width = style.width, table.split(separator: "\n").contains(where: { $0.count > width }) {
            table = RunTables.stages(stages.map(Self.withoutIntervals)).rendered(style)
        }
        var text = "\(title)\n\n\(table)\n\(RunTables.cosineTrace(rounds, style))\n"
        text += "unlearning: \(rounds.count) rounds, \(RunTables.cost(cost))\n"
        let approximations = settings.approximations
        text += "approximations: \(approximations.isEmpty ? "none" : approximations.joined(separator: "; "))\n"
        for sample in samples {
            text += "\n[\(sample.role)] \(sample.question)\n"
            let names = sample.answers.map(\.name.count).max() ?? 0
            for answer in sample.answers {
                let space = String(repeating: " ", count: names - answer.name.count)
                text += "  \(answer.name)\(space)  \(answer.value.isEmpty ? "(nothing)" : Self.printable(answer.value))\n"
            }
        }
        return text
    }

    private static func withoutIntervals(_ stage: Stage) -> Stage {
        let bare = { (metrics: [MetricSummary]) in
            metrics.map { MetricSummary(
                key: $0.key, title: $0.title, estimate: Estimate(mean: $0.estimate.mean, halfWidth: nil, count: $0.estimate.count)) }
        }
        return Stage(name: stage.name, forget: bare(stage.forget), retain: bare(stage.retain))
    }

    /// What a model says may hold anything, control characters too.
    private static func printable(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }
}
