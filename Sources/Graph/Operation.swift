/// One tensor operation: its shape rule, its meaning in float64, its derivative and its kernel.
///
/// Adding an operation means adding one file with a type that conforms to this protocol, and a kernel of the same name if no
/// existing kernel serves. The derivative is part of the protocol, so an operation without one does not compile:
/// - an input in which the operation is affine has a transpose rule, the adjoint of its linear part;
/// - every other real input is covered by the pushforward, and its pullback is that pushforward transposed.
package protocol Operation: Hashable, Sendable {
    /// The name used in messages, kernels and tests.
    var name: String { get }

    /// The output's type, or a sentence that says what is wrong with the inputs.
    func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType

    /// The definition, in float64.
    func evaluate(_ inputs: [HostTensor]) -> HostTensor

    /// Whether the derivative with respect to this input does not depend on this input.
    func isAffine(in input: Int) -> Bool

    /// The output's tangent given the inputs' tangents (nil where an input does not move); nil if the output does not move.
    func pushforward(_ node: Node, _ tangents: [Node?]) -> Node?

    /// For an input in which the operation is affine: the cotangent that the output's cotangent sends back to it.
    func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node

    /// For an input of ids: the number below which they lie. One that does not, and any negative one, means nothing to the operation.
    func idLimit(_ inputs: [TensorType], input: Int) -> Int?

    /// Emits the kernel calls that compute the node, or records it as a view.
    func lower(_ node: Node, _ lowering: inout Lowering)

    /// Whether the output is a look at the input's memory, or is so where the layout allows: it then costs nothing.
    var isView: Bool { get }

    /// Whether computing the output again costs about what reading it back from memory does: one element-wise or row kernel over inputs
    /// of the output's size. Sums say no: they are usually computed inside the kernel of one summand, which costs nothing.
    var isCheap: Bool { get }

    /// Multiplications and additions, counted as two operations each, that the kernel performs.
    func flops(_ inputs: [TensorType], _ output: TensorType) -> Int
}

/// What a shape rule objects to; the graph adds the operation, the shapes and the model part.
package struct ShapeProblem: Error {
    package var problem: String
    package init(_ problem: String) { self.problem = problem }
}

extension Operation {
    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { output.count }

    package var isView: Bool { false }
    package var isCheap: Bool { false }

    package func idLimit(_ inputs: [TensorType], input: Int) -> Int? { nil }

    func requireSameShape(_ inputs: [TensorType]) throws(ShapeProblem) {
        guard let first = inputs.first, inputs.allSatisfy({ $0 == first }) else {
            throw ShapeProblem("all inputs must have the same shape")
        }
    }

    func requireReal(_ inputs: [TensorType]) throws(ShapeProblem) {
        guard inputs.allSatisfy({ $0.type == .real }) else { throw ShapeProblem("takes real tensors only") }
    }
}

/// An operation that is linear in each of its real inputs separately, such as a product.
package protocol MultilinearOperation: Operation {}

extension MultilinearOperation {
    package func isAffine(in input: Int) -> Bool { true }

    /// The product rule: one term per moving input, the same operation with that input replaced by its tangent.
    package func pushforward(_ node: Node, _ tangents: [Node?]) -> Node? {
        var sum: Node?
        for (position, tangent) in tangents.enumerated() {
            guard let tangent else { continue }
            var inputs = node.inputs
            inputs[position] = tangent
            let term = node.graph.node(self, inputs)
            sum = sum.map { $0 + term } ?? term
        }
        return sum
    }
}

/// An operation with no input in which it is affine.
package protocol NonlinearOperation: Operation {}

extension NonlinearOperation {
    package func isAffine(in input: Int) -> Bool { false }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        node.derivativeFault("input \(input) is not affine, so it has no transpose")
    }
}
