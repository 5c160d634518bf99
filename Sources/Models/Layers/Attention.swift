import Graph

/// Grouped-query attention (Ainslie et al., arXiv 2305.13245); with as many key heads as query heads it is the usual multi-head
/// attention.
struct Attention: Layer {
    /// The maps to queries, keys and values.
    enum Projections: Sendable {
        case separate(queries: Linear, keys: Linear, values: Linear)
        /// One map whose rows hold queries, keys and values one after the other.
        case fused(Linear)
    }

    /// The number of the block, by which its cache is known.
    var layer: Int
    var heads: Int
    var keyValueHeads: Int
    var headSize: Int
    var projections: Projections
    var output: Linear
    /// Normalisations of each head's queries and keys.
    var queryNorm: Norm?
    var keyNorm: Norm?

    var specifications: [ParameterSpecification] {
        let maps =
            switch projections {
            case .separate(let queries, let keys, let values): [queries, keys, values, output]
            case .fused(let all): [all, output]
            }
        return maps.flatMap(\.specifications) + [queryNorm, keyNorm].compactMap { $0 }.flatMap(\.specifications)
    }

    /// - Parameter x: [batch·length, width].
    /// - Returns: [batch·length, width].
    func callAsFunction(_ x: Node, _ step: DecoderStep) -> Node {
        var (queries, keys, values) = projected(x, step)
        if let cache = step.cache {
            keys = cache.extend("keys.\(layer)", with: keys)
            values = cache.extend("values.\(layer)", with: values)
        }
        let tokens = step.tokens
        if let paths = tokens.paths {
            queries = queries.gather(paths.queries)
            keys = keys.gather(paths.keys)
            values = values.gather(paths.keys)
        }
        // [batch, keyValueHeads, group, length, size]; the keys and values of a group are one, repeated by view. The queries are
        // scaled, not the scores, as there are fewer of them.
        queries = queries.scaled(by: 1 / (Double(headSize).squareRoot() * tokens.attentionTemperature))
            .reshaped(to: [tokens.batch, tokens.length, keyValueHeads, heads / keyValueHeads, headSize]).permuted([0, 2, 3, 1, 4])
        let span = keys.shape[0] / tokens.batch
        let k = grouped(keys, tokens.batch, span), v = grouped(values, tokens.batch, span)
        let shares = queries.matmul(k.transposed()).softmax(limits: tokens.limits)
        var mixed = shares.matmul(v).permuted([0, 3, 1, 2, 4]).reshaped(to: [tokens.batch * tokens.length, heads * headSize])
        if let paths = tokens.paths { mixed = mixed.gather(paths.results) }
        return output(mixed, step.weights)
    }

    private func projected(_ x: Node, _ step: DecoderStep) -> (queries: Node, keys: Node, values: Node) {
        switch projections {
        case .separate(let queries, let keys, let values):
            return (
                placed(queries(x, step.weights), heads, by: queryNorm, step),
                placed(keys(x, step.weights), keyValueHeads, by: keyNorm, step), values(x, step.weights)
            )
        case .fused(let all):
            let fused = all(x, step.weights), sizes = [heads, keyValueHeads, keyValueHeads].map { $0 * headSize }
            let part = { (index: Int) in
                fused.slice(at: [0, sizes[..<index].reduce(0, +)], shape: [fused.shape[0], sizes[index]])
            }
            return (placed(part(0), heads, by: queryNorm, step), placed(part(1), keyValueHeads, by: keyNorm, step), part(2))
        }
    }

    /// Queries or keys [batch·length, heads·size], each head normalised and turned by its token's position. The cache holds keys as
    /// they come out here: a position never changes, so nothing is turned twice.
    private func placed(_ x: Node, _ heads: Int, by norm: Norm?, _ step: DecoderStep) -> Node {
        guard norm != nil || step.rotary != nil else { return x }
        var y = x.reshaped(to: [x.shape[0], heads, headSize])
        if let norm { y = norm(y, step.weights) }
        if let (cosines, sines) = step.rotary { y = y.rotated(cosines: cosines, sines: sines, positions: step.tokens.positions) }
        return y.reshaped(to: x.shape)
    }

    /// [batch, keyValueHeads, 1, span, size]
    private func grouped(_ rows: Node, _ batch: Int, _ span: Int) -> Node {
        rows.reshaped(to: [batch, span, keyValueHeads, headSize]).permuted([0, 2, 1, 3])
            .reshaped(to: [batch, keyValueHeads, 1, span, headSize])
    }
}
