/// SHA-256 (FIPS 180-4), so that a report can say which bytes a run was asked to forget.
package struct SHA256: Sendable {
    private var state: [UInt32] = [
        0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
    ]
    private var block: [UInt8] = []
    private var length: UInt64 = 0

    package init() {}

    /// Takes in more bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        length &+= UInt64(bytes.count)
        var rest = UnsafeRawBufferPointer(rebasing: bytes[...])
        if !block.isEmpty {
            let taken = min(64 - block.count, rest.count)
            block.append(contentsOf: rest[..<taken])
            rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
            if block.count == 64 {
                block.withUnsafeBytes { compress($0) }
                block.removeAll(keepingCapacity: true)
            }
        }
        while rest.count >= 64 {
            compress(UnsafeRawBufferPointer(rebasing: rest[..<64]))
            rest = UnsafeRawBufferPointer(rebasing: rest[64...])
        }
        block.append(contentsOf: rest)
    }

    /// The digest of everything taken in, in hexadecimal.
    package consuming func digest() -> String {
        let bits = length &* 8
        var tail: [UInt8] = [0x80]
        while (block.count + tail.count) % 64 != 56 { tail.append(0) }
        for shift in stride(from: 56, through: 0, by: -8) { tail.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift))) }
        tail.withUnsafeBytes { update($0) }
        return state.map { $0.hexadecimal(digits: 8) }.joined()
    }

    /// The digest of some bytes.
    package static func digest(_ bytes: [UInt8]) -> String {
        var hash = SHA256()
        bytes.withUnsafeBytes { hash.update($0) }
        return hash.digest()
    }

    /// The digest of a file, as `sha256sum` prints it.
    package static func digest(ofFile path: String) throws(FileError) -> String {
        let file = try MappedFile(path: path)
        var hash = SHA256()
        file.withBytes { hash.update($0) }
        return hash.digest()
    }

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    private static let constants: [UInt32] = {
        let primes = (2...311).filter { number in !(2..<number).contains { number % $0 == 0 } }
        return primes.map { prime in
            // The largest x with x³ ≤ prime · 2^96, cut to its low 32 bits: 32 binary digits of the root after the point.
            let target = UInt128(prime) << 96
            var root: UInt128 = 0
            for bit in stride(from: 34, through: 0, by: -1) {
                let candidate = root | (UInt128(1) << UInt128(bit))
                if candidate * candidate * candidate <= target { root = candidate }
            }
            return UInt32(truncatingIfNeeded: root)
        }
    }()

    private mutating func compress(_ bytes: UnsafeRawBufferPointer) {
        withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { words in
            for index in 0..<16 {
                words[index] = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
            }
            for index in 16..<64 {
                let (x, y) = (words[index - 15], words[index - 2])
                let first = Self.rotated(x, 7) ^ Self.rotated(x, 18) ^ (x >> 3)
                let second = Self.rotated(y, 17) ^ Self.rotated(y, 19) ^ (y >> 10)
                words[index] = words[index - 16] &+ first &+ words[index - 7] &+ second
            }
            var (a, b, c, d) = (state[0], state[1], state[2], state[3])
            var (e, f, g, h) = (state[4], state[5], state[6], state[7])
            for index in 0..<64 {
                let mixed = Self.rotated(e, 6) ^ Self.rotated(e, 11) ^ Self.rotated(e, 25)
                let one = h &+ mixed &+ ((e & f) ^ (~e & g)) &+ Self.constants[index] &+ words[index]
                let two = (Self.rotated(a, 2) ^ Self.rotated(a, 13) ^ Self.rotated(a, 22)) &+ ((a & b) ^ (a & c) ^ (b & c))
                (h, g, f, e, d, c, b, a) = (g, f, e, d &+ one, c, b, a, one &+ two)
            }
            for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] &+= word }
        }
    }

    private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word >> count | word << (32 - count) }
}
