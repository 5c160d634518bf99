import Data
import Testing

@Suite("Seeded random numbers")
struct SeededRandomTests {
    @Test("the order of a seed is the same on every machine and toolchain")
    func order() {
        var random = SeededRandom(seed: 7)
        #expect(random.order(of: 12) == [4, 1, 11, 8, 7, 6, 3, 5, 0, 10, 9, 2])
        for count in [-1, 0, 1] { #expect(random.order(of: count) == Array(0..<max(0, count))) }
    }

    @Test("every number below a bound, and every order, is as likely as any other")
    func fair() {
        var random = SeededRandom(seed: 1)
        var numbers = [Int](repeating: 0, count: 5), orders: [[Int]: Int] = [:]
        for _ in 0..<60_000 {
            numbers[Int(random.below(5))] += 1
            orders[random.order(of: 3), default: 0] += 1
        }
        // Six standard deviations of a binomial count.
        for count in numbers { #expect(abs(count - 12_000) < 600) }
        #expect(orders.count == 6)
        for count in orders.values { #expect(abs(count - 10_000) < 560) }
        #expect(random.below(0) == 0)
    }
}
