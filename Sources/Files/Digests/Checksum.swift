/// XXH64: a 64-bit checksum that runs at memory speed. It finds accidents, not forgeries.
///
/// Four lanes of eight bytes are mixed independently, then folded into one.
/// Specification: https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
package func xxHash64(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0) -> UInt64 {
    let count = bytes.count
    var offset = 0
    var hash: UInt64
    if count >= 32 {
        var a = seed &+ prime1 &+ prime2
        var b = seed &+ prime2
        var c = seed
        var d = seed &- prime1
        while offset <= count - 32 {
            a = mix(a, word(bytes, offset))
            b = mix(b, word(bytes, offset + 8))
            c = mix(c, word(bytes, offset + 16))
            d = mix(d, word(bytes, offset + 24))
            offset += 32
        }
        hash = rotate(a, 1) &+ rotate(b, 7) &+ rotate(c, 12) &+ rotate(d, 18)
        for lane in [a, b, c, d] {
            hash = (hash ^ mix(0, lane)) &* prime1 &+ prime4
        }
    } else {
        hash = seed &+ prime5
    }
    hash = hash &+ UInt64(count)
    while offset <= count - 8 {
        hash = rotate(hash ^ mix(0, word(bytes, offset)), 27) &* prime1 &+ prime4
        offset += 8
    }
    if offset <= count - 4 {
        let half = UInt64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        hash = rotate(hash ^ (half &* prime1), 23) &* prime2 &+ prime3
        offset += 4
    }
    while offset < count {
        hash = rotate(hash ^ (UInt64(bytes[offset]) &* prime5), 11) &* prime1
        offset += 1
    }
    hash = (hash ^ (hash >> 33)) &* prime2
    hash = (hash ^ (hash >> 29)) &* prime3
    return hash ^ (hash >> 32)
}

private let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
private let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
private let prime3: UInt64 = 0x1656_67B1_9E37_79F9
private let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
private let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

@inline(__always)
private func rotate(_ value: UInt64, _ by: UInt64) -> UInt64 { value &<< by | value &>> (64 &- by) }

@inline(__always)
private func mix(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotate(lane &+ input &* prime2, 31) &* prime1
}

@inline(__always)
private func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
}
