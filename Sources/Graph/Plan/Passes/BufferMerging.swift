/// Passes over lowered calls that let several values share one buffer, so that fewer bytes move and fewer are held.
///
/// The order matters. Each pass looks for a shape of calls that the one before leaves behind:
/// 1. `addParts`: `x + (an assembly)` becomes one addition for each part, so that pass 3 can fold each into the kernel of its part.
/// 2. `computeInPlace`: what is only computed to be moved is computed where it goes.
/// 3. `accumulate`: `x + (a kernel that can add to its output)` becomes that kernel adding to x.
/// 4. `overwriteInputs`: an element-wise or row kernel overwrites an input that nobody reads afterwards. Last, because it forbids what
///    the others need: that a value stays as it is until its last reader.
///
/// A pass knows kernels only by what they declare (`Kernel.role`, `.accumulator`, `.inPlace`), never by name.
struct BufferMerging {
    var calls: [Lowering.Call?]
    let buffers: [Lowering.Buffer]
    /// Buffers that live inside another one.
    private var parents: [Int: Lowering.Place] = [:]
    /// For each root buffer, the calls that read it and those that write it, those of the buffers inside it included.
    var uses: [[Int]]
    var writes: [[Int]]
    /// External outputs whose caller passes the same memory as an external input: output buffer → input buffer.
    let donations: [Int: Int]
    /// Calls that only move a whole buffer to one stretch of another.
    var wholeMoves: Set<Int>

    init(_ lowering: Lowering, donations: [Int: Int]) {
        calls = lowering.calls
        buffers = lowering.buffers
        wholeMoves = lowering.wholeMoves
        self.donations = donations
        uses = buffers.map { _ in [] }
        writes = buffers.map { _ in [] }
        for (index, call) in lowering.calls.enumerated() {
            writes[call.operands[0].buffer].append(index)
            for operand in call.operands.dropFirst() { uses[operand.buffer].append(index) }
        }
        addParts()
        computeInPlace()
        accumulate()
        overwriteInputs()
    }

    /// The buffer that finally holds `place`, and the offset there.
    func root(_ place: Lowering.Place) -> Lowering.Place {
        var place = place
        while let parent = parents[place.buffer] {
            place = Lowering.Place(buffer: parent.buffer, offset: place.offset + parent.offset)
        }
        return place
    }

    // MARK: For the passes

    /// Lets a root buffer live at `target` from now on.
    mutating func merge(_ child: Int, into target: Lowering.Place) {
        let home = root(target)
        parents[child] = home
        uses[home.buffer] += uses[child]
        writes[home.buffer] += writes[child]
    }

    /// Drops a call.
    mutating func remove(_ index: Int) {
        guard let call = calls[index] else { return }
        let target = root(call.operands[0]).buffer
        writes[target].removeAll { $0 == index }
        for operand in call.operands.dropFirst() { uses[root(operand).buffer].removeAll { $0 == index } }
        calls[index] = nil
        wholeMoves.remove(index)
    }

    /// Whether a place is all of a buffer that lives in no other.
    func isWhole(_ place: Lowering.Place, _ count: Int) -> Bool {
        place.offset == 0 && buffers[place.buffer].count == count && parents[place.buffer] == nil
    }

    /// Whether a call adds two contiguous values, which is what the passes can take apart.
    func isPlainSum(_ call: Lowering.Call) -> Bool {
        call.kernel.role == .sum && call.outputCount > 0 && call.isContiguous(1) && call.isContiguous(2)
    }
}
