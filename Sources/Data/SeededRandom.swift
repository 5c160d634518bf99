import Glibc

/// Random numbers that depend on the seed alone, on every machine: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
package struct SeededRandom: RandomNumberGenerator, Sendable, Hashable {
    /// Everything the generator remembers; a saved run continues from it.
    package var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// An independent stream for a name, so that adding a tensor does not change how the others begin.
    package init(seed: UInt64, stream: String) {
        // FNV-1a over the name.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in stream.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        var mixer = SeededRandom(seed: seed)
        state = mixer.next() ^ hash
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    package mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform among 0 ..< bound, by the high half of a product (Lemire, ACM TOMACS 29(1), 2019). 0 where the bound is 0.
    package mutating func below(_ bound: UInt64) -> UInt64 {
        guard bound > 0 else { return 0 }
        var product = next().multipliedFullWidth(by: bound)
        // The lowest products would make some numbers likelier than others.
        let unfair = (0 &- bound) % bound
        while product.low < unfair { product = next().multipliedFullWidth(by: bound) }
        return product.high
    }

    /// 0 ..< count in random order (Fisher and Yates). Our own, since the standard library's may change between versions, and with it
    /// which batches a resumed run sees.
    package mutating func order(of count: Int) -> [Int] {
        var order = Array(0..<max(0, count))
        for place in order.indices.dropLast() {
            order.swapAt(place, place + Int(below(UInt64(count - place))))
        }
        return order
    }

    /// A pair of independent standard normal numbers (Box and Muller, 1958).
    package mutating func normalPair() -> (Double, Double) {
        // 1 − u keeps the logarithm's argument above zero.
        let radius = (-2 * log(1 - uniform())).squareRoot()
        let angle = 2 * Double.pi * uniform()
        return (radius * cos(angle), radius * sin(angle))
    }
}
