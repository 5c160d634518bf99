import Graph
import TestSupport

/// A graph of operations chained at random, whose values stay of order one.
struct RandomGraph {
    private var random: SplitMix
    private let graph = ComputationGraph()
    private let ids: Node
    private var nodes: [Node] = []
    /// Values for the inputs.
    private(set) var values: [String: HostTensor] = [:]
    private(set) var inputs: [(name: String, node: Node)] = []

    /// No tensor has more elements.
    private static let most = 300

    init(seed: UInt64, operations: Int) throws {
        random = SplitMix(seed)
        ids = graph.input("ids", .index, [5])
        values["ids"] = HostTensor([5], (0..<5).map { _ in Double(Int.random(in: 0..<3, using: &random)) })
        for (index, shape) in [[3, 4], [4, 3], [3, 4], [4], [2, 3, 4], [12]].enumerated() {
            let node = graph.input("x\(index)", .real, shape)
            inputs.append(("x\(index)", node))
            values["x\(index)"] = random.tensor(shape)
            nodes.append(node)
        }
        while nodes.count < operations + inputs.count {
            if let made = try made(), made.count <= Self.most { nodes.append(made) }
        }
    }

    /// Some nodes under names; later nodes use earlier ones, and a node may have two names.
    mutating func outputs(_ count: Int) -> [(name: String, node: Node)] {
        var result = [("y0", nodes[nodes.count - 1])]
        for index in 1..<count { result.append(("y\(index)", pick())) }
        return result
    }

    /// Outputs of the inputs' sizes that are to be written over them.
    mutating func donations(_ count: Int) -> (outputs: [(name: String, node: Node)], donating: [String: String]) {
        var outputs: [(name: String, node: Node)] = []
        var donating: [String: String] = [:]
        for (name, input) in inputs.shuffled(using: &random).prefix(count) {
            let other = pick(like: input)
            let node =
                switch below(4) {
                case 0: input + other
                case 1: input.scaled(by: 0.5) + other.mapped(.tanh)
                case 2: other
                default: input.mapped(.tanh)
                }
            outputs.append(("new.\(name)", node))
            // A plan has only inputs that something reads.
            outputs.append(("total.\(name)", input.mapped(.tanh).sum()))
            donating["new.\(name)"] = name
        }
        return (outputs, donating)
    }

    private mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }

    /// Recent nodes are likelier, so that chains become long.
    private mutating func pick() -> Node { nodes[max(below(nodes.count), below(nodes.count))] }

    private mutating func pick(rank: ClosedRange<Int>) -> Node? {
        let fitting = nodes.filter { rank.contains($0.shape.count) }
        return fitting.isEmpty ? nil : fitting[below(fitting.count)]
    }

    /// A node of the same shape: found, or made from one of at least that size.
    private mutating func pick(like node: Node) -> Node {
        let same = nodes.filter { $0.shape == node.shape && $0 != node }
        if !same.isEmpty, below(3) > 0 { return same[below(same.count)] }
        let larger = nodes.filter { $0.count >= node.count && $0 != node }
        guard !larger.isEmpty else { return node.mapped(.sigmoid) }
        let source = larger[below(larger.count)]
        let flat = source.reshaped(to: [source.count])
        return flat.slice(at: [below(source.count - node.count + 1)], shape: [node.count]).reshaped(to: node.shape)
    }

    /// One more node, or nil if the dice fell on something impossible.
    private mutating func made() throws -> Node? {
        let a = pick()
        switch below(22) {
        case 0: return (a + pick(like: a)).scaled(by: 0.7)
        case 1: return a + pick(like: a)
        case 2: return a * pick(like: a)
        case 3: return (a - pick(like: a)).mapped(.tanh)
        case 4: return a.mapped(.tanh)
        case 5: return a.mapped(.silu(order: below(3)))
        case 6: return below(2) == 0 ? a.scaled(by: -0.8) : a.shifted(by: 0.2)
        case 7: return a.reshaped(to: factors(a.count))
        case 8: return a.permuted(Array(a.shape.indices).shuffled(using: &random))
        case 9:
            let shape = a.shape.map { 1 + below($0) }
            return a.slice(at: zip(a.shape, shape).map { below($0 - $1 + 1) }, shape: shape)
        case 10: return assembled(a, pick())
        case 11: return assembled(a.mapped(.tanh), pick().mapped(.sigmoid))
        case 12:
            guard !a.shape.isEmpty else { return nil }
            let axis = below(a.shape.count)
            return a.sum(axes: [axis]).scaled(by: 1 / Double(a.shape[axis]))
        case 13:
            guard let columns = a.shape.last else { return nil }
            return a.rowDot(pick(like: a), factor: 1 / Double(columns))
        case 14: return a.shape.isEmpty ? nil : a.softmax()
        case 15: return (a.shape.last ?? 0) < 2 ? nil : a.normalised(below(2) == 0 ? .rms : .layer, epsilon: 0.1)
        case 16, 17: return product()
        case 18, 19:
            // An assembly of products added to something else becomes products that add where it lies.
            guard let a = product(), let b = product() else { return nil }
            let whole = assembled(a, b)
            return graph.node(Binary(function: .add), [pick(like: whole).scaled(by: 0.9), whole])
        case 20:
            guard let table = pick(rank: 2...2), table.shape[0] >= 3 else { return nil }
            return table.gather(ids)
        default:
            let rows = nodes.filter { $0.shape.count == 2 && $0.shape[0] == 5 }
            guard let columns = rows.randomElement(using: &random) else {
                let b = pick()
                let scalar = b.dot(pick(like: b)).scaled(by: 1 / Double(b.count))
                return (a + scalar.broadcast(to: a.shape)).mapped(.tanh)
            }
            let scattered = columns.scatter(ids, rows: 3)
            return below(2) == 0 ? scattered : pick(like: scattered) + scattered
        }
    }

    private mutating func product() -> Node? {
        guard let a = pick(rank: 2...3), let inner = a.shape.last else { return nil }
        let fitting = nodes.filter { $0.shape.count == 2 && ($0.shape[0] == inner || $0.shape[1] == inner) }
        guard !fitting.isEmpty else { return nil }
        let b = fitting[below(fitting.count)]
        let result = a.matmul(b.shape[0] == inner ? b : b.transposed()).scaled(by: 1 / Double(inner))
        // A product added to something else accumulates in its place.
        return below(2) == 0 ? result : pick(like: result) + a.matmul(b.shape[0] == inner ? b : b.transposed())
    }

    /// Two flat parts with gaps of zeros.
    private mutating func assembled(_ a: Node, _ b: Node) -> Node {
        let gaps = (0..<3).map { _ in below(3) }
        return graph.assemble(
            [([gaps[0]], a.reshaped(to: [a.count])), ([gaps[0] + a.count + gaps[1]], b.reshaped(to: [b.count]))],
            shape: [gaps[0] + a.count + gaps[1] + b.count + gaps[2]])
    }

    /// A shape of up to three axes with `count` elements.
    private mutating func factors(_ count: Int) -> [Int] {
        let divisor = { (n: Int, dice: Int) in
            let all = (1...max(1, n)).filter { n % $0 == 0 }
            return all[dice % all.count]
        }
        let first = divisor(count, below(64))
        let second = divisor(count / first, below(64))
        return below(3) == 0 ? [first, count / first] : [first, second, count / first / second]
    }
}
