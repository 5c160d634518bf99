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
        text +=
            "rows' answer probability relative to the trained model's, neighbours' and general utility that of rows no model saw. KS p is the "
        text += "smallest over the retrained models. Answers are judged by a model that never saw the forget rows. Relearned p is the mean "
        text += "probability of half of the forget rows while the other half is learned again. A mark says that a mean is within the 95 % "
        text += "intervals of the retrained models (bootstrap over examples), for answers not above them, for D not larger than theirs to "
        text += "each other, for KS p at least 0.05, for utilities at least 0.98.\n"
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
            [.init("method")] + figures.filter(\.isMain).map { .init($0.title, .right) } + [
                .init("reached", .right), .init("front"), .init("seeds", .right), .init("settings"), .init("D − D of the best other"),
            ])
        for row in references + ranked {
            let place = chosen.firstIndex { $0.label == row.label && row.role == .unlearned }
            let bootstrap = place.flatMap { bootstraps[$0] }
            let difference = bootstrap.map { other, outcome in
                "\(NumberText.fixed(outcome.difference)) [\(NumberText.fixed(outcome.lower)), \(NumberText.fixed(outcome.upper))] (\(other))"
            }
            let reached = figures.map { isReached($0, row) }
            let numbers = zip(figures, reached).filter(\.0.isMain).map { figure, isReached in
                (row.figures[figure.key].map { NumberText.estimate($0, figure.decimals) } ?? "-") + (isReached == true ? " ✓" : "")
            }
            let count = row.role == .unlearned ? "\(reached.count { $0 == true }) of \(reached.count { $0 != nil })" : ""
            table.add(
                [row.label] + numbers + [count, isOnFront(row) ? "●" : "", "\(row.cells.count)", row.settings, difference ?? ""])
        }
        text +=
            table.markdown
            + "\n✓: reached, of all that is measured; ●: no other method has both a smaller D and a higher utility. The last column: a paired bootstrap over forget examples, 95 % interval; below 0 is nearer to the retrained models.\n"
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

    /// Forget questions, with the answers of the data, of the references and of the first methods with their first seed.
    private func sampleAnswers(_ count: Int) -> String {
        let answers = { (row: ComparisonRow) in row.cells.first?.measurement.answers["forget"] ?? [] }
        let rows = (references + ranked.prefix(Self.shownMethods)).filter { !answers($0).isEmpty }
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
