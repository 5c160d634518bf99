import Backends
import Files
import Graph
import Models
import Reporting
import Unlearning

/// What a round will take, known before any is run: the plans say their bytes and operations, one replay their time.
struct CostForecast {
    struct Part {
        /// Seconds of one step; nil if it was not tried.
        var seconds: Double?
        /// The plan's workspace.
        var bytes: Int
        var flops: Int
        /// 1 = forward and backward over one batch.
        var gradientEquivalents: Double
    }

    var inner: Part
    var outer: Part
    var innerSteps: Int
    var outerSteps: Int
    /// θ, the frozen parameters, and the vectors a step needs.
    var vectorBytes: Int

    /// The most device memory at a time.
    var bytes: Int { vectorBytes + max(inner.bytes, outerSteps > 0 ? outer.bytes : 0) }

    var gradientEquivalents: Double {
        Double(innerSteps) * inner.gradientEquivalents + Double(outerSteps) * outer.gradientEquivalents
    }

    var seconds: Double? {
        guard let inner = inner.seconds, let outer = outer.seconds else { return nil }
        return Double(innerSteps) * inner + Double(outerSteps) * outer
    }

    /// - Parameter measures: whether to run each plan, after once to warm up, or only to look at it.
    init(
        _ session: LanguageModelSession, forget: TokenBatch, retain: TokenBatch, _ settings: UnlearningSettings, measures: Bool
    ) throws {
        let options = ObjectiveOptions(
            similarity: settings.similarity, beta: settings.beta, rho: settings.rho, saturates: false)
        let scalars = ObjectivePlan.Scalars(beta: settings.beta.value, rho: settings.rho.value)
        func part(_ kind: ObjectivePlan, times: Double) throws -> Part {
            let plan = try kind.compile(session.loss, forget: forget.shape, retain: retain.shape, options)
            var part = Part(
                bytes: plan.byteCount, flops: Int(times * Double(plan.flops)),
                gradientEquivalents: times * kind.gradientEquivalents)
            guard measures else { return part }
            let runner = try PlanRunner(plan, on: session.backend, shared: session.parameters)
            try runner.run(kind.inputs(session.loss, forget: forget, retain: retain, scalars))
            try session.backend.synchronize()
            let start = Clock.seconds
            try runner.run([:])
            try session.backend.synchronize()
            part.seconds = times * (Clock.seconds - start)
            return part
        }
        let (inner, outer) = (settings.innerWork, settings.outerWork)
        self.inner = try part(inner.plan, times: inner.times)
        self.outer = try part(outer.plan, times: outer.times)
        innerSteps = settings.innerSteps
        outerSteps = settings.method == .ofmu ? settings.outerSteps : 0
        vectorBytes = 4 * (settings.vectorCount * session.split.moving.count + session.split.frozen.count)
    }

    var json: JSONValue {
        func part(_ part: Part) -> JSONValue {
            [
                "seconds": part.seconds.map { .number($0) } ?? .null, "bytes": .integer(part.bytes),
                "flops": .integer(part.flops), "gradient_equivalents": .number(part.gradientEquivalents),
            ]
        }
        return [
            "inner_steps": .integer(innerSteps), "outer_steps": .integer(outerSteps), "inner": part(inner),
            "outer": part(outer), "seconds": seconds.map { .number($0) } ?? .null, "bytes": .integer(bytes),
            "gradient_equivalents": .number(gradientEquivalents),
        ]
    }

    /// One line for people.
    var text: String {
        let time = seconds.map { "about \(NumberText.duration($0)), " } ?? ""
        return time + "\(NumberText.bytes(bytes)), \(NumberText.fixed(gradientEquivalents, 0)) gradient-equivalents "
            + "(\(innerSteps) forget steps of \(NumberText.fixed(inner.gradientEquivalents, 0)), "
            + "\(outerSteps) restore steps of \(NumberText.fixed(outer.gradientEquivalents, 0)))"
    }
}

extension UnlearningSettings {
    /// What a forget step mostly runs, and how often; differences are counted in the gradients they take.
    fileprivate var innerWork: (plan: ObjectivePlan, times: Double) {
        switch method {
        case .gradientAscent: (.forgetGradient, 1)
        case .gradientDifference: (.gradients, 1)
        case .ofmu where beta.value == 0: (.gradients, 1)
        case .ofmu:
            switch innerForm {
            case .exact: (.penalty(keepsCorrection: refreshEvery > 1), 1)
            case .oneSided: (.gradients, 2)
            case .central: (.gradients, 3)
            }
        }
    }

    /// The same for a restore step.
    fileprivate var outerWork: (plan: ObjectivePlan, times: Double) {
        guard rho.value > 0 else { return (.retainGradient, 1) }
        return switch outerForm {
        case .exact: (.restore, 1)
        case .difference: (.penalty(keepsCorrection: false), 2)
        case .forgetOnly: (.restoreForgetOnly, 1)
        case .none: (.retainGradient, 1)
        }
    }

    /// Vectors of the parameters' length that a run holds: θ, the point to go back to, the direction, and what the forms need.
    fileprivate var vectorCount: Int {
        let keeps = method == .ofmu && (refreshEvery > 1 || innerForm != .exact)
        let moments = [innerStep, outerStep].count { if case .adamW = $0 { true } else { false } }
        return 3 + (keeps ? 1 : 0) + 2 * moments
    }
}
