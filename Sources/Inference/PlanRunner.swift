import Backends
import Graph
import Models

/// A compiled plan with a buffer for each of its inputs and outputs, addressed by name.
package final class PlanRunner {
    private let backend: any Backend
    private let executable: any Executable
    private let buffers: [any Buffer]
    /// Inputs that hold nothing yet.
    private var unset: Set<String>

    /// - Parameters:
    ///   - shared: buffers that exist already, by the name of the input or output; the others are made. The plan must have a place
    ///     for each, as nothing would ever be written there.
    package init(_ plan: Plan, on backend: any Backend, shared: [String: any Buffer] = [:]) throws {
        self.backend = backend
        let names = Set(plan.externals.map(\.name))
        if let name = shared.keys.filter({ !names.contains($0) }).min() {
            graphFault("plan", "there is no input or output \"\(name)\" to share")
        }
        unset = Set(plan.externals.filter { $0.role == .input && shared[$0.name] == nil }.map(\.name))
        buffers = try plan.externals.map { try shared[$0.name] ?? backend.makeBuffer($0.type, count: $0.count) }
        executable = try backend.compile(plan)
    }

    package var plan: Plan { executable.plan }

    /// Writes the data of inputs and runs the plan. An input that is left out keeps what it was given before.
    /// A name that is no input of the plan, data of another type or length than the input's, and an input that was never given
    /// anything stop the program.
    /// - Throws: `ModelError.invalidRequest` for an id that is out of range. Nothing is run then.
    package func run(_ inputs: [String: HostInput]) throws {
        check(inputs)
        try checkIds(inputs)
        for (slot, external) in plan.externals.enumerated() where external.role == .input {
            switch inputs[external.name] {
            case .real(let values): try backend.write(values, to: buffers[slot])
            case .index(let values): try backend.write(values, to: buffers[slot])
            case nil: break
            }
        }
        try executable.run(buffers)
    }

    private func check(_ inputs: [String: HostInput]) {
        for (name, data) in inputs.sorted(by: { $0.key < $1.key }) {
            guard let slot = plan.slot(name, .input) else {
                let known = plan.externals.filter { $0.role == .input }.map(\.name).sorted().joined(separator: ", ")
                graphFault("plan", "there is no input \"\(name)\"; the inputs are \(known)")
            }
            let (expected, found) = (plan.externals[slot], (type: data.type, count: data.count))
            guard found == (expected.type, expected.count) else {
                graphFault(
                    "plan",
                    "the input \"\(name)\" takes \(expected.count) elements of type \(expected.type), not \(found.count) of type \(found.type)"
                )
            }
            unset.remove(name)
        }
        guard unset.isEmpty else { graphFault("plan", "nothing was given for \(unset.sorted().joined(separator: ", "))") }
    }

    /// The one door through which ids reach a device: behind it no kernel has to ask whether they are in range. −1 means none.
    private func checkIds(_ inputs: [String: HostInput]) throws {
        for external in plan.externals where external.role == .input {
            guard let limit = external.idLimit, case .index(let ids)? = inputs[external.name],
                let place = ids.firstIndex(where: { $0 < -1 || Int($0) >= limit })
            else { continue }
            throw ModelError.invalidRequest(
                "The id \(ids[place]) at place \(place + 1) of \"\(external.name)\" is outside 0..<\(limit). "
                    + "Do the examples belong to this model?")
        }
    }

    /// The numbers of an output.
    package func read(_ name: String) throws -> [Float] {
        guard let slot = plan.slot(name, .output) else { graphFault("plan", "there is no output \"\(name)\"") }
        return try backend.read(buffers[slot])
    }
}

extension Backend {
    /// Copies an array to the beginning of a buffer.
    package func write(_ values: [Float], to buffer: any Buffer) throws(BackendError) {
        try write(values.span, to: buffer, at: 0)
    }

    package func write(_ values: [Int32], to buffer: any Buffer) throws(BackendError) {
        try write(values.span, to: buffer, at: 0)
    }

    /// A new buffer that holds an array.
    public func upload(_ values: [Float]) throws(BackendError) -> any Buffer {
        let buffer = try makeBuffer(.real, count: values.count)
        try write(values, to: buffer)
        return buffer
    }

    /// All numbers of a buffer.
    public func read(_ buffer: any Buffer) throws(BackendError) -> [Float] {
        var values = [Float](repeating: 0, count: buffer.count)
        var span = values.mutableSpan
        try read(buffer, at: 0, into: &span)
        return values
    }

    /// Sets every element of a buffer of reals to zero.
    package func clear(_ buffer: any Buffer) throws(BackendError) {
        try dispatch(KernelCall(.fill(0, with: 0, count: buffer.count)), on: [buffer])
    }
}
