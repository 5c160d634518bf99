import Files

// What every number of a run may be. Whoever offers a setting points here.
extension UnlearningSettings {
    /// Batches above this would only run out of memory later.
    package static let batchLimits = Limits.from(1, to: 4096)
    /// Rates and radii: above zero, and as large as a 32-bit number can be.
    package static let stepLimits = Limits.above(0, to: 1e38)

    private static var integers: [(name: String, path: KeyPath<UnlearningSettings, Int>, limits: Limits<Int>)] {
        [
            ("rounds", \.mostRounds, .from(1, to: 1_000_000)), ("forget passes", \.forgetPasses, .from(1, to: 1_000_000)),
            ("inner steps", \.innerSteps, .from(1, to: 100_000)),
            ("outer steps", \.outerSteps, .from(0, to: 100_000)), ("refresh", \.refreshEvery, .from(1, to: 1_000_000)),
            ("forget batch", \.forgetBatch, batchLimits), ("retain batch", \.retainBatch, batchLimits),
            ("hold rounds", \.holdRounds, .from(1, to: .max)), ("most rollbacks", \.mostRollbacks, .from(0, to: 1000)),
        ]
    }

    private static var reals: [(name: String, path: KeyPath<UnlearningSettings, Double?>, limits: Limits<Double>)] {
        [
            ("beta", \.beta.value.asOptional, .from(0, to: 1e30)), ("rho", \.rho.value.asOptional, .from(0, to: 1e30)),
            ("rho growth", \.rhoGrowth.asOptional, .from(1, to: 1e6)), ("rho limit", \.rhoLimit.asOptional, .from(0, to: 1e30)),
            ("inner step", \.innerStep.length.asOptional, stepLimits), ("outer step", \.outerStep.length.asOptional, stepLimits),
            ("rise limit", \.riseLimit.asOptional, .above(0, to: 1e6)), ("clip", \.clip, .above(0, to: 1e38)),
            ("forget target", \.forgetTarget.value, .above(0, to: 1e6)), ("token cap", \.termCap, .above(0, to: 1e6)),
            ("retain tolerance", \.retainTolerance.asOptional, .from(0, to: 1e6)),
            ("retain floor", \.retainFloor.asOptional, .from(0, to: 1e6)),
            ("gradient tolerance", \.gradientTolerance.asOptional, .from(0, to: 1e38)),
        ]
    }

    private var mostRounds: Int { rounds ?? 1 }

    /// - Throws: `UnlearningError.setting` naming the first setting that is beyond its limits.
    package func validate() throws(UnlearningError) {
        for (name, path, limits) in Self.integers { try UnlearningError.check(name, self[keyPath: path], limits) }
        for (name, path, limits) in Self.reals {
            if let value = self[keyPath: path] { try UnlearningError.check(name, value, limits) }
        }
    }
}

extension Double {
    fileprivate var asOptional: Double? { self }
}

extension UnlearningError {
    /// - Throws: `.setting` with the limits, if the value is beyond them.
    static func check<Value>(_ name: String, _ value: Value, _ limits: Limits<Value>) throws(UnlearningError) {
        if let problem = limits.problem(value) { throw .setting(name: name, problem: problem) }
    }
}
