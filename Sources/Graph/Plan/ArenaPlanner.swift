/// Gives every buffer an offset in one arena: it is taken at its first write and returned after its last use.
struct ArenaPlanner {
    private(set) var calls: [KernelCall] = []
    /// Elements needed.
    private(set) var count = 0

    /// Buffers begin on 64-byte boundaries.
    private static let alignment = 64 / DType.workspace.byteCount

    init(_ merged: BufferMerging, _ buffers: [Lowering.Buffer]) {
        let remaining = merged.calls.compactMap { $0 }
        var lastUse = [Int](repeating: -1, count: buffers.count)
        for (index, call) in remaining.enumerated() {
            for operand in call.operands { lastUse[merged.root(operand).buffer] = index }
        }
        var ending = [[Int]](repeating: [], count: remaining.count)
        for (buffer, last) in lastUse.enumerated() where last >= 0 && buffers[buffer].home == .arena { ending[last].append(buffer) }

        // In the order of calls, so that what two calls never hold at a time shares memory.
        var free = FreeList()
        var offsets = [Int?](repeating: nil, count: buffers.count)
        for (index, call) in remaining.enumerated() {
            var operands: [Operand] = []
            for operand in call.operands {
                let place = merged.root(operand)
                switch buffers[place.buffer].home {
                case .external(let slot): operands.append(Operand(storage: .external(slot), offset: place.offset))
                case .constant(let slot): operands.append(Operand(storage: .constant(slot), offset: place.offset))
                case .arena:
                    let offset = offsets[place.buffer] ?? free.take(Self.aligned(buffers[place.buffer].count))
                    offsets[place.buffer] = offset
                    operands.append(Operand(storage: .arena, offset: offset + place.offset))
                }
            }
            calls.append(KernelCall(call.kernel, operands, call.integers, reals: call.reals))
            // Only after the call has its output: an input that ends here must not lie where the output does, unless a pass said so.
            for buffer in ending[index] {
                if let offset = offsets[buffer] { free.give(offset, Self.aligned(buffers[buffer].count)) }
            }
        }
        count = free.end
    }

    private static func aligned(_ count: Int) -> Int { max(1, (count + alignment - 1) / alignment) * alignment }
}

/// Unused stretches of an arena that grows at its end; the smallest stretch that fits is taken.
private struct FreeList {
    private var stretches: [(offset: Int, count: Int)] = []
    private(set) var end = 0

    mutating func take(_ count: Int) -> Int {
        // The smallest that fits leaves the large stretches to large buffers.
        var best: Int?
        for (index, stretch) in stretches.enumerated() where stretch.count >= count {
            if best.map({ stretches[$0].count > stretch.count }) ?? true { best = index }
        }
        if let best {
            let offset = stretches[best].offset
            if stretches[best].count == count {
                stretches.remove(at: best)
            } else {
                stretches[best] = (offset + count, stretches[best].count - count)
            }
            return offset
        }
        // Nothing fits: grow, starting with a free stretch at the very end if there is one.
        let start: Int
        if let last = stretches.last, last.offset + last.count == end {
            start = last.offset
            stretches.removeLast()
        } else {
            start = end
        }
        end = start + count
        return start
    }

    mutating func give(_ offset: Int, _ count: Int) {
        let position = stretches.firstIndex { $0.offset > offset } ?? stretches.count
        stretches.insert((offset, count), at: position)
        if position + 1 < stretches.count, offset + count == stretches[position + 1].offset {
            stretches[position].count += stretches[position + 1].count
            stretches.remove(at: position + 1)
        }
        if position > 0, stretches[position - 1].offset + stretches[position - 1].count == offset {
            stretches[position - 1].count += stretches[position].count
            stretches.remove(at: position)
        }
    }
}
