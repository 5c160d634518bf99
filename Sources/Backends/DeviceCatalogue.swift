/// The devices a user can name.
public enum DeviceCatalogue {
    /// All OpenCL devices of this machine; none without drivers.
    package static func openCLDevices() -> [OpenCLDeviceInfo] {
        OpenCLPlatform.devices.map(\.info)
    }

    /// Why OpenCL drivers that are installed give no device, in sentences; empty if all do, or none is installed.
    package static func openCLProblems() -> [String] { OpenCLPlatform.problems }

    /// What `--device` takes on this machine.
    public static func names() -> [String] {
        ["auto", "cpu"] + openCLDevices().map { "opencl:\($0.index)" }
    }

    /// The backend for `auto`, `cpu`, `opencl` or `opencl:N`.
    ///
    /// `auto` takes the first GPU or accelerator, and the CPU otherwise. It never takes an OpenCL device that is the CPU:
    /// the CPU backend is faster there. `opencl` without a number prefers a GPU or accelerator too.
    public static func backend(named name: String) throws(BackendError) -> any Backend {
        let devices = openCLDevices()
        let usable = devices.filter(\.isUsable)
        let dedicated = usable.first { $0.kind == .gpu || $0.kind == .accelerator }
        switch name {
        case "cpu":
            return CPUBackend()
        case "auto":
            guard let dedicated else { return CPUBackend() }
            return try OpenCLBackend(index: dedicated.index)
        case "opencl":
            if let device = dedicated ?? usable.first { return try OpenCLBackend(index: device.index) }
        default:
            if name.hasPrefix("opencl:"), let index = Int(name.dropFirst(7)), devices.indices.contains(index) {
                return try OpenCLBackend(index: index)
            }
        }
        throw .unknownDevice(
            name: name, available: names(), problems: name.hasPrefix("opencl") ? openCLProblems() : [])
    }
}
