import Files
import Reporting
import Unlearning

extension RunForecast {
    package var json: JSONValue {
        func part(_ steps: Steps) -> JSONValue {
            [
                "steps": .integer(steps.count), "seconds": steps.seconds.map { .number($0) } ?? .null, "bytes": .integer(steps.bytes),
                "flops": .number(steps.flops), "gradient_equivalents": .number(steps.gradientEquivalents),
            ]
        }
        return [
            "inner": part(inner), "outer": outer.map(part) ?? .null, "seconds": seconds.map { .number($0) } ?? .null,
            "bytes": .integer(bytes), "vector_bytes": .integer(vectorBytes), "gradient_equivalents": .number(gradientEquivalents),
            "once": .number(once),
        ]
    }

    /// A round in one line for people.
    package var text: String {
        let time = seconds.map { "about \(NumberText.duration($0)), " } ?? ""
        let cost = { (steps: Steps, name: String) in
            "\(steps.count) \(name) steps of \(NumberText.fixed(steps.gradientEquivalents, 1))"
        }
        return time + "\(NumberText.bytes(bytes)), \(NumberText.fixed(gradientEquivalents, 0)) gradient-equivalents "
            + "(" + ([cost(inner, "forget")] + (outer.map { [cost($0, "restore")] } ?? [])).joined(separator: ", ") + ")"
    }
}
