import COpenCL
import Glibc

/// Why drivers that are there give no device. OpenCL reports little more than "not found", so the usual causes are looked at.
enum OpenCLDiagnosis {
    /// One sentence for each driver that gave nothing, or one about the drivers that could not even be loaded.
    static func problems(_ platforms: [OpenCLPlatform.Empty], count: Int) -> [String] {
        if count == 0 { return withoutPlatforms().map { [$0] } ?? [] }
        return platforms.map { platform in
            let isPoCL = platform.version.contains("PoCL") || platform.name.contains("Portable Computing Language")
            let reasons = [isPoCL ? poclCache() : nil, selections()].compactMap { $0 }
            return "The OpenCL driver \"\(platform.name)\" is installed, but gave no device: \(OpenCLError.describe(platform.status))."
                + reasons.map { " \($0)" }.joined()
        }
    }

    /// Drivers that are registered with the loader and that it could not start.
    private static func withoutPlatforms() -> String? {
        let folder = variable("OCL_ICD_VENDORS") ?? variable("OPENCL_VENDOR_PATH") ?? "/etc/OpenCL/vendors"
        let names = entries(folder).filter { $0.hasSuffix(".icd") }.sorted()
        if names.isEmpty {
            guard folder != "/etc/OpenCL/vendors" else { return nil }
            return "OpenCL drivers are looked for in \(folder), as the environment says, and there are none."
        }
        return "OpenCL drivers are registered in \(folder) (\(names.joined(separator: ", "))), but none could be loaded. "
            + "Check that their libraries are installed." + (selections().map { " \($0)" } ?? "")
    }

    /// PoCL gives up without a folder for its compiled kernels.
    private static func poclCache() -> String? {
        let place: (variable: String, folder: String)
        if let folder = variable("POCL_CACHE_DIR") {
            place = ("POCL_CACHE_DIR", folder)
        } else if let folder = variable("XDG_CACHE_HOME") {
            place = ("XDG_CACHE_HOME", folder + "/pocl/kcache")
        } else if let folder = variable("HOME") {
            place = ("HOME", folder + "/.cache/pocl/kcache")
        } else {
            return nil
        }
        guard let code = ProgramCache.problem(making: place.folder) else { return nil }
        return "Its cache folder \(place.folder) (from \(place.variable)) cannot be made or written to: "
            + "\(String(cString: strerror(code))). Set POCL_CACHE_DIR to a folder that can."
    }

    /// Variables by which people and batch systems hide devices.
    private static func selections() -> String? {
        let names = [
            "POCL_DEVICES", "CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "GPU_DEVICE_ORDINAL",
            "ONEAPI_DEVICE_SELECTOR", "ZE_AFFINITY_MASK", "OCL_ICD_FILENAMES",
        ]
        let set = names.compactMap { name in getenv(name).map { "\(name)=\(String(cString: $0))" } }
        return set.isEmpty ? nil : "The environment chooses devices: \(set.joined(separator: ", "))."
    }

    private static func variable(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }

    private static func entries(_ folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names
    }
}
