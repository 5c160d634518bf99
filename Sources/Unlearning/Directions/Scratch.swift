import Backends

/// How many vectors are borrowed at a time.
struct ScratchNeed: Hashable, Sendable {
    /// Of θ's length.
    var vectors = 0
    /// Of twice θ's length.
    var pairs = 0

    /// θ's lengths in all.
    var lengths: Int { vectors + 2 * pairs }

    /// One need while the other is served.
    static func + (a: ScratchNeed, b: ScratchNeed) -> ScratchNeed {
        ScratchNeed(vectors: a.vectors + b.vectors, pairs: a.pairs + b.pairs)
    }

    /// Each at another time: enough for either.
    func or(_ other: ScratchNeed) -> ScratchNeed {
        ScratchNeed(vectors: max(vectors, other.vectors), pairs: max(pairs, other.pairs))
    }
}

/// Vectors that calls borrow for as long as they run. A call within a call gets others, so that nobody's vector is overwritten by what
/// it asks for; calls one after another get the same ones, so that plans bound to them are found again.
final class Scratch {
    private var vectors: [any Buffer] = []
    private var pairs: [any Buffer] = []
    private var lent = ScratchNeed()

    init(_ need: ScratchNeed, _ device: DeviceVectors, count: Int) throws {
        for _ in 0..<need.vectors { vectors.append(try device.make(count)) }
        for _ in 0..<need.pairs { pairs.append(try device.make(2 * count)) }
    }

    func borrow<Result>(_ use: (any Buffer) throws -> Result) throws -> Result {
        try borrow(\.vectors, vectors, use)
    }

    func borrowPair<Result>(_ use: (any Buffer) throws -> Result) throws -> Result {
        try borrow(\.pairs, pairs, use)
    }

    private func borrow<Result>(
        _ kind: WritableKeyPath<ScratchNeed, Int>, _ buffers: [any Buffer], _ use: (any Buffer) throws -> Result
    ) throws -> Result {
        let index = lent[keyPath: kind]
        // Every test that takes a step of this direction would meet it: the direction borrows more than it declares.
        precondition(index < buffers.count, "more scratch vectors than were declared")
        lent[keyPath: kind] += 1
        defer { lent[keyPath: kind] -= 1 }
        return try use(buffers[index])
    }
}
