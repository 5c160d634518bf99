import Backends
import Inference

// Gradient accumulation. Every objective is a mean over its examples, so that the mean over slices, each weighed by its examples, is the
// gradient of the whole batch however many tokens the slices have.
extension BatchPair {
    /// Runs a plan of first order slice by slice.
    /// - Parameter outputs: at most two, whose names begin with a role's.
    func accumulate(_ plan: ObjectivePlan, _ outputs: [String: any Buffer]) throws -> Measured {
        try borrow { one in
            try borrow { other in
                let names = outputs.keys.sorted()
                let places = Dictionary(uniqueKeysWithValues: zip(names, [one, other]))
                var sum = MeasuredSum()
                for (index, slice) in slices.enumerated() {
                    let before = slice.cost
                    slice.saturation = saturation
                    let measured = try slice.evaluate(plan, places)
                    // 1 is a pass over one whole batch.
                    pay((slice.cost - before) / Double(slices.count))
                    guard measured.isFinite else { return measured }
                    let shares = (forget: share(slice, \.forget), retain: share(slice, \.retain))
                    sum.add(measured, forget: shares.forget, retain: shares.retain)
                    for name in names {
                        guard let place = places[name], let target = outputs[name] else { continue }
                        if index == 0 { try vectors.scale(0, target) }
                        try vectors.add(name == "retainGradient" ? shares.retain : shares.forget, place, to: target)
                    }
                }
                return try sum.measured(forget: outputs["forgetGradient"], retain: outputs["retainGradient"], vectors)
            }
        }
    }

    private func share(_ slice: BatchPair, _ role: KeyPath<BatchPlaces, [Int]>) -> Double {
        Double(slice.places[keyPath: role].count) / Double(max(1, places[keyPath: role].count))
    }
}

/// What slices measured, on the way to what the batch measures.
private struct MeasuredSum {
    private var values = [Double](repeating: 0, count: ObjectivePlan.Entry.allCases.count)
    private var forgetLosses: [Float] = []
    private var retainLosses: [Float] = []
    private var forgetTargets: [Float] = []

    mutating func add(_ measured: Measured, forget: Double, retain: Double) {
        values[ObjectivePlan.Entry.forgetLoss.rawValue] += forget * measured[.forgetLoss]
        values[ObjectivePlan.Entry.retainLoss.rawValue] += retain * measured[.retainLoss]
        values[ObjectivePlan.Entry.parameterSquare.rawValue] = measured[.parameterSquare]
        forgetLosses += measured.forgetLosses
        retainLosses += measured.retainLosses
        forgetTargets += measured.forgetTargets
    }

    /// - Parameters: the whole batch's gradients, where they were asked for.
    func measured(forget: (any Buffer)?, retain: (any Buffer)?, _ vectors: DeviceVectors) throws -> Measured {
        var values = values
        let dots: [(ObjectivePlan.Entry, (any Buffer)?, (any Buffer)?)] = [
            (.forgetSquare, forget, forget), (.cross, forget, retain), (.retainSquare, retain, retain),
        ]
        for case (let entry, let a?, let b?) in dots { values[entry.rawValue] = try vectors.dot(a, b) }
        let product = (values[ObjectivePlan.Entry.forgetSquare.rawValue] * values[ObjectivePlan.Entry.retainSquare.rawValue]).squareRoot()
        if product > 0 {
            values[ObjectivePlan.Entry.similarity.rawValue] = values[ObjectivePlan.Entry.cross.rawValue] / product
        }
        return Measured(
            values: values.map { Float($0) }, forgetLosses: forgetLosses, retainLosses: retainLosses, forgetTargets: forgetTargets)
    }
}
