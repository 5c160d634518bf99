import Glibc
import TestSupport

/// The published losses in plain numbers, to be climbed or, of a retain objective, descended. Each takes the scene as it is and the scene
/// where what is held fixed is looked up.
struct ObjectiveFormula: Sendable {
    let method: String
    var isRetain = false
    /// Other numbers than the method's own.
    var parameters: String?
    let value: @Sendable (_ problem: ObjectiveProblem, _ now: ObjectiveScene, _ fixed: ObjectiveScene) -> Double

    static let all = atDefaults + ObjectiveFormula.atOtherNumbers

    private static let atDefaults = [
        ObjectiveFormula(method: "ofmu-counterfactual-inner") { problem, now, _ in
            mean(zip(now.forget, problem.targets).map { terms, target in min(mean(terms.map(\.loss)), target) })
                - ObjectiveProblem.alternativeWeight * termMean(now.alternative, \.loss)
        },
        ObjectiveFormula(method: "counterfactual", isRetain: true) { _, now, _ in
            termMean(now.retain, \.loss) + ObjectiveProblem.alternativeWeight * termMean(now.alternative, \.loss)
        },
        ObjectiveFormula(method: "task-vector") { _, now, _ in -termMean(now.forget, \.loss) },
        ObjectiveFormula(method: "term-saturation") { problem, now, _ in
            mean(zip(now.forget, problem.targets).map { terms, target in mean(terms.map { min($0.loss, target) }) })
        },
        ObjectiveFormula(method: "simnpo") { _, now, _ in
            mean(now.forget.map { terms in 2 / 3.5 * logSigmoid(3.5 * (mean(terms.map(\.loss)) - 1)) })
        },
        ObjectiveFormula(method: "wga") { _, now, fixed in
            termMean(now.forget, fixed.forget) { softmax($1.now)[$1.label] * $0.loss }
        },
        ObjectiveFormula(method: "satimp") { _, now, fixed in
            termMean(now.forget, fixed.forget) { now, fixed in
                let p = softmax(fixed.now)[fixed.label]
                return pow(p, 5) * (1 - p) * now.loss
            }
        },
        ObjectiveFormula(method: "ce-u") { _, now, fixed in
            termMean(now.forget.map { Array($0.dropFirst()) }, fixed.forget.map { Array($0.dropFirst()) }) { now, fixed in
                var target = softmax(fixed.now)
                target[fixed.label] = 0
                let total = target.reduce(0, +)
                return -crossEntropy(target.map { $0 / total }, now.now)
            }
        },
        ObjectiveFormula(method: "undial") { _, now, _ in
            termMean(now.forget) { -crossEntropy(softmax($0.original.adding(-10, at: $0.label)), $0.now) }
        },
        ObjectiveFormula(method: "altpo", value: preference(0.1)),
        ObjectiveFormula(method: "idk-dpo", value: preference(0.1)),
        ObjectiveFormula(method: "idk-nll") { _, now, _ in -mean(now.alternative.map { mean($0.map(\.loss)) }) },
        ObjectiveFormula(method: "blade") { _, now, _ in
            termMean(now.forget) { term in
                let p = softmax(term.now)
                return -max(0, 0.7 * log(Double(p.count)) - crossEntropy(p, term.now))
            }
        },
        ObjectiveFormula(method: "jensun") { _, now, _ in
            termMean(now.alternative) { term in
                let refusal = term.now.indices.map { $0 == term.label ? 1.0 : 0 }
                return -jensenShannon(softmax(term.now), refusal)
            }
        },
        ObjectiveFormula(method: "jensun", isRetain: true) { _, now, _ in
            termMean(now.retain) { jensenShannon(softmax($0.original), softmax($0.now)) }
        },
        ObjectiveFormula(method: "grad-kl", isRetain: true) { _, now, _ in
            termMean(now.retain) { divergence(softmax($0.original), softmax($0.now)) }
        },
        ObjectiveFormula(method: "pdu") { _, now, _ in
            termMean(now.forget) { -pow(($0.now.max() ?? 0) - mean($0.now), 2) }
        },
        ObjectiveFormula(method: "shred") { _, now, _ in
            mean(
                now.forget.map { terms in
                    let order = terms.indices.sorted {
                        logSoftmax(terms[$0].original)[terms[$0].label] < logSoftmax(terms[$1].original)[terms[$1].label]
                    }
                    let demoted = Set(order.prefix((terms.count + 1) / 2))
                    return -mean(
                        terms.enumerated().map { place, term in
                            let target = demoted.contains(place) ? term.original.adding(-10, at: term.label) : term.original
                            return divergence(softmax(target), softmax(term.now))
                        })
                })
        },
        ObjectiveFormula(method: "asu") { _, now, _ in
            termMean(now.forget) { -divergence(softmax($0.blurred), softmax($0.now)) }
        },
        ObjectiveFormula(method: "rmu") { _, now, _ in
            // u as SplitMix64 draws it from seed 0.
            var random = SplitMix(0)
            let drawn = (now.forget.first?.first?.state ?? []).map { _ in Double(random.next() >> 11) / pow(2, 53) }
            let size = mean(drawn.map { $0 * $0 }) * Double(drawn.count)
            return termMean(now.forget) { term in
                -mean(zip(term.state, drawn).map { pow($0 - 10 * $1 / size.squareRoot(), 2) })
            }
        },
        ObjectiveFormula(method: "rmu", isRetain: true) { _, now, _ in
            termMean(now.retain) { mean(zip($0.state, $0.originalState).map { pow($0 - $1, 2) }) }
        },
        ObjectiveFormula(method: "bs-t") { _, now, fixed in
            termMean(now.forget, fixed.forget) { now, fixed in
                let p = softmax(fixed.now)
                let likeliest = p.indices.sorted { p[$0] > p[$1] }.prefix(10)
                let total = likeliest.reduce(0) { $0 + p[$1] }
                var target = [Double](repeating: 0, count: p.count)
                for place in likeliest { target[place] = 0.5 * p[place] / total }
                return crossEntropy(target.adding(0.5, at: now.label), now.now)
            }
        },
        ObjectiveFormula(method: "reference-targets") { _, now, _ in
            termMean(now.forget) { min($0.loss, -logSoftmax($0.reference)[$0.label]) }
        },
        ObjectiveFormula(method: "reference-kl") { _, now, _ in
            termMean(now.forget) { -divergence(softmax($0.reference), softmax($0.now)) }
        },
        ObjectiveFormula(method: "reference") { _, now, _ in
            termMean(now.forget) {
                min($0.loss, -logSoftmax($0.reference)[$0.label]) - divergence(softmax($0.reference), softmax($0.now))
            }
        },
    ]

