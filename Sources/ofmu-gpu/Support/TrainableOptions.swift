import ArgumentParser
import Files
import Models

/// Which parameters may change.
struct TrainableOptions: ParsableArguments {
    @Option(
        name: [.long, .customLong("moving")],
        help: ArgumentHelp(
            "Parameters that may change: all, or name patterns separated by commas.",
            discussion: """
                A pattern is a stretch of a parameter's name between dots, where * stands for anything and 3-7 for a range of \
                numbers: layers.3-7, mlp, self_attn.q_proj.weight.
                """, valueName: "patterns"))
    var trainable = "all"

    @Option(
        name: .long,
        help: ArgumentHelp("Freeze the model and move low-rank adapters of this rank, merged at the end.", valueName: "rank"))
    var lora: Int?

    @Option(name: .long, help: ArgumentHelp("The adapters' alpha (default: twice the rank).", valueName: "alpha"))
    var loraAlpha: Double?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Which weights get adapters, as patterns separated by commas (default: every linear map).", valueName: "patterns"))
    var loraTargets: String?

    func validate() throws {
        if lora == nil, loraAlpha != nil || loraTargets != nil {
            throw ValidationError("--lora-alpha and --lora-targets need --lora RANK.")
        }
        try Limits.from(1, to: LowRankAdapter.largestRank).check("--lora", lora)
        try Limits.above(0, to: 1e6).check("--lora-alpha", loraAlpha)
        if lora != nil, trainable != "all" { throw ValidationError("Give either --trainable or --lora.") }
    }

    var choice: TrainableParameters {
        if let lora {
            return .lora(
                LowRankAdapter(rank: lora, alpha: loraAlpha ?? 2 * Double(lora), targets: Self.list(loraTargets ?? "")))
        }
        return trainable == "all" ? .all : .matching(Self.list(trainable))
    }

    private static func list(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }
}
