import Data

/// Fills flat vectors with the beginnings that the specifications ask for.
package enum ModelInitialiser {
    /// The flat vector of a layout. Each tensor has its own random stream, so equal seeds give equal tensors whatever else moves.
    package static func values(_ layout: ParameterLayout, seed: UInt64) -> [Float] {
        var values = [Float](repeating: 0, count: layout.count)
        for entry in layout.entries {
            var random = SeededRandom(seed: seed, stream: entry.name)
            switch entry.specification.start {
            case .zeros: break
            case .ones: for index in entry.range { values[index] = 1 }
            case .uniform(let bound):
                for index in entry.range { values[index] = Float((2 * random.uniform() - 1) * bound) }
            case .normal(let deviation):
                for index in stride(from: entry.offset, to: entry.range.upperBound, by: 2) {
                    let (first, second) = random.normalPair()
                    values[index] = Float(first * deviation)
                    if index + 1 < entry.range.upperBound { values[index + 1] = Float(second * deviation) }
                }
            }
        }
        return values
    }
}
