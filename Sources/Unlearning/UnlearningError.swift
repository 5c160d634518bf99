/// What can go wrong while a model is trained or made to forget.
public enum UnlearningError: Error, CustomStringConvertible {
    /// A setting that makes no sense, alone or with another one.
    case setting(name: String, problem: String)
    /// A data set without examples.
    case emptySet(role: String)
    /// Losses or gradients stayed non-finite after the step had been halved as often as the settings allow.
    case diverged(round: Int, attempts: Int)
    /// Numbers of a training that are not finite, after some steps.
    case trainingDiverged(quantity: String, steps: Int, rate: Double)
    /// A checkpoint that does not belong to this run.
    case checkpoint(path: String, problem: String)

    /// An objective was given a loss that has not what it looks at.
    static func lacking(_ what: String) -> UnlearningError {
        .setting(name: "method", problem: "has an objective that needs \(what), and this loss has none. Choose another method.")
    }

    public var description: String {
        switch self {
        case .setting(let name, let problem):
            "\(name): \(problem)"
        case .emptySet(let role):
            "The \(role) set has no examples."
        case .diverged(let round, let attempts):
            "Round \(round + 1) gave numbers that are not finite\(attempts > 1 ? " \(attempts) times in a row, each time with half the step" : ""). Choose smaller steps, a lower forget target or gradient clipping."
        case .trainingDiverged(let quantity, 0, _):
            "Before the first step of the training \(quantity) is not finite: the model gives no usable numbers for its first batch. Choose another model, or find the row with \"score\"."
        case .trainingDiverged(let quantity, let steps, let rate):
            "After step \(steps) of the training \(quantity) is not finite. Choose a learning rate below \(rate), a longer warm-up or a shorter gradient clipping."
        case .checkpoint(let path, let problem):
            "\(path): \(problem)"
        }
    }

    /// The error for a checkpoint of another run.
    package static func otherRun(path: String) -> UnlearningError {
        .checkpoint(
            path: path,
            problem:
                "it belongs to a run with other settings, data or model. Resume with the same arguments, or start a new run in another folder."
        )
    }

    /// The error for a combination that changes a model's own tensors, where none of them moves.
    static func factors(_ combination: String) -> UnlearningError {
        .setting(
            name: "combination",
            problem: "\(combination) changes the model's own parameters, and this run moves low-rank adapters. Leave out --lora.")
    }
}
