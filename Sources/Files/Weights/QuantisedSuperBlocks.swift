// swift-format-ignore-file: AlwaysUseLowerCamelCase
// The names of block formats are GGUF's.

// The 256-number "K" blocks of GGUF: 8 groups of 32 or 16 groups of 16 numbers, each
// group with a small integer scale (and minimum) of its own, and half-precision factors
// d (and dmin) for all of them. Layouts: ggml's block_q2_K … block_q6_K.

@inline(__always)
private func half(_ pointer: UnsafeRawPointer, _ offset: Int) -> Float {
    floatFromHalf(pointer.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
}

/// Scale and minimum of group `g` (0 ..< 8), 6 bits each, out of 12 bytes: groups 0–3 use
/// the low 6 bits of bytes g and g + 4; groups 4–7 take four bits from byte g + 4 and
/// the top two from the bytes of group g − 4.
@inline(__always)
private func scaleAndMinimum(_ packed: UnsafePointer<UInt8>, _ g: Int) -> (Float, Float) {
    if g < 4 { return (Float(packed[g] & 63), Float(packed[g + 4] & 63)) }
    let scale = (packed[g + 4] & 0xF) | (packed[g - 4] >> 6) << 4
    let minimum = (packed[g + 4] >> 4) | (packed[g] >> 6) << 4
    return (Float(scale), Float(minimum))
}

func decodeQ4_K(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
    for block in 0..<(count / 256) {
        let bytes = (source + 144 * block).assumingMemoryBound(to: UInt8.self)
        let (d, dmin) = (half(bytes, 0), half(bytes, 2))
        for g in 0..<8 {
            let (scale, minimum) = scaleAndMinimum(bytes + 4, g)
            let (a, b) = (d * scale, dmin * minimum)
            let q: UnsafePointer<UInt8> = bytes + (16 + 32 * (g / 2))
            let shift = UInt8(4 * (g & 1))
            let out = target + (256 * block + 32 * g)
            for j in 0..<32 { out[j] = a * Float((q[j] &>> shift) & 0xF) - b }
        }
    }
}

func decodeQ5_K(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
    for block in 0..<(count / 256) {
        let bytes = (source + 176 * block).assumingMemoryBound(to: UInt8.self)
        let (d, dmin) = (half(bytes, 0), half(bytes, 2))
        let fifth = bytes + 16
        for g in 0..<8 {
            let (scale, minimum) = scaleAndMinimum(bytes + 4, g)
            let (a, b) = (d * scale, dmin * minimum)
            let q: UnsafePointer<UInt8> = bytes + (48 + 32 * (g / 2))
            let shift = UInt8(4 * (g & 1))
            let bit = UInt8(g)
            let out = target + (256 * block + 32 * g)
            for j in 0..<32 {
                let value: UInt8 = (q[j] &>> shift) & 0xF | ((fifth[j] &>> bit) & 1) << 4
                out[j] = a * Float(value) - b
            }
        }
    }
}

func decodeQ6_K(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
    for block in 0..<(count / 256) {
        let bytes = (source + 210 * block).assumingMemoryBound(to: UInt8.self)
        let d = half(bytes, 208)
        // Each half of the block: 64 bytes of low nibbles, 32 of high bit pairs; the
        // four runs of 32 numbers use nibble (low, low, high, high) and pair 0, 1, 2, 3.
        for run in 0..<8 {
            let (side, part) = (run / 4, run % 4)
            let low: UnsafePointer<UInt8> = bytes + (64 * side + 32 * (part % 2))
            let high: UnsafePointer<UInt8> = bytes + (128 + 32 * side)
            let lowShift = UInt8(4 * (part / 2))
            let highShift = UInt8(2 * part)
            for g in 0..<2 {
                let a = d * Float(Int8(bitPattern: bytes[192 + 2 * run + g]))
                let out = target + (256 * block + 32 * run + 16 * g)
                let (ql, qh) = (low + 16 * g, high + 16 * g)
                for j in 0..<16 {
                    let value: UInt8 = (ql[j] &>> lowShift) & 0xF | ((qh[j] &>> highShift) & 3) << 4
                    out[j] = a * Float(Int32(value) &- 32)
                }
            }
        }
    }
}

func decodeQ2_K(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
    for block in 0..<(count / 256) {
        let bytes = (source + 84 * block).assumingMemoryBound(to: UInt8.self)
        let (d, dmin) = (half(bytes, 80), half(bytes, 82))
        for g in 0..<16 {
            let a = d * Float(bytes[g] & 0xF)
            let b = dmin * Float(bytes[g] >> 4)
            // 32 bytes serve 128 numbers: two groups of 16 for each of four bit pairs.
            let q: UnsafePointer<UInt8> = bytes + (16 + 32 * (g / 8) + 16 * (g % 2))
            let shift = UInt8(truncatingIfNeeded: 2 * ((g % 8) / 2))
            let out = target + (256 * block + 16 * g)
            for j in 0..<16 { out[j] = a * Float((q[j] &>> shift) & 3) - b }
        }
    }
}

func decodeQ3_K(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
    for block in 0..<(count / 256) {
        let bytes = (source + 110 * block).assumingMemoryBound(to: UInt8.self)
        let d = half(bytes, 108)
        for g in 0..<16 {
            // 6-bit scales: four low bits in bytes 0–7, two high bits in bytes 8–11.
            let low: UInt8 = (bytes[96 + g % 8] &>> UInt8(4 * (g / 8))) & 0xF
            let high: UInt8 = (bytes[104 + g % 4] &>> UInt8(2 * (g / 4))) & 3
            let a = d * Float(Int32(low | high << 4) &- 32)
            let q: UnsafePointer<UInt8> = bytes + (32 + 32 * (g / 8) + 16 * (g % 2))
            let mask: UnsafePointer<UInt8> = bytes + 16 * (g % 2)
            let shift = UInt8(truncatingIfNeeded: 2 * ((g % 8) / 2))
            let bit = UInt8(g / 2)
            let out = target + (256 * block + 16 * g)
            for j in 0..<16 {
                // The third bit is stored inverted: a zero there subtracts four.
                let third = Int32(((mask[j] &>> bit) & 1) ^ 1) &<< 2
                out[j] = a * Float(Int32((q[j] &>> shift) & 3) &- third)
            }
        }
    }
}
