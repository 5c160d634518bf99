/// A compiled graph: kernel calls in order, with every intermediate value placed in one arena.
public struct Plan: Sendable {
    /// A buffer the caller binds when the plan runs.
    package struct External: Hashable, Sendable {
        package enum Role: Hashable, Sendable { case input, output }
        package var name: String
        package var type: DType
        package var count: Int
        package var role: Role
        /// For an input of ids: the number that every use of them allows no id to reach.
        package var idLimit: Int?
    }

    /// Data fixed at build time.
    package enum Constant: Hashable, Sendable {
        case real([Double])
        case index([Int32])

        package var count: Int {
            switch self {
            case .real(let values): values.count
            case .index(let values): values.count
            }
        }

        package var type: DType {
            switch self {
            case .real: .real
            case .index: .index
            }
        }
    }

    package private(set) var externals: [External]
    package private(set) var constants: [Constant]
    /// Size of the workspace, in elements of `DType.workspace`.
    package private(set) var arenaCount: Int
    package private(set) var calls: [KernelCall]
    /// Floating-point operations of one run.
    package private(set) var flops: Int
    /// What the plan computes, for a backend that evaluates definitions instead of running kernels.
    package let program: Program

    /// 128 million elements are half a gigabyte: no cache is that large, and plans that write less have memory enough.
    package static let recomputingDistance = 1 << 27

    /// Compiles the named outputs of a graph.
    /// - Parameters:
    ///   - donating: outputs that are written over an input's memory: output name → input name. The caller then passes the same buffer
    ///     for both.
    ///   - distance: a cheap value that was last touched more written elements ago than this is computed again rather than kept.
    package init(
        _ outputs: [(name: String, node: Node)], donating: [String: String] = [:],
        recomputingAfter distance: Int = Self.recomputingDistance
    ) {
        let live = Ancestry(of: outputs.map(\.node)).ascending
        var lowering = Lowering()
        let schedule = Rematerialisation(live, outputs: outputs.map(\.node), distance: distance).schedule
        // The order is settled before anything is lowered: passes then only ask which call comes first.
        for node in schedule { node.operation.lower(node, &lowering) }
        lowering.bindOutputs(outputs, donating: donating)

        let merged = BufferMerging(lowering, donations: Self.donations(donating, lowering))
        let placement = ArenaPlanner(merged, lowering.buffers)
        let limits = Self.idLimits(live)
        externals = lowering.externals.map { external in
            var external = external
            if external.role == .input { external.idLimit = limits[external.name] }
            return external
        }
        constants = lowering.constants
        arenaCount = placement.count
        calls = placement.calls
        flops = live.reduce(0) { $0 + $1.operation.flops($1.inputs.map(\.type), $1.type) }
        program = Program(live, outputs)
    }

    /// The position of a name among `externals`.
    package func slot(_ name: String, _ role: External.Role) -> Int? {
        externals.firstIndex { $0.name == name && $0.role == role }
    }

    /// What a storage holds; nil for the workspace, which holds both, and for what the plan does not have.
    package func type(of storage: Storage) -> DType? {
        switch storage {
        case .arena: nil
        case .external(let index): externals.indices.contains(index) ? externals[index].type : nil
        case .constant(let index): constants.indices.contains(index) ? constants[index].type : nil
        }
    }

    /// Workspace and constants, in bytes.
    package var byteCount: Int { arenaBytes + constants.reduce(0) { $0 + $1.count * $1.type.byteCount } }

    package var arenaBytes: Int { arenaCount * DType.workspace.byteCount }

    /// The least limit of the operations that read an input's ids, directly or through views of it.
    private static func idLimits(_ nodes: [Node]) -> [String: Int] {
        var limits: [String: Int] = [:]
        for node in nodes {
            for (position, input) in node.inputs.enumerated() where input.type.type == .index {
                guard let limit = node.operation.idLimit(node.inputs.map(\.type), input: position) else { continue }
                var source = input
                // Ids may be looked at through views; the limit holds for the input beneath.
                while source.operation.isView { source = source.inputs[0] }
                guard let name = (source.operation as? Input)?.label else { continue }
                limits[name] = min(limit, limits[name] ?? limit)
            }
        }
        return limits
    }

    private static func donations(_ names: [String: String], _ lowering: Lowering) -> [Int: Int] {
        var result: [Int: Int] = [:]
        let buffer = { (name: String, role: External.Role) in
            lowering.buffers.indices.first {
                if case .external(let slot) = lowering.buffers[$0].home {
                    lowering.externals[slot].name == name && lowering.externals[slot].role == role
                } else {
                    false
                }
            }
        }
        for (output, input) in names {
            guard let to = buffer(output, .output), let from = buffer(input, .input),
                lowering.buffers[to].count == lowering.buffers[from].count
            else { graphFault("plan", "\"\(output)\" cannot be written over \"\(input)\": they must exist and have the same size") }
            result[to] = from
        }
        return result
    }
}

/// A graph's operations in order as plain values, which can be evaluated by their definitions.
package struct Program: Sendable {
    package struct Step: Sendable {
        package var operation: any Operation
        /// Positions of earlier steps.
        package var inputs: [Int]
        package var type: TensorType
    }

    package let steps: [Step]
    package let outputs: [(name: String, step: Int)]

    init(_ nodes: [Node], _ results: [(name: String, node: Node)]) {
        var position: [Int: Int] = [:]
        for (index, node) in nodes.enumerated() { position[node.id] = index }
        steps = nodes.map { node in
            Step(operation: node.operation, inputs: node.inputs.compactMap { position[$0.id] }, type: node.type)
        }
        outputs = results.map { ($0.name, position[$0.node.id] ?? 0) }
    }

    /// The outputs in float64 for inputs given by name; a missing input counts as zeros.
    package func evaluate(_ inputs: [String: HostTensor]) -> [String: HostTensor] {
        var remaining = [Int](repeating: 0, count: steps.count)
        for step in steps { for input in step.inputs { remaining[input] += 1 } }
        for output in outputs { remaining[output.step] += 1 }
        var values = [HostTensor?](repeating: nil, count: steps.count)
        for (index, step) in steps.enumerated() {
            if let input = step.operation as? Input, let given = inputs[input.label] {
                values[index] = HostTensor(step.type.shape, given.values)
            } else {
                values[index] = step.operation.evaluate(step.inputs.map { values[$0] ?? HostTensor([], []) })
            }
            for input in step.inputs {
                remaining[input] -= 1
                if remaining[input] == 0 { values[input] = nil }
            }
        }
        return Dictionary(uniqueKeysWithValues: outputs.map { ($0.name, values[$0.step] ?? HostTensor([], [])) })
    }
}
