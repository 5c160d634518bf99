import Graph

/// What should be said instead: ascent on the data's answers, up to their targets, and descent on other answers to the same questions.
///
/// Ascent alone says nothing about what comes in the place of an answer, and text falls apart; other answers alone leave the true one
/// likely, whatever the greedy answer says.
struct CounterfactualAscent: ForgetObjective {
    let code = "counterfactual"
    let needs = ObjectiveNeeds(alternatives: true)

    func value(_ scores: ForgetScores) -> Node {
        let ascent = CrossEntropyAscent().value(scores)
        guard let alternative = scores.alternative else { return ascent }
        return ascent - alternative.weightedLoss()
    }
}

/// The mean loss of what should stay, and of other answers to the questions whose answers should go: both are what the model should say.
struct AlternativeDescent: RetainObjective {
    let code = "alternatives"
    let needs = ObjectiveNeeds(alternatives: true)

    func value(_ scores: RetainScores) -> Node {
        let kept = CrossEntropyDescent().value(scores)
        guard let alternative = scores.alternative else { return kept }
        return kept + alternative.weightedLoss()
    }
}
