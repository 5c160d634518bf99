import ArgumentParser
import Backends

/// Where a command computes.
struct DeviceOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The device: auto, cpu, opencl or opencl:N.",
            discussion: """
                "auto" takes the first OpenCL GPU or accelerator, and the CPU if there is none. "ofmu-gpu devices" lists \
                what this machine has. The environment variable OFMU_THREADS sets the threads of the CPU device.
                """,
            valueName: "device"))
    var device = "auto"

    /// - Throws: `BackendError.unknownDevice`, or what starting the device throws.
    func backend() throws(BackendError) -> any Backend {
        try DeviceCatalogue.backend(named: device)
    }
}
