import Graph

/// One OpenCL kernel launch.
struct Launch {
    /// The file and the function in it.
    var file: String
    var function: String
    /// What people call it: the contract's name.
    var kernel: String
    var operands: [Operand]
    var integers: [Int]
    var reals: [Double]
    /// Items in three dimensions, and items of a group in the first.
    var items: (Int, Int, Int)
    var groupItems: Int
}

/// Turns calls of the contract into launches for one device.
struct LaunchPlanner: Sendable {
    var device: String
    /// The macros ROW_ITEMS, ITEMS and LANES.
    var rowItems: Int
    var elementItems: Int
    var lanes: Int
    var matmul: OpenCLBackend.MatmulVariant
    var computeUnits: Int

    /// Columns of a row that an item walks on CPU devices; `WALK` in the prelude.
    private static let walk = 4096
    /// Tile sizes of the matmul kernels.
    private static let tile = (rows: 64, columns: 64, items: 128)
    private static let sweep = (shortest: 32, longest: 512)

    /// What the kernels' texts expect of the compiler.
    var options: String { "-cl-std=CL1.2 -DROW_ITEMS=\(rowItems) -DITEMS=\(elementItems) -DLANES=\(lanes)" }

    /// The launches that do the call's work, none if there is nothing to do.
    func launches(for call: KernelCall) throws(BackendError) -> [Launch] {
        guard let entry = KernelTable.entry(call.kernel) else {
            throw .missingKernel(device: device, kernel: call.kernel)
        }
        guard call.operands.count == entry.operands, (entry.integers...24).contains(call.integers.count),
            call.reals.count <= 8
        else {
            throw .mismatchedBuffer(
                "the kernel \(call.kernel) takes \(entry.operands) operands and at least \(entry.integers) integers, not "
                    + "\(call.operands.count) and \(call.integers.count)")
        }
        var launch = Launch(
            file: entry.file, function: "ofmu_\(call.kernel)", kernel: call.kernel, operands: call.operands,
            integers: call.integers, reals: call.reals, items: (0, 1, 1), groupItems: elementItems)
        let n = call.integers
        switch entry.work {
        case .flat:
            launch.items.0 = roundUp(n[0], to: elementItems)
        case .walk(let rows, let columns):
            setWalk(&launch, rows: rows(n), columns: columns(n))
        case .strided(let operands):
            let layout = Layout(Array(n[1..<7]), strides: (0..<operands).map { Array(n[7 + 6 * $0..<13 + 6 * $0]) })
            launch.integers = [n[0]] + layout.simplified().integers
            setWalk(&launch, rows: launch.integers[1..<6].reduce(1, *), columns: launch.integers[6])
        case .rows(let rows):
            setRows(&launch, rows(n))
        case .sum where n[2] == 1:
            launch.function = "ofmu_sum_rows"
            setRows(&launch, n[0])
        case .sum:
            launch.function = "ofmu_sum_columns"
            launch.groupItems = rowItems == 1 ? 1 : elementItems
            launch.items = (n[0] * launch.groupItems, roundUp(n[2], to: 16) / 16, 1)
        case .scatter:
            setRows(&launch, n[0])
            if n[3] == 0 {
                let zero = KernelCall(
                    kernel: "fill", operands: [call.operands[0]], integers: [n[2] * n[1]], reals: [0],
                    work: .elements(n[2] * n[1]))
                return try launches(for: zero) + [launch].filter(\.isWork)
            }
        case .matmul:
            setMatmul(&launch)
        }
        return [launch].filter(\.isWork)
    }

    private func setWalk(_ launch: inout Launch, rows: Int, columns: Int) {
        if rowItems == 1 {
            launch.groupItems = 1
            launch.items.0 = rows * (roundUp(columns, to: Self.walk) / Self.walk)
        } else {
            launch.items.0 = roundUp(rows * columns, to: elementItems)
        }
    }

    private func setRows(_ launch: inout Launch, _ rows: Int) {
        launch.groupItems = rowItems
        launch.items.0 = rows * rowItems
    }

    private func setMatmul(_ launch: inout Launch) {
        let n = launch.integers
        let batches = n[3] * n[4] * n[5]
        switch matmul {
        case .tiled:
            launch.groupItems = Self.tile.items
            launch.items = (
                roundUp(n[1], to: Self.tile.columns) / Self.tile.columns * Self.tile.items,
                roundUp(n[0], to: Self.tile.rows) / Self.tile.rows, batches
            )
        case .panelled:
            // A long sweep reuses a packed panel more often; short ones keep every core busy. The sum over k is the same.
            let panels = roundUp(n[1], to: 2 * lanes) / (2 * lanes)
            var sweep = Self.sweep.longest
            while sweep > Self.sweep.shortest, panels * batches * (roundUp(n[0], to: sweep) / sweep) < 4 * computeUnits {
                sweep /= 2
            }
            launch.file = "matmul_cpu"
            launch.function = "ofmu_matmul_cpu"
            launch.integers = Array(n.prefix(17)) + [0, sweep]
            launch.groupItems = 1
            launch.items = (panels, roundUp(n[0], to: sweep) / sweep, batches)
        }
    }
}

extension Launch {
    fileprivate var isWork: Bool { items.0 > 0 && items.1 > 0 && items.2 > 0 }
}

/// `value` rounded up to a multiple of `step`.
func roundUp(_ value: Int, to step: Int) -> Int {
    (value + step - 1) / step * step
}

/// The shape of a walk over elements and how far each strided operand moves along each of its axes.
struct Layout {
    private var axes: [(size: Int, strides: [Int])]

    init(_ sizes: [Int], strides: [[Int]]) {
        axes = sizes.indices.map { axis in (sizes[axis], strides.map { $0[axis] }) }
    }

    /// The same walk with as few and as long axes as possible: an axis of size 1 says nothing, and neighbours that every
    /// operand crosses evenly are one axis.
    func simplified() -> Layout {
        var result = self
        result.axes = []
        for axis in axes where axis.size != 1 {
            if let outer = result.axes.last, zip(outer.strides, axis.strides).allSatisfy({ $0 == $1 * axis.size }) {
                result.axes[result.axes.count - 1] = (outer.size * axis.size, axis.strides)
            } else {
                result.axes.append(axis)
            }
        }
        return result
    }

    /// Six sizes, then six strides for each operand, padded with leading ones.
    var integers: [Int] {
        let operands = axes.first?.strides.count ?? 0
        let padding = 6 - axes.count
        let sizes = Array(repeating: 1, count: padding) + axes.map(\.size)
        return (0..<operands).reduce(into: sizes) { integers, operand in
            integers += Array(repeating: 0, count: padding) + axes.map { $0.strides[operand] }
        }
    }
}
