// Kernels over flat vectors of parameters, and the catalogue.

extension Kernel {
    /// Every kernel, in the order of the table in Kernels/README.md.
    package static let all = elementwise + [combine] + reductions + [similarityDirections] + rowwise + moves + images + [axpy, adamw]

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    package static func named(_ name: String) -> Kernel? { byName[name] }

    package static let combine = Kernel(
        "combine", in: "similarity", ["y", "p", "a", "q", "b"], integers: ["count"], work: .flat("count"), inPlace: [2, 4],
        "y = p[0]·a + q[0]·b, p and q being one-element tensors")
    /// b is read at a position before the second row is written there, so that row may lie where b lay.
    package static let similarityDirections = Kernel(
        "similarity_directions", in: "similarity", ["y", "a", "b", "c"], integers: ["count"], work: .flat("count"), writes: ["count"],
        times: 2,
        "c has 4 values; y[0,·] = c0·a + c1·b, y[1,·] = c2·a + c3·b: both directions in one pass"
    ).alsoInPlace(2, from: "count")
    package static let axpy = Kernel(
        "axpy", in: "optimiser", ["y", "a"], integers: ["count"], reals: ["c"], work: .flat("count"), "y += c·a")
    package static let adamw = Kernel(
        "adamw", in: "optimiser", ["θ", "m", "v", "g"], integers: ["count"],
        reals: ["rate", "beta1", "beta2", "epsilon", "decay", "correction1", "correction2", "sign"], work: .flat("count"), cost: 0.4,
        "moments of sign·g; θ −= rate·(m̂ / (sqrt v̂ + epsilon) + decay·θ); correction = 1 − beta^t; writes θ, m and v")
}

extension Invocation {
    /// y ← p·a + q·b
    package static func combine(_ p: Place, _ a: Place, plus q: Place, _ b: Place, to y: Place, count: Int) -> Self {
        Self(.combine, [y, p, a, q, b], [count])
    }

    /// Both rows of y, from four coefficients.
    package static func similarityDirections(_ a: Place, _ b: Place, coefficients: Place, to y: Place, count: Int) -> Self {
        Self(.similarityDirections, [y, a, b, coefficients], [count])
    }

    /// y ← y + c·a
    package static func axpy(_ c: Double, _ a: Place, to y: Place, count: Int) -> Self { Self(.axpy, [y, a], [count], reals: [c]) }

    /// The numbers of a step of AdamW.
    package struct AdamStep {
        package var rate, beta1, beta2, epsilon, decay: Double
        /// 1 − βᵗ for both.
        package var correction1, correction2: Double
        /// −1 to ascend.
        package var sign: Double

        package init(
            rate: Double, beta1: Double, beta2: Double, epsilon: Double, decay: Double, correction1: Double, correction2: Double,
            sign: Double
        ) {
            (self.rate, self.beta1, self.beta2, self.epsilon, self.decay) = (rate, beta1, beta2, epsilon, decay)
            (self.correction1, self.correction2, self.sign) = (correction1, correction2, sign)
        }
    }

    package static func adamw(
        _ parameters: Place, first: Place, second: Place, gradient: Place, _ step: AdamStep, count: Int
    ) -> Self {
        Self(
            .adamw, [parameters, first, second, gradient], [count],
            reals: [step.rate, step.beta1, step.beta2, step.epsilon, step.decay, step.correction1, step.correction2, step.sign])
    }
}
