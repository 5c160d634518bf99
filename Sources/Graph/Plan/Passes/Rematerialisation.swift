/// The order in which nodes are lowered, where cheap values are computed again rather than kept for long.
///
/// A Hessian-vector product reads almost every value of the gradient pass it is derived from, long after that pass. An element-wise
/// or row kernel repeats a value at the price of reading its inputs, which is also what reading the value back costs once it has
/// left the caches. So a value that was last touched `distance` written elements ago is lowered again right before it is read,
/// provided its inputs are in memory at that point anyway; its first copy then dies at the earlier use.
struct Rematerialisation {
    /// The nodes in order; some appear more than once. A node that reads a repeated one finds the latest copy.
    private(set) var schedule: [Node] = []

    private let distance: Int
    /// The position of each value's last reader.
    private let lastUse: [Int: Int]
    /// Elements written before each position, were nothing repeated.
    private let writtenBefore: [Int]
    /// Elements written so far, and what that number was when a value was last written or read.
    private var written = 0
    private var touched: [Int: Int] = [:]
    /// How often a value was lowered, and which of these a view of it shows.
    private var copies: [Int: Int] = [:]
    private var shown: [Int: Int] = [:]

    /// - Parameter live: every node of the plan, in ascending order.
    init(_ live: [Node], outputs: [Node], distance: Int) {
        self.distance = distance
        var lastUse: [Int: Int] = [:]
        for (position, node) in live.enumerated() where !node.operation.isView {
            for input in node.inputs { lastUse[Self.base(input).id] = position }
        }
        for output in outputs { lastUse[Self.base(output).id] = Int.max }
        self.lastUse = lastUse
        var total = 0
        writtenBefore = live.map { node in
            defer { if !node.operation.isView { total += node.count } }
            return total
        }
        for (position, node) in live.enumerated() {
            if !node.operation.isView {
                for input in node.inputs { refresh(input, at: position) }
                for input in node.inputs { touched[Self.base(input).id] = written }
            }
            append(node)
        }
    }

    private mutating func append(_ node: Node) {
        // A view costs nothing and holds nothing, so only what it shows is counted.
        schedule.append(node)
        if node.operation.isView {
            shown[node.id] = copies[Self.base(node).id]
        } else {
            written += node.count
            copies[node.id, default: 0] += 1
            touched[node.id] = written
        }
    }

    /// Lowers the value under `node` again if it is due, and then those views between them that still show an older copy.
    private mutating func refresh(_ node: Node, at position: Int) {
        let base = Self.base(node)
        if isCheap(base), written - (touched[base.id] ?? 0) > distance, isAvailable(base, at: position) {
            for input in base.inputs { refresh(input, at: position) }
            append(base)
        }
        // Nodes name their inputs, not copies of them: a view lowered before the copy would go on showing the older one.
        var stale: [Node] = []
        var view = node
        while view != base {
            if shown[view.id] != copies[base.id] { stale.append(view) }
            view = view.inputs[0]
        }
        for view in stale.reversed() { append(view) }
    }

    /// Whether all inputs of a cheap node are in memory at `position` without being kept long for it, or can be repeated themselves.
    private func isAvailable(_ node: Node, at position: Int) -> Bool {
        node.inputs.allSatisfy { input in
            let base = Self.base(input)
            if base.inputs.isEmpty { return true }
            // An input that is still read later is kept anyway. One whose last reader came shortly before is kept a little longer;
            // an eighth of the distance bounds what the saving may cost.
            let last = lastUse[base.id] ?? 0
            return last >= position || writtenBefore[position] - writtenBefore[last] <= distance / 8
                || (isCheap(base) && isAvailable(base, at: position))
        }
    }

    /// The node whose memory a chain of views shows.
    private static func base(_ node: Node) -> Node {
        var node = node
        while node.operation.isView { node = node.inputs[0] }
        return node
    }

    /// Small values are not worth a kernel call.
    private func isCheap(_ node: Node) -> Bool {
        node.operation.isCheap && node.shape.count > 1 && node.count >= distance / 32_768
    }
}
