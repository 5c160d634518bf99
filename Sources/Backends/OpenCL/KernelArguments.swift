import COpenCL
import Graph

/// Sets the arguments of a kernel object as the contract orders them: buffer and offset per operand, integers, reals.
struct KernelArguments {
    let device: OpenCLDevice
    let kernel: OpenCLHandle
    /// The contract's name, for messages.
    let name: String

    func setOperand(_ index: Int, buffer: OpenCLBuffer, offset: Int) throws(BackendError) {
        try setBuffer(index, buffer)
        var offset = Int64(offset)
        try check(clSetKernelArg(kernel.pointer, cl_uint(2 * index + 1), MemoryLayout<Int64>.size, &offset))
    }

    func setBuffer(_ index: Int, _ buffer: OpenCLBuffer) throws(BackendError) {
        var memory: cl_mem? = buffer.memory.pointer
        try check(clSetKernelArg(kernel.pointer, cl_uint(2 * index), MemoryLayout<cl_mem?>.size, &memory))
    }

    func setNumbers(operands: Int, integers: [Int], reals: [Double]) throws(BackendError) {
        let integers = integers.map(Int64.init) + Array(repeating: 0, count: 24 - integers.count)
        let reals = reals.map(Float.init) + Array(repeating: 0, count: 8 - reals.count)
        try check(clSetKernelArg(kernel.pointer, cl_uint(2 * operands), 24 * 8, integers))
        try check(clSetKernelArg(kernel.pointer, cl_uint(2 * operands + 1), 8 * 4, reals))
    }

    private func check(_ status: cl_int) throws(BackendError) {
        try device.check(status, "clSetKernelArg", kernel: name)
    }
}
