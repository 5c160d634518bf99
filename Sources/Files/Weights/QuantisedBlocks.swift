// swift-format-ignore-file: AlwaysUseLowerCamelCase
// The names of block formats are GGUF's.

// The 32-number blocks of GGUF. A block is a half-precision scale d (and, in the _1
// types, a minimum m) followed by one small integer q per number; the number is d·q or
// d·q + m. In the 4- and 5-bit types byte j holds number j in its low and number j + 16
// in its high four bits; the fifth bits stand together in one 32-bit word.
// Layouts: ggml's block_q4_0 … block_q8_0.

@inline(__always)
private func half(_ pointer: UnsafeRawPointer, _ offset: Int) -> Float {
    floatFromHalf(pointer.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
}

@inline(__always)
private func nibbles(
    _ packed: UnsafePointer<UInt8>, _ out: UnsafeMutablePointer<Float>, _ value: (Int32) -> Float
) {
    for j in 0..<16 {
        out[j] = value(Int32(packed[j] & 0xF))
        out[j &+ 16] = value(Int32(packed[j] >> 4))
    }
}

@inline(__always)
private func fiveBits(
    _ packed: UnsafePointer<UInt8>, fifth: UInt32, _ out: UnsafeMutablePointer<Float>,
    _ value: (Int32) -> Float
) {
    for j in 0..<16 {
        let low = UInt32(packed[j] & 0xF) | ((fifth >> UInt32(truncatingIfNeeded: j)) & 1) << 4
        let high = UInt32(packed[j] >> 4) | ((fifth >> UInt32(truncatingIfNeeded: j &+ 16)) & 1) << 4
        out[j] = value(Int32(bitPattern: low))
        out[j &+ 16] = value(Int32(bitPattern: high))
    }
}

func decodeQ4_0(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
    for block in 0..<(count / 32) {
        let bytes = source + 18 * block
        let d = half(bytes, 0)
        nibbles((bytes + 2).assumingMemoryBound(to: UInt8.self), target + 32 * block) { d * Float($0 &- 8) }
    }
}

func decodeQ4_1(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
    for block in 0..<(count / 32) {
        let bytes = source + 20 * block
        let d = half(bytes, 0)
        let m = half(bytes, 2)
        nibbles((bytes + 4).assumingMemoryBound(to: UInt8.self), target + 32 * block) { d * Float($0) + m }
    }
}

func decodeQ5_0(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
    for block in 0..<(count / 32) {
        let bytes = source + 22 * block
        let d = half(bytes, 0)
        let fifth = bytes.loadUnaligned(fromByteOffset: 2, as: UInt32.self)
        fiveBits((bytes + 6).assumingMemoryBound(to: UInt8.self), fifth: fifth, target + 32 * block) {
            d * Float($0 &- 16)
        }
    }
}

func decodeQ5_1(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
    for block in 0..<(count / 32) {
        let bytes = source + 24 * block
        let d = half(bytes, 0)
        let m = half(bytes, 2)
        let fifth = bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
        fiveBits((bytes + 8).assumingMemoryBound(to: UInt8.self), fifth: fifth, target + 32 * block) {
            d * Float($0) + m
        }
    }
}

func decodeQ8_0(_ source: UnsafeRawPointer, _ target: UnsafeMutablePointer<Float>, _ count: Int) {
    for block in 0..<(count / 32) {
        let bytes = source + 34 * block
        let d = half(bytes, 0)
        let q = (bytes + 2).assumingMemoryBound(to: Int8.self)
        let out = target + 32 * block
        for j in 0..<32 { out[j] = Float(q[j]) * d }
    }
}
