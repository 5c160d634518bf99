/// A static graph of tensor operations, built once and compiled to plans.
///
/// Nodes are interned: asking twice for the same operation on the same inputs gives the same node, so common subexpressions are
/// merged as they arise and a derivative shares the pass it was derived from. A graph is built on one thread.
public final class ComputationGraph {
    private struct Key: Hashable {
        let operation: AnyHashable
        let inputs: [Int]
    }

    public private(set) var nodes: [Node] = []
    private var interned: [Key: Node] = [:]
    private var parts: [String] = []

    public init() {}

    /// The node for an operation on inputs.
    /// - Throws: `GraphError.shape` naming the operation, the shapes and the model part.
    public func node(_ operation: any Operation, _ inputs: [Node]) throws(GraphError) -> Node {
        let key = Key(operation: AnyHashable(operation), inputs: inputs.map(\.id))
        if let known = interned[key] { return known }
        let output: TensorType
        do {
            output = try operation.outputType(inputs.map(\.type))
        } catch {
            throw .shape(operation: operation.name, inputs: inputs.map(\.type), part: currentPart, problem: error.problem)
        }
        let node = Node(graph: self, id: nodes.count, operation: operation, inputs: inputs, type: output, part: currentPart)
        nodes.append(node)
        interned[key] = node
        return node
    }

    /// A value the caller binds when a plan runs.
    public func input(_ name: String, _ type: ElementType, _ shape: [Int]) throws(GraphError) -> Node {
        try node(Input(label: name, declared: TensorType(type, shape)), [])
    }

    /// Data fixed in the graph.
    public func constant(_ shape: [Int], _ values: [Double]) throws(GraphError) -> Node {
        try node(Constant(shape: shape, data: .real(values)), [])
    }

    /// Indices fixed in the graph.
    public func indices(_ shape: [Int], _ values: [Int32]) throws(GraphError) -> Node {
        try node(Constant(shape: shape, data: .index(values)), [])
    }

    /// A real number, shape [].
    public func scalar(_ value: Double) throws(GraphError) -> Node { try constant([], [value]) }

    /// Labels everything built in `body` with a model part, for error messages.
    public func part<T>(_ name: String, _ body: () throws(GraphError) -> T) throws(GraphError) -> T {
        parts.append(name)
        defer { parts.removeLast() }
        return try body()
    }

    private var currentPart: String { parts.joined(separator: " / ") }
}

/// A value in a graph: an operation applied to other values.
public final class Node: Hashable, CustomStringConvertible {
    public unowned let graph: ComputationGraph
    /// Position in order of creation; inputs have smaller ids.
    public let id: Int
    public let operation: any Operation
    public let inputs: [Node]
    public let type: TensorType
    /// The model part under construction when the node was made.
    public let part: String

    init(graph: ComputationGraph, id: Int, operation: any Operation, inputs: [Node], type: TensorType, part: String) {
        self.graph = graph
        self.id = id
        self.operation = operation
        self.inputs = inputs
        self.type = type
        self.part = part
    }

    public var shape: [Int] { type.shape }
    public var count: Int { type.count }

    public static func == (a: Node, b: Node) -> Bool { a === b }
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }

    public var description: String {
        "%\(id) = \(operation.name)(\(inputs.map { "%\($0.id)" }.joined(separator: ", "))) : \(type)"
    }
}
