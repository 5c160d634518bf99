import CKernels
import COpenCL

/// The compiled programs of one backend, one per file of kernels, built when first needed.
final class KernelLibrary {
    private let device: OpenCLDevice
    private let cache: ProgramCache
    private let options: String
    private var programs: [String: OpenCLHandle] = [:]
    private(set) var statistics = OpenCLBackend.BuildStatistics()

    /// - Parameter definitions: macros for every text.
    init(device: OpenCLDevice, cache: ProgramCache, definitions: [(name: String, value: Int)]) {
        self.device = device
        self.cache = cache
        options = (["-cl-std=CL1.2"] + definitions.map { "-D\($0.name)=\($0.value)" }).joined(separator: " ")
    }

    /// A new kernel object, with arguments of its own.
    func makeKernel(_ function: String, in file: String) throws(BackendError) -> OpenCLHandle {
        let program = try program(file)
        var status: cl_int = 0
        let kernel = clCreateKernel(program.pointer, function, &status)
        guard status == CL_SUCCESS, let kernel else {
            throw status == CL_INVALID_KERNEL_NAME
                ? .missingKernel(device: device.name, kernel: function)
                : device.failure(status, "clCreateKernel", kernel: function)
        }
        return .kernel(kernel)
    }

    private func program(_ file: String) throws(BackendError) -> OpenCLHandle {
        if let program = programs[file] { return program }
        let headers = ["prelude", "arguments", "erf"].compactMap(Self.text)
        guard headers.count == 3, let text = Self.text(file) else { throw .missingKernel(device: device.name, kernel: file) }
        let program = try build(headers.joined() + "\n#line 1 \"\(file).cl\"\n" + text, file: file)
        programs[file] = program
        return program
    }

    private static func text(_ file: String) -> String? {
        for index in 0..<ofmu_source_count() {
            guard let name = ofmu_source_name(index), String(cString: name) == file else { continue }
            return ofmu_source_text(index).map { String(cString: $0) }
        }
        return nil
    }

    /// Builds from the cached binary if the driver takes it, and from source otherwise.
    func build(_ source: String, file: String) throws(BackendError) -> OpenCLHandle {
        let info = device.info
        let key = ProgramCache.key([
            source, options, info.name, info.vendor, info.driverVersion, info.platformName, info.platformVersion,
        ])
        if let binary = cache.load(key), let program = programFromBinary(binary) {
            statistics.fromCache += 1
            return program
        }
        let program = try programFromSource(source, file: file)
        statistics.fromSource += 1
        if let binary = Self.binary(of: program) { cache.store(binary, as: key) }
        return program
    }

    private func programFromBinary(_ binary: [UInt8]) -> OpenCLHandle? {
        var identifier: cl_device_id? = device.identifier
        var length = binary.count
        var binaryStatus: cl_int = 0
        var status: cl_int = 0
        let pointer = binary.withUnsafeBufferPointer { bytes in
            var address = bytes.baseAddress
            return clCreateProgramWithBinary(
                device.context.pointer, 1, &identifier, &length, &address, &binaryStatus, &status)
        }
        guard let pointer else { return nil }
        let program = OpenCLHandle.program(pointer)
        guard status == CL_SUCCESS, binaryStatus == CL_SUCCESS,
            clBuildProgram(pointer, 1, &identifier, options, nil, nil) == CL_SUCCESS
        else { return nil }
        return program
    }

    private func programFromSource(_ source: String, file: String) throws(BackendError) -> OpenCLHandle {
        var status: cl_int = 0
        let pointer = source.withCString { text in
            var text: UnsafePointer<CChar>? = text
            return clCreateProgramWithSource(device.context.pointer, 1, &text, nil, &status)
        }
        guard status == CL_SUCCESS, let pointer else { throw device.failure(status, "clCreateProgramWithSource") }
        let program = OpenCLHandle.program(pointer)
        var identifier: cl_device_id? = device.identifier
        status = clBuildProgram(pointer, 1, &identifier, options, nil, nil)
        guard status != CL_SUCCESS else { return program }
        let log = OpenCLPlatform.text {
            clGetProgramBuildInfo(pointer, device.identifier, cl_program_build_info(CL_PROGRAM_BUILD_LOG), $0, $1, $2)
        }
        throw .compilation(
            device: device.name, file: "\(file).cl", log: log.isEmpty ? OpenCLError.describe(status) : log)
    }

    /// The program as the driver would like to have it back, or `nil` if it does not tell.
    private static func binary(of program: OpenCLHandle) -> [UInt8]? {
        var size = 0
        guard
            clGetProgramInfo(
                program.pointer, cl_program_info(CL_PROGRAM_BINARY_SIZES), MemoryLayout<Int>.size, &size, nil)
                == CL_SUCCESS, size > 0
        else { return nil }
        var bytes = [UInt8](repeating: 0, count: size)
        let status = bytes.withUnsafeMutableBufferPointer { bytes in
            var address = bytes.baseAddress
            return clGetProgramInfo(
                program.pointer, cl_program_info(CL_PROGRAM_BINARIES), MemoryLayout<UnsafeMutablePointer<UInt8>?>.size,
                &address, nil)
        }
        return status == CL_SUCCESS ? bytes : nil
    }
}
