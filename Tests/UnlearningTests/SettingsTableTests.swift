import Files
import Testing

import Unlearning

@Suite("The table of settings")
struct SettingsTableTests {
    /// For every setting of a run, a text that is not its default.
    private static let others: [String: String] = [
        "method": "ngdiff", "forget-objective": "npo", "forget-parameters": "beta=0.05", "retain-objective": "none",
        "combination": "bi-level", "forget-weight": "0.125",
        "retain-weight": "3.0", "task-scale": "0.5", "shrink": "0.25", "noise": "0.0", "forget-sam": "0.01", "retain-sam": "0.02",
        "retain-average": "0.8", "forget-threshold": "4.5",
        "retain-limit": "0.3", "multiplier-start": "100.0", "multiplier-rate": "5.0", "multiplier-warm-up": "0.5",
        "constraint-weight": "0.2", "invariance-weight": "0.1", "quota": "0.4", "rounds": "7", "accumulate": "3", "warm-up": "4",
        "decay": "0.25",
        "forget-passes": "3", "inner-steps": "2", "outer-steps": "0",
        "forget-batch": "5",
        "alternative-weight": "0.5",
        "retain-batch": "6", "seed": "18446744073709551615", "beta": "0.25", "rho": "2.5rel", "rho-growth": "1.5", "rho-limit": "3.0",
        "similarity": "squared-cosine", "refresh": "1", "inner-form": "central-difference", "outer-form": "forget-only",
        "stationarity-every": "4",
        "inner-step": "sgd:0.001", "outer-step": "trust:0.002", "rise-limit": "0.25", "clip": "1.5", "most-rollbacks": "2",
        "forget-target": "mean:3.5", "token-cap": "9.5", "hold-rounds": "9", "retain-tolerance": "1.25", "retain-floor": "0.125",
        "gradient-tolerance": "0.001",
    ]

    private func properties(_ value: Any) -> [String: String] {
        Dictionary(uniqueKeysWithValues: Mirror(reflecting: value).children.map { ($0.label ?? "", String(reflecting: $0.value)) })
    }

    @Test("Every stored property of a run's settings has one line in the table, which sets it and nothing else")
    func coversEveryProperty() throws {
        var changed: [String] = []
        for setting in UnlearningSettings.table {
            let text = try #require(Self.others[setting.name], "\(setting.name)")
            var settings = UnlearningSettings()
            let before = properties(settings)
            try settings.set([setting.name: text], vocabulary: 100)
            let differing = properties(settings).filter { before[$0.key] != $0.value }.keys
            #expect(differing.count == 1, "\(setting.name)")
            changed += differing
        }
        #expect(Set(changed) == Set(properties(UnlearningSettings()).keys) && changed.count == Set(changed).count)
    }

    @Test("Every stored property of a training's settings has a line in the table")
    func coversTraining() {
        #expect(TrainingSettings.table.count == properties(TrainingSettings()).count)
    }

    @Test("What is stored of a setting is read back as the same setting", arguments: [UnlearningSettings(), .paper])
    func readsCodesBack(_ settings: UnlearningSettings) throws {
        for asked in [[:], Self.others] {
            var written = settings
            try written.set(asked, vocabulary: 100)
            let codes = written.codes
            var read = UnlearningSettings()
            try read.set(
                Dictionary(
                    uniqueKeysWithValues: UnlearningSettings.table.map {
                        ($0.name, codes[$0.key].map { $0.asString ?? $0.serialized() } ?? "missing")
                    }), vocabulary: 3)
            #expect(read == written)
        }
    }

    @Test("Names, aliases and keys belong to one setting each")
    func namesAreUnique() {
        func check<Settings: TabledSettings>(_ type: Settings.Type) {
            let names = type.table.flatMap { [$0.name] + $0.aliases }
            #expect(Set(names).count == names.count)
            #expect(type.table.allSatisfy { $0.key == $0.name.replacing("-", with: "_") && !$0.help.isEmpty })
        }
        check(UnlearningSettings.self)
        check(TrainingSettings.self)
    }

    @Test("A command's automatic target depends on the vocabulary and its cap on the target; the algorithm as printed has neither")
    func automaticValues() throws {
        let automatic = try UnlearningSettings([:], vocabulary: 100)
        #expect(automatic.forgetTarget == .automatic(logVocabulary: 4.605170185988092))
        #expect(automatic.termCap == automatic.forgetTarget.automaticCap)
        #expect(try UnlearningSettings(["forget-target": "2"], vocabulary: 100).termCap == 8)
        #expect(try UnlearningSettings(["forget-target": "2", "token-cap": "none"], vocabulary: 100).termCap == nil)
        let paper = try UnlearningSettings([:], isPaper: true, vocabulary: 100)
        #expect(paper == .paper && paper.forgetTarget == ForgetTarget.none && paper.termCap == nil)
    }

    @Test(
        "A text that is no value is refused by the setting's name",
        arguments: [
            ("beta", "much"), ("inner-steps", "1.5"), ("inner-step", "sgd"), ("method", "magic"), ("forget-target", "mean:"),
            ("forget-target", "max:3"), ("seed", "-1"), ("clip", ""),
        ])
    func refusesOtherTexts(_ name: String, _ text: String) {
        var settings = UnlearningSettings()
        let error = #expect(throws: UnlearningError.self) { try settings.set([name: text], vocabulary: 2) }
        #expect("\(error.map { "\($0)" } ?? "")".hasPrefix(name.replacing("-", with: " ")))
    }
}
