extension BufferMerging {
    /// Lets a kernel that may work in place write over an input that nothing reads later.
    mutating func overwriteInputs() {
        for index in calls.indices {
            guard let call = calls[index] else { continue }
            for candidate in call.kernel.inPlace where overwrite(candidate, call, at: index) { break }
        }
    }

    private mutating func overwrite(_ candidate: Kernel.InPlace, _ call: Lowering.Call, at index: Int) -> Bool {
        let operand = candidate.operand, offset = candidate.offset.product(call.integers)
        var output = root(call.operands[0])
        output.offset += offset
        // The operand takes the rest of the output from its offset on.
        let count = call.outputCount - offset
        let target = root(call.operands[operand])
        // A donated output's memory holds an input until then; `computeInPlace` decides about those.
        guard target.buffer != output.buffer, call.isContiguous(operand), buffers[target.buffer].home == .arena,
            donations[output.buffer] == nil, partIsFresh(output, count, at: index), isDead(target, count, at: index),
            !othersRead(target, call, except: operand)
        else { return false }
        merge(target.buffer, into: output)
        return true
    }

    /// Whether a place is a whole buffer that was written before the call at `index` and is not read after it.
    private func isDead(_ target: Lowering.Place, _ count: Int, at index: Int) -> Bool {
        isWhole(target, count) && uses[target.buffer].allSatisfy { $0 <= index } && writes[target.buffer].allSatisfy { $0 < index }
    }

    /// Whether nothing was written to the output's part before. Other parts of the same buffer may have been.
    private func partIsFresh(_ output: Lowering.Place, _ count: Int, at index: Int) -> Bool {
        writes[output.buffer].allSatisfy { other in
            guard other < index, let earlier = calls[other] else { return true }
            let place = root(earlier.operands[0])
            return place.offset >= output.offset + count || place.offset + earlier.outputCount <= output.offset
        }
    }

    /// Another operand of the call looks at the same memory in a way that in-place writing would disturb.
    private func othersRead(_ target: Lowering.Place, _ call: Lowering.Call, except candidate: Int) -> Bool {
        call.operands.indices.dropFirst().contains { other in
            other != candidate && root(call.operands[other]).buffer == target.buffer && !mayLieAtOutput(call, other)
        }
    }
}
