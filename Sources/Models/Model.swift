import Files

/// A model of any kind: what a loader, a checkpoint, an exporter and a layout of parameters need to know of it.
package protocol Model: Sendable {
    /// The `model_type` of Hugging Face, such as `llama`.
    var architecture: String { get }
    /// The `config.json` that describes the model.
    var configurationFile: JSONValue { get }
    /// Every tensor, in the order of the flat vector. A tied head is listed once, as the embedding.
    var specifications: [ParameterSpecification] { get }
    var storedNames: StoredNames { get }
}

/// What a reader of a model's files must know of their names, besides those of the parameters.
package struct StoredNames: Sendable {
    /// What the names of the inner model begin with; files may leave it out, or put more before it.
    package var wrapper: String
    /// The rest of a name that every file of the family has.
    package var anchor: String
    /// Ends of names of tensors in older files that are no parameters.
    package var buffers: [String]
    /// The parameter that is stored under a second name too, if there is one: an embedding, and the head that it is.
    package var tied: (table: String, head: String)?
}
