import Evaluation

extension RunReport {
    /// The report for people.
    public var markdown: String {
        var text = "# \(Self.inline(title))\n\n\(Self.inline(date)) on \(Self.inline(device))\n"
        if let shortfall { text += "\n**\(Self.inline(shortfall))**\n" }
        if !stages.isEmpty {
            text += "\n## Result\n\nMeans over the examples with 95% intervals.\n\n" + RunTables.stages(stages).markdown
        }
        if let change { text += (stages.isEmpty ? "\n## Result\n" : "") + "\nWeights: \(Self.inline(change.text)).\n" }
        if !samples.isEmpty { text += "\n## Sample answers\n" + samples.map(Self.section).joined() }
        text += "\n## What was asked\n\n"
        var files = TextTable([.init("set"), .init("file"), .init("examples", .right), .init("SHA-256")])
        for file in data { files.add([file.role, file.path, String(file.examples), file.sha256]) }
        text += files.markdown
        if !model.isEmpty { text += "\n## Model\n\n" + Self.list(model) }
        text += "\n## Method\n\n" + Self.list(settings.codes.members.map { Entry($0.key, $0.value.asString ?? $0.value.serialized()) })
        if !otherSettings.isEmpty { text += "\nOther settings:\n\n" + Self.list(otherSettings) }
        let approximations = settings.approximations
        text += "\nApproximations: " + (approximations.isEmpty ? "none" : approximations.joined(separator: "; ")) + ".\n"
        text += "\n## Cost\n\n\(RunTables.cost(cost)); \(rounds.count) rounds."
        text += stopReason.map { " Ended: \($0).\n" } ?? " Interrupted before its end.\n"
        if !rounds.isEmpty {
            text +=
                "\n## Rounds\n\nLosses are means over the round's batches; norms and the cosine are those of its last step.\n\n"
                + RunTables.rounds(rounds).markdown
        }
        if !versions.isEmpty { text += "\n## Versions\n\n" + Self.list(versions) }
        if !notes.isEmpty { text += "\n## Notes\n\n" + notes.map { "- \(Self.inline($0))\n" }.joined() }
        return text
    }

    private static func section(_ sample: SampleAnswers) -> String {
        let question = sample.question.isEmpty ? "(nothing)" : "**\(inline(sample.question))**"
        var text = "\n\(question) (\(inline(sample.role)))\n\n- in the data: \(inline(sample.reference))\n"
        for answer in sample.answers { text += "- \(inline(answer.name)): \(answer.value.isEmpty ? "(nothing)" : inline(answer.value))\n" }
        return text
    }

    private static func list(_ entries: [Entry]) -> String {
        entries.map { "- \(inline($0.name)): \(inline($0.value))\n" }.joined()
    }

    /// Text from data or a model as plain text: nothing of it may become markup.
    private static func inline(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar.properties.generalCategory == .control {
                result.append(" ")
            } else {
                if "\\`*_<>[]|#".unicodeScalars.contains(scalar) { result.append("\\") }
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