    static func preference(_ beta: Double) -> @Sendable (ObjectiveProblem, ObjectiveScene, ObjectiveScene) -> Double {
        { problem, now, _ in
            let sum = { (terms: [ChosenTerm]) in terms.reduce(0) { $0 + $1.loss } }
            return mean(
                now.forget.indices.map { place in
                    let lost = -(sum(now.forget[place]) - problem.originalSums[place])
                    let won = -(sum(now.alternative[place]) - problem.alternativeSums[place])
                    return 2 / beta * logSigmoid(beta * (won - lost))
                })
        }
    }
}

func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

func termMean(_ examples: [[ChosenTerm]], _ value: (ChosenTerm) -> Double) -> Double {
    mean(examples.map { mean($0.map(value)) })
}

func termMean(_ now: [[ChosenTerm]], _ fixed: [[ChosenTerm]], _ value: (ChosenTerm, ChosenTerm) -> Double) -> Double {
    mean(zip(now, fixed).map { mean(zip($0, $1).map(value)) })
}

func logSigmoid(_ x: Double) -> Double { -log1p(exp(-x)) }

func crossEntropy(_ target: [Double], _ logits: [Double]) -> Double {
    zip(target, logSoftmax(logits)).reduce(0) { $0 - $1.0 * $1.1 }
}

/// KL(p ‖ q)
func divergence(_ p: [Double], _ q: [Double]) -> Double {
    zip(p, q).reduce(0) { $1.0 > 0 ? $0 + $1.0 * log($1.0 / $1.1) : $0 }
}

func jensenShannon(_ p: [Double], _ q: [Double]) -> Double {
    let middle = zip(p, q).map { ($0 + $1) / 2 }
    return (divergence(p, middle) + divergence(q, middle)) / 2
}

extension [Double] {
    func adding(_ amount: Double, at place: Int) -> [Double] {
        enumerated().map { $0.offset == place ? $0.element + amount : $0.element }
    }
}
