/// How a parameter begins when a model is not loaded but made.
package enum Initialisation: Hashable, Sendable {
    case normal(deviation: Double)
    /// Uniform between −bound and bound.
    case uniform(bound: Double)
    case zeros
    case ones
}

/// What a parameter does in its model.
package enum ParameterRole: Hashable, Sendable {
    /// The weight of a linear map inside a block, which low-rank adapters may be added to.
    case projection(ProjectionLayout)
    /// A table of embeddings [entries, width], or a head of that shape.
    case table
    /// A bias or the weight of a normalisation.
    case vector
    /// The filters of a convolution.
    case filters
    /// What a layer keeps of the data that went through it: no step moves it.
    case statistic
    /// One of the two factors of a low-rank adapter.
    case adapter
}

/// Which axis of a linear map's weight is the output.
package enum ProjectionLayout: Hashable, Sendable {
    /// [out, in], as torch's Linear.
    case outputsFirst
    /// [in, out], as the Conv1D of GPT-2.
    case inputsFirst
}

/// Where a parameter lies in a file.
package struct StoredPlace: Hashable, Sendable {
    package var name: String
    /// Heads in each of which the two halves of the rows alternate, as llama.cpp wants them for some families' rotary positions; nil
    /// where rows lie as in Hugging Face folders.
    package var interleavedHeads: Int?

    package init(name: String, interleavedHeads: Int? = nil) {
        self.name = name
        self.interleavedHeads = interleavedHeads
    }
}

/// One tensor of a model: its name as Hugging Face writes it, its shape and its beginning.
package struct ParameterSpecification: Hashable, Sendable {
    package var name: String
    package var shape: [Int]
    package var role: ParameterRole
    package var start: Initialisation
    /// Its place in GGUF files; nil where those have no such tensor.
    package var gguf: StoredPlace?

    /// The number of elements.
    package var count: Int { shape.reduce(1, *) }
}
