import Files

extension ComparisonPlan {
    /// What results of this plan are stored under. Data count by their rows, not by where they lie.
    package func identity(_ data: [SplitData]) -> ResultStore.Identity {
        let models = splits.map { JSONValue.string("\($0.trained ?? "") \($0.references.joined(separator: " "))") }
        let whole = JSONObject([
            ("frame", .object(frame)), ("rows", .array(data.map { .string($0.digest) })), ("models", .array(models)),
        ])
        let cells = JSONValue.array(cells.map { .string($0.key) })
        let seeds = JSONValue.array([.integer(searchSeeds)] + self.seeds.map { .string(String($0)) })
        let digest = { (value: JSONValue) in SHA256.digest(Array(value.serialized().utf8)) }
        return ResultStore.Identity(frame: digest(.object(whole)), whole: digest([.object(whole), cells, seeds]))
    }
}
