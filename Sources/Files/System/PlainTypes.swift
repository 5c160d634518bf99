import Glibc

// Bit patterns instead of Swift's Float16: without the F16C instructions, which the
// baseline x86-64 lacks, its conversions are function calls; these loops vectorise.

/// The value of IEEE half-precision bits, exactly.
@inline(__always)
func floatFromHalf(_ half: UInt16) -> Float {
    let magnitude = UInt32(half & 0x7FFF) << 13
    // Moves the exponent bias from 15 to 127; subnormals are normalised by the multiplication.
    let scaled = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
    let special: UInt32 = magnitude >= 0x0F80_0000 ? 0x7F80_0000 : 0
    return Float(bitPattern: scaled | special | UInt32(half & 0x8000) << 16)
}

/// IEEE half-precision bits nearest to `value`, ties to even; overflow becomes infinity.
@inline(__always)
func halfFromFloat(_ value: Float) -> UInt16 {
    let sign = UInt16(truncatingIfNeeded: value.bitPattern >> 16) & 0x8000
    let magnitude = value.bitPattern & 0x7FFF_FFFF
    let bits: UInt32
    if magnitude > 0x7F80_0000 {
        bits = 0x7E00
    } else if magnitude >= 0x4780_0000 {
        bits = 0x7C00
    } else if magnitude < 0x3880_0000 {
        // Adding 0.5 lets the adder round to the spacing of half subnormals, 2⁻²⁴.
        bits = (Float(bitPattern: magnitude) + 0.5).bitPattern &- 0x3F00_0000
    } else {
        let odd = (magnitude >> 13) & 1
        bits = (magnitude &- 0x3800_0000 &+ 0xFFF &+ odd) >> 13
    }
    return sign | UInt16(truncatingIfNeeded: bits)
}

/// The half-precision number nearest to `value`.
package func halfRounded(_ value: Float) -> Float { floatFromHalf(halfFromFloat(value)) }

/// bfloat16 bits nearest to `value`, ties to even; NaN stays NaN.
@inline(__always)
func bfloatFromFloat(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    if bits & 0x7FFF_FFFF > 0x7F80_0000 { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
    return UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ ((bits >> 16) & 1)) >> 16)
}

func decodeF64(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
    for i in 0..<count {
        target[i] = Float(Double(bitPattern: source.loadUnaligned(fromByteOffset: 8 &* i, as: UInt64.self)))
    }
}

func decodeF32(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
    memcpy(target, source, 4 &* count)
}

func decodeF16(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
    for i in 0..<count {
        target[i] = floatFromHalf(source.loadUnaligned(fromByteOffset: 2 &* i, as: UInt16.self))
    }
}

func decodeBF16(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
    for i in 0..<count {
        let bits = source.loadUnaligned(fromByteOffset: 2 &* i, as: UInt16.self)
        target[i] = Float(bitPattern: UInt32(bits) << 16)
    }
}

func encodeF16(_ source: UnsafePointer<Float>, _ target: UnsafeMutableRawPointer, _ count: Int) {
    for i in 0..<count {
        target.storeBytes(of: halfFromFloat(source[i]), toByteOffset: 2 &* i, as: UInt16.self)
    }
}

func encodeBF16(_ source: UnsafePointer<Float>, _ target: UnsafeMutableRawPointer, _ count: Int) {
    for i in 0..<count {
        target.storeBytes(of: bfloatFromFloat(source[i]), toByteOffset: 2 &* i, as: UInt16.self)
    }
}
