import ArgumentParser
import Evaluation
import Files

/// What `eval` asks of the forget set beside one greedy answer to each question.
struct ProbingOptions: ParsableArguments {
    @Option(
        name: .long, help: ArgumentHelp("Draw so many answers to each question too; the worst of them counts.", valueName: "answers"))
    var samples: Int?

    @Option(name: .long, help: "Of the drawn answers: 1 draws as the model says, less nearer to the greedy answer (default: 1).")
    var temperature: Double?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Give the first share of each answer and measure the rest, such as 0.25; several with commas.", valueName: "shares"))
    var prefix: String?

    func validate() throws {
        try Limits.from(1, to: 10_000).check("--samples", samples)
        try Limits.above(0, to: 100).check("--temperature", temperature)
        if temperature != nil, samples == nil { throw ValidationError("--temperature is that of drawn answers; give --samples too.") }
        _ = try shares
    }

    /// Nil where none are drawn.
    func sampling(seed: UInt64) -> AnswerSampling? {
        samples.map { AnswerSampling(count: $0, temperature: temperature ?? 1, seed: seed) }
    }

    var shares: [Double] {
        get throws {
            var shares: [Double] = []
            for text in prefix?.split(separator: ",", omittingEmptySubsequences: false) ?? [] {
                guard let share = Double(text), share > 0, share < 1 else {
                    throw ValidationError(
                        "--prefix: \"\(text)\" is no share of an answer; give numbers above 0 and below 1, such as 0.25,0.5.")
                }
                if shares.contains(share) { throw ValidationError("--prefix names \(text) twice.") }
                shares.append(share)
            }
            return shares
        }
    }
}
