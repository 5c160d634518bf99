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

/// One tensor of a model: its name as Hugging Face writes it, its shape and its beginning.
package struct ParameterSpecification: Hashable, Sendable {
    package var name: String
    package var shape: [Int]
    package var role: ParameterRole
    package var initialisation: Initialisation

    package init(_ name: String, _ shape: [Int], _ role: ParameterRole, _ initialisation: Initialisation) {
        self.name = name
        self.shape = shape
        self.role = role
        self.initialisation = initialisation
    }

    /// The number of elements.
    package var count: Int { shape.reduce(1, *) }
}
