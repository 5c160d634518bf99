import Graph

/// A device that holds flat buffers, compiles plans and replays them without allocating.
///
/// Two implementations ship: `CPUBackend` and `OpenCLBackend`. All work is ordered: a later call sees the effects of every earlier one.
public protocol Backend: AnyObject, Sendable {
    /// What a user types after `--device`: `cpu`, `opencl:0`.
    var name: String { get }
    /// One line for people: device name, units of parallelism, driver.
    var summary: String { get }

    /// A zero-filled buffer of `count` elements.
    func makeBuffer(_ type: DType, count: Int) throws(BackendError) -> any Buffer

    /// Copies `values` into the buffer from element `offset` on.
    func write(_ values: Span<Float>, to buffer: any Buffer, at offset: Int) throws(BackendError)
    func write(_ values: Span<Int32>, to buffer: any Buffer, at offset: Int) throws(BackendError)

    /// Waits for the work that produces the buffer and copies elements from `offset` on into `values`.
    func read(_ buffer: any Buffer, at offset: Int, into values: inout MutableSpan<Float>) throws(BackendError)

    /// Prepares a plan: uploads its constants, allocates its arena.
    func compile(_ plan: Plan) throws(BackendError) -> any Executable

    /// Runs one kernel on whole buffers: `call.operands[i]` with storage `.external(j)` means `buffers[j]`.
    func dispatch(_ call: KernelCall, on buffers: [any Buffer]) throws(BackendError)

    /// Waits until all work has finished.
    func synchronize() throws(BackendError)
}

/// A compiled plan.
public protocol Executable: AnyObject, Sendable {
    var plan: Plan { get }
    /// Replays the plan. `buffers[i]` stands for `plan.externals[i]`.
    func run(_ buffers: [any Buffer]) throws(BackendError)
}

/// Device memory of a fixed number of elements. Each backend has its own class.
public protocol Buffer: AnyObject, Sendable {
    var type: DType { get }
    /// In elements.
    var count: Int { get }
}

/// What can go wrong on a device.
public enum BackendError: Error, Hashable, CustomStringConvertible {
    /// No device answers to that name; `available` lists those that do, `problems` says what drivers could not start.
    case unknownDevice(name: String, available: [String], problems: [String] = [])
    /// A call into a device library failed: the call, the kernel if any, the code in words.
    case device(device: String, call: String, kernel: String?, code: String)
    /// A kernel's source did not compile on this device.
    case compilation(device: String, file: String, log: String)
    case outOfMemory(device: String, bytes: Int)
    /// A buffer of another backend, another size or another type was passed.
    case mismatchedBuffer(String)
    case missingKernel(device: String, kernel: String)

    /// Refuses a call that its kernel does not take: every backend asks this of every call, before anything else.
    /// - Parameter type: what a storage holds, where that is known.
    static func check(_ call: KernelCall, _ type: (Storage) -> DType?) throws(BackendError) {
        if let problem = call.problem { throw .mismatchedBuffer(problem) }
        for (operand, parameter) in zip(call.operands, call.kernel.operands) {
            guard let wanted = parameter.type, let found = type(operand.storage), found != wanted else { continue }
            throw .mismatchedBuffer(
                "the operand \(parameter.name) of the kernel \(call.kernel.name) holds \(found) elements, not \(wanted)")
        }
    }

    /// The same for a single call on whole buffers.
    static func check(_ call: KernelCall, on buffers: [any Buffer]) throws(BackendError) {
        try check(call) { storage in
            if case .external(let index) = storage, buffers.indices.contains(index) { buffers[index].type } else { nil }
        }
    }

    public var description: String {
        switch self {
        case .unknownDevice(let name, let available, let problems):
            "There is no device \"\(name)\". Available: \(available.joined(separator: ", "))."
                + problems.map { " \($0)" }.joined()
        case .device(let device, let call, let kernel, let code):
            "\(device): \(call) failed\(kernel.map { " in kernel \($0)" } ?? "") with \(code)."
        case .compilation(let device, let file, let log):
            "\(device): the kernels in \(file) do not compile with this driver.\n\(log)"
        case .outOfMemory(let device, let bytes):
            "\(device): \(bytes / 1_048_576) MiB could not be allocated. Use a smaller --batch-size or a shorter --max-length."
        case .mismatchedBuffer(let what):
            "Internal error, please report: \(what)."
        case .missingKernel(let device, let kernel):
            "Internal error, please report: \(device) has no kernel named \(kernel)."
        }
    }
}
