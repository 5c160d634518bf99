import ArgumentParser
import Files
import Runs

/// How models are judged before and after.
struct EvaluationOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Examples of each set that are asked before and after; they are taken evenly from the file. 0 asks none.",
            valueName: "examples"))
    var evaluate = 40

    @Option(name: .long, help: "The most tokens of an answer when the model is asked.")
    var answerTokens = 64

    func validate() throws {
        try Limits.from(0, to: 1_000_000).check("--evaluate", evaluate)
        try OptionLimits.tokens.check("--answer-tokens", answerTokens)
    }

    var judging: Judging { Judging(examples: evaluate, answerTokens: answerTokens) }
}
