import CKernels
import Glibc
import Graph
import Testing

/// Inputs at the ends of the range of float, where a formula may overflow although its result does not.
@Suite struct CPUExtremeTests {
    /// Runs an element-wise kernel on `a`.
    private func apply(_ name: String, _ a: [Float], reals: [Double] = []) throws -> [Float] {
        let kernel = try #require(ofmu_kernel_named(name))
        let test = KernelCase(
            [.output(a.count), .real(a)], [a.count], reals: reals, elements: a.count,
            expected: a.map(Double.init))
        return test.run(kernel)[0] ?? []
    }

    /// Runs a row kernel that writes as many values as it reads.
    private func applyToRows(_ name: String, _ a: [Float], columns: Int, reals: [Double] = []) throws -> [Float] {
        let kernel = try #require(ofmu_kernel_named(name))
        let test = KernelCase(
            [.output(a.count), .real(a)], [a.count / columns, columns], reals: reals, rows: a.count / columns,
            expected: a.map(Double.init))
        return test.run(kernel)[0] ?? []
    }

    private let smallest = Float.leastNonzeroMagnitude
    private let ends: [Float] = [-.infinity, -3e38, -1e30, -1e4, -200, -100, 100, 200, 1e4, 1e30, 3e38, .infinity]

    @Test func exponential() throws {
        let results = try apply("exp", ends + [0, -0.0, 1, 88.72, 88.73, -87.4, -103, -104.1, .nan])
        #expect(results[..<5] == [0, 0, 0, 0, 0])
        #expect(results[5] <= 30 * smallest && results[5] >= 0)
        #expect(results[6...11].allSatisfy { $0 == .infinity })
        #expect(results[12] == 1 && results[13] == 1)
        #expect(abs(results[14] - 2.7182817) < 3e-7)
        #expect(results[15].isFinite && results[15] > 3.37e38)
        #expect(results[16] == .infinity)
        #expect(abs(results[17] / Float(Glibc.exp(-87.4)) - 1) < 1e-5)
        #expect(results[18] == smallest)
        #expect(results[19] == 0)
        #expect(results[20].isNaN)
    }

    @Test func exponentialStaysWithinTwoUnitsInTheLastPlace() throws {
        let a = (0...20_000).map { Float($0) * 0.0087 - 87 }
        for (x, y) in zip(a, try apply("exp", a)) {
            let exact = Glibc.exp(Double(x))
            #expect(abs(Double(y) - exact) <= 2 * Double(Float(exact).ulp), "exp \(x)")
        }
    }

    @Test func logarithm() throws {
        let a: [Float] = [0, -0.0, -1, .infinity, smallest, 70_000 * smallest, .leastNormalMagnitude, 1, 3.4e38, .nan, 1.0000001]
        let results = try apply("log", a)
        #expect(results[0] == -.infinity && results[1] == -.infinity)
        #expect(results[2].isNaN && results[9].isNaN)
        #expect(results[3] == .infinity)
        for index in [4, 5, 6, 7, 8, 10] {
            let exact = Glibc.log(Double(a[index]))
            #expect(abs(Double(results[index]) - exact) <= 3e-7 * abs(exact), "log \(a[index])")
        }
    }

    @Test func saturatingFunctions() throws {
        #expect(try apply("tanh", ends) == [-1, -1, -1, -1, -1, -1, 1, 1, 1, 1, 1, 1])
        let sigmoid = try apply("sigmoid", ends)
        #expect(sigmoid[..<5] == [0, 0, 0, 0, 0] && sigmoid[6...] == [1, 1, 1, 1, 1, 1])
        #expect(sigmoid[5] >= 0 && sigmoid[5] <= 30 * smallest)
        // Near 0 the tangent is its argument, to the last bit or nearly.
        let tiny: [Float] = [0, 1e-30, -1e-20, 1e-8, -1e-4]
        for (x, y) in zip(tiny, try apply("tanh", tiny)) { #expect(abs(y - x) <= abs(x) * 1e-7) }
    }

    @Test(arguments: UnaryFunction.gates) func gatesFollowTheirAsymptotes(_ gate: Gate) throws {
        let finite = ends.filter(\.isFinite)
        for (order, function) in gate.functions.enumerated() {
            let results = try apply(function.rawValue, finite)
            for (x, y) in zip(finite, results) {
                let limit: Float = x < 0 ? 0 : [x, 1, 0, 0][order]
                #expect(abs(y - limit) <= 1e-7 * abs(limit) + 1e-37, "\(function.rawValue) of \(x) is \(y)")
            }
        }
    }

    @Test func reciprocalOfNothing() throws {
        #expect(try apply("reciprocal", [0, -0.0, 1e-13, -1e-13, 2], reals: [1e-12]) == [0, 0, 0, 0, 0.5])
    }

    @Test func softmaxOfHugeScores() throws {
        let columns = 70
        var row = Array(repeating: Float(-1e4), count: columns)
        row[66] = 1e4
        let peak = try applyToRows("softmax", row, columns: columns)
        #expect(peak[66] == 1 && peak.reduce(0, +) == 1)
        let flat = try applyToRows("softmax", Array(repeating: 1e4, count: columns), columns: columns)
        #expect(flat.allSatisfy { abs($0 * Float(columns) - 1) < 1e-6 })
        row[3] = -.infinity
        #expect(try applyToRows("softmax", row, columns: columns)[3] == 0)
    }

    @Test func crossEntropyOfHugeScores() throws {
        let kernel = try #require(ofmu_kernel_named("cross_entropy"))
        // The largest score comes last, after a whole block of small ones, then first.
        let columns = 2500
        var rising = (0..<columns).map { _ in Float(-1e4) }
        rising[columns - 1] = 1e4
        let rows = rising + rising.reversed() + Array(repeating: Float(-1e4), count: columns)
        let flat = Glibc.log(Double(columns))
        let test = KernelCase(
            [.output(3), .real(rows), .index([0, 0, 7])], [3, columns], rows: 3, expected: [2e4, 0, flat])
        #expect(test.with(tolerance: 1e-6).firstError(in: test.run(kernel)) == nil)
    }

    @Test func longSumsKeepTheirAccuracy() throws {
        let columns = 50_000
        var dice = Dice(7)
        let a = dice.reals(columns, 0.5, 1.5)
        let square = a.reduce(0.0) { $0 + Double($1) * Double($1) }
        for (name, reals, expected) in [
            ("row_dot", [1.0], square), ("rms_scale", [0], 1 / (square / Double(columns)).squareRoot()),
        ] {
            let kernel = try #require(ofmu_kernel_named(name))
            let operands: [Values] = name == "row_dot" ? [.output(1), .real(a), .real(a)] : [.output(1), .real(a)]
            let test = KernelCase(operands, [1, columns], reals: reals, rows: 1, expected: [expected])
            #expect(test.with(tolerance: 2e-7, magnitude: 0).firstError(in: test.run(kernel)) == nil)
        }
        // Down a column, where neighbours in a sum lie far apart.
        let sum = try #require(ofmu_kernel_named("sum"))
        let total = a.reduce(0.0) { $0 + Double($1) }
        let pairs = a.flatMap { [$0, -$0] }
        let test = KernelCase([.output(2), .real(pairs)], [1, columns, 2], elements: 2, expected: [total, -total])
        #expect(test.with(tolerance: 2e-7, magnitude: 0).firstError(in: test.run(sum)) == nil)
    }
}
