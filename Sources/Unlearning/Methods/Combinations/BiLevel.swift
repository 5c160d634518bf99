/// Ascent on Φ = L_f − β·h(s), then descent on F = L_r + ρ·‖∇Φ‖² (arXiv 2509.22483), around any forget objective.
struct BiLevel: Combination {
    let code = "bi-level"
    let summary = "ascent that decorrelates the two gradients, then descent on the retain objective"
    let source = "arXiv 2509.22483"

    func innerDirection(_ settings: UnlearningSettings) -> any Direction {
        let sharpness = Sharpness(settings)
        return sharpness.forget.value > 0 ? WorstPlace(direction: ascent(settings), sharpness: sharpness) : ascent(settings)
    }

    private func ascent(_ settings: UnlearningSettings) -> any Direction {
        // The similarity is worth a note where θ is, not a gradient elsewhere.
        if settings.beta.value == 0 { return settings.forgetSharpness.value > 0 ? GradientAscent(sharpness: .none) : PlainAscent() }
        let every = settings.refreshEvery
        let full = penalty(settings, keepsCorrection: every > 1)
        return every > 1 ? RefreshedPenalty(full: full, every: every) : full
    }

    func outerDirection(_ settings: UnlearningSettings, isReleased: Bool) -> (any Direction)? {
        guard settings.outerSteps > 0 else { return nil }
        // After the release there is no Φ whose stationarity could matter.
        guard settings.rho.value > 0, !isReleased else { return RetainDescent(sharpness: Sharpness(settings)) }
        let full: any Direction
        switch settings.outerForm {
        case .exact: full = OuterDescent(plan: .outer)
        case .forgetOnly: full = OuterDescent(plan: .outerForgetOnly)
        case .difference: full = DifferenceOuterDescent(penalty: penalty(settings, keepsCorrection: false))
        case .none: return RetainDescent(sharpness: Sharpness(settings))
        }
        let every = settings.stationarityEvery
        return every > 1 ? SparseStationarity(full: full, plain: RetainDescent(sharpness: Sharpness(settings)), every: every) : full
    }

    func conflict(_ settings: UnlearningSettings) -> UnlearningError? {
        if case .relative(let share) = settings.forgetSharpness, share > 1 {
            return .setting(name: "forget sam", problem: "no loss falls by more than all of it. Choose at most 1rel, not \(share)rel.")
        }
        if settings.retainSharpness > 0, settings.outerSteps > 0, settings.rho.value > 0, settings.outerForm != .none {
            return .setting(
                name: "retain sam", problem: "the stationarity term is taken at one place. Choose 0, or the outer form \"none\".")
        }
        return nil
    }

    private func penalty(_ settings: UnlearningSettings, keepsCorrection: Bool) -> any Direction {
        settings.innerForm == .exact
            ? PenaltyAscent(keepsCorrection: keepsCorrection)
            : DifferencePenalty(isCentral: settings.innerForm == .central, keepsCorrection: keepsCorrection)
    }

    func approximations(_ settings: UnlearningSettings) -> [String] {
        var names: [String] = []
        let decorrelates = settings.beta.value > 0
        if decorrelates, settings.innerForm != .exact { names.append("Hessian-vector products by \(settings.innerForm.rawValue)") }
        if decorrelates, settings.refreshEvery > 1 { names.append("similarity correction reused for \(settings.refreshEvery) steps") }
        if settings.outerSteps > 0, settings.rho.value > 0, settings.outerForm != .exact {
            names.append("stationarity term: \(settings.outerForm.rawValue)")
        }
        if settings.outerSteps > 0, settings.rho.value > 0, settings.outerForm != .none, settings.stationarityEvery > 1 {
            names.append("stationarity term at every \(settings.stationarityEvery)th restore step")
        }
        return names
    }
}
