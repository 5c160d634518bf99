import COpenCL
import Graph
import Synchronization

/// A plan as a list of kernel objects whose arguments are set once. A run only replaces the caller's buffers where they
/// differ from the last run's, and allocates nothing but the events by which failures are told apart.
final class OpenCLExecutable: Executable, @unchecked Sendable {
    let plan: Plan

    /// One argument that the caller's buffer `external` fills.
    private struct Binding {
        var step: Int
        var operand: Int
        var external: Int
    }

    private let device: OpenCLDevice
    private let steps: [KernelArguments]
    private let bindings: [Binding]
    private let storage: [OpenCLBuffer]
    /// Items and group size of each step, three numbers each, as OpenCL reads them.
    private let sizes: UnsafeMutableBufferPointer<Int>
    private let lock = Mutex(())
    private var bound: [OpenCLBuffer?]

    init(
        _ plan: Plan, device: OpenCLDevice, library: KernelLibrary, planner: LaunchPlanner
    ) throws(BackendError) {
        let arena = try device.makeBuffer(.real, count: plan.arenaCount)
        let (constants, starts) = try Self.upload(plan.constants, to: device)
        var steps: [KernelArguments] = []
        var bindings: [Binding] = []
        var sizes: [Int] = []
        for call in plan.calls {
            try BackendError.check(call, plan.type(of:))
            for launch in try planner.launches(for: call) {
                let kernel = try library.makeKernel(launch.function, in: launch.file)
                let arguments = KernelArguments(device: device, kernel: kernel, name: launch.call.kernel.name)
                for (index, operand) in launch.call.operands.enumerated() {
                    switch operand.storage {
                    case .arena:
                        try arguments.setOperand(index, buffer: arena, offset: operand.offset)
                    case .constant(let constant):
                        guard starts.indices.contains(constant) else {
                            throw .mismatchedBuffer("\(call.kernel.name): the plan has no constant \(constant)")
                        }
                        try arguments.setOperand(index, buffer: constants, offset: starts[constant] + operand.offset)
                    case .external(let external):
                        guard plan.externals.indices.contains(external) else {
                            throw .mismatchedBuffer("\(call.kernel.name): the plan has no external buffer \(external)")
                        }
                        // The offset stays; the buffer is set when the plan runs, and until then is a stand-in.
                        try arguments.setOperand(index, buffer: arena, offset: operand.offset)
                        bindings.append(Binding(step: steps.count, operand: index, external: external))
                    }
                }
                try arguments.setNumbers(launch)
                steps.append(arguments)
                sizes += [launch.items.0, launch.items.1, launch.items.2, launch.groupItems, 1, 1]
            }
        }
        self.plan = plan
        self.device = device
        self.steps = steps
        self.bindings = bindings
        storage = [arena, constants]
        bound = Array(repeating: nil, count: plan.externals.count)
        self.sizes = .allocate(capacity: sizes.count)
        _ = self.sizes.initialize(from: sizes)
    }

    deinit { sizes.deallocate() }

    /// All constants one after another in one buffer, and where each starts.
    private static func upload(
        _ constants: [Plan.Constant], to device: OpenCLDevice
    ) throws(BackendError) -> (OpenCLBuffer, [Int]) {
        var words: [UInt32] = []
        var starts: [Int] = []
        for constant in constants {
            starts.append(words.count)
            switch constant {
            case .real(let values): words += values.map { Float($0).bitPattern }
            case .index(let values): words += values.map { UInt32(bitPattern: $0) }
            }
            // Vector loads like aligned starts.
            words += Array(repeating: 0, count: roundUp(words.count, to: 16) - words.count)
        }
        let buffer = try device.makeBuffer(.real, count: words.count)
        try device.write(words.span.bytes, to: buffer, at: 0)
        return (buffer, starts)
    }

    func run(_ buffers: [any Buffer]) throws(BackendError) {
        try lock.withLock { _ throws(BackendError) in
            try bind(buffers)
            for index in steps.indices {
                let size = sizes.baseAddress.map { UnsafePointer($0 + 6 * index) }
                try device.enqueue(steps[index].kernel, name: steps[index].name, items: size)
            }
            // Without it a driver may sit on the commands until someone waits.
            try device.check(clFlush(device.queue.pointer), "clFlush")
        }
    }

    private func bind(_ buffers: [any Buffer]) throws(BackendError) {
        guard buffers.count == plan.externals.count else {
            throw .mismatchedBuffer("the plan takes \(plan.externals.count) buffers, not \(buffers.count)")
        }
        var changed = false
        for (index, external) in plan.externals.enumerated() where buffers[index] !== bound[index] {
            let own = try device.own(
                buffers[index], type: external.type, offset: 0, count: external.count, for: external.name)
            guard own.count == external.count else {
                throw .mismatchedBuffer(
                    "\(external.name): the buffer has \(own.count) elements, not \(external.count)")
            }
            bound[index] = own
            changed = true
        }
        guard changed else { return }
        for binding in bindings {
            if let buffer = bound[binding.external] {
                try steps[binding.step].setBuffer(binding.operand, buffer)
            }
        }
    }
}
