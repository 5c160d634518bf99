import Backends
import Data

/// UNDO's beginning (Lee et al., arXiv 2506.06278): θ ← (1 − α)·θ + α·β·N, with N drawn as Xavier initialisation draws weights (Glorot and
/// Bengio, 2010: uniform within ±√(6/(fan in + fan out))); then the steps of the weighted sum. With descent on the divergence from the model
/// as it was, on the retain set, what was only hidden in the weights is not taught back.
///
/// α is `--shrink` (the authors' 0.6; 0.25 for a model of 2B on WMDP) and β `--noise` (0.1; 0 works too). Vectors, of which Xavier
/// initialisation says nothing, get no noise; that is ours.
struct ShrinkAndPerturb: Combination {
    let code = "shrink-perturb"
    let summary = "parameters shrunk and disturbed, then the steps of the weighted sum"
    let source = "arXiv 2506.06278"
    let needsRetain = false
    let needsForget = false

    func innerDirection(_ settings: UnlearningSettings) -> any Direction { WeightedSum().innerDirection(settings) }

    func begin(_ view: ParameterView, _ settings: UnlearningSettings) throws {
        guard !view.movesFactors else { throw UnlearningError.factors(code) }
        try view.vectors.scale(1 - settings.shrink, view.parameters)
        guard settings.shrink * settings.noise > 0 else { return }
        guard let shapes = view.shapes else {
            throw UnlearningError.setting(
                name: "noise", problem: "needs the shapes of a model's tensors, and this loss tells none. Choose 0.")
        }
        try drawNoise(shapes, into: view.scratch, on: view.vectors.backend, seed: settings.seed)
        try view.vectors.add(settings.shrink * settings.noise, view.scratch, to: view.parameters)
    }

    private func drawNoise(_ shapes: [[Int]], into target: any Buffer, on backend: any Backend, seed: UInt64) throws {
        var start = 0
        for (place, shape) in shapes.enumerated() {
            let bound = Self.xavierBound(shape), count = shape.reduce(1, *)
            var random = SeededRandom(seed: seed, stream: "noise \(place)")
            for part in stride(from: 0, to: count, by: 1 << 20) {
                let drawn = (part..<min(count, part + (1 << 20))).map { _ in Float(bound * (2 * random.uniform() - 1)) }
                try backend.write(drawn.span, to: target, at: start + part)
            }
            start += count
        }
    }

    /// 0 for vectors. Dimensions after the second are those of a convolution's window.
    private static func xavierBound(_ shape: [Int]) -> Double {
        guard shape.count > 1 else { return 0 }
        let window = shape.dropFirst(2).reduce(1, *)
        return (6 / Double(max(1, (shape[0] + shape[1]) * window))).squareRoot()
    }
}
