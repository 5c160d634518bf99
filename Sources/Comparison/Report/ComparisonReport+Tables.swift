import Evaluation
import Files

extension ComparisonReport {
    /// Every cell in one line, with the figures as they are.
    package var csv: String {
        let figures = ComparisonFigure.all
        var lines = [
            [
                "split", "budget", "role", "method", "settings", "seed", "chosen", "status", "problem", "rounds", "steps", "forget_steps",
                "forget_examples", "end",
            ] + figures.map(\.key)
        ]
        for group in groups {
            for row in group.references + group.all {
                let isChosen = group.chosen.contains { $0.label == row.label && $0.settings == row.settings }
                for stored in row.cells + row.failed {
                    let cell = stored.cell
                    let numbers = figures.map { figure in
                        stored.status == .done ? figure.value(stored, group.reference).map { "\($0)" } ?? "" : ""
                    }
                    lines.append(
                        [
                            group.split, "\(group.budget)", cell.role.rawValue, cell.label, cell.settings.isEmpty ? "" : cell.settingsText,
                            cell.role == .unlearned ? "\(cell.seed)" : "", cell.role == .unlearned ? "\(isChosen)" : "",
                            stored.status.rawValue, stored.problem ?? "", "\(stored.cost.rounds)", "\(stored.cost.steps)",
                            "\(stored.cost.forgetSteps)", "\(stored.cost.forgetExamples)", stored.cost.end,
                        ] + numbers)
                }
            }
        }
        return lines.map { $0.map(Self.field).joined(separator: ",") + "\n" }.joined()
    }

    /// RFC 4180.
    private static func field(_ text: String) -> String {
        text.contains { $0 == "," || $0 == "\"" || $0.isNewline } ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }

    /// The same as the Markdown, for programs.
    package var json: JSONValue {
        [
            "name": .string(name), "rule": .string(SelectionRule.text(searched: searched)), "done": .integer(done),
            "unfinished": .integer(unfinished),
            "failed": .array(failed.map { ["cell": .string($0.cell.key), "problem": .string($0.problem ?? "")] }),
            "groups": .array(groups.map(\.json)),
        ]
    }
}

extension ComparisonReport.Group {
    fileprivate var json: JSONValue {
        func row(_ row: ComparisonRow) -> JSONObject {
            let figures = row.figures.sorted { $0.key < $1.key }.map { key, estimate in
                (
                    key,
                    [
                        "mean": .number(estimate.mean), "half_width": estimate.halfWidth.map { .number($0) } ?? .null,
                        "count": .integer(estimate.count),
                    ] as JSONValue
                )
            }
            return JSONObject([
                ("method", .string(row.label)), ("role", .string(row.role.rawValue)), ("settings", .string(row.settings)),
                ("failures", .integer(row.failed.count)), ("on_front", .bool(isOnFront(row))),
                (
                    "reached",
                    .array(ComparisonFigure.all.filter { isReached($0, row) == true }.map { .string($0.key) })
                ), ("goals", row.role == .unlearned ? goals(row) : .null),
                ("goals_reached", row.role == .unlearned ? .integer(reachedCount(row)) : .null),
                ("figures", .object(JSONObject(figures))),
            ])
        }
        let chosen = zip(chosen, bootstraps).map { method, bootstrap -> JSONValue in
            var object = row(method)
            object.members.append(
                (
                    "against_best_other",
                    bootstrap.map { other, outcome in
                        [
                            "other": .string(other), "difference": .number(outcome.difference), "lower": .number(outcome.lower),
                            "upper": .number(outcome.upper),
                        ]
                    } ?? .null
                ))
            return .object(object)
        }
        return [
            "split": .string(split), "budget": .string("\(budget)"), "targets": targets,
            "references": .array(references.map { .object(row($0)) }),
            "methods": .array(chosen), "all_settings": .array(all.map { .object(row($0)) }),
        ]
    }

    /// Each goal: reached, not reached, or null where it is not measured.
    private func goals(_ row: ComparisonRow) -> JSONValue {
        .object(JSONObject(ComparisonGoal.all.map { goal in (goal.key, isReached(goal, row).map { .bool($0) } ?? .null) }))
    }

    /// By figure, from where to where a mean reaches its goal; null for an end that is open.
    private var targets: JSONValue {
        let end = { (value: Double) -> JSONValue in value.isFinite ? .number(value) : .null }
        return .object(
            JSONObject(
                ComparisonFigure.all.compactMap { figure in
                    target(figure).map { (figure.key, ["lower": end($0.lowerBound), "upper": end($0.upperBound)]) }
                }))
    }
}
