import Glibc
import Graph

/// The angles of rotary position embedding, with the two ways of stretching them that published models use.
package struct RotaryFrequencies: Hashable, Sendable {
    package enum Scaling: Hashable, Sendable {
        case none
        /// Every frequency divided by a factor.
        case linear(factor: Double)
        /// Llama 3's: long wavelengths are divided by the factor, short ones kept, those between blended.
        case llama3(factor: Double, lowFrequency: Double, highFrequency: Double, originalContext: Double)
    }

    package var base: Double
    package var scaling: Scaling

    package init(base: Double, scaling: Scaling = .none) {
        self.base = base
        self.scaling = scaling
    }

    /// Radians per position of each of the size/2 pairs of channels.
    package func frequencies(headSize: Int) -> [Double] {
        stride(from: 0, to: headSize, by: 2).map { channel in
            scaled(pow(base, -Double(channel) / Double(headSize)))
        }
    }

    /// Tables of cosines and sines, [positions, headSize/2], in one graph.
    func tables(_ graph: ComputationGraph, positions: Int, headSize: Int) -> (cosines: Node, sines: Node) {
        let frequencies = frequencies(headSize: headSize)
        let angles = (0..<positions).flatMap { position in frequencies.map { Double(position) * $0 } }
        let shape = [positions, headSize / 2]
        return (graph.constant(shape, angles.map(cos)), graph.constant(shape, angles.map(sin)))
    }

    private func scaled(_ frequency: Double) -> Double {
        switch scaling {
        case .none: return frequency
        case .linear(let factor): return frequency / factor
        case .llama3(let factor, let low, let high, let original):
            // Turns within the original context: below `low` the wave is long, above `high` short.
            let turns = original * frequency / (2 * Double.pi)
            if turns < low { return frequency / factor }
            if turns > high { return frequency }
            let share = (turns - low) / (high - low)
            return (1 - share) * frequency / factor + share * frequency
        }
    }
}
