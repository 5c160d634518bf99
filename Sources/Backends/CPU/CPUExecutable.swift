import CKernels
import Graph
import Glibc

/// A plan whose kernels are resolved and whose work is divided. A run sets pointers and calls functions, nothing else.
final class CPUExecutable: Executable, @unchecked Sendable {
    let plan: Plan

    /// Strong: a plan stays usable while someone holds it, whatever happens to the variable that held the backend.
    private let backend: CPUBackend
    private let steps: [PreparedCall]
    private let arguments: UnsafeMutablePointer<ofmu_call>
    /// Pointers into the workspace: valid until it moves.
    private let arenaSlots: [Slot]
    /// Pointers into the caller's buffers: set on every run.
    private let externalSlots: [Slot]
    private let constants: [Memory]
    /// The workspace generation that `arguments` point into. Touched only under the backend's lock.
    private var generation = -1
    /// Set by the environment variable `OFMU_PROFILE`. Touched only under the backend's lock.
    private let profile: KernelProfile?

    /// One operand of one step, and where its first element lies.
    private struct Slot {
        var step: Int
        var operand: Int
        /// The buffer, for externals.
        var buffer: Int
        var byteOffset: Int
    }

    init(_ plan: Plan, on backend: CPUBackend) throws(BackendError) {
        self.plan = plan
        self.backend = backend
        var uploaded: [Memory] = []
        for constant in plan.constants { uploaded.append(try Self.upload(constant, device: backend.name)) }
        constants = uploaded

        // `deinit` does not run when an initialiser throws, so an error below frees this first.
        arguments = .allocate(capacity: max(1, plan.calls.count))
        arguments.initialize(repeating: ofmu_call(), count: plan.calls.count)
        var steps: [PreparedCall] = []
        var arenaSlots: [Slot] = []
        var externalSlots: [Slot] = []
        do throws(BackendError) {
            for (step, call) in plan.calls.enumerated() {
                try BackendError.check(call, plan.type(of:))
                steps.append(
                    try PreparedCall(
                        call, kernels: PreparedCall.catalogue, threads: backend.pool.threads, device: backend.name,
                        arguments: arguments + step))
                for (index, operand) in call.operands.enumerated() {
                    try Self.check(operand, of: call, in: plan)
                    let offset = operand.offset * (plan.type(of: operand.storage) ?? .workspace).byteCount
                    switch operand.storage {
                    case .arena:
                        arenaSlots.append(Slot(step: step, operand: index, buffer: 0, byteOffset: offset))
                    case .external(let number):
                        externalSlots.append(Slot(step: step, operand: index, buffer: number, byteOffset: offset))
                    case .constant(let number):
                        PreparedCall.setOperand(index, of: arguments + step, to: uploaded[number].base + offset)
                    }
                }
            }
        } catch {
            arguments.deallocate()
            throw error
        }
        self.steps = steps
        profile = KernelProfile(plan)
        self.arenaSlots = arenaSlots
        self.externalSlots = externalSlots
    }

    deinit {
        profile?.report()
        arguments.deallocate()
    }

    func run(_ buffers: [any Buffer]) throws(BackendError) {
        guard buffers.count == plan.externals.count else {
            throw .mismatchedBuffer("a plan of \(plan.externals.count) buffers was run with \(buffers.count)")
        }
        for (buffer, external) in zip(buffers, plan.externals) {
            _ = try backend.address(buffer, external.type, at: 0, count: external.count)
        }
        try backend.workspace.withLock { (workspace: inout Workspace) throws(BackendError) in
            try workspace.reserve(plan.arenaBytes, device: backend.name)
            if generation != workspace.generation, let base = workspace.memory?.base {
                for slot in arenaSlots {
                    PreparedCall.setOperand(slot.operand, of: arguments + slot.step, to: base + slot.byteOffset)
                }
                generation = workspace.generation
            }
            for slot in externalSlots {
                let base = unsafeDowncast(buffers[slot.buffer], to: CPUBuffer.self).memory.base
                PreparedCall.setOperand(slot.operand, of: arguments + slot.step, to: base + slot.byteOffset)
            }
            if let profile {
                for (index, step) in steps.enumerated() {
                    profile.measure(index) { backend.pool.run(step.kernel, arguments + index, step.division) }
                }
            } else {
                for (index, step) in steps.enumerated() {
                    backend.pool.run(step.kernel, arguments + index, step.division)
                }
            }
        }
    }

    /// Rejects operands outside their storage, which would otherwise read or write foreign memory.
    private static func check(_ operand: Operand, of call: KernelCall, in plan: Plan) throws(BackendError) {
        let count: Int
        switch operand.storage {
        case .arena: count = plan.arenaCount
        case .external(let number):
            count = plan.externals.indices.contains(number) ? plan.externals[number].count : -1
        case .constant(let number): count = plan.constants.indices.contains(number) ? plan.constants[number].count : -1
        }
        guard operand.offset >= 0, operand.offset <= count else {
            throw .mismatchedBuffer("a call of \(call.kernel.name) has an operand outside its storage")
        }
    }

    private static func upload(_ constant: Plan.Constant, device: String) throws(BackendError) -> Memory {
        let bytes = constant.count * constant.type.byteCount
        guard let memory = Memory(bytes: bytes) else { throw .outOfMemory(device: device, bytes: bytes) }
        switch constant {
        case .real(let values):
            let target = memory.base.bindMemory(to: Float.self, capacity: values.count)
            for (index, value) in values.enumerated() { target[index] = Float(value) }
        case .index(let values):
            values.withUnsafeBytes { source in
                if let start = source.baseAddress { _ = memcpy(memory.base, start, source.count) }
            }
        }
        return memory
    }
}
