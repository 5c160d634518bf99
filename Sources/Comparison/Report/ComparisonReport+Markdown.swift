import Reporting

extension ComparisonReport {
    /// The report for people.
    package var markdown: String {
        var text = "# \(name)\n\n"
        text +=
            "Means over seeds (retrained: over models) ± half the 95 % interval (Student's t). \(SelectionRule.text(searched: searched))\n\n"
        text +=
            "D is the Kolmogorov–Smirnov distance of the forget rows' truth ratios (of their answer losses, where rows have no perturbed "
        text +=
            "answers) to those of the retrained models, a mean over these; for the retrained models, to each other. Utility is the retain "
        text += "rows' answer probability relative to the trained model's.\n"
        for group in groups { text += group.markdown(samples: samples) }
        if !failed.isEmpty {
            text += "\n## Without a result\n\n" + failed.map { "- \($0.cell.key): \($0.problem ?? "")\n" }.joined()
        }
        if unfinished > 0 { text += "\nThe comparison is not complete: \(unfinished) cells were begun and not finished.\n" }
        return text
    }
}

extension ComparisonReport.Group {
    fileprivate func markdown(samples: Int) -> String {
        var text = "\n## \(title)\n\n"
        var table = TextTable(
            [.init("method")] + figures.map { .init($0.title, .right) } + [
                .init("seeds", .right), .init("settings"), .init("D − D of the best other"),
            ])
        for (index, row) in (references + chosen).enumerated() {
            let bootstrap = index < references.count ? nil : bootstraps[index - references.count]
            let difference = bootstrap.map { other, outcome in
                "\(NumberText.fixed(outcome.difference)) [\(NumberText.fixed(outcome.lower)), \(NumberText.fixed(outcome.upper))] (\(other))"
            }
            let numbers = figures.map { figure in row.figures[figure.key].map { NumberText.estimate($0, figure.decimals) } ?? "-" }
            table.add([row.label] + numbers + ["\(row.cells.count)", row.settings, difference ?? ""])
        }
        text +=
            table.markdown
            + "\nThe last column: a paired bootstrap over forget examples, 95 % interval; below 0 is nearer to the retrained models.\n"
        text += "\n![D and utility](pareto-\(stem).svg)\n"
        if all.count > chosen.count {
            text += "\n### All settings\n\n"
            var table = TextTable([
                .init("method"), .init("settings"), .init("D", .right), .init("utility", .right), .init("seeds", .right),
            ])
            for row in all {
                let number = { (key: String) in row.figures[key].map { NumberText.estimate($0) } ?? "-" }
                table.add([row.label, row.settings, number("distance"), number("utility"), "\(row.cells.count)"])
            }
            text += table.markdown
        }
        return text + sampleAnswers(samples)
    }

    /// Forget questions, with the answers of the data, of the references and of every method's first seed.
    private func sampleAnswers(_ count: Int) -> String {
        let answers = { (row: ComparisonRow) in row.cells.first?.measurement.sets["forget"]?.answers ?? [] }
        let rows = (references + chosen).filter { !answers($0).isEmpty }
        guard count > 0, let questions = rows.first.map(answers) else { return "" }
        var text = "\n### Answers about what was to be forgotten\n"
        let shown = min(count, questions.count)
        for index in (0..<shown).map({ $0 * questions.count / shown }) {
            var table = TextTable([.init("who"), .init(questions[index].question)])
            table.add(["data", questions[index].reference])
            for row in rows where index < answers(row).count { table.add([row.label, answers(row)[index].generated]) }
            text += "\n" + table.markdown
        }
        return text
    }
}
