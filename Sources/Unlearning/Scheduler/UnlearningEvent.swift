/// What a run tells the outside, in order: the one stream behind progress lines, JSON events, checkpoints and reports.
public enum UnlearningEvent: Sendable, Hashable {
    /// An ascent step was taken; the similarity is nil where the step did not measure it.
    case innerStep(round: Int, step: Int, forgetLoss: Double, similarity: Double?)
    /// A descent step was taken.
    case outerStep(round: Int, step: Int, retainLoss: Double)
    case round(RoundRecord)
    /// Numbers were not finite: parameters are those of the last good round, and steps are halved.
    case rolledBack(round: Int, damping: Double)
    /// The mean forget target was reached; only descent follows.
    case released(round: Int)
    case finished(RunState.StopReason)
}
