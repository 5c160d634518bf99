import COpenCL
import Synchronization

/// Remembers which kernels were enqueued, because a kernel that fails does so after its call has returned: at the next wait the
/// driver says that something failed, and only the events say what.
final class CommandTrace: Sendable {
    /// Events may be used from any thread.
    private struct Command: @unchecked Sendable {
        var event: OpaquePointer
        var kernel: String

        /// A status below zero, if the command failed.
        var failure: Int32? {
            var status: cl_int = 0
            let result = clGetEventInfo(
                event, cl_event_info(CL_EVENT_COMMAND_EXECUTION_STATUS), MemoryLayout<cl_int>.size, &status, nil)
            return result == CL_SUCCESS && status < 0 ? status : nil
        }
    }

    private struct State: ~Copyable, Sendable {
        var commands: [Command] = []
        var failed: (kernel: String, code: Int32)?

        /// Lets go of the oldest commands, after a look at how they ended.
        mutating func release(_ count: Int) {
            for command in commands.prefix(count) {
                if failed == nil, let code = command.failure { failed = (command.kernel, code) }
                clReleaseEvent(command.event)
            }
            commands.removeFirst(count)
        }

        deinit { for command in commands { clReleaseEvent(command.event) } }
    }

    private let state = Mutex(State())
    /// So many commands are remembered at a time.
    private static let most = 1 << 16

    /// - Parameter event: of the command; this takes over the caller's reference.
    func add(_ event: OpaquePointer?, kernel: String) {
        guard let event else { return }
        let command = Command(event: event, kernel: kernel)
        state.withLock { state in
            if state.commands.count >= Self.most { state.release(Self.most / 2) }
            state.commands.append(command)
        }
    }

    /// To be called when all commands have ended.
    /// - Returns: the first that failed since the last call.
    func settle() -> (kernel: String, code: Int32)? {
        state.withLock { state in
            state.release(state.commands.count)
            defer { state.failed = nil }
            return state.failed
        }
    }
}
