import Graph
import TestSupport
import Testing

@Suite("A graph built wrongly")
struct FaultTests {
    static let x = TensorType(.real, [2, 3]), ids = TensorType(.index, [2])

    @Test(
        "is refused by the operation's shape rule",
        arguments: [
            (MatMul(), [x, x], "3 columns meet 2 rows"),
            (MatMul(), [TensorType(.real, [2, 2, 2]), TensorType(.real, [3, 2, 2])], "the leading axes differ"),
            (Binary(function: .add), [x, TensorType(.real, [3])], "the same shape"),
            (Unary(function: .tanh), [ids], "real tensors only"),
            (Reshape(shape: [7]), [x], "cannot become [7]"),
            (Broadcast(shape: [2, 4]), [x], "cannot be broadcast to [2, 4]"),
            (Slice(start: [1, 0], shape: [2, 3]), [x], "is not inside"),
            (Assemble(shape: [2, 4], starts: [[0, 2]]), [x], "is not inside"),
            (CrossEntropy(), [x, TensorType(.index, [3])], "takes logits"),
            (GatherRows(), [x, x], "takes a table"),
            (Constant(shape: [2], data: .real([1])), [], "1 values do not fill"),
        ] as [(any Operation, [TensorType], String)])
    func shapes(operation: any Operation, inputs: [TensorType], expected: String) {
        do {
            Issue.record("\(try operation.outputType(inputs))")
        } catch {
            #expect(error.problem.contains(expected), "\(error.problem)")
        }
    }

    @Test("stops the program, naming operation, shapes and model part")
    func shape() async {
        let end = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let graph = ComputationGraph()
            _ = graph.part("layer 3") {
                graph.part("attention") { graph.input("x", .real, [2, 3]).matmul(graph.input("w", .real, [4, 5])) }
            }
        }
        #expect(end.said("matmul(real[2×3], real[4×5]) in layer 3 / attention: 3 columns meet 4 rows"))
    }

    @Test("stops at a gradient that is not defined")
    func gradients() async {
        let vector = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let x = ComputationGraph().input("x", .real, [2])
            _ = gradient(of: x.mapped(.tanh), x)
        }
        #expect(vector.said("derivative of tanh(real[2]): only a scalar has a gradient"))
        let unrelated = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let graph = ComputationGraph()
            _ = gradient(of: graph.input("x", .real, [2]).sum(), graph.input("w", .real, [3]))
        }
        #expect(unrelated.said("derivative of sum(real[2]): does not depend on"))
        let direction = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let x = ComputationGraph().input("x", .real, [2])
            _ = pushforward([x.mapped(.tanh)], along: [x: x.sum()])
        }
        #expect(direction.said("pushforward(real[2], real[]): a direction must have the shape"))
    }

    @Test("stops at outputs that would be written over an input that is not there or of another size")
    func donations() async {
        let missing = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let x = ComputationGraph().input("x", .real, [4])
            _ = Plan([("y", x.mapped(.tanh))], donating: ["y": "z"])
        }
        #expect(missing.said("plan: \"y\" cannot be written over \"z\""))
        let longer = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let graph = ComputationGraph()
            let x = graph.input("x", .real, [4]), w = graph.input("w", .real, [5])
            _ = Plan([("y", x.mapped(.tanh)), ("v", w.mapped(.tanh))], donating: ["y": "w"])
        }
        #expect(longer.said("plan: \"y\" cannot be written over \"w\""))
    }
}
