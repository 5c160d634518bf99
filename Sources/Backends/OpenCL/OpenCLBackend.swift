import COpenCL
import Graph
import Synchronization

/// Runs plans on an OpenCL 1.2 device: GPUs, accelerators, and CPUs through drivers such as PoCL.
package final class OpenCLBackend: Backend, @unchecked Sendable {
    /// How many programs were compiled and how many came from the cache on disk.
    package struct BuildStatistics: Hashable, Sendable {
        package var fromSource = 0
        package var fromCache = 0

        package init(fromSource: Int = 0, fromCache: Int = 0) {
            self.fromSource = fromSource
            self.fromCache = fromCache
        }
    }

    package let info: DeviceInfo
    package let name: String
    package var summary: String {
        "\(info.name), \(info.kind.rawValue), \(info.computeUnits) compute units, \(info.memory >> 20) MiB, "
            + "\(info.platformName), driver \(info.driverVersion)"
    }

    private let device: OpenCLDevice
    private let planner: LaunchPlanner
    // A kernel's arguments belong to its object, so setting them and launching is one step; the lock also guards the
    // tables below.
    private let lock = Mutex(())
    private let library: KernelLibrary
    private var kernels: [String: OpenCLHandle] = [:]

    /// - Parameters:
    ///   - index: counts the devices as `DeviceCatalogue.devices()` lists them.
    ///   - matmul: the multiplication to use; by default the one that suits the type of device.
    ///   - rowItems: work-items that share a row, a power of two; by default 1 on CPU devices, else 128.
    ///   - lanes: the width of vectors in `panelled` matmul, 4, 8 or 16; by default the device's.
    ///   - cache: where compiled programs are kept.
    package init(
        index: Int, matmul: MatmulVariant? = nil, rowItems: Int? = nil, lanes: Int? = nil,
        cache: ProgramCache = .standard()
    ) throws(BackendError) {
        let devices = OpenCLPlatform.all
        guard devices.indices.contains(index) else {
            throw .unknownDevice(name: "opencl:\(index)", available: devices.map { "opencl:\($0.info.index)" })
        }
        let device = try OpenCLDevice(devices[index])
        let isCPU = device.info.kind == .cpu
        // Reductions halve their groups.
        let limit = max(device.info.maximumGroupSize, 1)
        let largestGroup = 1 << (Int.bitWidth - 1 - limit.leadingZeroBitCount)
        self.device = device
        info = device.info
        name = device.name
        planner = LaunchPlanner(
            device: device.name,
            rowItems: min(rowItems ?? (isCPU ? 1 : 128), largestGroup),
            elementItems: min(256, largestGroup),
            lanes: lanes ?? device.info.vectorWidth,
            matmul: matmul ?? (isCPU ? .panelled : .tiled),
            computeUnits: device.info.computeUnits)
        library = KernelLibrary(device: device, cache: cache, definitions: planner.definitions)
    }

    /// Where this backend's programs came from so far.
    package var buildStatistics: BuildStatistics { lock.withLock { _ in library.statistics } }

    package func makeBuffer(_ type: DType, count: Int) throws(BackendError) -> any Buffer {
        try device.makeBuffer(type, count: count)
    }

    package func write(_ values: Span<Float>, to buffer: any Buffer, at offset: Int) throws(BackendError) {
        let own = try device.own(buffer, type: .real, offset: offset, count: values.count, for: "write")
        try device.write(values.bytes, to: own, at: offset)
    }

    package func write(_ values: Span<Int32>, to buffer: any Buffer, at offset: Int) throws(BackendError) {
        let own = try device.own(buffer, type: .index, offset: offset, count: values.count, for: "write")
        try device.write(values.bytes, to: own, at: offset)
    }

    package func read(_ buffer: any Buffer, at offset: Int, into values: inout MutableSpan<Float>) throws(BackendError) {
        let own = try device.own(buffer, type: .real, offset: offset, count: values.count, for: "read")
        try values.withUnsafeMutableBytes { (bytes) throws(BackendError) in try device.read(own, at: offset, into: bytes) }
    }

    package func compile(_ plan: Plan) throws(BackendError) -> any Executable {
        try lock.withLock { _ throws(BackendError) in
            try OpenCLExecutable(plan, device: device, library: library, planner: planner)
        }
    }

    package func dispatch(_ call: KernelCall, on buffers: [any Buffer]) throws(BackendError) {
        try dispatch(call, on: buffers, after: nil)
    }

    /// Enqueues a kernel that the driver will not run, because it waits for something that fails with `code`: the tests show with it
    /// how a failure after the call is reported.
    package func dispatch(_ call: KernelCall, on buffers: [any Buffer], failing code: Int32) throws(BackendError) {
        var status: cl_int = 0
        let event = clCreateUserEvent(device.context.pointer, &status)
        try device.check(status, "clCreateUserEvent")
        guard let event else { return }
        defer { clReleaseEvent(event) }
        try dispatch(call, on: buffers, after: event)
        try device.check(clSetUserEventStatus(event, code), "clSetUserEventStatus")
    }

    private func dispatch(_ call: KernelCall, on buffers: [any Buffer], after event: OpaquePointer?) throws(BackendError) {
        try BackendError.check(call, on: buffers)
        let launches = try planner.launches(for: call)
        let own = try call.operands.map { operand throws(BackendError) in
            guard case .external(let index) = operand.storage, buffers.indices.contains(index) else {
                throw .mismatchedBuffer("\(call.kernel.name): there is no buffer for \(operand.storage)")
            }
            return try device.own(buffers[index], type: nil, offset: operand.offset, count: 0, for: call.kernel.name)
        }
        try lock.withLock { _ throws(BackendError) in
            for launch in launches {
                let kernel = try kernel(for: launch)
                let arguments = KernelArguments(device: device, kernel: kernel, name: call.kernel.name)
                for (index, operand) in launch.call.operands.enumerated() {
                    try arguments.setOperand(index, buffer: own[index], offset: operand.offset)
                }
                try arguments.setNumbers(launch)
                let items = [launch.items.0, launch.items.1, launch.items.2, launch.groupItems, 1, 1]
                try device.enqueue(kernel, name: call.kernel.name, items: items, after: event)
            }
        }
    }

    package func synchronize() throws(BackendError) {
        try device.finish()
    }

    /// Builds a program that is not part of the catalogue: the tests show with it how a faulty kernel is reported.
    package func check(source: String, file: String) throws(BackendError) {
        _ = try lock.withLock { _ throws(BackendError) in try library.build(source, file: file) }
    }

    private func kernel(for launch: Launch) throws(BackendError) -> OpenCLHandle {
        if let kernel = kernels[launch.function] { return kernel }
        let kernel = try library.makeKernel(launch.function, in: launch.file)
        kernels[launch.function] = kernel
        return kernel
    }
}
