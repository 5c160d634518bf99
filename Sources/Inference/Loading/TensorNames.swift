import Files
import Models

/// Where a model's tensors are in its files.
struct TensorNames {
    private let isGGUF: Bool
    private let names: StoredNames
    private let weights: any WeightSource
    private let prefix: NamePrefix
    /// The name of the head where it is the embedding; nil for a model with a head of its own.
    private let tiedHead: String?

    /// - Throws: `ModelError.foreignPrefix` if the names match but for their beginning.
    init(_ model: any Model, _ source: ModelFolder) throws {
        isGGUF = source.gguf != nil
        names = model.storedNames
        weights = source.weights
        let prefix = try NamePrefix(names, source.weights)
        self.prefix = prefix
        tiedHead = isGGUF ? nil : names.tied.map { prefix.stored($0.head, in: source.weights) }
    }

    /// Where a parameter is.
    func place(_ parameter: ParameterSpecification) -> StoredPlace {
        if isGGUF, let place = parameter.gguf { return place }
        let stored = prefix.stored(parameter.name, in: weights)
        // Some writers keep one of two tied tensors, and some of them the head.
        if parameter.name == names.tied?.table, let tiedHead, weights.info(stored) == nil, weights.info(tiedHead) != nil {
            return StoredPlace(name: tiedHead)
        }
        return StoredPlace(name: stored)
    }

    /// Tensors that are no parameters, or that repeat one: buffers of older versions of transformers, and a tied head.
    func isKnownExtra(_ name: String) -> Bool {
        if isGGUF { return name == "rope_freqs.weight" }
        return name == tiedHead || names.buffers.contains { name.hasSuffix($0) }
    }

    /// Whether a head is stored that should be the embedding and is not: the head of a merged adapter, for example. The model
    /// then has a head of its own, whatever its configuration says.
    func hasForeignHead() throws -> Bool {
        guard let tiedHead, let table = names.tied.map({ prefix.stored($0.table, in: weights) }), weights.info(table) != nil,
            weights.info(tiedHead) != nil
        else { return false }
        return try weights.read(table) != weights.read(tiedHead)
    }

    /// Brings interleaved rows into Hugging Face's order: row p·half + i of a head comes from row 2i + p.
    /// - Parameter values: [heads·size, columns], row-major.
    static func separate(_ values: UnsafeMutableBufferPointer<Float>, heads: Int, rows: Int) {
        guard heads > 0, rows > 0, rows % (2 * heads) == 0 else { return }
        let columns = values.count / rows, size = rows / heads, half = size / 2
        let stored = Array(values)
        for head in 0..<heads {
            for channel in 0..<size {
                let from = head * size + 2 * (channel % half) + channel / half
                let to = head * size + channel
                for column in 0..<columns { values[to * columns + column] = stored[from * columns + column] }
            }
        }
    }
}
