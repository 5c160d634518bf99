import Backends
import Data
import Graph
import Inference
import Models
import Testing

@Suite("Losses of data sets")
struct LossEvaluatorTests {
    @Test("are the same in any batch and in the order of the examples", arguments: Golden.names)
    func batching(name: String) throws {
        let golden = try Golden(name)
        let session = try LanguageModelSession(golden.loaded, on: CPUBackend())
        var random = SeededRandom(seed: 3)
        let examples = (0..<11).map { number -> TokenExample in
            let ids = (0..<(3 + number * 5 % 24)).map { _ in Int32.random(in: 3..<97, using: &random) }
            return TokenExample(ids: ids, labels: ids.enumerated().map { $0.offset <= number % 2 ? TokenExample.masked : $0.element })
        }
        let alone = try LossEvaluator(session).scores(examples, batchSize: 1)
        var done: [Int] = []
        let together = try LossEvaluator(session).scores(examples, batchSize: 4) { done.append($0) }
        #expect(done == [4, 8, 11])
        #expect(alone.map(\.tokens) == examples.map(\.answerCount))
        #expect(together.map(\.tokens) == alone.map(\.tokens))
        #expect(relativeError(together.map(\.loss), alone.map(\.loss)) <= 1e-5)
        let mean = try LossEvaluator(session).scores(golden.examples).reduce(0) { $0 + $1.loss } / 2
        #expect(relativeError([mean], try golden.real("loss")) <= 1e-5)
    }
}
