import Evaluation
import Files

/// What a model made of single rows, for programs.
enum MeasuredReport {
    static func json(_ item: MeasuredItem) -> JSONValue {
        var object = JSONObject([
            ("question", .string(item.question)), ("answer", .string(item.reference)), ("loss", .number(item.answer.loss)),
            ("tokens", .integer(item.answer.hits.count)),
        ])
        if let generated = item.generated { object["generated"] = .string(generated) }
        if let generated = item.rephrasedGenerated { object["generated_to_paraphrase"] = .string(generated) }
        if let confidence = item.confidence { object["confidence"] = .number(confidence) }
        if !item.sampled.isEmpty { object["sampled"] = .array(item.sampled.map { .string($0) }) }
        if !item.continued.isEmpty {
            object["continued"] = .array(item.continued.sorted { $0.key < $1.key }.map { json($0.key, $0.value) })
        }
        if let loss = item.paraphrase?.loss { object["paraphrase_loss"] = .number(loss) }
        if !item.perturbed.isEmpty { object["perturbed_losses"] = .array(item.perturbed.map { .number($0.loss) }) }
        if let loss = item.judgedLoss { object["judged_loss"] = .number(loss) }
        return .object(object)
    }

    /// By benchmark.
    static func json(_ choices: [ChoiceTask: [MeasuredChoice]]) -> JSONValue {
        var object = JSONObject()
        for task in ChoiceTask.allCases {
            guard let rows = choices[task] else { continue }
            object[task.rawValue] = .array(
                rows.map { row in
                    [
                        "question": .string(row.question), "answer": .integer(row.answer), "chosen": .integer(row.chosen),
                        "log_likelihoods": .array(row.logLikelihoods.map { .number($0) }),
                    ]
                })
        }
        return .object(object)
    }

    /// By file. The texts of membership attacks are long and not repeated.
    static func json(_ muse: MeasuredMUSE) -> JSONValue {
        var object = JSONObject()
        for file in MUSEFile.allCases {
            if let answers = muse.answers[file] {
                object[file.rawValue] = .array(
                    answers.map {
                        ["question": .string($0.question), "answer": .string($0.reference), "generated": .string($0.generated)]
                    })
            } else if let texts = muse.texts[file] {
                object[file.rawValue] = .array(
                    texts.map { ["loss": .number($0.answer.loss), "tokens": .integer($0.answer.hits.count)] })
            } else if file == .verbatim, !muse.verbatim.isEmpty {
                object[file.rawValue] = .array(muse.verbatim.map(json))
            }
        }
        return .object(object)
    }

    private static func json(_ share: Double, _ continued: MeasuredContinuation) -> JSONValue {
        var object = JSONObject([
            ("share", .number(share)), ("rest", .string(continued.reference)), ("loss", .number(continued.rest.loss)),
            ("tokens", .integer(continued.rest.hits.count)),
        ])
        if let generated = continued.generated { object["generated"] = .string(generated) }
        return .object(object)
    }
}
