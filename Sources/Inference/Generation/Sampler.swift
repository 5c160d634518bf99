import Data
import Glibc
import Models

/// Chooses the next token from logits.
package struct Sampler: Sendable, Hashable {
    /// 0 takes the likeliest token; larger values flatten the distribution.
    package var temperature: Double
    /// Only the likeliest tokens that together have this probability are drawn from (Holtzman et al., arXiv 1904.09751).
    package var topP: Double

    package init(temperature: Double = 0, topP: Double = 1) {
        self.temperature = temperature
        self.topP = topP
    }

    package static let greedy = Sampler()

    /// The index of the chosen logit. Of equal ones the first is the likeliest.
    package func choose(_ logits: ArraySlice<Float>, _ random: inout SeededRandom) -> Int {
        var best = logits.startIndex
        for index in logits.indices where logits[index] > logits[best] { best = index }
        guard temperature > 0 else { return best - logits.startIndex }

        let top = logits.isEmpty ? 0 : Double(logits[best])
        var weights = logits.map { exp((Double($0) - top) / temperature) }
        if topP < 1 {
            let total = weights.reduce(0, +)
            var covered = 0.0
            for index in weights.indices.sorted(by: { (-weights[$0], $0) < (-weights[$1], $1) }) {
                // A token is dropped if those before it already cover the probability; the first always stays.
                if covered > 0, covered >= topP * total { weights[index] = 0 } else { covered += weights[index] }
            }
        }
        var rest = random.uniform() * weights.reduce(0, +)
        for (index, weight) in weights.enumerated() where weight > 0 {
            rest -= weight
            if rest < 0 { return index }
        }
        return best - logits.startIndex
    }
}
