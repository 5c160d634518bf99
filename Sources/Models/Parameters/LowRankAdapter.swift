/// Low-rank adapters (LoRA, Hu et al., arXiv 2106.09685): every target's weight W [out, in] acts as W + (alpha/rank)·B·A with A
/// [rank, in] and B [out, rank], of which only A and B move.
public struct LowRankAdapter: Sendable, Hashable {
    /// The rank of B·A.
    public var rank: Int
    /// B·A counts alpha/rank times.
    public var alpha: Double
    /// Patterns for the projections that get an adapter; empty means all of them.
    public var targets: [String]

    /// An adapter for the weights that `targets` name.
    public init(rank: Int, alpha: Double, targets: [String] = []) {
        self.rank = rank
        self.alpha = alpha
        self.targets = targets
    }

    package static let largestRank = 4096

    /// What B·A is multiplied with.
    package var scale: Double { alpha / Double(rank) }

    /// The names of the factors of the projection `prefix`, without `.weight` at its end, as PEFT writes them.
    package static func names(_ prefix: String) -> (a: String, b: String) {
        ("\(prefix).lora_A.weight", "\(prefix).lora_B.weight")
    }

    /// The factors for one projection. A begins as in PEFT (Kaiming-uniform with a = √5), B with zeros, so the model is unchanged.
    static func factors(_ projection: ParameterSpecification, _ layout: ProjectionLayout, rank: Int) -> [ParameterSpecification] {
        let (outputs, inputs) =
            layout == .outputsFirst
            ? (projection.shape[0], projection.shape[1]) : (projection.shape[1], projection.shape[0])
        let names = Self.names(prefix(projection.name))
        return [
            ParameterSpecification(
                name: names.a, shape: [rank, inputs], role: .adapter, start: .uniform(bound: 1 / Double(inputs).squareRoot())),
            ParameterSpecification(name: names.b, shape: [outputs, rank], role: .adapter, start: .zeros),
        ]
    }

    /// A parameter's name without `.weight`.
    package static func prefix(_ name: String) -> String { name.hasSuffix(".weight") ? String(name.dropLast(7)) : name }

    /// Adds (alpha/rank)·B·A to a projection's weight.
    /// - Parameters:
    ///   - a: [rank, in].
    ///   - b: [out, rank].
    ///   - weight: [out, in], or [in, out] for `inputsFirst`.
    package func merge(
        _ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>, _ layout: ProjectionLayout,
        into weight: UnsafeMutableBufferPointer<Float>
    ) {
        let inputs = a.count / rank, outputs = b.count / rank
        var row = [Double](repeating: 0, count: inputs)
        for output in 0..<outputs {
            for input in 0..<inputs { row[input] = 0 }
            for r in 0..<rank {
                let factor = scale * Double(b[output * rank + r])
                for input in 0..<inputs { row[input] += factor * Double(a[r * inputs + input]) }
            }
            for input in 0..<inputs {
                let place = layout == .outputsFirst ? output * inputs + input : input * outputs + output
                weight[place] = Float(Double(weight[place]) + row[input])
            }
        }
    }
}
