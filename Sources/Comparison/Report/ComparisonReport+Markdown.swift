extension ComparisonReport {
    /// The report for people.
    package var markdown: String {
        var text = "# \(name)\n\n"
        text +=
            "Means over seeds (retrained: over models) ± half the 95 % interval (Student's t). \(SelectionRule.text(searched: searched))\n"
        for group in groups { text += group.markdown(samples: samples) }
        if !failed.isEmpty {
            text += "\n## Without a result\n\n" + failed.map { "- \($0.cell.key): \($0.problem ?? "")\n" }.joined()
        }
        text += "\n## What the columns mean\n\n" + Self.terms.map { "- \($0)\n" }.joined()
        if unfinished > 0 { text += "\nThe comparison is not complete: \(unfinished) cells were begun and not finished.\n" }
        return text
    }

    private static let terms = [
        "✓: the mean is where the row \"goal\" wants it. Intervals there are those of the retrained models, from the lowest to the highest "
            + "end of their bootstrap 95 % intervals over examples. ●: no other method has both a smaller D and a higher utility.",
        "D: Kolmogorov–Smirnov distance of the forget rows' truth ratios (answer probabilities, where rows have no perturbed answers) to "
            + "those of a retrained model, a mean over these; of the retrained models, to each other. KS p: the smallest over them.",
        "utility: the retain rows' answer probability relative to the trained model's; neighbours, general: the same of rows that no model "
            + "was trained on.",
        "ln perplexity: of the forget answers under a model that never saw the forget rows. Fallen apart: the share of them that is no text "
            + "any more.",
        "gradient-eq.: 1 is forward and backward over one batch. Cost: relative to gradient ascent, which takes 1 for every forget batch; "
            + "all that a method spent over the forget batches it saw.",
        "ES: extraction strength. privleak: the min-k area beside the retrained models', 0 as if never seen; of these, beside each other.",
        "UDS, lens: how much of what a retrained model's states take from the trained model's answers, layer by layer, the method's states "
            + "take too; 1 as in the first retrained model, by which the others are measured too.",
        "relearned p: mean answer probability of half of the forget rows while the other half is learned again. p, 4bit: probability after "
            + "the weights are rounded; rise: what that adds.",
    ]
}
