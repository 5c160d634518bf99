import Graph

/// One launch of a kernel's text on a device with work-items, in whatever language the device compiles.
struct Launch {
    /// The file and the function in it.
    var file: String
    var function: String
    /// The call that it does, or a part of it.
    var call: KernelCall
    /// Numbers of the launch itself, beside those of the call: what the planner chose and the kernel must know.
    var own: [Int] = []
    /// Items in three dimensions, and items of a group in the first.
    var items: (Int, Int, Int) = (0, 1, 1)
    var groupItems: Int

    init(_ call: KernelCall, groupItems: Int) {
        file = call.kernel.family
        function = "ofmu_\(call.kernel.name)"
        self.call = call
        self.groupItems = groupItems
    }

    var isWork: Bool { items.0 > 0 && items.1 > 0 && items.2 > 0 }
}

/// Which text multiplies matrices.
package enum MatmulVariant: Hashable, Sendable, CaseIterable {
    /// Groups share tiles in local memory: for GPUs.
    case tiled
    /// One item per group with vectors and a packed panel: for CPU devices.
    case panelled
}

/// `value` rounded up to a multiple of `step`.
func roundUp(_ value: Int, to step: Int) -> Int {
    (value + step - 1) / step * step
}
