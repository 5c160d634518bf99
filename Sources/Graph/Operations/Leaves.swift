/// A value bound by the caller.
package struct Input: MultilinearOperation {
    package var label: String
    package var declared: TensorType

    package init(label: String, declared: TensorType) {
        self.label = label
        self.declared = declared
    }

    package var name: String { "input" }
    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType { declared }
    package func evaluate(_ inputs: [HostTensor]) -> HostTensor { HostTensor(declared.shape) { _ in 0 } }
    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node { cotangent }
    package func lower(_ node: Node, _ lowering: inout Lowering) { lowering.bindInput(node, label) }
    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 0 }
}

/// Data fixed in the graph.
package struct Constant: MultilinearOperation {
    package var shape: [Int]
    package var data: Plan.Constant

    package init(shape: [Int], data: Plan.Constant) {
        self.shape = shape
        self.data = data
    }

    package var name: String { "constant" }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        let (type, count): (DType, Int) =
            switch data {
            case .real(let values): (.real, values.count)
            case .index(let values): (.index, values.count)
            }
        guard count == shape.reduce(1, *) else { throw ShapeProblem("\(count) values do not fill the shape \(shape)") }
        return TensorType(type, shape)
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        switch data {
        case .real(let values): HostTensor(shape, values)
        case .index(let values): HostTensor(shape, values.map(Double.init))
        }
    }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node { cotangent }
    package func lower(_ node: Node, _ lowering: inout Lowering) { lowering.bindConstant(node, data) }
    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 0 }
}

/// Stands for an input's tangent while a pushforward is transposed; never reaches a plan. Each is new (its slot is a fresh number),
/// so that everything that depends on it has a larger id.
struct Placeholder: MultilinearOperation {
    var slot: Int
    var declared: TensorType

    var name: String { "placeholder" }
    func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType { declared }
    func evaluate(_ inputs: [HostTensor]) -> HostTensor { HostTensor(declared.shape) { _ in 0 } }
    func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node { cotangent }
    func lower(_ node: Node, _ lowering: inout Lowering) {
        graphFault("plan", "a placeholder of a derivative rule reached a plan")
    }
}
