import Files
import Inference

/// Keeps what is measured, part by part, so that an evaluation that is stopped can go on.
package protocol EvaluationLedger: AnyObject {
    /// What is kept of a part, by place.
    func entries(of part: String) -> [Int: JSONValue]
    /// Keeps more of a part.
    func keep(_ part: String, _ entries: [(place: Int, value: JSONValue)]) throws
}

extension EvaluationLedger {
    /// A part's results. What cannot be read is measured again.
    package func results<Value: LedgerValue>(of part: String) -> KeptResults<Value> {
        KeptResults(
            known: entries(of: part).compactMapValues(Value.init(ledger:)),
            keep: { [self] results in try keep(part, results.map { ($0.place, $0.result.ledger) }) })
    }

    /// A part with one result, which is made if it is not there.
    package func result<Value: LedgerValue>(of part: String, _ make: () throws -> Value) throws -> Value {
        let kept: KeptResults<Value> = results(of: part)
        if let known = kept.known[0] { return known }
        let made = try make()
        try kept.keep([(0, made)])
        return made
    }
}

/// What a ledger keeps. What is read equals what was written, to the bit.
package protocol LedgerValue {
    var ledger: JSONValue { get }
    init?(ledger: JSONValue)
}

extension Double: LedgerValue {
    package var ledger: JSONValue { .number(self) }
    package init?(ledger: JSONValue) {
        guard let value = ledger.asDouble else { return nil }
        self = value
    }
}

extension Int32: LedgerValue {
    package var ledger: JSONValue { .integer(Int(self)) }
    package init?(ledger: JSONValue) {
        guard let value = ledger.asInt, let exact = Int32(exactly: value) else { return nil }
        self = exact
    }
}

extension Array: LedgerValue where Element: LedgerValue {
    package var ledger: JSONValue { .array(map(\.ledger)) }
    package init?(ledger: JSONValue) {
        guard let values = ledger.asArray else { return nil }
        self = values.compactMap(Element.init(ledger:))
        if count != values.count { return nil }
    }
}

extension MeasuredText: LedgerValue {
    package var ledger: JSONValue {
        ["p": logProbabilities.ledger, "hits": .string(hits.map { $0 ? "1" : "0" }.joined()), "scores": scores?.ledger ?? .null]
    }
    package init?(ledger: JSONValue) {
        guard let values = ledger["p"].flatMap([Double].init(ledger:)), let hits = ledger["hits"]?.asString, let scores = ledger["scores"]
        else { return nil }
        self.init(logProbabilities: values, hits: hits.map { $0 == "1" }, scores: [Double](ledger: scores))
        if self.hits.count != values.count || (self.scores == nil && !scores.isNull) { return nil }
    }
}

extension MeasuredRounding: LedgerValue {
    package var ledger: JSONValue {
        .object(JSONObject(EvaluationRole.allCases.compactMap { role in probabilities[role].map { (role.rawValue, $0.ledger) } }))
    }
    package init?(ledger: JSONValue) {
        self.init()
        guard let members = ledger.asObject?.members else { return nil }
        for (key, value) in members {
            guard let role = EvaluationRole(rawValue: key), let values = [Double](ledger: value) else { return nil }
            probabilities[role] = values
        }
    }
}

extension MeasuredRelearning: LedgerValue {
    package var ledger: JSONValue {
        [
            "steps": .array(steps.map { .integer($0) }), "p": probabilities.ledger,
            "trained": .array(trained.sorted().map { .integer($0) }), "problem": problem.map { .string($0) } ?? .null,
        ]
    }
    package init?(ledger: JSONValue) {
        guard let steps = ledger["steps"]?.asArray?.compactMap(\.asInt), let trained = ledger["trained"]?.asArray?.compactMap(\.asInt),
            let values = ledger["p"].flatMap([[Double]].init(ledger:)), values.count == steps.count
        else { return nil }
        self.init(steps: steps, probabilities: values, trained: Set(trained), problem: ledger["problem"]?.asString)
    }
}

extension MeasuredDepth: LedgerValue {
    package var ledger: JSONValue {
        [[original], patched.model, patched.reference, lens.model, lens.reference, originalLens].ledger
    }
    package init?(ledger: JSONValue) {
        guard let tables = [[[Double]]](ledger: ledger), tables.count == 6, tables[0].count == 1 else { return nil }
        self.init()
        original = tables[0][0]
        patched = Pair(model: tables[1], reference: tables[2])
        lens = Pair(model: tables[3], reference: tables[4])
        originalLens = tables[5]
    }
}
