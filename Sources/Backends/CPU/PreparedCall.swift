import CKernels
import Graph

/// A kernel in C.
typealias CPUKernel = @convention(c) (UnsafePointer<ofmu_call>?, Int64, Int64) -> Void

/// One step of a plan, ready to run once its operand pointers are in place.
struct PreparedCall {
    let kernel: CPUKernel
    let division: WorkDivision

    /// Resolves the kernel of a call that was checked, and fills the numbers of `arguments`. Operand pointers are left for later.
    init(
        _ call: KernelCall, kernels: [String: CPUKernel], threads: Int, device: String,
        arguments: UnsafeMutablePointer<ofmu_call>
    ) throws(BackendError) {
        guard let kernel = kernels[call.kernel.name] else {
            throw .missingKernel(device: device, kernel: call.kernel.name)
        }
        guard call.operands.count <= OFMU_MAX_OPERANDS, call.integers.count <= OFMU_MAX_INTEGERS,
            call.reals.count <= OFMU_MAX_REALS
        else {
            throw .mismatchedBuffer("a call of \(call.kernel.name) has more arguments than a kernel can take")
        }
        self.kernel = kernel
        division = WorkDivision(call, threads: threads)

        var filled = ofmu_call()
        withUnsafeMutableBytes(of: &filled.n) { bytes in
            let values = bytes.bindMemory(to: Int64.self)
            for (index, value) in call.integers.enumerated() { values[index] = Int64(value) }
        }
        filled.parts = Int64(division.parts)
        withUnsafeMutableBytes(of: &filled.x) { bytes in
            let values = bytes.bindMemory(to: Float.self)
            for (index, value) in call.reals.enumerated() { values[index] = Float(value) }
        }
        arguments.initialize(to: filled)
    }

    /// Sets operand `index` of `arguments`.
    static func setOperand(
        _ index: Int, of arguments: UnsafeMutablePointer<ofmu_call>, to address: UnsafeMutableRawPointer
    ) {
        withUnsafeMutableBytes(of: &arguments.pointee.operand) { bytes in
            bytes.storeBytes(
                of: address, toByteOffset: index * MemoryLayout<UnsafeMutableRawPointer>.stride,
                as: UnsafeMutableRawPointer.self)
        }
    }

    /// Every kernel of the catalogue by name.
    static let catalogue: [String: CPUKernel] = {
        var kernels: [String: CPUKernel] = [:]
        for index in 0..<ofmu_kernel_count() {
            guard let name = ofmu_kernel_name(index), let kernel = ofmu_kernel_named(name) else { continue }
            kernels[String(cString: name)] = kernel
        }
        return kernels
    }()
}
