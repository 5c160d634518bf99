import Data
import Evaluation
import Files
import Runs

/// The rows of a split: those to train and unlearn with, and those that are asked.
package struct SplitData {
    package let split: SplitPlan
    package let forget: [Example]
    package let retain: [Example]
    /// The sets that are asked; forget and retain are always there.
    package let asked: [EvaluationRole: [EvaluationItem]]
    /// Every word that stands in the rows, asked or trained.
    package let vocabulary: Set<String>
    /// Of all rows, in their order.
    package let digest: String

    /// Reads all files of a split.
    /// - Throws: what reading throws, with the file and the row or the key; `ComparisonError.plan` for a split without rows, or one
    ///   that keeps what it forgets.
    package init(_ split: SplitPlan, of plan: ComparisonPlan) throws {
        let read = { (selection: DataSelection) in try selection.read(in: plan.data, plan: plan.file) }
        let forget = try read(split.forget), retain = try read(split.retain)
        let forgetAnswers = Set(forget.map(\.line)), kept = retain.first { forgetAnswers.contains($0.line) }
        if let kept {
            throw ComparisonError.plan(
                file: plan.file, place: split.retain.place, problem: "\(kept.position) is also a row to forget.")
        }
        var asked: [EvaluationRole: [EvaluationItem]] = [:]
        var hash = SHA256()
        let add = { (examples: [Example], hash: inout SHA256) in
            for example in examples { Array((example.line + "\n").utf8).withUnsafeBytes { hash.update($0) } }
            Array("\n".utf8).withUnsafeBytes { hash.update($0) }
        }
        add(forget, &hash)
        add(retain, &hash)
        let pair = { (example: Example) in example.questionAndAnswer.question + "\n" + example.questionAndAnswer.answer }
        let pairs = (forget: Set(forget.map(pair)), retain: Set(retain.map(pair)))
        for role in EvaluationRole.allCases {
            let name = role.asked
            let rows = try split.asked[name].map(read) ?? (name == "forget" ? forget : name == "retain" ? retain : [])
            if rows.isEmpty, split.asked[name] == nil { continue }
            if let selection = split.asked[name] {
                // What was kept must not be asked as if it was to be forgotten, and what nobody saw must be in neither.
                let wrong =
                    ["neighbours", "holdout"].contains(name) ? pairs.retain.union(pairs.forget) : name == "forget" ? pairs.retain : []
                if let row = rows.first(where: { wrong.contains(pair($0)) }) {
                    throw ComparisonError.plan(
                        file: plan.file, place: selection.place,
                        problem: "\(row.position) is also a row to \(pairs.retain.contains(pair(row)) ? "keep" : "forget").")
                }
            }
            add(rows, &hash)
            let judging = Judging(examples: name == "forget" ? plan.judging.forgetExamples ?? rows.count : plan.judging.examples)
            asked[role] = try EvaluationItem.items(judging.sample(rows))
        }
        if plan.judging.relearning != nil, forget.count < 2 {
            throw ComparisonError.plan(
                file: plan.file, place: "judge.relearn", problem: "learning half of the forget rows again needs two or more.")
        }
        vocabulary =
            EvaluationSets(asked, knownTexts: (forget + retain).flatMap { [$0.questionAndAnswer.question, $0.questionAndAnswer.answer] })
            .vocabulary
        (self.split, self.forget, self.retain, self.asked, digest) = (split, forget, retain, asked, hash.digest())
    }
}

extension SplitData {
    /// The asked forget rows whose states are exchanged, taken evenly.
    /// - Parameter count: the most of them.
    package func depthItems(_ count: Int) -> [EvaluationItem] {
        Judging(examples: count).sample((asked[.forget] ?? []).map(\.example)).map { EvaluationItem($0) }
    }

    /// All rows that are asked.
    package var askedExamples: [Example] { EvaluationRole.allCases.flatMap { asked[$0] ?? [] }.map(\.example) }
}

extension Example {
    /// The row as one line of a data file.
    package var line: String {
        if !fields.members.isEmpty { return JSONValue.object(fields).serialized() }
        let (question, answer) = questionAndAnswer
        return JSONValue.object(JSONObject([("question", .string(question)), ("answer", .string(answer))])).serialized()
    }
}
