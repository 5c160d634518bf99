import Graph

/// Turns calls of the contract into launches for one device: what every backend that compiles the texts of Kernels/ shares.
struct LaunchPlanner: Sendable {
    var device: String
    /// The macros ROW_ITEMS, ITEMS and LANES: items that share a row (1 on CPU devices), items of a group of element kernels, width of
    /// vectors.
    var rowItems: Int
    var elementItems: Int
    var lanes: Int
    var matmul: MatmulVariant
    var computeUnits: Int

    /// Rows that a packed panel is swept down on CPU devices.
    private static let sweep = (shortest: 32, longest: 512)

    /// The macros that the kernels' texts are compiled with.
    var definitions: [(name: String, value: Int)] {
        LaunchConstants.definitions + [("ROW_ITEMS", rowItems), ("ITEMS", elementItems), ("LANES", lanes)]
    }

    /// The launches that do the work of a checked call, none if there is nothing to do.
    func launches(for call: KernelCall) throws(BackendError) -> [Launch] {
        guard Kernel.named(call.kernel.name) != nil else {
            throw .missingKernel(device: device, kernel: call.kernel.name)
        }
        var launch = Launch(call, groupItems: elementItems)
        let n = call.integers
        switch call.kernel {
        case .sum: setSum(&launch)
        case .rope:
            // An item computes a pair of channels.
            setWalk(&launch, rows: call["tokens"] * call["heads"], columns: call["head size"] - call["rotary size"] / 2)
        case .scatterRows:
            setRows(&launch, call["rows of a"])
            if call["accumulate"] == 0 {
                let zero = KernelCall.fill(call.operands[0], with: 0, count: call["rows of y"] * call["columns"])
                return try launches(for: zero) + [launch].filter(\.isWork)
            }
        default:
            switch call.kernel.division {
            case .flat(let count): launch.items.0 = roundUp(count.product(n), to: elementItems)
            case .walk(let rows, let columns): setWalk(&launch, rows: rows.product(n), columns: columns.product(n))
            case .strided:
                let sizes = n[1...Collapse.rank]
                setWalk(&launch, rows: sizes.dropLast().reduce(1, *), columns: n[Collapse.rank])
            case .rows, .blocks:
                if case .rows(let rows) = call.work { setRows(&launch, rows) }
            case .matmul: setMatmul(&launch)
            }
        }
        return [launch].filter(\.isWork)
    }

    private func setWalk(_ launch: inout Launch, rows: Int, columns: Int) {
        if rowItems == 1 {
            launch.groupItems = 1
            launch.items.0 = rows * (roundUp(columns, to: LaunchConstants.walk) / LaunchConstants.walk)
        } else {
            launch.items.0 = roundUp(rows * columns, to: elementItems)
        }
    }

    private func setRows(_ launch: inout Launch, _ rows: Int) {
        launch.groupItems = rowItems
        launch.items.0 = rows * rowItems
    }

    /// Sums along rows are row kernels; sums down columns take several columns at a time.
    private func setSum(_ launch: inout Launch) {
        let (outer, inner) = (launch.call["outer"], launch.call["inner"])
        if inner == 1 {
            launch.function += "_rows"
            setRows(&launch, outer)
        } else {
            launch.function += "_columns"
            launch.groupItems = rowItems == 1 ? 1 : elementItems
            launch.items = (outer * launch.groupItems, roundUp(inner, to: LaunchConstants.sumColumns) / LaunchConstants.sumColumns, 1)
        }
    }

    private func setMatmul(_ launch: inout Launch) {
        let call = launch.call
        let (m, n) = (call["M"], call["N"]), batches = call["batch"] * call["batch", 1] * call["batch", 2]
        switch matmul {
        case .tiled:
            let tile = LaunchConstants.tile
            launch.groupItems = LaunchConstants.tileItems
            launch.items = (
                roundUp(n, to: tile.columns) / tile.columns * LaunchConstants.tileItems, roundUp(m, to: tile.rows) / tile.rows, batches
            )
        case .panelled:
            // A long sweep reuses a packed panel more often; short ones keep every core busy. The sum over k is the same.
            let panels = roundUp(n, to: 2 * lanes) / (2 * lanes)
            var sweep = Self.sweep.longest
            while sweep > Self.sweep.shortest, panels * batches * (roundUp(m, to: sweep) / sweep) < 4 * computeUnits {
                sweep /= 2
            }
            launch.file += "_cpu"
            launch.function += "_cpu"
            launch.own = [sweep]
            launch.groupItems = 1
            launch.items = (panels, roundUp(m, to: sweep) / sweep, batches)
        }
    }
}
