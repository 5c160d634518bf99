/// Passes over lowered calls that let several values share one buffer, so that fewer bytes move and fewer are held.
///
/// 0. `x + (an assembly)` becomes one addition for each part, each at its place in x.
/// 1. A part of an assembly, or a result of the plan, is computed in its final place.
/// 2. `x + (a kernel that can add to its output)` becomes that kernel adding to x.
/// 3. An element-wise or row kernel overwrites an input that nobody reads afterwards.
struct BufferMerging {
    private(set) var calls: [Lowering.Call?]
    private let buffers: [Lowering.Buffer]
    /// Buffers that live inside another one.
    private var parents: [Int: Lowering.Place] = [:]
    private var uses: [[Int]]
    private var writes: [[Int]]
    /// External outputs whose caller passes the same memory as an external input: output buffer → input buffer.
    private let donations: [Int: Int]

    init(_ lowering: Lowering, donations: [Int: Int]) {
        calls = lowering.calls
        buffers = lowering.buffers
        self.donations = donations
        uses = buffers.map { _ in [] }
        writes = buffers.map { _ in [] }
        for (index, call) in lowering.calls.enumerated() {
            writes[call.operands[0].buffer].append(index)
            for operand in call.operands.dropFirst() { uses[operand.buffer].append(index) }
        }
        addPartsOfAssemblies()
        computePartsInPlace()
        addIntoOperands()
        overwriteDeadInputs()
    }

    /// The buffer that finally holds `place`, and the offset there.
    func root(_ place: Lowering.Place) -> Lowering.Place {
        var place = place
        while let parent = parents[place.buffer] {
            place = Lowering.Place(buffer: parent.buffer, offset: place.offset + parent.offset)
        }
        return place
    }

    private mutating func merge(_ child: Int, into target: Lowering.Place) {
        let home = root(target)
        parents[child] = home
        uses[home.buffer] += uses[child]
        writes[home.buffer] += writes[child]
    }

    private mutating func remove(_ index: Int) {
        guard let call = calls[index] else { return }
        let target = root(call.operands[0]).buffer
        writes[target].removeAll { $0 == index }
        for operand in call.operands.dropFirst() { uses[root(operand).buffer].removeAll { $0 == index } }
        calls[index] = nil
    }

    private func isWhole(_ place: Lowering.Place, _ count: Int) -> Bool {
        place.offset == 0 && buffers[place.buffer].count == count && parents[place.buffer] == nil
    }

    // MARK: 0

    /// Rewrites `x + (an assembly)` where the parts are placed after the last other use of x. Each placement of a part becomes the
    /// addition of that part to x at its place, which pass 2 can usually turn into a kernel that adds to x by itself.
    private mutating func addPartsOfAssemblies() {
        guard donations.isEmpty else { return }
        for index in calls.indices {
            guard let call = calls[index], call.kernel == "add", isPlainBinary(call) else { continue }
            for (kept, added) in [(1, 2), (2, 1)] where addParts(kept: call.operands[kept], added: call.operands[added], call, at: index) {
                break
            }
        }
    }

    private mutating func addParts(kept: Lowering.Place, added: Lowering.Place, _ call: Lowering.Call, at index: Int) -> Bool {
        let count = call.integers[0]
        let target = root(kept), source = root(added), output = root(call.operands[0])
        guard target.buffer != source.buffer, isWhole(target, count), isWhole(source, count), isWhole(output, count),
            [target, source, output].allSatisfy({ buffers[$0.buffer].home == .arena }), uses[source.buffer] == [index],
            let first = writes[source.buffer].min(), writes[target.buffer].allSatisfy({ $0 < first }),
            uses[target.buffer].allSatisfy({ $0 < first || $0 == index })
        else { return false }
        let writers = writes[source.buffer]
        let places = writers.filter { calls[$0]?.movesWhole == true }
        let gaps = writers.filter { calls[$0]?.kernel == "fill" && calls[$0]?.reals == [0] }
        guard !places.isEmpty, places.count + gaps.count == writers.count else { return false }
        remove(index)
        for gap in gaps { remove(gap) }
        for place in places {
            guard var part = calls[place] else { continue }
            let length = part.integers[0]
            let (layout, strides) = Collapse.layout(shape: [length], strides: [[1], [1]])
            part.kernel = "add"
            part.operands.insert(part.operands[0], at: 1)
            part.integers = [length] + layout + strides[0] + strides[1]
            part.inPlace = []
            part.movesWhole = false
            calls[place] = part
            uses[source.buffer].append(place)
        }
        merge(target.buffer, into: output)
        merge(source.buffer, into: output)
        return true
    }

