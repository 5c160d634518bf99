/// A hash table from byte strings to 32-bit values, insert-only.
///
/// A Swift `String` key would merge canonically equal tokens, and `[UInt8]` keys cost one allocation per
/// look-up; here all keys lie in one pool and look-ups read the caller's memory.
struct ByteTable: Sendable {
    private var slots: [Int32]
    private var pool: [UInt8] = []
    private var ends: [Int] = []
    private var hashes: [UInt64] = []
    private var values: [Int32] = []

    /// An empty table with room for `capacity` keys before it grows.
    init(capacity: Int = 16) {
        var size = 32
        while size < capacity * 2 { size *= 2 }
        slots = [Int32](repeating: -1, count: size)
    }

    var count: Int { values.count }

    /// The value stored for `key`, if any.
    func find(_ key: UnsafeBufferPointer<UInt8>) -> Int32? {
        let entry = slots[slot(of: key, hash: Self.hash(key))]
        return entry < 0 ? nil : values[Int(entry)]
    }

    /// Stores `value` for `key`, replacing an earlier value.
    mutating func insert(_ key: UnsafeBufferPointer<UInt8>, _ value: Int32) {
        let hash = Self.hash(key)
        let place = slot(of: key, hash: hash)
        if slots[place] >= 0 {
            values[Int(slots[place])] = value
            return
        }
        slots[place] = Int32(values.count)
        pool.append(contentsOf: key)
        ends.append(pool.count)
        hashes.append(hash)
        values.append(value)
        if values.count * 2 > slots.count { grow() }
    }

    func find(_ key: [UInt8]) -> Int32? { key.withUnsafeBufferPointer { find($0) } }

    mutating func insert(_ key: [UInt8], _ value: Int32) {
        key.withUnsafeBufferPointer { insert($0, value) }
    }

    private func slot(of key: UnsafeBufferPointer<UInt8>, hash: UInt64) -> Int {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while true {
            let entry = Int(slots[place])
            if entry < 0 || (hashes[entry] == hash && matches(entry, key)) { return place }
            place = (place + 1) & mask
        }
    }

    private func matches(_ entry: Int, _ key: UnsafeBufferPointer<UInt8>) -> Bool {
        let start = entry == 0 ? 0 : ends[entry - 1]
        guard ends[entry] - start == key.count else { return false }
        for offset in 0..<key.count where pool[start + offset] != key[offset] { return false }
        return true
    }

    private mutating func grow() {
        slots = [Int32](repeating: -1, count: slots.count * 2)
        let mask = slots.count - 1
        for (entry, hash) in hashes.enumerated() {
            var place = Int(truncatingIfNeeded: hash) & mask
            while slots[place] >= 0 { place = (place + 1) & mask }
            slots[place] = Int32(entry)
        }
    }

    /// Eight bytes at a time; the final shift brings the well-mixed high bits down to the mask.
    private static func hash(_ key: UnsafeBufferPointer<UInt8>) -> UInt64 {
        let bytes = UnsafeRawBufferPointer(key)
        var state = UInt64(truncatingIfNeeded: bytes.count) &* 0x9E37_79B9_7F4A_7C15
        var at = 0
        while at + 8 <= bytes.count {
            state = mixed(state ^ bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            at += 8
        }
        var tail: UInt64 = 0
        while at < bytes.count {
            tail = tail << 8 | UInt64(bytes[at])
            at += 1
        }
        return mixed(state ^ tail)
    }

    private static func mixed(_ word: UInt64) -> UInt64 {
        let product = word &* 0xD6E8_FEB8_6659_FD93
        return product ^ (product >> 32)
    }
}
