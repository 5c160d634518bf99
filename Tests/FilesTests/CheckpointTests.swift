import Files
import Testing

@Suite("A checkpoint comes back to the bit, or not at all")
struct CheckpointTests {
    private let weights: [Float] = [1, -0.0, .nan, .infinity, .leastNonzeroMagnitude]
    private let header: JSONValue = ["round": 3, "name": "é", "rho": 0.1]

    private func write(_ path: String, header: JSONValue? = nil) throws {
        var writer = try CheckpointWriter(path: path)
        try writer.write("theta", weights)
        try writer.write("random", bytes: [1, 2, 3])
        try writer.write("empty", [Float]())
        try writer.write("moments", [Float](repeating: 0.5, count: 300_000))
        try writer.commit(header: header ?? self.header)
    }

    @Test("Header and sections come back")
    func roundTrip() throws {
        let folder = try TemporaryFolder()
        try write(folder("c"))
        let file = try CheckpointFile(path: folder("c"))
        #expect(file.header == header)
        #expect(file.sections.map(\.name) == ["theta", "random", "empty", "moments"])
        #expect(file.sections.map(\.count) == [5, 3, 0, 300_000])
        #expect(sameBits(try file.floats("theta"), weights))
        #expect(try file.bytes("random") == [1, 2, 3])
        #expect(try file.floats("empty") == [])
        #expect(try file.floats("moments").allSatisfy { $0 == 0.5 })
        let five = [Float](unsafeUninitializedCapacity: 5) { buffer, count in
            do { try file.read("theta", into: UnsafeMutableBufferPointer(rebasing: buffer[..<5])) } catch { Issue.record(error) }
            count = 5
        }
        #expect(sameBits(five, weights))
        try file.verify()
    }

    @Test("The same state gives the same bytes")
    func deterministic() throws {
        let folder = try TemporaryFolder()
        try write(folder("a"))
        try write(folder("b"))
        #expect(try contents(folder("a")) == contents(folder("b")))
    }

    @Test("A new checkpoint replaces the old one only when it is complete")
    func replacing() throws {
        let folder = try TemporaryFolder()
        try write(folder("c"))
        expectError(.alreadyExists, saying: "\"theta\"") {
            var writer = try CheckpointWriter(path: folder("c"))
            try writer.write("theta", weights)
            try writer.write("theta", weights)
        }
        #expect(try CheckpointFile(path: folder("c")).header == header)
        try write(folder("c"), header: "new")
        #expect(try CheckpointFile(path: folder("c")).header == "new")
        #expect(try folder.names == ["c"])
    }

    @Test("Asking for what is not there says what is")
    func mismatches() throws {
        let folder = try TemporaryFolder()
        try write(folder("c"))
        let file = try CheckpointFile(path: folder("c"))
        expectError(.notFound, saying: "\"rho\"") { _ = try file.floats("rho") }
        expectError(.wrongSize, saying: "float32, not bytes") { _ = try file.bytes("theta") }
        expectError(.wrongSize, saying: "bytes, not float32") { _ = try file.floats("random") }
        expectError(.wrongSize, saying: "holds 5 numbers, but 4 are wanted", "Resume with the model") {
            try withUnsafeTemporaryAllocation(of: Float.self, capacity: 4) { try file.read("theta", into: $0) }
        }
    }

    @Test("What is no checkpoint, or a cut one, is told apart")
    func wrongFiles() throws {
        let folder = try TemporaryFolder()
        try write(folder("c"))
        let good = try contents(folder("c"))
        expectError(.missing) { _ = try CheckpointFile(path: folder("absent")) }
        expectError(.malformed, saying: "not a checkpoint") { _ = try CheckpointFile(path: fixture("types.gguf")) }
        expectError(.malformed, saying: "not a checkpoint") { _ = try CheckpointFile(path: folder.put("e", "")) }
        for length in [5, 20, 47] {
            expectError(.truncated, saying: "only \(length) bytes") {
                _ = try CheckpointFile(path: folder.put("cut", Array(good.prefix(length))))
            }
        }
        for length in [48, 1000, good.count - 1] {
            expectError(.truncated, saying: "should have \(good.count) bytes, but has \(length)") {
                _ = try CheckpointFile(path: folder.put("cut", Array(good.prefix(length))))
            }
        }
        expectError(.truncated, saying: "but has \(good.count + 1)") {
            _ = try CheckpointFile(path: folder.put("long", good + [0]))
        }
    }

    @Test("A damaged section is named")
    func damagedSection() throws {
        let folder = try TemporaryFolder()
        try write(folder("c"))
        var bytes = try contents(folder("c"))
        bytes[70] ^= 4
        let file = try CheckpointFile(path: folder.put("d", bytes))
        #expect(sameBits(try file.floats("theta"), weights))
        expectError(.corrupt, saying: "\"random\"", "checksum") { _ = try file.bytes("random") }
        expectError(.corrupt, saying: "\"random\"") { try file.verify() }
    }

    @Test("Not one flipped bit of a checkpoint goes unnoticed")
    func everyBit() throws {
        let folder = try TemporaryFolder()
        var writer = try CheckpointWriter(path: folder("c"))
        try writer.write("theta", weights)
        try writer.write("random", bytes: [1, 2, 3])
        try writer.commit(header: header)
        let good = try contents(folder("c"))
        for bit in 0..<(8 * good.count) {
            var bytes = good
            bytes[bit / 8] ^= 1 << (bit % 8)
            let path = try folder.put("d", bytes)
            let error = #expect(throws: FileError.self) { try CheckpointFile(path: path).verify() }
            let kinds: [FileError.Kind] = bit < 64 ? [.malformed] : [.corrupt]
            #expect(error.map { kinds.contains($0.kind) } == true, "bit \(bit): \(String(describing: error))")
        }
    }

    @Test(
        "The checksum is XXH64",
        arguments: [
            ("", 0xEF46_DB37_51D8_E999 as UInt64), ("a", 0xD24E_C4F1_A98C_6E5B), ("abc", 0x44BC_2CF5_AD77_0999),
            ("Nobody inspects the spammish repetition", 0xFBCE_A83C_8A37_8BF1),
        ])
    func checksum(text: String, expected: UInt64) {
        #expect(Array(text.utf8).withUnsafeBytes { xxHash64($0) } == expected)
    }

    @Test("The checksum of a length that uses every step is XXH64's too")
    func longChecksum() {
        let bytes = (0..<109).map { UInt8(truncatingIfNeeded: $0 * 31) }
        #expect(bytes.withUnsafeBytes { xxHash64($0) } == 0x7DE3_B659_141D_950F)
    }
}
