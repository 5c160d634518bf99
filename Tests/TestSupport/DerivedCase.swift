import Graph

/// A case as a function of its differentiable inputs, with everything that differentiation makes of it.
///
/// The plan's outputs are `y`, the value; `tangent`, its pushforward along d0, d1, …; `back0`, `back1`, …, the pullback of the
/// cotangent c; and `second0`, `second1`, …, the pushforward of the pullback. Those that are zero are left out.
package struct DerivedCase: Sendable {
    package let plan: Plan
    /// Random values for all inputs, by name.
    package let values: [String: HostTensor]
    /// Positions of the differentiable inputs.
    package let moving: [Int]
    package let outputShape: [Int]

    package var program: Program { plan.program }

    package init(_ test: OperationCase, seed: UInt64) {
        let (inputs, output) = test.nodes()
        let graph = output.graph
        let moving = test.arguments.indices.filter { test.arguments[$0].differentiable }
        var directions: [Node: Node] = [:]
        for index in moving { directions[inputs[index]] = graph.input("d\(index)", .real, inputs[index].shape) }
        let cotangent = graph.input("c", .real, output.shape)
        var outputs = [("y", output)]
        if let tangent = pushforward([output], along: directions)[0] { outputs.append(("tangent", tangent)) }
        let back = pullback(output, cotangent: cotangent, to: moving.map { inputs[$0] })
        for (index, result) in zip(moving, back) {
            guard let result else { continue }
            outputs.append(("back\(index)", result))
            if let second = pushforward([result], along: directions)[0] { outputs.append(("second\(index)", second)) }
        }
        plan = Plan(outputs)
        var values: [String: HostTensor] = [:]
        for (index, value) in test.values(seed: seed).enumerated() { values["x\(index)"] = value }
        var random = SplitMix(seed &+ 77)
        for index in moving { values["d\(index)"] = random.tensor(inputs[index].shape) }
        values["c"] = random.tensor(output.shape)
        self.values = values
        self.moving = moving
        outputShape = output.shape
    }

    /// The values with the differentiable inputs moved along their directions.
    package func shifted(by step: Double) -> [String: HostTensor] {
        var result = values
        for index in moving {
            if let x = values["x\(index)"], let d = values["d\(index)"] { result["x\(index)"] = x + step * d }
        }
        return result
    }
}
