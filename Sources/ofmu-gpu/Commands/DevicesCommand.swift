import ArgumentParser
import Backends
import Files
import Reporting

/// Lists what `--device` can name.
struct DevicesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "devices",
        abstract: "Lists the devices of this machine and which one \"auto\" would use.",
        discussion: """
            OpenCL devices appear when a driver is installed, such as the one of the GPU's vendor, or PoCL for the CPU.

            Example: ofmu-gpu devices --json
            """)

    @OptionGroup var output: OutputOptions

    func run() throws {
        let console = output.console
        // Only the description is wanted, and making the CPU backend costs nothing.
        let cpu = CPUBackend()
        let devices = DeviceCatalogue.devices()
        let automatic = DeviceCatalogue.automatic
        try console.say("cpu        \(cpu.summary)" + (automatic == nil ? "   <- auto" : ""))
        try console.emit([
            "name": "cpu", "kind": "CPU", "description": .string(cpu.summary), "usable": true,
            "auto": .bool(automatic == nil),
        ])
        for device in devices {
            let isAutomatic = device == automatic
            try console.say(Self.line(device) + (isAutomatic ? "   <- auto" : ""))
            try console.emit(Self.json(device, isAutomatic: isAutomatic))
        }
        let problems = DeviceCatalogue.problems()
        for problem in problems { console.note(problem) }
        if devices.isEmpty, problems.isEmpty { console.note("No OpenCL device: no driver is installed.") }
    }

    private static func line(_ device: DeviceInfo) -> String {
        var parts = [
            "\(device.name) (\(device.kind.rawValue))", "\(device.computeUnits) units", NumberText.bytes(device.memory),
            "\(device.platformName), driver \(device.driverVersion)",
        ]
        if !device.isUsable { parts.append("not usable: switched off, or the driver has no compiler") }
        return Format.padded(device.selector, 11) + parts.joined(separator: ", ")
    }

    private static func json(_ device: DeviceInfo, isAutomatic: Bool) -> JSONValue {
        [
            "name": .string(device.selector), "kind": .string(device.kind.rawValue),
            "description": .string(device.name), "vendor": .string(device.vendor),
            "platform": .string(device.platformName), "platform_version": .string(device.platformVersion),
            "driver_version": .string(device.driverVersion), "compute_units": .integer(device.computeUnits),
            "memory_bytes": .integer(device.memory), "largest_buffer_bytes": .integer(device.maximumAllocation),
            "local_memory_bytes": .integer(device.localMemory), "usable": .bool(device.isUsable), "auto": .bool(isAutomatic),
        ]
    }
}
