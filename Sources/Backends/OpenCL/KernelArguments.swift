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

    /// The integers and reals of the call, then the launch's own numbers.
    func setNumbers(_ launch: Launch) throws(BackendError) {
        let integers = launch.call.integers.map(Int64.init)
        // A C structure cannot be empty.
        let reals = launch.call.reals.isEmpty ? [0] : launch.call.reals.map(Float.init)
        var index = cl_uint(2 * launch.call.operands.count)
        try check(clSetKernelArg(kernel.pointer, index, integers.count * MemoryLayout<Int64>.stride, integers))
        index += 1
        try check(clSetKernelArg(kernel.pointer, index, reals.count * MemoryLayout<Float>.stride, reals))
        for number in launch.own {
            index += 1
            var number = Int64(number)
            try check(clSetKernelArg(kernel.pointer, index, MemoryLayout<Int64>.size, &number))
        }
    }

    private func check(_ status: cl_int) throws(BackendError) {
        try device.check(status, "clSetKernelArg", kernel: name)
    }
}
