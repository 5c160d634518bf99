/// Where an operand lives while a plan runs.
public enum Storage: Hashable, Sendable {
    /// The plan's own workspace, one allocation shared by all intermediate values.
    case arena
    /// A buffer bound by the caller; the number indexes `Plan.externals`.
    case external(Int)
    /// Data fixed in the graph and uploaded once; the number indexes `Plan.constants`.
    case constant(Int)
}

/// One tensor argument of a kernel: a storage and the offset of its first element, in elements of four bytes.
public struct Operand: Hashable, Sendable {
    public var storage: Storage
    public var offset: Int

    public init(storage: Storage, offset: Int) {
        self.storage = storage
        self.offset = offset
    }
}

/// How a kernel's work divides, so that a backend can split it over threads or work-items.
public enum Work: Hashable, Sendable {
    /// One unit per output element.
    case elements(Int)
    /// One unit per row (or per block of a blocked reduction).
    case rows(Int)
    /// A batched matrix product; the sizes are in the call's integers.
    case matmul
}

/// A device-free description of one kernel launch. `Kernels/README.md` lists every kernel with its operands, integers and reals.
public struct KernelCall: Hashable, Sendable {
    /// The kernel's name: the same in `Kernels/*.cl`, in `CKernels` and in the tests.
    public var kernel: String
    /// The output first, then the inputs.
    public var operands: [Operand]
    public var integers: [Int]
    public var reals: [Double]
    public var work: Work

    public init(kernel: String, operands: [Operand], integers: [Int], reals: [Double] = [], work: Work) {
        self.kernel = kernel
        self.operands = operands
        self.integers = integers
        self.reals = reals
        self.work = work
    }
}
