import Graph

extension ContractCase {
    static func similarityCases() -> [ContractCase] {
        [(1, 64), (64, 64), (1000, 64), (5000, 1024), (130, 33)].flatMap { count, block in
            [dotCase(count, block, all: false), dotCase(count, block, all: true)]
        } + [1, 17, 1000].flatMap { [directionsCase($0), combineCase($0), axpyCase($0), adamwCase($0)] }
    }

    private static func dotCase(_ count: Int, _ block: Int, all: Bool) -> ContractCase {
        let blocks = (count + block - 1) / block
        var builder = CaseBuilder(seed: count + block)
        builder.real(blocks * (all ? 3 : 1))
        let a = builder.real(count)
        let b = builder.real(count)
        let expected = (0..<blocks).flatMap { index -> [Double] in
            let range = index * block..<min((index + 1) * block, count)
            let dots = [(a, a), (a, b), (b, b)].map { p, q in range.reduce(0) { $0 + p[$1] * q[$1] } }
            return all ? dots : [dots[1]]
        }
        return builder.build(
            all ? "similarity_dots" : "dot_blocks", "\(count) in blocks of \(block)", integers: [count, block],
            work: .rows(blocks), expected: [0: expected], magnitude: Double(block).squareRoot())
    }

    private static func directionsCase(_ count: Int) -> ContractCase {
        var builder = CaseBuilder(seed: count)
        builder.real(2 * count)
        let a = builder.real(count)
        let b = builder.real(count)
        let c = builder.real(4)
        let expected = zip(a, b).map { c[0] * $0 + c[1] * $1 } + zip(a, b).map { c[2] * $0 + c[3] * $1 }
        return builder.build(
            "similarity_directions", "\(count) elements", integers: [count], work: .elements(count),
            expected: [0: expected])
    }

    private static func combineCase(_ count: Int) -> ContractCase {
        var builder = CaseBuilder(seed: count)
        builder.real(count)
        let p = builder.real(1)
        let a = builder.real(count)
        let q = builder.real(1)
        let b = builder.real(count)
        return builder.build(
            "combine", "\(count) elements", integers: [count], work: .elements(count),
            expected: [0: zip(a, b).map { p[0] * $0 + q[0] * $1 }], magnitude: 1)
    }

    private static func axpyCase(_ count: Int) -> ContractCase {
        var builder = CaseBuilder(seed: count)
        let y = builder.real(count)
        let a = builder.real(count)
        return builder.build(
            "axpy", "\(count) elements", integers: [count], reals: [-0.3], work: .elements(count),
            expected: [0: zip(y, a).map { $0 - 0.3 * $1 }], magnitude: 1)
    }

    private static func adamwCase(_ count: Int) -> ContractCase {
        var builder = CaseBuilder(seed: count)
        var theta = builder.real(count)
        var m = builder.real(count)
        var v = builder.real(builder.values(count).map { $0 * $0 })
        let g = builder.real(count)
        let (rate, beta1, beta2, epsilon, decay, sign) = (0.01, 0.9, 0.999, 1e-8, 0.1, -1.0)
        let (correction1, correction2) = (1 - 0.9 * 0.9 * 0.9, 1 - 0.999 * 0.999 * 0.999)
        for i in 0..<count {
            m[i] = beta1 * m[i] + (1 - beta1) * sign * g[i]
            v[i] = beta2 * v[i] + (1 - beta2) * g[i] * g[i]
            theta[i] -= rate * (m[i] / correction1 / ((v[i] / correction2).squareRoot() + epsilon) + decay * theta[i])
        }
        return builder.build(
            "adamw", "\(count) elements", integers: [count],
            reals: [rate, beta1, beta2, epsilon, decay, correction1, correction2, sign], work: .elements(count),
            expected: [0: theta, 1: m, 2: v], magnitude: 1)
    }
}
