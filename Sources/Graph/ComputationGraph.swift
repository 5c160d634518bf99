/// A static graph of tensor operations, built once and compiled to plans.
///
/// Nodes are interned: asking twice for the same operation on the same inputs gives the same node, so common subexpressions are
/// merged as they arise and a derivative shares the pass it was derived from. A graph is built on one thread.
public final class ComputationGraph {
    private struct Key: Hashable {
        let operation: AnyHashable
        let inputs: [Int]
    }

    struct Record {
        let operation: any Operation
        let inputs: [Int]
        let type: TensorType
        let part: String
    }

    fileprivate(set) var records: [Record] = []
    private var interned: [Key: Int] = [:]
    private var parts: [String] = []

    /// An empty graph.
    public init() {}

    /// The number of nodes made so far.
    package var count: Int { records.count }

    /// The node for an operation on inputs.
    ///
    /// Inputs that the operation's shape rule refuses stop the program with a message that names them and the model part.
    package func node(_ operation: any Operation, _ inputs: [Node]) -> Node {
        let key = Key(operation: AnyHashable(operation), inputs: inputs.map(\.id))
        if let known = interned[key] { return Node(graph: self, id: known) }
        let output: TensorType
        do {
            output = try operation.outputType(inputs.map(\.type))
        } catch {
            graphFault(operation.name, inputs: inputs.map(\.type), part: currentPart, error.problem)
        }
        records.append(Record(operation: operation, inputs: key.inputs, type: output, part: currentPart))
        interned[key] = records.count - 1
        return Node(graph: self, id: records.count - 1)
    }

    /// A value the caller binds when a plan runs.
    public func input(_ name: String, _ type: DType, _ shape: [Int]) -> Node {
        node(Input(label: name, declared: TensorType(type, shape)), [])
    }

    /// Data fixed in the graph.
    public func constant(_ shape: [Int], _ values: [Double]) -> Node {
        node(Constant(shape: shape, data: .real(values)), [])
    }

    /// Indices fixed in the graph.
    public func indices(_ shape: [Int], _ values: [Int32]) -> Node {
        node(Constant(shape: shape, data: .index(values)), [])
    }

    /// A real number, shape [].
    public func scalar(_ value: Double) -> Node { constant([], [value]) }

    /// Labels everything built in `body` with a model part, for error messages.
    public func part<T>(_ name: String, _ body: () -> T) -> T {
        parts.append(name)
        defer { parts.removeLast() }
        return body()
    }

    private var currentPart: String { parts.joined(separator: " / ") }
}

/// A value in a graph: an operation applied to other values. A node is a light handle that keeps its graph alive.
public struct Node: Hashable, CustomStringConvertible {
    /// The graph that the node lives in.
    public let graph: ComputationGraph
    /// Position in order of creation; inputs have smaller ids.
    package let id: Int

    package var operation: any Operation { graph.records[id].operation }
    package var inputs: [Node] { graph.records[id].inputs.map { Node(graph: graph, id: $0) } }
    /// Element type and shape.
    public var type: TensorType { graph.records[id].type }
    /// The model part under construction when the node was made.
    package var part: String { graph.records[id].part }

    /// The sizes of its axes, the slowest first; [] for a scalar.
    public var shape: [Int] { type.shape }
    /// The number of its elements.
    public var count: Int { type.count }

    public static func == (a: Node, b: Node) -> Bool { a.id == b.id && a.graph === b.graph }
    public func hash(into hasher: inout Hasher) { hasher.combine(id) }

    public var description: String {
        "%\(id) = \(operation.name)(\(inputs.map { "%\($0.id)" }.joined(separator: ", "))) : \(type)"
    }
}
