import Evaluation
import Files
import Reporting

/// Recovery curves, for results and for people.
enum RobustnessReport {
    static func json(_ measured: MeasuredRobustness) -> JSONValue {
        var curves = JSONObject()
        for data in RelearningData.allCases {
            guard let curve = measured.relearnt[data], !curve.steps.isEmpty else { continue }
            let numbers = { (values: [Double]) -> JSONValue in .array(values.map { .number($0) }) }
            curves[data.rawValue] = [
                "steps": .array(curve.steps.map { .integer($0) }), "trained": .array(curve.trained.sorted().map { .integer($0) }),
                "unseen": numbers(curve.curve(.unseen)), "all": numbers(curve.curve(.all)),
                "examples": .array(curve.probabilities.map(numbers)),
            ]
        }
        var object = JSONObject([("relearning", .object(curves))])
        if let depth = measured.depth { object["depth"] = json(depth) }
        return .object(object)
    }

    /// Mean log-probabilities by layer, and those of every row.
    private static func json(_ depth: MeasuredDepth) -> JSONValue {
        let table = { (rows: [[Double]]) -> JSONValue in
            let layers = rows.first?.count ?? 0
            let means = (0..<layers).map { layer in rows.reduce(0) { $0 + $1[layer] } / Double(rows.count) }
            return [
                "by_layer": .array(means.map { .number($0) }), "examples": .array(rows.map { .array($0.map { .number($0) }) }),
            ]
        }
        return [
            "original": .array(depth.original.map { .number($0) }), "patched": table(depth.patched.model),
            "patched_reference": table(depth.patched.reference), "lens": table(depth.lens.model),
            "lens_reference": table(depth.lens.reference), "lens_original": table(depth.originalLens),
        ]
    }

    /// The forget answers' probability by step, beside the reference's; empty without a curve.
    static func table(_ measured: MeasuredRobustness, _ reference: MeasuredRobustness?, _ style: OutputStyle) -> String {
        var text = ""
        for data in RelearningData.allCases {
            guard let curve = measured.relearnt[data], !curve.steps.isEmpty else { continue }
            let part: MeasuredRelearning.Part = curve.places(.unseen).isEmpty ? .all : .unseen
            let other = reference?.relearnt[data]
            var table = TextTable([.init("steps", .right), .init("probability", .right), .init("reference", .right)])
            for (place, value) in curve.curve(part).enumerated() {
                let target = other.flatMap { $0.steps == curve.steps ? NumberText.fixed($0.curve(part)[place]) : nil }
                table.add(["\(curve.steps[place])", NumberText.fixed(value), target ?? "–"])
            }
            text += "\nForget answers while a copy is trained on \(data.title):\n" + table.rendered(style)
        }
        return text
    }
}
