import Graph

/// A small deterministic generator (SplitMix64), so that a failing case can be repeated.
package struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    package init(_ seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    package mutating func tensor(_ shape: [Int], in range: ClosedRange<Double> = -1...1) -> HostTensor {
        HostTensor(shape, (0..<shape.reduce(1, *)).map { _ in Double.random(in: range, using: &self) })
    }
}

extension HostTensor {
    package static func + (a: HostTensor, b: HostTensor) -> HostTensor {
        HostTensor(a.shape, zip(a.values, b.values).map { $0 + $1 })
    }
    package static func - (a: HostTensor, b: HostTensor) -> HostTensor {
        HostTensor(a.shape, zip(a.values, b.values).map { $0 - $1 })
    }
    package static func * (a: Double, b: HostTensor) -> HostTensor { HostTensor(b.shape, b.values.map { a * $0 }) }

    package func dot(_ other: HostTensor) -> Double { zip(values, other.values).reduce(0) { $0 + $1.0 * $1.1 } }
    package var norm: Double { dot(self).squareRoot() }

    /// ‖self − other‖ / max(‖other‖, floor)
    package func relativeError(to other: HostTensor, floor: Double = 1e-12) -> Double {
        guard shape == other.shape, values.allSatisfy(\.isFinite) else { return .infinity }
        return (self - other).norm / max(other.norm, floor)
    }
}
