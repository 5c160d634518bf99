/// Devices that are reached in one way, beside the CPU: a folder with a backend, and a line in `DeviceCatalogue`.
protocol DeviceFamily {
    /// What `--device` calls the family.
    static var name: String { get }
    /// All devices of this machine, by index; none without drivers.
    static var devices: [DeviceInfo] { get }
    /// Why drivers that are installed give no device, in sentences; empty if all do, or none is installed.
    static var problems: [String] { get }
    static func open(_ index: Int) throws(BackendError) -> any Backend
}

/// A device of a family as its driver describes it.
package struct DeviceInfo: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case cpu = "CPU", gpu = "GPU", accelerator = "accelerator", other = "other"
    }

    /// The family's name.
    package var family: String
    /// Counts through all drivers of the family.
    package var index: Int
    package var name: String
    package var vendor: String
    package var driverVersion: String
    package var platformName: String
    package var platformVersion: String
    package var kind: Kind
    package var computeUnits: Int
    /// Bytes of device memory, of the largest single buffer, and of a group's local memory.
    package var memory: Int
    package var maximumAllocation: Int
    package var localMemory: Int
    package var maximumGroupSize: Int
    /// Floats in a vector register: 4, 8 or 16.
    package var vectorWidth: Int
    /// Whether the device can run the kernels at all: it is switched on and its driver has a compiler.
    package var isUsable: Bool

    /// What `--device` calls it: `opencl:0`.
    package var selector: String { "\(family):\(index)" }
    var isDedicated: Bool { isUsable && (kind == .gpu || kind == .accelerator) }
}
