import ArgumentParser
import Files
import Reporting
import Unlearning

/// Lists what `--method` can name.
struct MethodsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "methods",
        abstract: "Lists the methods: their parts, what they need, and what a step costs.",
        discussion: """
            A method is a forget objective, which is climbed, a retain objective, which is descended, and a combination of the two. \
            Each can be exchanged: "ofmu-gpu run --method npo --combination bi-level".

            Costs are in gradient-equivalents: 1 is one forward and one backward pass over one batch.

            Example: ofmu-gpu methods --json
            """)

    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = output.console
        for method in UnlearningMethod.allCases {
            let description = try method.described()
            try console.say(Self.lines(description))
            try console.emit(Self.json(description))
        }
    }

    private static func lines(_ description: MethodDescription) -> String {
        let method = description.method
        var cost = "\(NumberText.fixed(description.forgetStepCost, 1)) a \(method.usesForget ? "forget step" : "step on the retain set")"
        if let restore = description.restoreStepCost { cost += ", \(NumberText.fixed(restore, 1)) a restore step" }
        var lines = [
            "\(method.name): \(method.summary) (\(method.source))",
            "    forget objective \(description.forgetObjective), retain objective \(description.retainObjective ?? "none"), "
                + "combination \(description.combination)",
            "    needs: \(description.needs.isEmpty ? "nothing more" : description.needs.joined(separator: ", ")); \(cost)",
        ]
        if !description.forgetParameters.isEmpty {
            let parameters = description.forgetParameters.map { "\($0.name) \(NumberText.significant($0.value))" }
            lines.append("    forget parameters: \(parameters.joined(separator: ", "))")
        }
        if !method.defaults.isEmpty {
            lines.append("    defaults: \(options(method.defaults))")
        }
        if !method.published.isEmpty { lines.append("    the authors': \(options(method.published))") }
        return lines.joined(separator: "\n")
    }

    private static func options(_ texts: [String: String]) -> String {
        texts.sorted { $0.key < $1.key }.map { "--\($0.key) \($0.value)" }.joined(separator: " ")
    }

    private static func object(_ texts: [String: String]) -> JSONValue {
        .object(JSONObject(texts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }

    private static func json(_ description: MethodDescription) -> JSONValue {
        let method = description.method
        return [
            "method": .string(method.name), "summary": .string(method.summary), "source": .string(method.source),
            "forget_objective": .string(description.forgetObjective),
            "forget_parameters": .array(description.forgetParameters.map(Self.json)),
            "retain_objective": description.retainObjective.map { .string($0) } ?? .null,
            "combination": .string(description.combination), "needs": .array(description.needs.map { .string($0) }),
            "forget_step_gradient_equivalents": .number(description.forgetStepCost),
            "restore_step_gradient_equivalents": description.restoreStepCost.map { .number($0) } ?? .null,
            "defaults": object(method.defaults), "published": object(method.published),
        ]
    }

    private static func json(_ parameter: ParameterDescription) -> JSONValue {
        [
            "name": .string(parameter.name), "meaning": .string(parameter.meaning), "unit": .string(parameter.unit),
            "default": .number(parameter.value), "range": .string(parameter.range), "whole": .bool(parameter.isWhole),
        ]
    }
}
