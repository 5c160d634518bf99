import Backends
import Data
import Graph
import Inference
import Models

/// Compiled objective plans by kind and batch shapes, bound to the run's buffers. The least recently used are dropped.
final class PlanCache<Loss: ExampleLoss> {
    private struct Key: Hashable {
        var plan: ObjectivePlan
        /// Nil where the plan does not look at the batch: its shape then makes no other plan.
        var forget: BatchShape?
        var retain: BatchShape?
        var alternative: BatchShape?
        /// A runner is bound to its vectors: another choice of them is another runner.
        var vectors: [String: ObjectIdentifier]
    }

    private let loss: Loss
    private let backend: any Backend
    private let options: ObjectiveOptions
    private let limit: Int
    private var runners: [Key: PlanRunner] = [:]
    private var order: [Key] = []
    /// The largest plan's workspace so far, in bytes.
    private(set) var largestWorkspace = 0

    init(_ loss: Loss, _ backend: any Backend, _ options: ObjectiveOptions, limit: Int = 24) {
        self.loss = loss
        self.backend = backend
        self.options = options
        self.limit = limit
    }

    /// - Parameter shared: the run's vectors by the names of the plan's inputs and outputs.
    func runner(
        _ plan: ObjectivePlan, forget: BatchShape, retain: BatchShape, alternative: BatchShape?, shared: [String: any Buffer]
    ) throws -> PlanRunner {
        let key = Key(
            plan: plan, forget: plan.usesForget ? forget : nil, retain: plan.usesRetain ? retain : nil,
            alternative: plan.usesAlternative(options.method) ? alternative : nil,
            vectors: shared.mapValues { ObjectIdentifier($0) })
        order.removeAll { $0 == key }
        order.append(key)
        if let known = runners[key] { return known }
        if runners.count >= limit { runners[order.removeFirst()] = nil }
        let compiled = try plan.compile(loss, forget: forget, retain: retain, alternative: alternative, options)
        let runner = try PlanRunner(compiled, on: backend, shared: shared.merging(loss.residents) { $1 })
        largestWorkspace = max(largestWorkspace, compiled.byteCount)
        runners[key] = runner
        return runner
    }
}

/// The scalars a plan reports.
struct Measured {
    private let values: [Float]
    var forgetLosses: [Float]
    let retainLosses: [Float]
    /// Of each forget example the loss of a model that never saw it; empty where targets are no such losses.
    let forgetTargets: [Float]

    init(_ runner: PlanRunner) throws {
        let read = { name in runner.plan.slot(name, .output) == nil ? [] : try runner.read(name) }
        (values, forgetLosses, retainLosses) = (try read("report"), try read("forgetLosses"), try read("retainLosses"))
        forgetTargets = try read("forgetTargets")
    }

    init(values: [Float], forgetLosses: [Float], retainLosses: [Float], forgetTargets: [Float]) {
        self.forgetTargets = forgetTargets
        (self.values, self.forgetLosses, self.retainLosses) = (values, forgetLosses, retainLosses)
    }

    subscript(_ entry: ObjectivePlan.Entry) -> Double { Double(values[entry.rawValue]) }

    func norm(_ entry: ObjectivePlan.Entry) -> Double { max(0, self[entry]).squareRoot() }

    /// Every loss and every inner product is a number.
    var isFinite: Bool {
        values.allSatisfy(\.isFinite) && forgetLosses.allSatisfy(\.isFinite) && retainLosses.allSatisfy(\.isFinite)
    }
}
