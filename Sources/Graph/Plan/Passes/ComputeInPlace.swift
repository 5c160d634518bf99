extension BufferMerging {
    /// Has a part of an assembly, or a result of the plan, computed in its final place, and drops the call that would move it there.
    mutating func computeInPlace() {
        for index in calls.indices where wholeMoves.contains(index) {
            guard let call = calls[index] else { continue }
            let source = call.operands[1]
            // An input or a constant lies where it lies; only what the plan itself makes can be made elsewhere.
            guard buffers[source.buffer].home == .arena, isWhole(source, call.outputCount) else { continue }
            guard root(call.operands[0]).buffer != source.buffer, respectsDonation(source, call.operands[0]),
                staysUntouched(source, call, at: index)
            else { continue }
            remove(index)
            merge(source.buffer, into: call.operands[0])
        }
    }

    /// Whether the part that a call places is only written to, as `addParts` may, once nobody reads the source any more.
    private func staysUntouched(_ source: Lowering.Place, _ call: Lowering.Call, at index: Int) -> Bool {
        let place = root(call.operands[0])
        let part = place.offset..<(place.offset + call.outputCount)
        return writes[place.buffer].allSatisfy { writer in
            guard writer > index, let later = calls[writer] else { return true }
            let start = root(later.operands[0]).offset
            return !part.overlaps(start..<(start + later.outputCount)) || uses[source.buffer].allSatisfy { $0 < writer }
        }
    }

    /// Where the target is an input's own memory, the source may be computed there only once that input has been read for the
    /// last time, or by a kernel that reads each element before it writes it.
    private func respectsDonation(_ source: Lowering.Place, _ target: Lowering.Place) -> Bool {
        guard let input = donations[root(target).buffer] else { return true }
        // Earlier reads are over. A read by the first writer itself is harmless where it goes element by element.
        guard let first = writes[source.buffer].min(), let call = calls[first] else { return false }
        return uses[input].allSatisfy { use in
            use < first
                || use == first
                    && call.operands.indices.dropFirst().allSatisfy { root(call.operands[$0]).buffer != input || mayLieAtOutput(call, $0) }
        }
    }

    /// Whether the kernel reads each element of an operand before it writes the same element of its output.
    func mayLieAtOutput(_ call: Lowering.Call, _ operand: Int) -> Bool {
        call.kernel.inPlace.contains { $0.operand == operand } && call.isContiguous(operand)
    }
}
