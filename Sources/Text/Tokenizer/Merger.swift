/// A token inside a word: its id and the offset of its first byte in the word.
struct Piece: Sendable {
    var id: Int32
    var start: Int32
}

/// The merge rules: which pairs join, in which order of preference, into which token.
struct MergeRules: Sendable {
    private var keys: [UInt64]
    private var ranks: [UInt32]
    private var results: [Int32]
    private static let free = UInt64.max
    static let none = UInt32.max

    init(count: Int) {
        var size = 16
        while size < count * 2 + 2 { size *= 2 }
        keys = [UInt64](repeating: Self.free, count: size)
        ranks = [UInt32](repeating: Self.none, count: size)
        results = []
        results.reserveCapacity(count)
    }

    /// Adds the next rule in order of preference; a pair given twice keeps its later place.
    mutating func append(_ left: Int32, _ right: Int32, _ result: Int32) {
        let place = slot(left, right)
        keys[place] = Self.key(left, right)
        ranks[place] = UInt32(results.count)
        results.append(result)
    }

    /// The place of the rule for this pair, `none` if the two do not join.
    @inline(__always)
    func rank(_ left: Int32, _ right: Int32) -> UInt32 { ranks[slot(left, right)] }

    func result(_ rank: UInt32) -> Int32 { results[Int(rank)] }

    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    @inline(__always)
    private func slot(_ left: Int32, _ right: Int32) -> Int {
        // Open addressing in a table at most half full: nearly all the time of tokenising goes into this look-up.
        let key = Self.key(left, right)
        let mask = keys.count - 1
        var place = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
        while keys[place] != key && keys[place] != Self.free { place = (place + 1) & mask }
        return place
    }
}

extension MergeRules {
    /// Joins neighbours, best rule first and leftmost among equals, until no rule applies.
    func apply(to pieces: inout [Piece]) {
        if pieces.count <= 48 { applyByScanning(&pieces) } else { applyByHeap(&pieces) }
    }

    /// For short words a scan over the ranks is quicker than keeping a heap.
    private func applyByScanning(_ pieces: inout [Piece]) {
        guard pieces.count > 1 else { return }
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: pieces.count) { pairs in
            var count = pieces.count
            for index in 0..<count - 1 { pairs[index] = rank(pieces[index].id, pieces[index + 1].id) }
            while count > 1 {
                // The first of equal ranks is the leftmost pair.
                var best = 0
                for index in 1..<count - 1 where pairs[index] < pairs[best] { best = index }
                guard pairs[best] != Self.none else { break }
                pieces[best].id = result(pairs[best])
                count -= 1
                // Moving the rest by one is cheaper than links for so few pieces.
                for index in best + 1..<max(count, best + 1) { pieces[index] = pieces[index + 1] }
                for index in best + 1..<max(count - 1, best + 1) { pairs[index] = pairs[index + 1] }
                if best > 0 { pairs[best - 1] = rank(pieces[best - 1].id, pieces[best].id) }
                if best < count - 1 { pairs[best] = rank(pieces[best].id, pieces[best + 1].id) }
            }
            pieces.removeLast(pieces.count - count)
        }
    }

    /// A heap of (rank, position); an entry is stale when the pair at its position has another rank by now.
    private func applyByHeap(_ pieces: inout [Piece]) {
        let count = pieces.count
        var next = [Int32](1...Int32(count))
        var previous = [Int32](-1..<Int32(count - 1))
        var pairs = [UInt32](repeating: Self.none, count: count)
        // Rank and position in one number: the smallest is the best rule, leftmost among equals.
        var heap = Heap()
        for index in 0..<count - 1 {
            pairs[index] = rank(pieces[index].id, pieces[index + 1].id)
            if pairs[index] != Self.none { heap.push(UInt64(pairs[index]) << 32 | UInt64(index)) }
        }
        while let top = heap.pop() {
            let index = Int(top & 0xFFFF_FFFF)
            // Joins beside this pair have changed it since; what it became was pushed again.
            guard UInt64(pairs[index]) == top >> 32 else { continue }
            let absorbed = Int(next[index])
            pieces[index].id = result(pairs[index])
            // No piece begins here any more, so whatever the heap still has for this place is stale.
            pairs[absorbed] = Self.none
            next[index] = next[absorbed]
            let following = Int(next[index])
            pairs[index] = Self.none
            if following < count {
                previous[following] = Int32(index)
                pairs[index] = rank(pieces[index].id, pieces[following].id)
                if pairs[index] != Self.none { heap.push(UInt64(pairs[index]) << 32 | UInt64(index)) }
            }
            let before = Int(previous[index])
            if before >= 0 {
                pairs[before] = rank(pieces[before].id, pieces[index].id)
                if pairs[before] != Self.none { heap.push(UInt64(pairs[before]) << 32 | UInt64(before)) }
            }
        }
        var kept = 0
        var index = 0
        while index < count {
            pieces[kept] = pieces[index]
            kept += 1
            index = Int(next[index])
        }
        pieces.removeLast(count - kept)
    }
}

/// A binary heap that gives the smallest element first.
private struct Heap {
    private var items: [UInt64] = []

    mutating func push(_ item: UInt64) {
        var index = items.count
        items.append(item)
        while index > 0, items[(index - 1) / 2] > item {
            items[index] = items[(index - 1) / 2]
            index = (index - 1) / 2
        }
        items[index] = item
    }

    mutating func pop() -> UInt64? {
        guard let top = items.first, let last = items.popLast() else { return nil }
        guard !items.isEmpty else { return top }
        var index = 0
        while true {
            var child = 2 * index + 1
            guard child < items.count else { break }
            if child + 1 < items.count, items[child + 1] < items[child] { child += 1 }
            guard items[child] < last else { break }
            items[index] = items[child]
            index = child
        }
        items[index] = last
        return top
    }
}
