import COpenCL

/// The devices the installed OpenCL drivers offer.
enum OpenCLPlatform: DeviceFamily {
    static let name = "opencl"
    static var devices: [DeviceInfo] { found.devices.map(\.info) }

    static func open(_ index: Int) throws(BackendError) -> any Backend { try OpenCLBackend(index: index) }

    struct Device: @unchecked Sendable {
        var identifier: OpaquePointer
        var platform: OpaquePointer
        var info: DeviceInfo
    }

    /// A driver that gave no device.
    struct Empty: Sendable {
        var name: String
        var version: String
        var status: Int32
    }

    /// All devices of all platforms in the loader's order. A machine without drivers has none; that is no error.
    static var all: [Device] { found.devices }

    /// Why drivers that are installed gave no device, in sentences.
    static let problems: [String] = OpenCLDiagnosis.problems(found.empty, count: found.platforms)

    /// Asked for once: some drivers, PoCL among them, do not survive being started by two threads at a time.
    private static let found = findDevices()

    private static func findDevices() -> (devices: [Device], empty: [Empty], platforms: Int) {
        var found: [Device] = []
        var empty: [Empty] = []
        let (platforms, _) = identifiers { clGetPlatformIDs($0, $1, $2) }
        for platform in platforms {
            let (devices, status) = identifiers { clGetDeviceIDs(platform, cl_device_type(CL_DEVICE_TYPE_ALL), $0, $1, $2) }
            if devices.isEmpty {
                let words = { (parameter: Int32) in text { clGetPlatformInfo(platform, cl_platform_info(parameter), $0, $1, $2) } }
                empty.append(Empty(name: words(CL_PLATFORM_NAME), version: words(CL_PLATFORM_VERSION), status: status))
            }
            for device in devices {
                let info = describe(device, of: platform, index: found.count)
                found.append(Device(identifier: device, platform: platform, info: info))
            }
        }
        return (found, empty, platforms.count)
    }

    /// OpenCL's two-step listing: ask for the count, then for the values.
    private static func identifiers(
        _ list: (cl_uint, UnsafeMutablePointer<OpaquePointer?>?, UnsafeMutablePointer<cl_uint>?) -> cl_int
    ) -> (found: [OpaquePointer], status: Int32) {
        var count: cl_uint = 0
        var status = list(0, nil, &count)
        guard status == CL_SUCCESS, count > 0 else { return ([], status == CL_SUCCESS ? CL_DEVICE_NOT_FOUND : status) }
        var values = [OpaquePointer?](repeating: nil, count: Int(count))
        status = list(count, &values, nil)
        guard status == CL_SUCCESS else { return ([], status) }
        return (values.compactMap { $0 }, status)
    }

    private static func describe(_ device: OpaquePointer, of platform: OpaquePointer, index: Int) -> DeviceInfo {
        func number<T: FixedWidthInteger>(_ parameter: Int32, as type: T.Type) -> Int {
            var value: T = 0
            let status = clGetDeviceInfo(device, cl_device_info(parameter), MemoryLayout<T>.size, &value, nil)
            return status == CL_SUCCESS ? Int(clamping: value) : 0
        }
        func words(_ parameter: Int32) -> String {
            text { clGetDeviceInfo(device, cl_device_info(parameter), $0, $1, $2) }
        }
        let type = number(CL_DEVICE_TYPE, as: cl_device_type.self)
        let kind: DeviceInfo.Kind =
            if type & Int(CL_DEVICE_TYPE_GPU) != 0 { .gpu } else if type & Int(CL_DEVICE_TYPE_ACCELERATOR) != 0 {
                .accelerator
            } else if type & Int(CL_DEVICE_TYPE_CPU) != 0 { .cpu } else { .other }
        return DeviceInfo(
            family: name, index: index,
            name: words(CL_DEVICE_NAME),
            vendor: words(CL_DEVICE_VENDOR),
            driverVersion: words(CL_DRIVER_VERSION),
            platformName: text { clGetPlatformInfo(platform, cl_platform_info(CL_PLATFORM_NAME), $0, $1, $2) },
            platformVersion: text { clGetPlatformInfo(platform, cl_platform_info(CL_PLATFORM_VERSION), $0, $1, $2) },
            kind: kind,
            computeUnits: number(CL_DEVICE_MAX_COMPUTE_UNITS, as: cl_uint.self),
            memory: number(CL_DEVICE_GLOBAL_MEM_SIZE, as: cl_ulong.self),
            maximumAllocation: number(CL_DEVICE_MAX_MEM_ALLOC_SIZE, as: cl_ulong.self),
            localMemory: number(CL_DEVICE_LOCAL_MEM_SIZE, as: cl_ulong.self),
            maximumGroupSize: number(CL_DEVICE_MAX_WORK_GROUP_SIZE, as: Int.self),
            vectorWidth: [16, 8].first { $0 <= number(CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT, as: cl_uint.self) } ?? 4,
            isUsable: number(CL_DEVICE_AVAILABLE, as: cl_bool.self) != 0
                && number(CL_DEVICE_COMPILER_AVAILABLE, as: cl_bool.self) != 0)
    }

    /// A string the driver returns, without the padding that some drivers add.
    static func text(_ query: (Int, UnsafeMutableRawPointer?, UnsafeMutablePointer<Int>?) -> cl_int) -> String {
        var size = 0
        guard query(0, nil, &size) == CL_SUCCESS, size > 0 else { return "" }
        var bytes = [UInt8](repeating: 0, count: size)
        guard query(size, &bytes, nil) == CL_SUCCESS else { return "" }
        let words = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        return String(words.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
