extension BufferMerging {
    /// Turns `x + y` into the kernels of y adding to x where it lies, if they can: the sum then costs nothing but the bytes of x that
    /// y's kernels touch anyway, and y needs no memory.
    mutating func accumulate() {
        for index in calls.indices {
            guard let call = calls[index], isPlainSum(call) else { continue }
            if root(call.operands[1]) == root(call.operands[0]) {
                addIntoRegion(call, at: index)
                continue
            }
            // The operand that was computed first is kept, and the kernels that compute the other one add to it.
            let order = firstWrite(call.operands[1]) <= firstWrite(call.operands[2]) ? [(1, 2), (2, 1)] : [(2, 1), (1, 2)]
            for (kept, added) in order where addInto(kept: call.operands[kept], added: call.operands[added], call, at: index) { break }
        }
    }

    /// Lets every kernel that writes `added` add to `kept` instead, where it stands, and drops the addition at `index`.
    private mutating func addInto(kept: Lowering.Place, added: Lowering.Place, _ call: Lowering.Call, at index: Int) -> Bool {
        let count = call.outputCount
        let target = root(kept), source = root(added), output = root(call.operands[0])
        let writers = writes[source.buffer].sorted()
        guard target.buffer != source.buffer, isWhole(target, count), isWhole(source, count),
            buffers[source.buffer].home == .arena, uses[source.buffer] == [index], let first = writers.first
        else { return false }
        let isDonated = donations[output.buffer] == target.buffer && output.offset == 0
        // x is complete, and its own value no longer wanted, before the first writer changes it.
        guard isDonated || (buffers[target.buffer].home == .arena && donations[output.buffer] == nil),
            writes[target.buffer].allSatisfy({ $0 < first }), uses[target.buffer].allSatisfy({ $0 < first || $0 == index })
        else { return false }
        guard writersAccumulate(writers, to: target.buffer) else { return false }
        remove(index)
        startAccumulating(first)
        if !isDonated { merge(target.buffer, into: output) }
        merge(source.buffer, into: output)
        return true
    }

    /// The same for an addition that `addParts` made: its first operand already lies where its output does.
    private mutating func addIntoRegion(_ call: Lowering.Call, at index: Int) {
        let count = call.outputCount
        let output = root(call.operands[0]), source = root(call.operands[2])
        let writers = writes[source.buffer].sorted()
        guard source.buffer != output.buffer, isWhole(source, count), buffers[source.buffer].home == .arena,
            uses[source.buffer] == [index], let first = writers.first
        else { return }
        // From the first of the writers to the addition nothing else may touch the region.
        let region = output.offset..<(output.offset + count)
        for other in Set(uses[output.buffer] + writes[output.buffer]) where other >= first && other < index {
            guard let call = calls[other] else { continue }
            guard let extent = extent(other, call, in: output.buffer) else { return }
            for place in call.operands.map(root)
            where place.buffer == output.buffer && region.overlaps(place.offset..<(place.offset + extent)) { return }
        }
        guard writersAccumulate(writers, to: output.buffer) else { return }
        remove(index)
        startAccumulating(writers[0])
        merge(source.buffer, into: output)
    }

    /// Whether the calls that write a buffer can all add to `target` instead: the first overwrites so far, the others add, and none
    /// reads the target.
    private func writersAccumulate(_ writers: [Int], to target: Int) -> Bool {
        writers.allSatisfy { writer in
            guard let producer = calls[writer], let flag = producer.kernel.accumulator, producer.operands[0].offset == 0 else {
                return false
            }
            return (producer.integers[flag] == 0) == (writer == writers[0])
                && !producer.operands.dropFirst().contains { root($0).buffer == target }
        }
    }

    private mutating func startAccumulating(_ writer: Int) {
        if let flag = calls[writer]?.kernel.accumulator { calls[writer]?.integers[flag] = 1 }
    }

    private func firstWrite(_ place: Lowering.Place) -> Int { writes[root(place).buffer].min() ?? -1 }

    /// The length of what a call touches from each of its operands in `buffer`, where that is known: for the kernels that assemblies
    /// and sums are made of. Any other ends the search, which is safe, and was never seen to cost a merge.
    private func extent(_ index: Int, _ call: Lowering.Call, in buffer: Int) -> Int? {
        let reads = call.operands.dropFirst().contains { root($0).buffer == buffer }
        switch call.kernel.role {
        case .sum: return isPlainSum(call) ? call.outputCount : nil
        case .move: return reads || !wholeMoves.contains(index) ? nil : call.outputCount
        case .fill: return reads ? nil : call.outputCount
        case nil: return reads || call.kernel.accumulator == nil ? nil : call.outputCount
        }
    }
}
