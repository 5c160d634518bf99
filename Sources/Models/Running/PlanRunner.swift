import Backends
import Graph

/// A compiled plan with a buffer for each of its inputs and outputs, addressed by name.
public final class PlanRunner {
    private let backend: any Backend
    private let executable: any Executable
    private let buffers: [Buffer]

    /// - Parameters:
    ///   - shared: buffers that exist already, by the name of the input or output; the others are made.
    public init(_ plan: Plan, on backend: any Backend, shared: [String: Buffer] = [:]) throws(ModelError) {
        self.backend = backend
        (executable, buffers) = try ModelError.backends { () throws(BackendError) in
            var buffers: [Buffer] = []
            for external in plan.externals {
                if let known = shared[external.name] {
                    buffers.append(known)
                } else {
                    buffers.append(try backend.makeBuffer(external.type, count: external.count))
                }
            }
            return (try backend.compile(plan), buffers)
        }
    }

    public var plan: Plan { executable.plan }

    /// Writes the data of inputs and runs the plan. Names the plan does not have are passed over: it may not need all of a batch.
    public func run(_ inputs: [String: HostInput]) throws(ModelError) {
        try ModelError.backends { () throws(BackendError) in
            for (slot, external) in plan.externals.enumerated() where external.role == .input {
                switch inputs[external.name] {
                case .real(let values): try backend.write(values, to: buffers[slot])
                case .index(let values): try backend.write(values, to: buffers[slot])
                case nil: break
                }
            }
            try executable.run(buffers)
        }
    }

    /// The numbers of an output.
    /// - Throws: `ModelError.graph` if the plan has no such output.
    public func read(_ name: String) throws(ModelError) -> [Float] {
        guard let slot = plan.slot(name, .output) else { throw .graph(.plan("there is no output \"\(name)\"")) }
        return try ModelError.backends { () throws(BackendError) in try backend.read(buffers[slot]) }
    }
}

extension Backend {
    /// Copies an array to the beginning of a buffer.
    public func write(_ values: [Float], to buffer: Buffer) throws(BackendError) {
        try values.withUnsafeBufferPointer { (values) throws(BackendError) in try write(values, to: buffer, at: 0) }
    }

    public func write(_ values: [Int32], to buffer: Buffer) throws(BackendError) {
        try values.withUnsafeBufferPointer { (values) throws(BackendError) in try write(values, to: buffer, at: 0) }
    }

    /// A new buffer that holds an array.
    public func upload(_ values: [Float]) throws(BackendError) -> Buffer {
        let buffer = try makeBuffer(.real, count: values.count)
        try write(values, to: buffer)
        return buffer
    }

    /// All numbers of a buffer.
    public func read(_ buffer: Buffer) throws(BackendError) -> [Float] {
        var values = [Float](repeating: 0, count: buffer.count)
        try values.withUnsafeMutableBufferPointer { (values) throws(BackendError) in
            try read(buffer, at: 0, into: values)
        }
        return values
    }

    /// Sets every element of a buffer of reals to zero.
    public func clear(_ buffer: Buffer) throws(BackendError) {
        let call = KernelCall(
            kernel: "fill", operands: [Operand(storage: .external(0), offset: 0)], integers: [buffer.count], reals: [0],
            work: .elements(buffer.count))
        try dispatch(call, on: [buffer])
    }
}
