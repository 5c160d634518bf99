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
        return .object(JSONObject([("relearning", .object(curves))]))
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
