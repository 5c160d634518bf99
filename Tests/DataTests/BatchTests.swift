import Data
import Testing

@Suite("Examples and batches")
struct BatchTests {
    @Test("the first token never counts, nor do masked ones")
    func counting() {
        #expect(TokenExample(ids: [1, 2, 3], labels: [1, 2, 3]).answerCount == 2)
        #expect(TokenExample(ids: [1, 2, 3], labels: [-100, -100, 3]).answerCount == 1)
        #expect(TokenExample(ids: [1], labels: [1]).answerCount == 0)
    }

    @Test("batches are padded to few shapes, but not beyond the context")
    func shapes() {
        let batch = { (length: Int, context: Int) in
            let ids = [Int32](repeating: 1, count: length)
            return TokenBatch([TokenExample(ids: ids, labels: ids), TokenExample(ids: [1, 2], labels: [-100, 2])], context: context).shape
        }
        #expect(batch(5, 100) == BatchShape(examples: 2, length: 16, answers: 16))
        #expect(batch(33, 100) == BatchShape(examples: 2, length: 48, answers: 48))
        #expect(batch(99, 100) == BatchShape(examples: 2, length: 100, answers: 128))
    }

    @Test("every epoch is a permutation, and batches reach into the next", arguments: [1, 3, 7, 10, 16, 25])
    func epochs(size: Int) {
        var cursor = BatchCursor(seed: 9)
        var stream: [Int] = []
        while stream.count < 60 {
            let batch = cursor.next(size, of: 10)
            #expect(batch.count == size)
            stream += batch
        }
        let epochs = (0..<6).map { Array(stream[(10 * $0)..<(10 * $0 + 10)]) }
        for epoch in epochs { #expect(epoch.sorted() == Array(0..<10)) }
        #expect(Set(epochs).count == 6, "each is shuffled anew")
        #expect(cursor.epoch == stream.count / 10 && cursor.position == stream.count % 10)
    }

    @Test("the same cursor gives the same batches, another seed others")
    func cursors() {
        var first = BatchCursor(seed: 1), other = BatchCursor(seed: 2)
        _ = first.next(7, of: 20)
        var copy = first
        let batch = first.next(20, of: 20)
        #expect(batch == copy.next(20, of: 20))
        #expect(first == copy)
        _ = other.next(7, of: 20)
        #expect(batch != other.next(20, of: 20))
        #expect(first.next(0, of: 20).isEmpty)
        #expect(first.next(3, of: 0).isEmpty)
    }

    @Test("what a model cannot compute is refused, naming the example")
    func refused() throws {
        let sizes = SequenceLimits(vocabulary: 97, context: 64, contextReason: "the model's context")
        let good = TokenExample(ids: [3, 4], labels: [-100, 4])
        let check = { (bad: TokenExample) in #expect(throws: DataError.self) { try sizes.check([good, bad]) }?.description ?? "" }
        #expect(check(TokenExample(ids: [3, 97], labels: [-100, 97])).hasPrefix("Example 2: the id 97 at position 2"))
        #expect(check(TokenExample(ids: [3, -1], labels: [-100, 4])).hasPrefix("Example 2: the id -1 at position 2"))
        #expect(check(TokenExample(ids: [3, 4], labels: [-100, 200])).hasPrefix("Example 2: the id 200 at position 2"))
        #expect(check(TokenExample(ids: [3, 4], labels: [-100])) == "Example 2: it has 2 tokens but 1 labels")
        #expect(check(TokenExample(ids: [3, 4], labels: [3, -100])).contains("no token of its answer is left"))
        let long = [Int32](repeating: 5, count: 65)
        #expect(check(TokenExample(ids: long, labels: long)).contains("65 tokens, but at most 64 fit (the model's context)"))
        let named = TokenExample(ids: long, labels: long, position: RowPosition(file: "rows.jsonl", line: 3, index: 2))
        #expect(check(named).hasPrefix("rows.jsonl, line 3: 65 tokens"))
    }
}
