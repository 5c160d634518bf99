import COpenCL

/// OpenCL status codes in words.
package enum OpenCLError {
    /// The symbolic name of a status code, its number, and what it means.
    package static func describe(_ code: Int32) -> String {
        guard let (name, words) = table[code] else { return "OpenCL status \(code), which the standard does not define" }
        return "\(name) (\(code)): \(words)"
    }

    /// Codes that say that memory ran out when a buffer was made.
    static let allocationFailures: Set<Int32> = [-4, -5, -6, -61]
    /// The loader found no driver: no device, but no mistake either.
    static let noPlatform: Int32 = -1001

    private static let table: [Int32: (String, String)] = [
        0: ("CL_SUCCESS", "no error"),
        -1: ("CL_DEVICE_NOT_FOUND", "there is no device of this type"),
        -2: ("CL_DEVICE_NOT_AVAILABLE", "the device is in use or switched off"),
        -3: ("CL_COMPILER_NOT_AVAILABLE", "the driver has no compiler"),
        -4: ("CL_MEM_OBJECT_ALLOCATION_FAILURE", "the device has not enough memory for the buffer"),
        -5: ("CL_OUT_OF_RESOURCES", "the device ran out of resources, or a kernel crashed"),
        -6: ("CL_OUT_OF_HOST_MEMORY", "the host ran out of memory"),
        -7: ("CL_PROFILING_INFO_NOT_AVAILABLE", "the queue does not measure times"),
        -8: ("CL_MEM_COPY_OVERLAP", "source and destination of a copy overlap"),
        -9: ("CL_IMAGE_FORMAT_MISMATCH", "the images have different formats"),
        -10: ("CL_IMAGE_FORMAT_NOT_SUPPORTED", "the image format is not supported"),
        -11: ("CL_BUILD_PROGRAM_FAILURE", "the program did not compile"),
        -12: ("CL_MAP_FAILURE", "the buffer could not be mapped"),
        -13: ("CL_MISALIGNED_SUB_BUFFER_OFFSET", "a sub-buffer starts at an unaligned address"),
        -14: ("CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST", "an earlier kernel or copy failed"),
        -15: ("CL_COMPILE_PROGRAM_FAILURE", "the program did not compile"),
        -16: ("CL_LINKER_NOT_AVAILABLE", "the driver has no linker"),
        -17: ("CL_LINK_PROGRAM_FAILURE", "the program did not link"),
        -18: ("CL_DEVICE_PARTITION_FAILED", "the device could not be divided"),
        -19: ("CL_KERNEL_ARG_INFO_NOT_AVAILABLE", "the program was built without argument information"),
        -30: ("CL_INVALID_VALUE", "an argument has an impossible value, or a copy leaves the buffer"),
        -31: ("CL_INVALID_DEVICE_TYPE", "the device type is not valid"),
        -32: ("CL_INVALID_PLATFORM", "the platform is not valid"),
        -33: ("CL_INVALID_DEVICE", "the device is not valid"),
        -34: ("CL_INVALID_CONTEXT", "the context is not valid"),
        -35: ("CL_INVALID_QUEUE_PROPERTIES", "the device does not support such a queue"),
        -36: ("CL_INVALID_COMMAND_QUEUE", "the queue is not valid; an earlier kernel may have crashed"),
        -37: ("CL_INVALID_HOST_PTR", "the host pointer does not fit the flags"),
        -38: ("CL_INVALID_MEM_OBJECT", "the buffer is not valid"),
        -39: ("CL_INVALID_IMAGE_FORMAT_DESCRIPTOR", "the image format is not valid"),
        -40: ("CL_INVALID_IMAGE_SIZE", "the image size is not supported"),
        -41: ("CL_INVALID_SAMPLER", "the sampler is not valid"),
        -42: ("CL_INVALID_BINARY", "the binary is not for this device"),
        -43: ("CL_INVALID_BUILD_OPTIONS", "the build options are not valid"),
        -44: ("CL_INVALID_PROGRAM", "the program is not valid"),
        -45: ("CL_INVALID_PROGRAM_EXECUTABLE", "the program was not built for this device"),
        -46: ("CL_INVALID_KERNEL_NAME", "the program has no such kernel"),
        -47: ("CL_INVALID_KERNEL_DEFINITION", "the kernel's definition differs between devices"),
        -48: ("CL_INVALID_KERNEL", "the kernel is not valid"),
        -49: ("CL_INVALID_ARG_INDEX", "the kernel has no argument of this index"),
        -50: ("CL_INVALID_ARG_VALUE", "an argument's value is not valid"),
        -51: ("CL_INVALID_ARG_SIZE", "an argument has the wrong size"),
        -52: ("CL_INVALID_KERNEL_ARGS", "not all arguments of the kernel are set"),
        -53: ("CL_INVALID_WORK_DIMENSION", "the number of dimensions is not valid"),
        -54: ("CL_INVALID_WORK_GROUP_SIZE", "the device cannot run groups of this size"),
        -55: ("CL_INVALID_WORK_ITEM_SIZE", "the device cannot run so many items in one dimension"),
        -56: ("CL_INVALID_GLOBAL_OFFSET", "the global offset is not valid"),
        -57: ("CL_INVALID_EVENT_WAIT_LIST", "the list of events is not valid"),
        -58: ("CL_INVALID_EVENT", "the event is not valid"),
        -59: ("CL_INVALID_OPERATION", "the operation is not allowed here"),
        -60: ("CL_INVALID_GL_OBJECT", "the OpenGL object is not valid"),
        -61: ("CL_INVALID_BUFFER_SIZE", "the device cannot hold a buffer of this size"),
        -62: ("CL_INVALID_MIP_LEVEL", "the mip level is not valid"),
        -63: ("CL_INVALID_GLOBAL_WORK_SIZE", "the number of items is not valid"),
        -64: ("CL_INVALID_PROPERTY", "a property is not valid"),
        -65: ("CL_INVALID_IMAGE_DESCRIPTOR", "the image description is not valid"),
        -66: ("CL_INVALID_COMPILER_OPTIONS", "the compiler options are not valid"),
        -67: ("CL_INVALID_LINKER_OPTIONS", "the linker options are not valid"),
        -68: ("CL_INVALID_DEVICE_PARTITION_COUNT", "the device cannot be divided like this"),
        -69: ("CL_INVALID_PIPE_SIZE", "the pipe size is not valid"),
        -70: ("CL_INVALID_DEVICE_QUEUE", "the device queue is not valid"),
        -71: ("CL_INVALID_SPEC_ID", "the specialisation constant does not exist"),
        -72: ("CL_MAX_SIZE_RESTRICTION_EXCEEDED", "an object is larger than the device allows"),
        -1001: ("CL_PLATFORM_NOT_FOUND_KHR", "no OpenCL driver is installed"),
    ]
}
