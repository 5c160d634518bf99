/// The Unlearning Depth Score: how much of what the reference's states take from the original, the model's states take too.
struct UnlearningDepth: SuiteMetric {
    let key = "uds"
    let title = "unlearning depth (states put into the original)"
    let source = "UDS, arXiv 2605.24614"
    var direction: MetricDirection { .toward(1) }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        try MetricMaterial(erasures: model.robustness.depthMeasured().depthScores)
    }
}

/// The same of what the original's head reads off the states of every layer.
struct LensErasure: SuiteMetric {
    let key = "logit_lens"
    let title = "erasure seen through the logit lens"
    let source = "nostalgebraist, 2020; as in arXiv 2605.24614"
    var direction: MetricDirection { .toward(1) }

    func material(_ model: MeasuredModel, _ reference: ReferenceResults?) throws(MissingMaterial) -> MetricMaterial {
        try MetricMaterial(erasures: model.robustness.depthMeasured().lensScores)
    }
}

extension MetricMaterial {
    fileprivate init(erasures: [Double?]) throws(MissingMaterial) {
        guard erasures.contains(where: { $0 != nil }) else {
            throw MissingMaterial(
                "no layer of the reference takes more than \(MeasuredDepth.threshold) nats from the original's answers; "
                    + "does the original know them, and the reference not?")
        }
        try self.init(meanOf: erasures, .forget)
    }
}

extension MeasuredRobustness {
    fileprivate func depthMeasured() throws(MissingMaterial) -> MeasuredDepth {
        guard let depth else { throw MissingMaterial("needs --depth, the model before forgetting (--original) and a reference model") }
        return depth
    }
}
