extension BufferMerging {
    /// Rewrites `x + (an assembly)` where the parts are placed after the last other use of x. Each placement of a part becomes the
    /// addition of that part to x at its place, which `accumulate` can usually turn into a kernel that adds to x by itself.
    ///
    /// This is what a gradient of many parameters meets when it is added to another: without the pass the flat gradient would be
    /// written once more, and read again by an addition over all parameters.
    mutating func addParts() {
        // A donated output may not take x's place early: its memory still holds an input.
        guard donations.isEmpty else { return }
        for index in calls.indices {
            guard let call = calls[index], isPlainSum(call) else { continue }
            for (kept, added) in [(1, 2), (2, 1)] where addParts(kept: call.operands[kept], added: call.operands[added], call, at: index) {
                break
            }
        }
    }

    private mutating func addParts(kept: Lowering.Place, added: Lowering.Place, _ call: Lowering.Call, at index: Int) -> Bool {
        let count = call.outputCount
        let target = root(kept), source = root(added), output = root(call.operands[0])
        // All of x must have been written, and read by everybody else, before the first part is.
        guard target.buffer != source.buffer, isWhole(target, count), isWhole(source, count), isWhole(output, count),
            [target, source, output].allSatisfy({ buffers[$0.buffer].home == .arena }), uses[source.buffer] == [index],
            let first = writes[source.buffer].min(), writes[target.buffer].allSatisfy({ $0 < first }),
            uses[target.buffer].allSatisfy({ $0 < first || $0 == index })
        else { return false }
        // An assembly is written by placements of whole parts, and by zeros in the gaps, which add nothing.
        let writers = writes[source.buffer]
        let places = writers.filter { wholeMoves.contains($0) }
        let gaps = writers.filter { calls[$0]?.kernel.role == .fill && calls[$0]?.reals == [0] }
        guard !places.isEmpty, places.count + gaps.count == writers.count else { return false }
        remove(index)
        for gap in gaps { remove(gap) }
        for place in places {
            guard let part = calls[place] else { continue }
            calls[place] = .binary(.add, part.operands[0], part.operands[1], to: part.operands[0], count: part.outputCount)
            wholeMoves.remove(place)
            uses[source.buffer].append(place)
        }
        merge(target.buffer, into: output)
        merge(source.buffer, into: output)
        return true
    }
}
