import Unlearning

/// What decides a run of the demo. The defaults are sized for two cores and less than three minutes.
public struct DemoSettings: Sendable {
    /// People in the training data, and how many of them are forgotten.
    public var people = 16
    public var forgotten = 3
    public var questions = 8
    public var vocabulary = 704
    public var model = DemoModel.Size.standard
    /// Steps of training, for the model that learns everybody and for the one that never sees the forgotten alike.
    public var steps = 400
    public var batch = 16
    public var rate = 2e-3
    public var unlearning: UnlearningSettings
    /// Replaces the forget target by the mean loss about people nobody was trained on: the loss to be expected of a model that
    /// does not know the answers, found without training one.
    public var targetsStrangers = true
    public var seed: UInt64

    public init(seed: UInt64 = 1) {
        self.seed = seed
        unlearning = UnlearningSettings()
        unlearning.seed = seed
    }

    /// For tests, which only look at what comes out and not at how good it is.
    public static func tiny(seed: UInt64 = 1) -> DemoSettings {
        var settings = DemoSettings(seed: seed)
        settings.people = 4
        settings.forgotten = 1
        settings.questions = 2
        settings.vocabulary = 300
        settings.model = .tiny
        settings.steps = 20
        settings.batch = 4
        settings.rate = 5e-3
        settings.unlearning.rounds = 2
        settings.unlearning.innerSteps = 2
        settings.unlearning.outerSteps = 1
        settings.unlearning.forgetBatch = 2
        settings.unlearning.retainBatch = 2
        return settings
    }
}
