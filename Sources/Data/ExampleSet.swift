/// A data set from which batches are made by the positions of their examples.
public struct ExampleSet<Batch: Sendable>: Sendable {
    /// The number of examples.
    public let count: Int
    /// The batch of the examples at some positions, in their order.
    public let makeBatch: @Sendable ([Int]) -> Batch

    /// A set of `count` examples whose batches a function makes from positions in 0 ..< count.
    public init(count: Int, makeBatch: @escaping @Sendable ([Int]) -> Batch) {
        self.count = count
        self.makeBatch = makeBatch
    }
}

extension ExampleSet where Batch == TokenBatch {
    /// - Parameter context: the most positions the model has.
    public init(_ examples: [TokenExample], context: Int) {
        self.init(count: examples.count) { positions in TokenBatch(positions.map { examples[$0] }, context: context) }
    }
}

/// A place in an endless sequence of shuffled epochs. A value: the same cursor always gives the same batches.
package struct BatchCursor: Hashable, Sendable {
    package var seed: UInt64
    package var epoch = 0
    package var position = 0

    package init(seed: UInt64) { self.seed = seed }

    /// The next `size` positions of a set of `count` examples; a batch may reach into the next epoch.
    package mutating func next(_ size: Int, of count: Int) -> [Int] {
        var chosen: [Int] = []
        while chosen.count < size, count > 0 {
            var random = SeededRandom(seed: seed, stream: "epoch \(epoch)")
            let order = random.order(of: count)
            let taken = order[position..<min(count, position + size - chosen.count)]
            chosen += taken
            position += taken.count
            if position >= count { (epoch, position) = (epoch + 1, 0) }
        }
        return chosen
    }
}
