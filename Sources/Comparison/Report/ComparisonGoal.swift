/// Something that a method of unlearning should reach, and how it is told. A new one is a line in `all`.
struct ComparisonGoal: Sendable {
    let key: String
    let title: String
    /// In words, for the report.
    let meaning: String
    let test: Test

    enum Test: Sendable {
        /// Every one of these figures reaches its own goal.
        case figures([String])
        /// No other method is better in one of D and utility and as good in the other.
        case front
    }

    static let all = [
        ComparisonGoal(key: "distance", title: "D", meaning: "D no larger than that of the retrained models to each other", ["distance"]),
        ComparisonGoal(key: "ks_p", title: "KS p", meaning: "KS p of at least 0.05", ["ks_p"]),
        ComparisonGoal(
            key: "utility", title: "utility", meaning: "utility and neighbours' utility of at least \(SelectionRule.utility)",
            ["utility", "neighbours_utility"]),
        ComparisonGoal(
            key: "extraction", title: "ES", meaning: "extraction strength within the retrained models' interval", ["extraction_strength"]),
        ComparisonGoal(key: "privleak", title: "privleak", meaning: "privleak within theirs", ["privleak"]),
        ComparisonGoal(key: "uds", title: "UDS", meaning: "unlearning depth within theirs", ["uds"]),
        ComparisonGoal(key: "relearning", title: "relearning", meaning: "relearned p within theirs", ["relearned"]),
        ComparisonGoal(
            key: "fluency", title: "fluency",
            meaning: "answers neither less likely under the judge nor more often fallen apart than the retrained models' intervals allow",
            ["judge_loss", "fallen_apart"]),
        ComparisonGoal(
            key: "front", title: "front", meaning: "on the Pareto front of D and utility among the methods of this comparison", .front),
        ComparisonGoal(
            key: "cost", title: "cost", meaning: "at most twice gradient ascent's for the same forget examples", ["relative_cost"]),
    ]

    private init(key: String, title: String, meaning: String, _ test: Test) {
        (self.key, self.title, self.meaning, self.test) = (key, title, meaning, test)
    }

    private init(key: String, title: String, meaning: String, _ figures: [String]) {
        self.init(key: key, title: title, meaning: meaning, .figures(figures))
    }
}

extension ComparisonReport.Group {
    /// Whether a method's means reach a goal; nil where something is not measured that would decide it.
    func isReached(_ goal: ComparisonGoal, _ row: ComparisonRow) -> Bool? {
        switch goal.test {
        case .front: return row.mean("distance") == nil || row.mean("utility") == nil ? nil : isOnFront(row)
        case .figures(let keys):
            let parts = ComparisonFigure.all.filter { keys.contains($0.key) }.map { isReached($0, row) }
            return parts.contains(false) ? false : parts.contains(nil) ? nil : true
        }
    }

    /// How many of the goals a method reaches; one that is not measured counts as not reached.
    func reachedCount(_ row: ComparisonRow) -> Int { ComparisonGoal.all.count { isReached($0, row) == true } }
}
