/// Where an operand lives while a plan runs.
package enum Storage: Hashable, Sendable {
    /// The plan's own workspace, one allocation shared by all intermediate values.
    case arena
    /// A buffer bound by the caller; the number indexes `Plan.externals`.
    case external(Int)
    /// Data fixed in the graph and uploaded once; the number indexes `Plan.constants`.
    case constant(Int)
}

/// One tensor argument of a kernel: a storage and the offset of its first element, in elements.
public struct Operand: Hashable, Sendable {
    package var storage: Storage
    package var offset: Int

    package init(storage: Storage, offset: Int) {
        self.storage = storage
        self.offset = offset
    }
}

/// How many units of work one call has, so that a backend can split them over threads or work-items.
package enum Work: Hashable, Sendable {
    /// One unit per output element.
    case elements(Int)
    /// One unit per row (or per block of a blocked reduction).
    case rows(Int)
    /// A batched matrix product; the sizes are in the call's integers.
    case matmul
}

/// A kernel with its arguments: one launch, free of any device. The typed builders beside each `Kernel` make them.
///
/// A `Place` is what the operands are given as: positions in buffers that have no memory yet while a graph is lowered, an `Operand`
/// afterwards.
public struct Invocation<Place: Hashable & Sendable>: Hashable, Sendable {
    package var kernel: Kernel
    /// The output first, then the inputs.
    package var operands: [Place]
    package var integers: [Int]
    package var reals: [Double]

    /// For builders, and for tests that make wrong calls on purpose: nothing is checked before a backend takes the call.
    package init(_ kernel: Kernel, _ operands: [Place], _ integers: [Int], reals: [Double] = []) {
        self.kernel = kernel
        self.operands = operands
        self.integers = integers
        self.reals = reals
    }

    /// The same call on other operands.
    package func map<Other>(_ place: (Place) -> Other) -> Invocation<Other> {
        Invocation<Other>(kernel, operands.map(place), integers, reals: reals)
    }

    /// The units of work, by the kernel's own rule.
    package var work: Work { kernel.work(integers) }

    /// Elements of operand 0 that the call writes.
    package var outputCount: Int { kernel.outputCount(integers) }

    /// An integer by the name that the kernel gives it.
    /// - Parameter offset: among several of one name.
    package subscript(_ field: String, offset: Int = 0) -> Int { integers[kernel.index(of: field) + offset] }

    /// What is wrong with the arguments, or nil. Every backend asks this of every call, so that none runs what another refuses.
    package var problem: String? {
        if operands.count != kernel.operands.count { return complaint("operands", kernel.operands.count, operands.count) }
        if integers.count != kernel.integerCount { return complaint("integers", kernel.integerCount, integers.count) }
        if reals.count != kernel.reals.count { return complaint("reals", kernel.reals.count, reals.count) }
        return nil
    }

    private func complaint(_ what: String, _ expected: Int, _ found: Int) -> String {
        "the kernel \(kernel.name) takes \(expected) \(what), not \(found)"
    }
}

/// A call whose operands have memory.
public typealias KernelCall = Invocation<Operand>

extension KernelCall {
    /// The same call on whole buffers, in the order of the operands: what `Backend.dispatch` takes.
    package init(_ call: Invocation<Int>) {
        self = call.map { Operand(storage: .external($0), offset: 0) }
    }
}
