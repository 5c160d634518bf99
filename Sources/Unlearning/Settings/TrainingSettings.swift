import Files

/// Ordinary fine-tuning.
public struct TrainingSettings: Sendable, Hashable {
    /// How often every example is seen.
    public var epochs = 5
    /// Steps in all; nil: as many as the epochs need.
    public var steps: Int?
    /// Examples in a batch; a smaller set is one batch.
    public var batch = 8
    /// The largest learning rate.
    public var rate = 1e-4
    /// Steps over which the rate rises from zero; the last of them has the largest rate.
    public var warmUp = 0
    /// From there the rate falls in a line that would reach this share of its largest value one step after the last: every step has a
    /// rate.
    public var finalShare = 0.0
    /// AdamW's constants.
    public var optimiser = AdamW(decay: 0.01)
    /// Gradients longer than this are shortened to it.
    public var clip: Double? = 1
    /// Decides the order of the data.
    public var seed: UInt64 = 0

    /// The defaults.
    public init() {}

    /// The share of the largest rate at a step, counted from 1.
    func rateShare(_ step: Int, of steps: Int) -> Double {
        RateSchedule(warmUp: warmUp, finalShare: finalShare).share(step, of: steps)
    }
}

extension TrainingSettings: TabledSettings {
    package static let table: [Setting<TrainingSettings>] = [
        Setting("epochs", \.epochs, as: "count", within: .from(1, to: 1_000_000), "How often every example is seen."),
        Setting(
            "steps", \.steps, as: "count", within: .from(1, to: 1_000_000_000), absent: "auto", "Steps in all, instead of --epochs."),
        Setting("batch-size", \.batch, as: "count", within: UnlearningSettings.batchLimits, "Examples in a batch."),
        Setting(
            "learning-rate", \.rate, as: "rate", within: UnlearningSettings.stepLimits, aliases: ["lr"], "The largest learning rate."),
        Setting(
            "warm-up", \.warmUp, as: "steps", within: .from(0, to: 1_000_000_000), words: "warm-up",
            "Steps over which the rate rises from zero."),
        Setting(
            "final-share", \.finalShare, as: "share", within: .from(0, to: 1),
            "The rate falls towards this share of its largest value."),
        Setting("weight-decay", \.optimiser.decay, as: "decay", within: .from(0, to: 1e6), "AdamW's weight decay."),
        Setting(
            "clip", \.clip, as: "norm", within: .above(0, to: 1e38), "Gradients longer than this are shortened to it, or none."),
        Setting("seed", \.seed, as: "number", "The beginning of the random numbers; it decides the order of the data."),
    ]
}
