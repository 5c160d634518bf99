import Runs
import Unlearning

/// How large a demonstration is.
package struct DemoScale {
    package var people = 24
    package var forgotten = 4
    package var questions = 5
    package var vocabulary = 512
    package var size = DemoModel.Size.standard
    package var epochs = 100
    /// What holds where nothing is asked for.
    package var base = UnlearningSettings()

    package static let standard: DemoScale = {
        var scale = DemoScale()
        let asked = ["method": UnlearningMethod.standard(hasAlternatives: true).name]
        if let settings = try? UnlearningSettings(asked, vocabulary: nil) { scale.base = settings }
        return scale
    }()

    /// For tests, which only look at what comes out, not at how good it is.
    package static let tiny: DemoScale = {
        var scale = DemoScale(people: 5, forgotten: 1, questions: 2, vocabulary: 300, size: .tiny, epochs: 3)
        scale.base.rounds = 2
        return scale
    }()
}

/// What a demonstration is asked to do.
package struct DemoRequest {
    /// Where the forget target comes from.
    package enum Target {
        /// From how badly the model answers about people in no data, and the cap on tokens from it.
        case strangers
        /// The same, with the cap that the settings name.
        case strangersCapped
        case settings
    }

    package var seed: UInt64
    package var scale: DemoScale
    package var judging: Judging
    package var target: Target
    /// The settings for a vocabulary of this size, from those that hold where nothing is asked for.
    package var settings: (_ vocabulary: Int, _ base: UnlearningSettings) throws -> UnlearningSettings

    package init(
        seed: UInt64 = 0, scale: DemoScale = .standard, judging: Judging = Judging(), target: Target = .strangers,
        settings: @escaping (_ vocabulary: Int, _ base: UnlearningSettings) throws -> UnlearningSettings
    ) {
        self.seed = seed
        self.scale = scale
        self.judging = judging
        self.target = target
        self.settings = settings
    }
}
