/// The devices a user can name.
public enum DeviceCatalogue {
    /// Every family of devices beside the CPU, those to be preferred first.
    static var families: [any DeviceFamily.Type] { [OpenCLPlatform.self] }

    /// The devices of this machine beside the CPU; none without drivers.
    package static func devices() -> [DeviceInfo] { families.flatMap { $0.devices } }

    /// Why drivers that are installed give no device, in sentences; empty if all do, or none is installed.
    package static func problems() -> [String] { families.flatMap { $0.problems } }

    /// What `--device` takes on this machine.
    public static func names() -> [String] { ["auto", "cpu"] + devices().map(\.selector) }

    /// The device that `auto` takes, if that is not the CPU: the first GPU or accelerator. It never is a device that is the CPU in
    /// another guise: the CPU backend is faster there.
    package static var automatic: DeviceInfo? { devices().first(where: \.isDedicated) }

    /// The backend for `auto`, `cpu`, a family such as `opencl`, or one of its devices such as `opencl:0`.
    ///
    /// A family without a number prefers a GPU or accelerator too.
    /// - Throws: `BackendError.unknownDevice` for any other name.
    public static func backend(named name: String) throws(BackendError) -> any Backend {
        // Without asking drivers, which takes a moment.
        if name == "cpu" { return CPUBackend() }
        if name == "auto" {
            guard let automatic else { return CPUBackend() }
            return try open(automatic)
        }
        if let device = devices().first(where: { $0.selector == name }) { return try open(device) }
        let family = families.first { name == $0.name || name.hasPrefix($0.name + ":") }
        let usable = family?.devices.filter(\.isUsable) ?? []
        if name == family?.name, let device = usable.first(where: \.isDedicated) ?? usable.first { return try open(device) }
        throw .unknownDevice(name: name, available: names(), problems: family?.problems ?? [])
    }

    private static func open(_ device: DeviceInfo) throws(BackendError) -> any Backend {
        guard let family = families.first(where: { $0.name == device.family }) else {
            throw .unknownDevice(name: device.selector, available: names())
        }
        return try family.open(device.index)
    }
}
