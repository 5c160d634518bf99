import CKernels
import COpenBLAS
import Graph
import Glibc
import Synchronization

/// The processor: kernels in C, matrix products by OpenBLAS, work divided over threads by this backend alone.
///
/// Calls return when their work is done. A lock keeps calls from several threads apart, but their order is then up to chance:
/// use one backend from one thread at a time. Buffers are plain memory and rely on that order.
package final class CPUBackend: Backend {
    package let name = "cpu"
    package let summary: String

    let pool: ThreadPool
    /// Workspace of whichever executable runs. It grows to the largest plan; contents do not survive from run to run.
    let workspace = Mutex(Workspace())

    /// - Parameter threads: how many work at once; by default what the environment variable `OFMU_THREADS` says, or as many as the
    ///   process has processors.
    package init(threads: Int? = nil) {
        pool = ThreadPool(threads)
        // The library's own threads would compete with this backend's.
        openblas_set_num_threads(1)
        let core = openblas_get_corename().map { String(cString: $0) } ?? "unknown"
        summary = "CPU, \(pool.threads) thread\(pool.threads == 1 ? "" : "s"), OpenBLAS for \(core)"
    }

    package func makeBuffer(_ type: DType, count: Int) throws(BackendError) -> any Buffer {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: type.byteCount)
        guard !overflow, let memory = Memory(bytes: bytes) else { throw .outOfMemory(device: name, bytes: bytes) }
        return CPUBuffer(type: type, count: count, memory: memory)
    }

    package func write(_ values: Span<Float>, to buffer: any Buffer, at offset: Int) throws(BackendError) {
        write(values.bytes, to: try address(buffer, .real, at: offset, count: values.count))
    }

    package func write(_ values: Span<Int32>, to buffer: any Buffer, at offset: Int) throws(BackendError) {
        write(values.bytes, to: try address(buffer, .index, at: offset, count: values.count))
    }

    private func write(_ bytes: RawSpan, to target: UnsafeMutableRawPointer) {
        bytes.withUnsafeBytes { bytes in
            guard let source = bytes.baseAddress else { return }
            workspace.withLock { _ in _ = memcpy(target, source, bytes.count) }
        }
    }

    package func read(_ buffer: any Buffer, at offset: Int, into values: inout MutableSpan<Float>) throws(BackendError) {
        let source = try address(buffer, .real, at: offset, count: values.count)
        values.withUnsafeMutableBytes { bytes in
            guard let target = bytes.baseAddress else { return }
            workspace.withLock { _ in _ = memcpy(target, source, bytes.count) }
        }
    }

    package func compile(_ plan: Plan) throws(BackendError) -> any Executable {
        let executable = try CPUExecutable(plan, on: self)
        try workspace.withLock { (workspace: inout Workspace) throws(BackendError) in
            try workspace.reserve(plan.arenaBytes, device: name)
        }
        return executable
    }

    package func dispatch(_ call: KernelCall, on buffers: [any Buffer]) throws(BackendError) {
        try BackendError.check(call, on: buffers)
        var arguments = ofmu_call()
        let prepared = try PreparedCall(
            call, kernels: PreparedCall.catalogue, threads: pool.threads, device: name, arguments: &arguments)
        for (index, operand) in call.operands.enumerated() {
            guard case .external(let number) = operand.storage, buffers.indices.contains(number) else {
                throw .mismatchedBuffer("a single call of \(call.kernel.name) names a buffer that was not passed")
            }
            let target = try address(buffers[number], nil, at: operand.offset, count: 0)
            PreparedCall.setOperand(index, of: &arguments, to: target)
        }
        workspace.withLock { _ in
            withUnsafePointer(to: &arguments) { pool.run(prepared.kernel, $0, prepared.division) }
        }
    }

    /// Does nothing: every call has finished when it returns.
    package func synchronize() throws(BackendError) {}

    /// The address of an element, after checking that the buffer is one of ours and holds what is asked for.
    func address(
        _ buffer: any Buffer, _ type: DType?, at offset: Int, count: Int
    ) throws(BackendError) -> UnsafeMutableRawPointer {
        guard let buffer = buffer as? CPUBuffer else {
            throw .mismatchedBuffer("a buffer of another backend was passed to the CPU backend")
        }
        if let type, type != buffer.type {
            throw .mismatchedBuffer("a buffer of type \(buffer.type) was used as \(type)")
        }
        guard offset >= 0, count >= 0, offset <= buffer.count, count <= buffer.count - offset else {
            throw .mismatchedBuffer("elements \(offset)..<\(offset + count) of a buffer of \(buffer.count) were asked for")
        }
        return buffer.memory.base + offset * buffer.type.byteCount
    }
}

/// Memory that all plans of one backend share, because only one of them runs at a time.
struct Workspace: ~Copyable {
    private(set) var memory: Memory?
    /// Changes whenever the memory moves, so that executables know when to set their pointers anew.
    private(set) var generation = 0

    mutating func reserve(_ bytes: Int, device: String) throws(BackendError) {
        if let memory, memory.bytes >= bytes { return }
        // The old memory goes first: both together might not fit.
        memory = nil
        generation += 1
        guard let grown = Memory(bytes: bytes) else { throw .outOfMemory(device: device, bytes: bytes) }
        memory = grown
    }
}
