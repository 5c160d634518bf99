import Glibc

extension ObjectiveFormula {
    /// Every parameter of every objective away from its default.
    static let atOtherNumbers = [
        ObjectiveFormula(method: "npo", parameters: "beta=0.3") { problem, now, _ in
            mean(
                zip(now.forget, problem.originalSums).map { terms, original in
                    2 / 0.3 * logSigmoid(0.3 * (terms.reduce(0) { $0 + $1.loss } - original))
                })
        },
        ObjectiveFormula(method: "idk-dpo", parameters: "beta=0.4", value: preference(0.4)),
        ObjectiveFormula(method: "simnpo", parameters: "beta=2,delta=0.5") { _, now, _ in
            mean(now.forget.map { terms in logSigmoid(2 * (mean(terms.map(\.loss)) - 0.5)) })
        },
        ObjectiveFormula(method: "wga", parameters: "beta1=2,beta2=3") { _, now, fixed in
            termMean(now.forget, fixed.forget) { now, fixed in
                let p = softmax(fixed.now)[fixed.label]
                return pow(p, 2) * pow(1 - p, 3) * now.loss
            }
        },
        ObjectiveFormula(method: "ce-u", parameters: "skipped=0") { _, now, fixed in
            termMean(now.forget, fixed.forget) { now, fixed in
                var target = softmax(fixed.now)
                target[fixed.label] = 0
                let total = target.reduce(0, +)
                return -crossEntropy(target.map { $0 / total }, now.now)
            }
        },
        ObjectiveFormula(method: "undial", parameters: "beta=3") { _, now, _ in
            termMean(now.forget) { -crossEntropy(softmax($0.original.adding(-3, at: $0.label)), $0.now) }
        },
        ObjectiveFormula(method: "shred", parameters: "share=1,demotion=4") { _, now, _ in
            termMean(now.forget) { -divergence(softmax($0.original.adding(-4, at: $0.label)), softmax($0.now)) }
        },
        ObjectiveFormula(method: "blade", parameters: "tau=0.9") { _, now, _ in
            termMean(now.forget) { term in
                let p = softmax(term.now)
                return -max(0, 0.9 * log(Double(p.count)) - crossEntropy(p, term.now))
            }
        },
        ObjectiveFormula(method: "rmu", parameters: "kappa=0") { _, now, _ in
            termMean(now.forget) { -mean($0.state.map { $0 * $0 }) }
        },
        ObjectiveFormula(method: "bs-t", parameters: "breadth=3,lambda=0.2") { _, now, fixed in
            termMean(now.forget, fixed.forget) { now, fixed in
                let p = softmax(fixed.now)
                let likeliest = p.indices.sorted { p[$0] > p[$1] }.prefix(3)
                let total = likeliest.reduce(0) { $0 + p[$1] }
                var target = [Double](repeating: 0, count: p.count)
                for place in likeliest { target[place] = 0.2 * p[place] / total }
                return crossEntropy(target.adding(0.8, at: now.label), now.now)
            }
        },
        ObjectiveFormula(method: "reference", parameters: "ascent=2,likeness=0.5") { _, now, _ in
            termMean(now.forget) {
                2 * min($0.loss, -logSoftmax($0.reference)[$0.label]) - 0.5 * divergence(softmax($0.reference), softmax($0.now))
            }
        },
    ]
}
