import Files
import Testing

@Suite("Damaged files are read or refused, and never crash", .serialized)
struct FuzzTests {
    /// Tries `count` damaged copies of a file: flipped bits, overwritten words, cuts, growth.
    /// - Returns: how many were refused.
    private func damage(
        _ original: [UInt8], header: Int, count: Int, seed: UInt64, open: (String) throws(FileError) -> Void
    ) throws -> Int {
        let folder = try TemporaryFolder()
        var dice = Dice(seed)
        var refused = 0
        for _ in 0..<count {
            var bytes = original
            switch Int.random(in: 0..<8, using: &dice) {
            case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &dice))
            case 1: bytes += [UInt8](repeating: 0, count: Int.random(in: 1...64, using: &dice))
            case 2:
                // The values that break arithmetic.
                let word = [UInt64.max, UInt64(Int64.max), 1 << 63, 1 << 32, 0, 1 << 61][Int.random(in: 0..<6, using: &dice)]
                let place = Int.random(in: 0..<max(1, min(header, bytes.count - 8)), using: &dice)
                withUnsafeBytes(of: word) { bytes.replaceSubrange(place..<(place + 8), with: $0) }
            default:
                for _ in 0..<Int.random(in: 1...4, using: &dice) {
                    let place = Int.random(in: 0..<min(header, bytes.count), using: &dice)
                    bytes[place] = UInt8.random(in: 0...255, using: &dice)
                }
            }
            let path = try folder.put("m", bytes)
            do throws(FileError) { try open(path) } catch { refused += 1 }
        }
        return refused
    }

    private func readAll(_ source: some WeightSource) throws(FileError) {
        for name in source.names {
            do throws(FileError) { _ = try source.read(name) } catch {
                guard error.kind == .unsupported else { throw error }
            }
        }
    }

    @Test("Safetensors")
    func safetensors() throws {
        let original = try contents(fixture("types.safetensors"))
        let refused = try damage(original, header: 560, count: 4000, seed: 3) { (path) throws(FileError) in
            try readAll(try SafetensorsFile(path: path))
        }
        #expect(refused > 1500)
    }

    @Test("GGUF")
    func gguf() throws {
        let original = try contents(fixture("types.gguf"))
        let refused = try damage(original, header: 1400, count: 4000, seed: 4) { (path) throws(FileError) in
            let file = try GGUFFile(path: path)
            try readAll(file)
            for key in file.metadata.keys {
                _ = (file.metadata.strings(key), file.metadata.ints(key), file.metadata.doubles(key))
            }
        }
        #expect(refused > 1500)
    }

    @Test("Small GGUF files, where every byte counts")
    func smallGGUF() throws {
        let original = try contents(fixture("version2.gguf"))
        let refused = try damage(original, header: original.count, count: 4000, seed: 5) { (path) throws(FileError) in
            try readAll(try GGUFFile(path: path))
        }
        #expect(refused > 500)
    }

    @Test("The shard index")
    func index() throws {
        let folder = try TemporaryFolder()
        for name in ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"] {
            try FileSystem.copyFile(fixture("sharded/\(name)"), to: folder(name))
        }
        let original = try contents(fixture("sharded/model.safetensors.index.json"))
        var dice = Dice(6)
        var refused = 0
        for _ in 0..<1000 {
            var bytes = original
            bytes[Int.random(in: 0..<bytes.count, using: &dice)] = UInt8.random(in: 0...255, using: &dice)
            let path = try folder.put("index.json", bytes)
            do throws(FileError) { try readAll(try ShardedSafetensors(index: path)) } catch { refused += 1 }
        }
        #expect(refused > 500)
    }
}
