import Files
import Testing

/// Drivers that are installed and give no device: the reason is theirs, not that none is installed.
@Suite("Devices that cannot start")
struct DeviceTests {
    @Test("PoCL without a folder for its kernels is named with that folder, or works without it")
    func poclWithoutCache() throws {
        let environment = ["POCL_CACHE_DIR": "/proc/none", "HOME": "/nonexistent"]
        let result = try Command.run(["devices"], environment: environment)
        #expect(result.status == 0)
        guard !result.output.contains("opencl:0") else { return }
        #expect(result.errors.contains("is installed, but gave no device"), "\(result.errors)")
        #expect(result.errors.contains("cache folder /proc/none (from POCL_CACHE_DIR) cannot be made"), "\(result.errors)")
        let data = try Scratch.shared.file("data.jsonl", TinyModel.rows(["Ann"]))
        let score = try Command.run(
            ["score", "--model", TinyModel.folder, "--data", data, "--device", "opencl"], environment: environment)
        #expect(score.status == 2 && score.errors.contains("/proc/none"), "\(score.errors)")
    }

    @Test("drivers that are registered and cannot be loaded are named")
    func brokenDriver() throws {
        let folder = Scratch.shared.path(unique: "vendors")
        try FileSystem.createFolder(folder)
        try Scratch.write(Array("libnot-there.so.1\n".utf8), to: joinPath(folder, "broken.icd"))
        let result = try Command.run(["devices"], environment: ["OCL_ICD_VENDORS": folder])
        #expect(result.status == 0)
        #expect(result.errors.contains("broken.icd"), "\(result.errors)")
        #expect(result.errors.contains("none could be loaded"), "\(result.errors)")
    }
}
