import Graph

/// Ascent in which every term stops by itself: mean min(ℓ_t, α_t) over the terms of an example, mean over examples. Where
/// `CrossEntropyAscent` saturates an example as a whole, a few words driven far beyond the target cannot stand for the others here.
struct TermSaturation: ForgetObjective {
    let code = "term-saturation"

    func value(_ scores: ForgetScores) -> Node {
        guard let targets = scores.targets else { return scores.counted.mean() }
        return scores.plain.mean(scores.plain.terms.minimum(targets.terms))
    }
}
