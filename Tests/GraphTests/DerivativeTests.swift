import Graph
import TestSupport
import Testing

/// Every derivative rule against central differences of the definitions, in float64.
@Suite struct DerivativeTests {
    static let cases = (1...3).flatMap { OperationCases.all(seed: $0) }

    @Test("The pushforward is the derivative of the value", arguments: cases)
    func pushforwardMatchesDifferences(_ test: OperationCase) throws {
        let derived = DerivedCase(test, seed: 5)
        let tangent =
            derived.program.evaluate(derived.values)["tangent"]
            ?? HostTensor(derived.outputShape) { _ in 0 }
        #expect(try tangent.relativeError(to: derived.difference("y"), floor: 1e-2) < 1e-7)
    }

    @Test("The pullback is the adjoint of the pushforward", arguments: cases)
    func pullbackIsAdjoint(_ test: OperationCase) throws {
        let derived = DerivedCase(test, seed: 6)
        let results = derived.program.evaluate(derived.values)
        let forward = try results["tangent"].map { try $0.dot(#require(derived.values["c"])) } ?? 0
        var backward = 0.0
        for index in derived.moving {
            if let back = results["back\(index)"] { backward += try back.dot(#require(derived.values["d\(index)"])) }
        }
        #expect(abs(forward - backward) <= 1e-11 * max(1, abs(forward)))
    }

    @Test("The pushforward of the pullback is its derivative, so second derivatives are exact", arguments: cases)
    func secondDerivativesMatchDifferences(_ test: OperationCase) throws {
        let derived = DerivedCase(test, seed: 7)
        let results = derived.program.evaluate(derived.values)
        for index in derived.moving {
            guard let back = results["back\(index)"] else { continue }
            let second = results["second\(index)"] ?? HostTensor(back.shape) { _ in 0 }
            #expect(try second.relativeError(to: derived.difference("back\(index)"), floor: 1e-2) < 1e-7)
        }
    }

    @Test("Every operation occurs in the cases or in their derivatives")
    func catalogueIsCovered() {
        var names: Set<String> = []
        for test in Self.cases {
            let derived = DerivedCase(test, seed: 1)
            names.formUnion(derived.program.steps.map(\.operation.name))
        }
        // Kernels are named after their operations, but for those that no graph asks for: they serve other operations or the optimiser.
        let serving: Set<String> = ["fill", "copy", "place", "dot_blocks", "axpy", "adamw"]
        let views: Set<String> = ["input", "constant", "reshape", "permute", "slice", "broadcast", "assemble", "dot"]
        let expected = Set(Kernel.all.map(\.name)).subtracting(serving).union(views)
        #expect(names.isSuperset(of: expected), "missing: \(expected.subtracting(names).sorted())")
    }

    @Test("Functions that come with their derivatives equal their compositions", arguments: UnaryFunction.gates)
    func activationsMatchCompositions(gate: Gate) throws {
        for function in gate.functions {
            let graph = ComputationGraph()
            let x = graph.input("x", .real, [41])
            let composition = try #require(function.rule.composition)
            let program = Plan([("direct", x.mapped(function)), ("composed", composition(x))]).program
            let values = HostTensor([41]) { 0.25 * Double($0[0] - 20) }
            let results = program.evaluate(["x": values])
            #expect(try #require(results["direct"]).relativeError(to: #require(results["composed"])) < 1e-12)
        }
    }
}

extension DerivedCase {
    /// Fourth-order central difference of an output along the directions.
    fileprivate func difference(_ name: String) throws -> HostTensor {
        let h = 1e-3
        let at = { (step: Double) in try #require(program.evaluate(shifted(by: step))[name]) }
        return try (8 / (12 * h)) * (at(h) - at(-h)) - (1 / (12 * h)) * (at(2 * h) - at(-2 * h))
    }
}
