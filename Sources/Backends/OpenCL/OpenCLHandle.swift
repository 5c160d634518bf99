import COpenCL
import Graph

/// Owns one reference to an OpenCL object and releases it at the end of its life. OpenCL objects may be used from any
/// thread; only setting arguments of a kernel needs care, which `OpenCLBackend`'s lock takes.
final class OpenCLHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    private let release: (OpaquePointer) -> Void

    private init(_ pointer: OpaquePointer, release: @escaping (OpaquePointer) -> Void) {
        self.pointer = pointer
        self.release = release
    }

    deinit { release(pointer) }

    static func context(_ pointer: OpaquePointer) -> OpenCLHandle { .init(pointer) { _ = clReleaseContext($0) } }
    static func queue(_ pointer: OpaquePointer) -> OpenCLHandle { .init(pointer) { _ = clReleaseCommandQueue($0) } }
    static func program(_ pointer: OpaquePointer) -> OpenCLHandle { .init(pointer) { _ = clReleaseProgram($0) } }
    static func kernel(_ pointer: OpaquePointer) -> OpenCLHandle { .init(pointer) { _ = clReleaseKernel($0) } }
    static func memory(_ pointer: OpaquePointer) -> OpenCLHandle { .init(pointer) { _ = clReleaseMemObject($0) } }
}

/// A buffer in the memory of an OpenCL device.
final class OpenCLBuffer: Buffer {
    let type: DType
    let count: Int
    let memory: OpenCLHandle
    /// The context the memory belongs to: buffers of one backend mean nothing to another.
    let context: OpenCLHandle

    init(type: DType, count: Int, memory: OpenCLHandle, context: OpenCLHandle) {
        (self.type, self.count, self.memory, self.context) = (type, count, memory, context)
    }
}
