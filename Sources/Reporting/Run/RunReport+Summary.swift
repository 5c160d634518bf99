import Evaluation

extension RunReport {
    /// The report in a screenful: the table, the trace of the cosine, the cost, and the sample answers.
    package func summary(_ style: OutputStyle) -> String {
        var text = ""
        if !stages.isEmpty {
            // Narrow terminals get the means alone: half a number would be worse than no interval.
            var table = RunTables.stages(stages).rendered(style)
            if let width = style.width, table.split(separator: "\n").contains(where: { $0.count > width }) {
                table = RunTables.stages(stages.map(Self.withoutIntervals)).rendered(style)
            }
            text += table + "\n"
        }
        if settings.method.usesRetain, !rounds.isEmpty { text += RunTables.cosineTrace(rounds, style) + "\n" }
        text += "Cost: \(RunTables.cost(cost))\n"
        if let change { text += "Weights: \(change.text)\n" }
        let approximations = settings.approximations
        text += "Approximations: \(approximations.isEmpty ? "none" : approximations.joined(separator: "; "))\n"
        for sample in samples {
            text += "\n[\(sample.role)] \(sample.question.isEmpty ? "(nothing)" : sample.question)\n"
            let answers = [Entry("data", sample.reference)] + sample.answers
            let names = answers.map(\.name.count).max() ?? 0
            for answer in answers {
                let space = String(repeating: " ", count: names - answer.name.count)
                text += "  \(answer.name)\(space)  \(answer.value.isEmpty ? "(nothing)" : answer.value)\n"
            }
        }
        return Self.printable(text)
    }

    private static func withoutIntervals(_ stage: Stage) -> Stage {
        let bare = { (metrics: [MetricSummary]) in
            metrics.map {
                MetricSummary(
                    key: $0.key, title: $0.title, estimate: Estimate(mean: $0.estimate.mean, halfWidth: nil, count: $0.estimate.count))
            }
        }
        return Stage(name: stage.name, forget: bare(stage.forget), retain: bare(stage.retain))
    }

    /// What a model says may hold anything, control characters too.
    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control && $0 != "\n" ? " " : $0 }))
    }
}
