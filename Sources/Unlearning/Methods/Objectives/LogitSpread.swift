import Graph

/// PDU's forget loss (arXiv 2506.05314): descent on (max_v z − mean_v z)² of the logits z at the answer's terms, which are pulled
/// level. Under `RetainConstraint`; rate 1e-5, 10 epochs for models of 1B and 3B. The largest logit is found by a softmax so steep that
/// its slope is that of the maximum.
struct LogitSpread: ForgetObjective {
    let code = "logit-spread"
    let usesTargets = false
    let needs = ObjectiveNeeds(choices: true)

    func value(_ scores: ForgetScores) throws(UnlearningError) -> Node {
        let logits = try scores.plain.choices.logits
        let spread = logits.rowPeak().rowDot(logits) - logits.sum(axes: [1]).scaled(by: 1 / Double(logits.shape[1]))
        return scores.plain.mean(spread * spread).scaled(by: -1)
    }
}
