import Reporting

extension ComparisonReport.Group {
    /// The tables of a split and a budget.
    func markdown(samples: Int) -> String {
        var text = "\n## \(title)\n"
        text += "\n### Result\n\n" + table(.result, showsFront: true) + "\n![D and utility](pareto-\(stem).svg)\n"
        let lasting = table(.lasting)
        if !lasting.isEmpty { text += "\n### Does it last\n\n" + lasting }
        text += "\n### Goals\n\n" + goals
        text += "\n### Settings\n\n" + settings
        if all.count > chosen.count { text += "\n### All settings\n\n" + allSettings }
        return text + sampleAnswers(samples)
    }

    /// The figures of one table, for references and methods.
    private func table(_ kind: ComparisonFigure.Table, showsFront: Bool = false) -> String {
        let figures = figures.filter { $0.table == kind }
        guard !figures.isEmpty else { return "" }
        var table = TextTable(
            [.init("method")] + figures.map { .init($0.title, .right) } + (showsFront ? [.init("front")] : []))
        for row in references { table.add([row.label] + figures.map { number($0, row) }) }
        let goals = figures.map { figure in target(figure).map { ComparisonFigure.Goal.text($0, figure.decimals) } ?? "" }
        table.add(["*goal*"] + goals)
        for row in ranked { table.add([row.label] + figures.map { number($0, row) } + [isOnFront(row) ? "●" : ""]) }
        return table.markdown
    }

    private func number(_ figure: ComparisonFigure, _ row: ComparisonRow) -> String {
        (row.figures[figure.key].map { NumberText.estimate($0, figure.decimals) } ?? "-") + (isReached(figure, row) == true ? " ✓" : "")
    }

    /// Every goal of every method.
    private var goals: String {
        var table = TextTable([.init("method"), .init("reached", .right)] + ComparisonGoal.all.map { .init($0.title) })
        let rows = ranked.map { row in (row, reachedCount(row)) }
        for (row, count) in rows.sorted(by: { $0.1 > $1.1 }) {
            let marks = ComparisonGoal.all.map { goal in isReached(goal, row).map { $0 ? "✓" : "no" } ?? "?" }
            table.add([row.label, "\(count) of \(marks.count)"] + marks)
        }
        return table.markdown + "\n" + ComparisonGoal.all.map { "\($0.title): \($0.meaning)" }.joined(separator: "; ")
            + ". \"?\" is not measured, and counts as not reached.\n"
    }

    /// What each method's numbers were made with, and how sure its D is.
    private var settings: String {
        var table = TextTable([
            .init("method"), .init("settings"), .init("seeds", .right), .init("failed", .right), .init("D − D of the best other"),
        ])
        for row in ranked {
            let place = chosen.firstIndex { $0.label == row.label }
            let difference = place.flatMap { bootstraps[$0] }.map { other, outcome in
                "\(NumberText.fixed(outcome.difference)) [\(NumberText.fixed(outcome.lower)), \(NumberText.fixed(outcome.upper))] (\(other))"
            }
            table.add([row.label, row.settings, "\(row.cells.count)", "\(row.failed.count)", difference ?? ""])
        }
        return table.markdown
            + "\nThe last column: a paired bootstrap over forget examples, 95 % interval; below 0 is nearer to the retrained models.\n"
    }

    private var allSettings: String {
        var table = TextTable([
            .init("method"), .init("settings"), .init("D", .right), .init("utility", .right), .init("seeds", .right),
            .init("failed", .right),
        ])
        for row in all {
            let number = { (key: String) in row.figures[key].map { NumberText.estimate($0) } ?? "-" }
            table.add([row.label, row.settings, number("distance"), number("utility"), "\(row.cells.count)", "\(row.failed.count)"])
        }
        return table.markdown
    }

    /// Forget questions, with the answers of the data, of the model before, of the first methods with their first seed, and of a
    /// retrained model.
    private func sampleAnswers(_ count: Int) -> String {
        let answers = { (row: ComparisonRow) in row.cells.first?.measurement.answers["forget"] ?? [] }
        let who = { (row: ComparisonRow) in
            switch row.role {
            case .trained: "before"
            case .retrained: "retrained"
            case .unlearned: "after \(row.label)"
            }
        }
        let before = references.filter { $0.role == .trained }, retrained = references.filter { $0.role == .retrained }
        let rows = (before + ranked.prefix(Self.shownMethods) + retrained).filter { !answers($0).isEmpty }
        guard count > 0, let questions = rows.first.map(answers) else { return "" }
        var text = "\n### Answers about what was to be forgotten\n"
        let shown = min(count, questions.count)
        for index in (0..<shown).map({ $0 * questions.count / shown }) {
            var table = TextTable([.init("who"), .init(questions[index].question)])
            table.add(["data", questions[index].reference])
            for row in rows where index < answers(row).count { table.add([who(row), answers(row)[index].generated]) }
            text += "\n" + table.markdown
        }
        return text
    }
}
