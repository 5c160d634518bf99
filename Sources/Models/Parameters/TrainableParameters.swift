/// Which parameters training or unlearning may change.
public enum TrainableParameters: Sendable, Hashable {
    case all
    /// Those whose name matches one of the patterns; see `NamePattern`.
    case matching([String])
    /// Low-rank adapters beside frozen weights.
    case lora(LowRankAdapter)
}

/// A model's parameters divided into the flat vector that moves and the flat vector that does not.
package struct ParameterSplit: Sendable, Hashable {
    /// The layout of the trainable vector "theta".
    package let trainable: ParameterLayout
    /// The layout of the vector "frozen"; empty if everything moves.
    package let frozen: ParameterLayout
    /// The adapters in `trainable`, if that is what moves.
    package let adapter: LowRankAdapter?

    /// - Throws: `ModelError.trainableParameters` if a pattern matches nothing or an adapter makes no sense.
    package init(_ specifications: [ParameterSpecification], _ choice: TrainableParameters) throws(ModelError) {
        switch choice {
        case .all:
            trainable = ParameterLayout(specifications.filter { $0.role != .statistic })
            frozen = ParameterLayout(specifications.filter { $0.role == .statistic })
            adapter = nil
        case .matching(let patterns):
            let chosen = try Self.names(patterns, among: specifications.filter { $0.role != .statistic }.map(\.name))
            trainable = ParameterLayout(specifications.filter { chosen.contains($0.name) })
            frozen = ParameterLayout(specifications.filter { !chosen.contains($0.name) })
            adapter = nil
        case .lora(let lora):
            guard (1...LowRankAdapter.largestRank).contains(lora.rank), lora.alpha.isFinite, lora.alpha != 0 else {
                throw .trainableParameters(
                    "LoRA needs a rank from 1 to \(LowRankAdapter.largestRank) and an alpha other than 0; found rank \(lora.rank), alpha \(lora.alpha)."
                )
            }
            let projections = specifications.filter { if case .projection = $0.role { true } else { false } }
            let chosen =
                try lora.targets.isEmpty
                ? Set(projections.map(\.name)) : Self.names(lora.targets, among: projections.map(\.name))
            var factors: [ParameterSpecification] = []
            for projection in projections where chosen.contains(projection.name) {
                guard case .projection(let layout) = projection.role else { continue }
                factors += LowRankAdapter.factors(projection, layout, rank: lora.rank)
            }
            trainable = ParameterLayout(factors)
            frozen = ParameterLayout(specifications)
            adapter = lora
        }
    }

    private static func names(_ patterns: [String], among names: [String]) throws(ModelError) -> Set<String> {
        guard !patterns.isEmpty else {
            throw .trainableParameters("No parameters were chosen to move. Give at least one pattern, such as layers.3-7.")
        }
        var chosen: Set<String> = []
        for pattern in patterns {
            let parsed = NamePattern(pattern)
            let found = names.filter { parsed.matches($0) }
            guard !found.isEmpty else {
                let examples = [names.first, names.dropFirst(names.count / 2).first, names.last].compactMap { $0 }
                throw .trainableParameters(
                    "No parameter matches \"\(pattern)\". Names look like \(examples.joined(separator: ", ")).")
            }
            chosen.formUnion(found)
        }
        return chosen
    }
}
