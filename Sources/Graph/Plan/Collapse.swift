/// Arithmetic on strided layouts.
package enum Collapse {
    /// The fewest axes that describe `shape` for all the given strides, padded with leading ones to the six that kernels take.
    /// Axes are merged where every operand steps through them as through one.
    static func layout(shape: [Int], strides: [[Int]]) -> (shape: [Int], strides: [[Int]]) {
        var sizes: [Int] = []
        var steps = strides.map { _ in [Int]() }
        for axis in shape.indices where shape[axis] != 1 {
            // Two axes are one where a step along the outer is as long as a whole walk along the inner, for every operand.
            let merges = !sizes.isEmpty && strides.indices.allSatisfy { steps[$0][sizes.count - 1] == strides[$0][axis] * shape[axis] }
            if merges {
                sizes[sizes.count - 1] *= shape[axis]
                for operand in strides.indices { steps[operand][sizes.count - 1] = strides[operand][axis] }
            } else {
                sizes.append(shape[axis])
                for operand in strides.indices { steps[operand].append(strides[operand][axis]) }
            }
        }
        // A scalar: kernels take at least one axis.
        if sizes.isEmpty {
            sizes = [1]
            steps = strides.map { _ in [1] }
        }
        let padding = max(0, rank - sizes.count)
        return ([Int](repeating: 1, count: padding) + sizes, steps.map { [Int](repeating: 0, count: padding) + $0 })
    }

    /// The number of axes that strided kernels take.
    package static let rank = 6

    static func isContiguous(_ shape: [Int], _ strides: [Int]) -> Bool {
        var expected = 1
        for axis in shape.indices.reversed() where shape[axis] != 1 {
            if strides[axis] != expected { return false }
            expected *= shape[axis]
        }
        return true
    }

    /// Strides that show the same elements under `target`, or nil if only a copy can.
    static func reshape(_ shape: [Int], _ strides: [Int], to target: [Int]) -> [Int]? {
        guard !shape.contains(0) else { return Strides.contiguous(target) }
        let old = shape.indices.filter { shape[$0] != 1 }
        var result = [Int](repeating: 0, count: target.count)
        var axis = 0
        var place = 0
        while place < target.count {
            if target[place] == 1 {
                result[place] = 1
                place += 1
                continue
            }
            guard axis < old.count else { return nil }
            var oldSize = shape[old[axis]]
            var newSize = target[place]
            var lastOld = axis
            var lastNew = place
            while oldSize != newSize {
                if oldSize < newSize {
                    lastOld += 1
                    guard lastOld < old.count else { return nil }
                    oldSize *= shape[old[lastOld]]
                } else {
                    lastNew += 1
                    guard lastNew < target.count else { return nil }
                    newSize *= target[lastNew]
                }
            }
            for i in axis..<lastOld where strides[old[i]] != strides[old[i + 1]] * shape[old[i + 1]] { return nil }
            var step = strides[old[lastOld]]
            for i in (place...lastNew).reversed() {
                result[i] = step
                step *= target[i]
            }
            axis = lastOld + 1
            place = lastNew + 1
        }
        return result
    }
}
