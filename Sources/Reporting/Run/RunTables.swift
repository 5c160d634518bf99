import Evaluation
import Unlearning

/// The tables that reports and the terminal share.
package enum RunTables {
    /// Each metric on both sets, stage by stage.
    package static func stages(_ stages: [RunReport.Stage], decimals: Int = 3) -> TextTable {
        var table = TextTable(
            [.init("set"), .init("metric")] + stages.map { TextTable.Column($0.name, .right) })
        let sets: [(name: String, metrics: (RunReport.Stage) -> [MetricSummary])] = [
            ("forget", { $0.forget }), ("retain", { $0.retain }),
        ]
        for (name, metrics) in sets {
            var seen: [MetricSummary] = []
            for metric in stages.flatMap(metrics) where !seen.contains(where: { $0.key == metric.key }) { seen.append(metric) }
            for metric in seen {
                let cells = stages.map { stage in
                    metrics(stage).first { $0.key == metric.key }.map { NumberText.estimate($0.estimate, decimals) } ?? "-"
                }
                table.add([name, metric.title] + cells)
            }
        }
        return table
    }

    /// The telemetry of every round.
    package static func rounds(_ rounds: [RoundRecord]) -> TextTable {
        let constrains = rounds.contains { $0.multiplier != nil }
        let titles =
            ["round", "L_f", "saturated", "L_r", "cos", "|g_f|", "|g_r|", "|dPhi|", "|dF|", "curvature", "rho", "beta"]
            + (constrains ? ["lambda"] : []) + ["gradients", "time"]
        var table = TextTable(titles.map { .init($0, .right) })
        for record in rounds {
            let numbers =
                [
                    record.forgetGradientNorm, record.retainGradientNorm, record.penaltyGradientNorm, record.outerGradientNorm,
                    record.curvature, record.rho, record.beta,
                ] + (constrains ? [record.multiplier] : [])
            table.add(
                [
                    String(record.round + 1), NumberText.fixed(record.forgetLoss ?? .nan), NumberText.fixed(record.saturatedShare, 2),
                    NumberText.fixed(record.retainLoss ?? .nan), NumberText.fixed(record.similarity ?? .nan),
                ] + numbers.map { NumberText.significant($0 ?? .nan) } + [
                    NumberText.fixed(record.gradientEquivalents, 1), NumberText.duration(record.seconds),
                ])
        }
        return table
    }

    /// One line: the similarity of both gradients over the rounds, with its first and last value.
    package static func cosineTrace(_ rounds: [RoundRecord], _ style: OutputStyle) -> String {
        let values = rounds.compactMap(\.similarity)
        guard let first = values.first, let last = values.last else { return "cos(g_f, g_r): no rounds" }
        let width = style.width.map { max(8, $0 - 40) } ?? 60
        let line = Sparkline.drawn(values, range: -1...1, width: min(width, 60), style)
        return "cos(g_f, g_r)  \(NumberText.fixed(first, 2)) \(line) \(NumberText.fixed(last, 2))  (scale -1 to 1)"
    }

    /// One line: what unlearning cost.
    package static func cost(_ cost: RunReport.Cost) -> String {
        "\(NumberText.fixed(cost.gradientEquivalents, 0)) gradient-equivalents, \(NumberText.duration(cost.seconds)), "
            + "\(NumberText.bytes(cost.bytes)) on the device"
    }
}
