/// NGDiff (Bu et al., arXiv 2410.22086): ascent on g_f/‖g_f‖ − g_r/‖g_r‖, so that neither gradient outweighs the other however long they
/// are. A gradient that vanishes is left out.
///
/// The authors choose the learning rate by a parabola through three retain losses; here `--inner-step` decides.
struct NormalisedDifference: GradientMixing {
    let code = "ngdiff"
    let summary = "difference of the two gradients, each divided by its norm"
    let source = "arXiv 2410.22086"

    func mixture(_ here: MixtureView, _ settings: UnlearningSettings) -> Mixture {
        Mixture(forget: inverseRoot(here.forgetSquare), retain: inverseRoot(here.retainSquare))
    }

    private func inverseRoot(_ square: Double) -> Double { square > 1e-24 ? 1 / square.squareRoot() : 0 }
}
