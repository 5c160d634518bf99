import COpenCL
import Graph

/// A device with its context and queue, and the words for what goes wrong on it.
struct OpenCLDevice: @unchecked Sendable {
    let info: DeviceInfo
    let name: String
    let identifier: OpaquePointer
    let context: OpenCLHandle
    /// In order: each command sees the effects of the earlier ones.
    let queue: OpenCLHandle
    private let commands = CommandTrace()

    init(_ device: OpenCLPlatform.Device) throws(BackendError) {
        info = device.info
        name = "opencl:\(device.info.index)"
        identifier = device.identifier
        guard device.info.isUsable else {
            throw .device(
                device: name, call: "clGetDeviceInfo", kernel: nil,
                code: "\(OpenCLError.describe(CL_DEVICE_NOT_AVAILABLE)), or its driver has no compiler")
        }
        var status: cl_int = 0
        var identifier: cl_device_id? = device.identifier
        let context = clCreateContext(nil, 1, &identifier, nil, nil, &status)
        try Self.check(status, "clCreateContext", device: name)
        guard let context else { throw Self.failure(CL_INVALID_CONTEXT, "clCreateContext", device: name) }
        self.context = .context(context)
        let queue = clCreateCommandQueue(context, device.identifier, 0, &status)
        try Self.check(status, "clCreateCommandQueue", device: name)
        guard let queue else { throw Self.failure(CL_INVALID_COMMAND_QUEUE, "clCreateCommandQueue", device: name) }
        self.queue = .queue(queue)
    }

    /// Throws unless the driver reported success.
    func check(_ status: cl_int, _ call: String, kernel: String? = nil) throws(BackendError) {
        try Self.check(status, call, kernel: kernel, device: name)
    }

    func failure(_ status: cl_int, _ call: String, kernel: String? = nil) -> BackendError {
        Self.failure(status, call, kernel: kernel, device: name)
    }

    private static func check(
        _ status: cl_int, _ call: String, kernel: String? = nil, device: String
    ) throws(BackendError) {
        guard status == CL_SUCCESS else { throw failure(status, call, kernel: kernel, device: device) }
    }

    private static func failure(
        _ status: cl_int, _ call: String, kernel: String? = nil, device: String
    ) -> BackendError {
        .device(device: device, call: call, kernel: kernel, code: OpenCLError.describe(status))
    }

    /// Enqueues a kernel.
    /// - Parameters:
    ///   - items: the numbers of items and, after them, of items in a group, three each.
    ///   - event: what the kernel waits for besides earlier commands.
    func enqueue(
        _ kernel: OpenCLHandle, name: String, items: UnsafePointer<Int>?, after event: OpaquePointer? = nil
    ) throws(BackendError) {
        var done: OpaquePointer?
        let awaited = event.map { [Optional($0)] } ?? []
        let status = awaited.withUnsafeBufferPointer { awaited in
            clEnqueueNDRangeKernel(
                queue.pointer, kernel.pointer, 3, nil, items, items.map { $0 + 3 }, cl_uint(awaited.count),
                awaited.isEmpty ? nil : awaited.baseAddress, &done)
        }
        guard status == CL_SUCCESS else { throw failure(status, "clEnqueueNDRangeKernel", kernel: name) }
        commands.add(done, kernel: name)
    }

    /// Waits for everything that was enqueued.
    /// - Throws: `BackendError.device` with the kernel that failed.
    func finish() throws(BackendError) { try settle(clFinish(queue.pointer), "clFinish") }

    /// Throws if a call that waited reports an error, or a kernel before it failed.
    private func settle(_ status: cl_int, _ call: String) throws(BackendError) {
        if let failed = commands.settle() { throw failure(failed.code, call, kernel: failed.kernel) }
        try check(status, call)
    }

    /// A zero-filled buffer.
    func makeBuffer(_ type: DType, count: Int) throws(BackendError) -> OpenCLBuffer {
        // OpenCL has no empty buffers.
        let (bytes, overflow) = max(count, 1).multipliedReportingOverflow(by: type.byteCount)
        guard !overflow, bytes <= info.maximumAllocation else {
            throw .outOfMemory(device: name, bytes: overflow ? .max : bytes)
        }
        var status: cl_int = 0
        let memory = clCreateBuffer(
            context.pointer, cl_mem_flags(CL_MEM_READ_WRITE), bytes, nil, &status)
        guard status == CL_SUCCESS, let memory else {
            if OpenCLError.allocationFailures.contains(status) { throw .outOfMemory(device: name, bytes: bytes) }
            throw failure(status, "clCreateBuffer")
        }
        let buffer = OpenCLBuffer(type: type, count: count, memory: .memory(memory), context: context)
        var zero: UInt64 = 0
        status = clEnqueueFillBuffer(queue.pointer, memory, &zero, type.byteCount, 0, bytes, 0, nil, nil)
        // Drivers that allocate at first use fail here.
        if OpenCLError.allocationFailures.contains(status) { throw .outOfMemory(device: name, bytes: bytes) }
        try check(status, "clEnqueueFillBuffer")
        return buffer
    }

    /// Copies to the device. The host memory may change as soon as this returns.
    func write(_ bytes: RawSpan, to buffer: OpenCLBuffer, at offset: Int) throws(BackendError) {
        let status = bytes.withUnsafeBytes { bytes in
            guard let address = bytes.baseAddress, bytes.count > 0 else { return CL_SUCCESS }
            return clEnqueueWriteBuffer(
                queue.pointer, buffer.memory.pointer, cl_bool(CL_TRUE), offset * buffer.type.byteCount, bytes.count, address, 0, nil, nil)
        }
        try check(status, "clEnqueueWriteBuffer")
    }

    /// Waits for all earlier work and copies from the device.
    func read(
        _ buffer: OpenCLBuffer, at offset: Int, into values: UnsafeMutableRawBufferPointer
    ) throws(BackendError) {
        guard let address = values.baseAddress, values.count > 0 else { return }
        try settle(
            clEnqueueReadBuffer(
                queue.pointer, buffer.memory.pointer, cl_bool(CL_TRUE), offset * buffer.type.byteCount, values.count, address, 0, nil, nil),
            "clEnqueueReadBuffer")
    }

    /// This backend's own kind of buffer, if `buffer` was made by it and holds the elements.
    func own(
        _ buffer: any Buffer, type: DType?, offset: Int, count: Int, for purpose: String
    ) throws(BackendError) -> OpenCLBuffer {
        guard let own = buffer as? OpenCLBuffer, own.context === context else {
            throw .mismatchedBuffer("\(purpose): the buffer does not belong to \(name)")
        }
        if let type, own.type != type {
            throw .mismatchedBuffer("\(purpose): the buffer holds \(own.type) elements, not \(type)")
        }
        guard offset >= 0, count >= 0, offset <= own.count, count <= own.count - offset else {
            throw .mismatchedBuffer("\(purpose): \(count) elements from \(offset) on, in a buffer of \(own.count)")
        }
        return own
    }
}
