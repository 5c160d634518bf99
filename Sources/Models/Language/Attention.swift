import Graph

/// Grouped-query attention (Ainslie et al., arXiv 2305.13245) of one layer; with as many key heads as query heads it is the usual
/// multi-head attention.
struct Attention {
    var layer: Int
    var heads: Int
    var keyValueHeads: Int
    var headSize: Int

    /// - Parameters:
    ///   - queries: [batch·length, heads·size], not yet scaled.
    ///   - keys, values: [batch·length, keyValueHeads·size].
    /// - Returns: [batch·length, heads·size].
    func callAsFunction(
        _ queries: Node, _ keys: Node, _ values: Node, _ tokens: TokenNodes, _ cache: CacheNodes?
    ) -> Node {
        var keys = keys, values = values
        if let cache {
            keys = cache.extend("keys.\(layer)", with: keys)
            values = cache.extend("values.\(layer)", with: values)
        }
        let group = heads / keyValueHeads
        let scale = 1 / Double(headSize).squareRoot()
        // [batch, keyValueHeads, group, length, size]; the keys and values of a group are one, repeated by view.
        let q = queries.scaled(by: scale)
            .reshaped(to: [tokens.batch, tokens.length, keyValueHeads, group, headSize]).permuted([0, 2, 3, 1, 4])
        let span = keys.shape[0] / tokens.batch
        let k = stacked(keys, tokens.batch, span), v = stacked(values, tokens.batch, span)
        let weights = q.matmul(k.transposed()).softmax(limits: tokens.limits)
        return weights.matmul(v).permuted([0, 3, 1, 2, 4])
            .reshaped(to: [tokens.batch * tokens.length, heads * headSize])
    }

    /// [batch, keyValueHeads, 1, span, size]
    private func stacked(_ rows: Node, _ batch: Int, _ span: Int) -> Node {
        rows.reshaped(to: [batch, span, keyValueHeads, headSize]).permuted([0, 2, 1, 3])
            .reshaped(to: [batch, keyValueHeads, 1, span, headSize])
    }
}
