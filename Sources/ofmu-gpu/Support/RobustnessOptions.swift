import ArgumentParser
import Evaluation
import Files
import Models
import Runs

/// What `eval` does to a copy of the model to see whether it remembers.
struct RobustnessOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp("Train a copy for so many steps on a part of the forget set, and on unrelated rows.", valueName: "steps"))
    var relearn: Int?

    @Option(name: .long, help: ArgumentHelp("The share of the forget set that is trained on.", valueName: "share"))
    var relearnShare = 0.5

    @Option(name: .long, help: ArgumentHelp("The learning rate of that training.", valueName: "rate"))
    var relearnRate = 1e-4

    @Option(
        name: .long,
        help: ArgumentHelp("Train low-rank adapters of this rank there, instead of the weights.", valueName: "rank"))
    var relearnLora: Int?

    @Option(
        name: .long,
        help: ArgumentHelp("Measure a copy whose weights are rounded: 8bit, 4bit, nf4, or several, with commas.", valueName: "kinds"))
    var quantise: String?

    @Flag(
        name: .long,
        help: "Put the model's states, layer by layer, into the original, and read them through its head; needs --original, --reference.")
    var depth = false

    @Option(name: .long, help: ArgumentHelp("The model before it forgot.", valueName: "path"))
    var original: String?

    /// Whether something was asked for, by option.
    var asked: [String: Bool] { ["--relearn": relearn != nil, "--quantise": quantise != nil, "--depth": depth] }

    func validate() throws {
        try Limits.from(1, to: 100_000).check("--relearn", relearn)
        try Limits.above(0, to: 1).check("--relearn-share", relearnShare)
        try Limits.above(0, to: 1).check("--relearn-rate", relearnRate)
        try Limits.from(1, to: LowRankAdapter.largestRank).check("--relearn-lora", relearnLora)
        if relearn == nil, relearnLora != nil { throw ValidationError("--relearn-lora needs --relearn STEPS.") }
        _ = try roundings
    }

    private var roundings: [WeightRounding] {
        get throws {
            try (quantise?.split(separator: ",", omittingEmptySubsequences: false) ?? []).map { name in
                guard let rounding = WeightRounding(rawValue: String(name)) else {
                    let known = WeightRounding.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ValidationError("--quantise: there is no \"\(name)\"; there are \(known).")
                }
                return rounding
            }
        }
    }

    func evaluator(seed: UInt64) throws -> RobustnessEvaluator {
        let relearning = relearn.map { steps in
            var relearning = Relearning(steps: steps)
            (relearning.share, relearning.rate, relearning.seed) = (relearnShare, relearnRate, seed)
            relearning.rank = relearnLora
            return relearning
        }
        var evaluator = RobustnessEvaluator(roundings: try roundings, relearning: relearning)
        evaluator.measuresDepth = depth
        return evaluator
    }
}