    // MARK: 1

    private mutating func computePartsInPlace() {
        for index in calls.indices {
            guard let call = calls[index], call.movesWhole else { continue }
            let source = call.operands[1]
            guard buffers[source.buffer].home == .arena, isWhole(source, call.integers[0]) else { continue }
            guard root(call.operands[0]).buffer != source.buffer, respectsDonation(source, call.operands[0]),
                staysUntouched(source, call, at: index)
            else { continue }
            remove(index)
            merge(source.buffer, into: call.operands[0])
        }
    }

    /// Whether the part that a call places is only written to, as pass 0 may, once nobody reads the source any more.
    private func staysUntouched(_ source: Lowering.Place, _ call: Lowering.Call, at index: Int) -> Bool {
        let place = root(call.operands[0])
        let part = place.offset..<(place.offset + call.integers[0])
        return writes[place.buffer].allSatisfy { writer in
            guard writer > index, let later = calls[writer] else { return true }
            let start = root(later.operands[0]).offset
            return !part.overlaps(start..<(start + outputCount(later))) || uses[source.buffer].allSatisfy { $0 < writer }
        }
    }

    /// Where the target is an input's own memory, the source may be computed there only once that input has been read for the
    /// last time, or by a kernel that reads each element before it writes it.
    private func respectsDonation(_ source: Lowering.Place, _ target: Lowering.Place) -> Bool {
        guard let input = donations[root(target).buffer] else { return true }
        guard let first = writes[source.buffer].min(), let call = calls[first] else { return false }
        return uses[input].allSatisfy { use in
            use < first
                || use == first
                    && call.operands.indices.dropFirst().allSatisfy {
                        root(call.operands[$0]).buffer != input || call.inPlace.contains($0) && isPlain(call, operand: $0)
                    }
        }
    }

    // MARK: 2

