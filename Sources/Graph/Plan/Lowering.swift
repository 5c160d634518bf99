/// Collects the kernel calls of a graph over buffers that have sizes but no places yet.
///
/// Operations write to it (`Operation.lower`); the passes in `BufferMerging` and `ArenaPlanner` then merge buffers and place them.
package struct Lowering {
    /// A position in a buffer, in elements.
    package struct Place: Hashable, Sendable {
        var buffer: Int
        package var offset: Int
    }

    /// A strided look at a buffer.
    package struct View {
        package var start: Place
        package var shape: [Int]
        package var strides: [Int]

        var isContiguous: Bool { Collapse.isContiguous(shape, strides) }
    }

    struct Buffer {
        enum Home: Hashable { case arena, external(Int), constant(Int) }
        var count: Int
        var home: Home
    }

    typealias Call = Invocation<Place>

    private(set) var buffers: [Buffer] = []
    private(set) var calls: [Call] = []
    /// Calls that only move a whole buffer to a place in another: the source may be computed there instead.
    private(set) var wholeMoves: Set<Int> = []
    private(set) var externals: [Plan.External] = []
    private(set) var constants: [Plan.Constant] = []
    private var views: [Int: View] = [:]
    private var copies: [Int: Place] = [:]

    // MARK: Reading inputs

    /// How a node's value lies in memory.
    package func view(_ node: Node) -> View {
        views[node.id] ?? View(start: Place(buffer: 0, offset: 0), shape: node.shape, strides: Strides.contiguous(node.shape))
    }

    /// A contiguous place for a node's value: where it is, or a copy.
    package mutating func contiguous(_ node: Node) -> Place {
        let view = view(node)
        if view.isContiguous { return view.start }
        if let known = copies[node.id] { return known }
        let copy = newBuffer(node.count)
        emit(.copy(view.start, to: copy, shape: view.shape, strides: view.strides))
        copies[node.id] = copy
        return copy
    }

    /// A view whose last axis is contiguous.
    package mutating func withUnitLastStride(_ node: Node) -> View {
        let view = view(node)
        if view.shape.last == 1 || view.strides.last == 1 { return view }
        return View(start: contiguous(node), shape: node.shape, strides: Strides.contiguous(node.shape))
    }

    /// A stack of matrices of which either rows or columns are contiguous, as BLAS wants them.
    package mutating func matrix(_ node: Node) -> View {
        var view = view(node)
        let row = view.shape.count - 2, column = row + 1
        let (rows, columns) = (view.shape[row], view.shape[column])
        if columns == 1 {
            if view.strides[row] == 1 || rows == 1 {
                (view.strides[row], view.strides[column]) = (1, max(1, rows))
            } else {
                view.strides[column] = 1
            }
        } else if rows == 1 {
            if view.strides[column] == 1 { view.strides[row] = columns } else { view.strides[row] = 1 }
        }
        let byRows = view.strides[column] == 1 && view.strides[row] >= columns
        let byColumns = view.strides[row] == 1 && view.strides[column] >= rows
        if byRows || byColumns { return view }
        return View(start: contiguous(node), shape: node.shape, strides: Strides.contiguous(node.shape))
    }

    // MARK: Recording outputs

    /// A new contiguous buffer for a node's value. A node lowered again lies there from now on.
    package mutating func output(_ node: Node) -> Place {
        let place = newBuffer(node.count)
        copies[node.id] = nil
        views[node.id] = View(start: place, shape: node.shape, strides: Strides.contiguous(node.shape))
        return place
    }

    /// Records a node's value as a look at memory that another node fills.
    package mutating func setView(_ node: Node, _ start: Place, _ strides: [Int]) {
        views[node.id] = View(start: start, shape: node.shape, strides: strides)
        copies[node.id] = nil
    }

    /// Temporary memory for one node.
    package mutating func newBuffer(_ count: Int) -> Place {
        buffers.append(Buffer(count: count, home: .arena))
        return Place(buffer: buffers.count - 1, offset: 0)
    }

    /// Records a kernel call.
    /// - Parameter movesWhole: the call moves a whole buffer to one stretch of another and does nothing else, and nothing overwrites
    ///   that stretch later. The planner then has the source computed there.
    package mutating func emit(_ call: Invocation<Place>, movesWhole: Bool = false) {
        if movesWhole { wholeMoves.insert(calls.count) }
        calls.append(call)
    }

    /// An element-wise kernel with one contiguous input.
    /// - Parameter call: made from the input and the output.
    mutating func emitUnary(_ node: Node, _ call: (_ input: Place, _ output: Place) -> Invocation<Place>) {
        let input = contiguous(node.inputs[0])
        emit(call(input, output(node)))
    }

    /// The rows that a node's last axis makes.
    func rows(_ node: Node) -> (rows: Int, columns: Int) {
        let columns = node.shape.last ?? 1
        return (node.count / max(1, columns), columns)
    }

    /// Inner products in blocks, whose partial results a second call sums.
    mutating func emitBlockedDots(_ kernel: Kernel, _ node: Node) {
        let inputs = node.inputs.map { contiguous($0) }
        let count = node.inputs[0].count
        let output = output(node)
        // No elements have no blocks, but still a sum.
        guard count > 0 else { return emit(.fill(output, with: 0, count: node.count)) }
        let blocks = (count + Kernel.dotBlock - 1) / Kernel.dotBlock
        let partial = blocks == 1 ? output : newBuffer(blocks * node.count)
        emit(.blocked(kernel, inputs[0], inputs[1], to: partial, count: count))
        if blocks > 1 { emit(.sum(partial, to: output, outer: 1, middle: blocks, inner: node.count)) }
    }

    // MARK: Leaves and results

    mutating func bindInput(_ node: Node, _ label: String) {
        bind(node, .external(addExternal(label, node.type, .input)))
    }

    mutating func bindConstant(_ node: Node, _ data: Plan.Constant) {
        constants.append(data)
        bind(node, .constant(constants.count - 1))
    }

    /// Places the results. Those written over inputs come last, and read no input that another of them is written over.
    /// - Parameter donating: output name → input name.
    mutating func bindOutputs(_ outputs: [(name: String, node: Node)], donating: [String: String]) {
        let overwritten = Set(donating.values)
        let results = outputs.map { name, node in
            var source = contiguous(node)
            if donating[name] != nil, case .external(let slot) = buffers[source.buffer].home, overwritten.contains(externals[slot].name) {
                let kept = newBuffer(node.count)
                emit(.copy(source, to: kept, shape: [node.count], strides: [1]))
                source = kept
            }
            return (slot: addExternal(name, node.type, .output), name: name, count: node.count, source: source)
        }
        for result in results where donating[result.name] == nil { place(result.source, result.count, slot: result.slot) }
        for result in results where donating[result.name] != nil { place(result.source, result.count, slot: result.slot) }
    }

    private mutating func place(_ source: Place, _ count: Int, slot: Int) {
        buffers.append(Buffer(count: count, home: .external(slot)))
        let target = Place(buffer: buffers.count - 1, offset: 0)
        emit(.place(source, at: target, count: count), movesWhole: true)
    }

    private mutating func bind(_ node: Node, _ home: Buffer.Home) {
        buffers.append(Buffer(count: node.count, home: home))
        setView(node, Place(buffer: buffers.count - 1, offset: 0), Strides.contiguous(node.shape))
    }

    private mutating func addExternal(_ label: String, _ type: TensorType, _ role: Plan.External.Role) -> Int {
        externals.append(Plan.External(name: label, type: type.type, count: type.count, role: role))
        return externals.count - 1
    }
}
