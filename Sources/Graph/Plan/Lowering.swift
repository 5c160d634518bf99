/// Collects the kernel calls of a graph over buffers that have sizes but no places yet.
///
/// Operations write to it (`Operation.lower`); the passes in `PlanPasses` and `ArenaPlanner` then merge buffers and place them.
public struct Lowering {
    /// A position in a buffer, in elements.
    public struct Place: Hashable {
        var buffer: Int
        public var offset: Int
    }

    /// A strided look at a buffer.
    public struct View {
        public var start: Place
        public var shape: [Int]
        public var strides: [Int]

        var isContiguous: Bool { Collapse.isContiguous(shape, strides) }
    }

    struct Buffer {
        enum Home: Hashable { case arena, external(Int), constant(Int) }
        var count: Int
        var home: Home
    }

    struct Call {
        var kernel: String
        var operands: [Place]
        var integers: [Int]
        var reals: [Double]
        var work: Work
        /// Operands whose storage the output may take over.
        var inPlace: [Int]
        /// Where in the output the operands of `inPlace` come to lie; zero where the output is as large as they are.
        var inPlaceOffset: Int
        /// Index of the integer that makes the kernel add to its output, if it can.
        var accumulator: Int?
        /// The call only moves a whole buffer to a place in another: its source may be computed there instead.
        var movesWhole: Bool
    }

    private(set) var buffers: [Buffer] = []
    private(set) var calls: [Call] = []
    private(set) var externals: [Plan.External] = []
    private(set) var constants: [Plan.Constant] = []
    private var views: [Int: View] = [:]
    private var copies: [Int: Place] = [:]

    // MARK: Reading inputs

    /// How a node's value lies in memory.
    public func view(_ node: Node) -> View {
        views[node.id] ?? View(start: Place(buffer: 0, offset: 0), shape: node.shape, strides: Strides.contiguous(node.shape))
    }

    /// A contiguous place for a node's value: where it is, or a copy.
    public mutating func contiguous(_ node: Node) -> Place {
        let view = view(node)
        if view.isContiguous { return view.start }
        if let known = copies[node.id] { return known }
        let copy = newBuffer(node.count)
        let (shape, strides) = Collapse.layout(shape: view.shape, strides: [view.strides])
        emit("copy", [copy, view.start], integers: [node.count] + shape + strides[0], work: .elements(node.count))
        copies[node.id] = copy
        return copy
    }

    /// A view whose last axis is contiguous.
    public mutating func withUnitLastStride(_ node: Node) -> View {
        let view = view(node)
        if view.shape.last == 1 || view.strides.last == 1 { return view }
        return View(start: contiguous(node), shape: node.shape, strides: Strides.contiguous(node.shape))
    }

    /// A stack of matrices of which either rows or columns are contiguous, as BLAS wants them.
    public mutating func matrix(_ node: Node) -> View {
        var view = view(node)
        let row = view.shape.count - 2, column = row + 1
        let (rows, columns) = (view.shape[row], view.shape[column])
        if columns == 1 {
            if view.strides[row] == 1 || rows == 1 { (view.strides[row], view.strides[column]) = (1, max(1, rows)) } else { view.strides[column] = 1 }
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
    public mutating func output(_ node: Node) -> Place {
        let place = newBuffer(node.count)
        copies[node.id] = nil
        views[node.id] = View(start: place, shape: node.shape, strides: Strides.contiguous(node.shape))
        return place
    }

    /// Records a node's value as a look at memory that another node fills.
    public mutating func setView(_ node: Node, _ start: Place, _ strides: [Int]) {
        views[node.id] = View(start: start, shape: node.shape, strides: strides)
        copies[node.id] = nil
    }

    /// Temporary memory for one node.
    public mutating func newBuffer(_ count: Int) -> Place {
        buffers.append(Buffer(count: count, home: .arena))
        return Place(buffer: buffers.count - 1, offset: 0)
    }

    /// Emits a kernel call; the fields are those of `KernelCall` and `Lowering.Call`.
    public mutating func emit(
        _ kernel: String, _ operands: [Place], integers: [Int], reals: [Double] = [], work: Work, inPlace: [Int] = [],
        inPlaceOffset: Int = 0, accumulator: Int? = nil, movesWhole: Bool = false
    ) {
        calls.append(
            Call(
                kernel: kernel, operands: operands, integers: integers, reals: reals, work: work, inPlace: inPlace,
                inPlaceOffset: inPlaceOffset, accumulator: accumulator, movesWhole: movesWhole))
    }

    /// An element-wise kernel with one input.
    mutating func emitUnary(_ kernel: String, _ node: Node, reals: [Double] = []) throws(GraphError) {
        let input = contiguous(node.inputs[0])
        let output = output(node)
        emit(kernel, [output, input], integers: [node.count], reals: reals, work: .elements(node.count), inPlace: [1])
    }

    /// A kernel over the rows of inputs that all have the output's shape.
    mutating func emitRows(_ kernel: String, _ node: Node, reals: [Double] = []) throws(GraphError) {
        let inputs = node.inputs.map { contiguous($0) }
        let output = output(node)
        let columns = node.shape.last ?? 1
        let rows = node.count / max(1, columns)
        emit(
            kernel, [output] + inputs, integers: [rows, columns], reals: reals, work: .rows(rows),
            inPlace: Array(1...inputs.count))
    }

    /// An inner product in blocks, whose partial results (`width` numbers a block) a second call sums.
    mutating func emitBlockedDots(_ kernel: String, _ node: Node, width: Int) {
        let inputs = node.inputs.map { contiguous($0) }
        let count = node.inputs[0].count
        let block = 16_384
        let blocks = max(1, (count + block - 1) / block)
        let output = output(node)
        let partial = blocks == 1 ? output : newBuffer(blocks * width)
        emit(kernel, [partial] + inputs, integers: [count, block], work: .rows(blocks))
        if blocks > 1 { emit("sum", [output, partial], integers: [1, blocks, width], work: .elements(width)) }
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
                let (shape, strides) = Collapse.layout(shape: [node.count], strides: [[1]])
                emit("copy", [kept, source], integers: [node.count] + shape + strides[0], work: .elements(node.count))
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
        let (layout, strides) = Collapse.layout(shape: [count], strides: [[1]])
        emit("place", [target, source], integers: [count] + layout + strides[0], work: .elements(count), movesWhole: true)
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