    private mutating func addIntoOperands() {
        for index in calls.indices {
            guard let call = calls[index], call.kernel == "add", isPlainBinary(call) else { continue }
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
        let count = call.integers[0]
        let target = root(kept), source = root(added), output = root(call.operands[0])
        let writers = writes[source.buffer].sorted()
        guard target.buffer != source.buffer, isWhole(target, count), isWhole(source, count),
            buffers[source.buffer].home == .arena, uses[source.buffer] == [index], let first = writers.first
        else { return false }
        let isDonated = donations[output.buffer] == target.buffer && output.offset == 0
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

    /// The same for an addition that pass 0 made: its first operand already lies where its output does.
    private mutating func addIntoRegion(_ call: Lowering.Call, at index: Int) {
        let count = call.integers[0]
        let output = root(call.operands[0]), source = root(call.operands[2])
        let writers = writes[source.buffer].sorted()
        guard source.buffer != output.buffer, isWhole(source, count), buffers[source.buffer].home == .arena,
            uses[source.buffer] == [index], let first = writers.first
        else { return }
        // From the first of the writers to the addition nothing else may touch the region.
        let region = output.offset..<(output.offset + count)
        for other in Set(uses[output.buffer] + writes[output.buffer]) where other >= first && other < index {
            guard let call = calls[other] else { continue }
            guard let extent = extent(call, of: output.buffer) else { return }
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
            guard let producer = calls[writer], let flag = producer.accumulator, producer.operands[0].offset == 0 else { return false }
            return (producer.integers[flag] == 0) == (writer == writers[0])
                && !producer.operands.dropFirst().contains { root($0).buffer == target }
        }
    }

    private mutating func startAccumulating(_ writer: Int) {
        guard var producer = calls[writer], let flag = producer.accumulator else { return }
        producer.integers[flag] = 1
        calls[writer] = producer
    }

    private func firstWrite(_ place: Lowering.Place) -> Int { writes[root(place).buffer].min() ?? -1 }

    /// Whether the call at `index`, whose output is `output`, may write over `target`: a whole buffer that nothing reads later.
    private func mayOverwrite(_ target: Lowering.Place, _ count: Int, at index: Int, output: Lowering.Place) -> Bool {
        guard isWhole(target, count), uses[target.buffer].allSatisfy({ $0 <= index }),
            writes[target.buffer].allSatisfy({ $0 < index })
        else { return false }
        let result = root(output)
        return buffers[target.buffer].home == .arena || (donations[result.buffer] == target.buffer && result.offset == 0)
    }

    private func isPlainBinary(_ call: Lowering.Call) -> Bool {
        let count = call.integers[0], rank = Collapse.rank
        guard call.integers[rank] == count, count > 0 else { return false }
        return [1, 2].allSatisfy { isPlain(call, operand: $0) }
    }

    /// Whether a strided operand of an element-wise call is contiguous; kernels without strides always are.
    private func isPlain(_ call: Lowering.Call, operand: Int) -> Bool {
        let rank = Collapse.rank
        guard call.integers.count == 1 + 3 * rank else { return true }
        let shape = Array(call.integers[1...rank])
        let strides = Array(call.integers[(1 + operand * rank)..<(1 + (operand + 1) * rank)])
        return Collapse.isContiguous(shape, strides)
    }

    // MARK: 3

    private mutating func overwriteDeadInputs() {
        for index in calls.indices {
            guard let call = calls[index] else { continue }
            var output = root(call.operands[0])
            output.offset += call.inPlaceOffset
            for candidate in call.inPlace {
                let target = root(call.operands[candidate])
                guard target.buffer != output.buffer, isPlain(call, operand: candidate),
                    buffers[target.buffer].home == .arena, donations[output.buffer] == nil, partIsFresh(output, index),
                    mayOverwrite(target, outputCount(call), at: index, output: output),
                    !othersRead(target, call, except: candidate)
                else { continue }
                merge(target.buffer, into: output)
                break
            }
        }
    }

    /// The output is one part of a larger buffer: other parts may be written earlier, this one is not.
    private func partIsFresh(_ output: Lowering.Place, _ index: Int) -> Bool {
        guard let call = calls[index] else { return false }
        let count = outputCount(call)
        return writes[output.buffer].allSatisfy { other in
            guard other < index, let earlier = calls[other] else { return true }
            let place = root(earlier.operands[0])
            return place.offset >= output.offset + count || place.offset + outputCount(earlier) <= output.offset
        }
    }

    /// The length of what a call touches from each of its operands in `buffer`, where that is known.
    private func extent(_ call: Lowering.Call, of buffer: Int) -> Int? {
        let reads = call.operands.dropFirst().contains { root($0).buffer == buffer }
        return switch call.kernel {
        case "add": isPlainBinary(call) ? outputCount(call) : nil
        case "matmul", "scatter_rows", "fill": reads ? nil : outputCount(call)
        case "place": reads || !call.movesWhole ? nil : outputCount(call)
        default: nil
        }
    }

    private func outputCount(_ call: Lowering.Call) -> Int {
        switch call.work {
        case .elements(let count): count
        case .rows(let rows): rows * (call.inPlace.isEmpty ? 1 : call.integers[1])
        case .matmul: call.integers[0..<2].reduce(1, *) * call.integers[3..<6].reduce(1, *)
        }
    }

    /// Another operand of the call looks at the same memory in a way that in-place writing would disturb.
    private func othersRead(_ target: Lowering.Place, _ call: Lowering.Call, except candidate: Int) -> Bool {
        call.operands.indices.dropFirst().contains { other in
            other != candidate && root(call.operands[other]).buffer == target.buffer
                && !(call.inPlace.contains(other) && isPlain(call, operand: other))
        }
    }
}
