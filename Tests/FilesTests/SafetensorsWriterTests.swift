import Files
import Testing

@Suite("Safetensors files are written")
struct SafetensorsWriterTests {
    private func info(_ name: String, _ type: StoredType, _ shape: [Int]) throws -> TensorInfo {
        try #require(TensorInfo(name: name, type: type, shape: shape))
    }

    /// Writes one tensor and reads it back.
    private func roundTrip(_ values: [Float], _ type: StoredType) throws -> [Float] {
        let folder = try TemporaryFolder()
        var writer = try SafetensorsWriter(path: folder("m"), tensors: [info("a", type, [values.count])])
        try writer.write("a", values)
        try writer.commit()
        return try SafetensorsFile(path: folder("m")).read("a")
    }

    @Test("Tensors may come in any order; the bytes depend on the tensors alone")
    func order() throws {
        let folder = try TemporaryFolder()
        let infos = [try info("b", .f16, [3]), try info("a", .f32, [2, 1]), try info("c", .f32, []), try info("d", .bf16, [0])]
        let values: [String: [Float]] = ["a": [1, 2], "b": [0.5, -1, 3], "c": [7], "d": []]
        for (file, order) in [("x", ["a", "b", "c", "d"]), ("y", ["d", "c", "b", "a"])] {
            var writer = try SafetensorsWriter(path: folder(file), tensors: file == "x" ? infos : infos.reversed())
            for name in order { try writer.write(name, values[name] ?? []) }
            try writer.commit()
        }
        #expect(try contents(folder("x")) == contents(folder("y")))
        let file = try SafetensorsFile(path: folder("x"))
        #expect(file.names.filter { $0 != "d" } == ["a", "c", "b"])
        #expect(file.metadata == ["format": "pt"])
        for (name, numbers) in values { #expect(try file.read(name) == numbers) }
        let header = try contents(folder("x")).prefix(8)
        #expect(header[0] % 8 == 0, "the data begin at a multiple of eight")
    }

    @Test("Single precision comes back to the bit, NaN and −0 included")
    func single() throws {
        var dice = Dice(1)
        let values = (0..<100_000).map { _ in Float(bitPattern: UInt32.random(in: 0 ... .max, using: &dice)) }
        #expect(sameBits(try roundTrip(values, .f32), values))
    }

    @Test("Every half-precision number comes back to the bit")
    func halves() throws {
        let halves = (UInt16.min ... .max).map { Float16(bitPattern: $0) }.filter { !$0.isNaN }
        let values = halves.map { Float($0) }
        #expect(sameBits(try roundTrip(values, .f16), values))
    }

    @Test("Half precision rounds as the processor does: to nearest, ties to even")
    func halfRounding() throws {
        var dice = Dice(2)
        var values: [Float] = [65519.99, 65504, .infinity, 5.96e-8, 2.98e-8, 2.9802322e-8, 2.99e-8, 6.1e-5, -0.0, .leastNonzeroMagnitude]
        // Exactly half way between neighbours, and one step to either side.
        for bits in stride(from: UInt16(0), to: 0x7BFF, by: 7) {
            let middle = (Float(Float16(bitPattern: bits)) + Float(Float16(bitPattern: bits + 1))) / 2
            values += [middle, middle.nextUp, -middle.nextDown]
        }
        values += (0..<100_000).map { _ in Float(bitPattern: UInt32.random(in: 0 ... .max, using: &dice)) }
        values = values.filter { !$0.isNaN && ($0.isInfinite || Float16($0).isFinite) }
        #expect(values.count > 40_000)
        #expect(sameBits(try roundTrip(values, .f16), values.map { Float(Float16($0)) }))
    }

    @Test("bfloat16 rounds to nearest, ties to even")
    func brainRounding() throws {
        let cases: [(UInt32, UInt32)] = [
            (0x3F80_0000, 0x3F80_0000), (0x3F80_7FFF, 0x3F80_0000), (0x3F80_8000, 0x3F80_0000),
            (0x3F80_8001, 0x3F81_0000), (0x3F81_8000, 0x3F82_0000), (0xBF81_8000, 0xBF82_0000),
            (0x7F7F_7FFF, 0x7F7F_0000), (0x7F80_0000, 0x7F80_0000), (0x0000_8000, 0), (0x0001_8000, 0x0002_0000),
        ]
        let back = try roundTrip(cases.map { Float(bitPattern: $0.0) }, .bf16)
        #expect(back.map(\.bitPattern) == cases.map(\.1))
    }

    @Test(
        "A finite number that would become infinite is refused, its neighbour is written",
        arguments: [
            (StoredType.f16, Float(65520)), (.bf16, Float(bitPattern: 0x7F7F_8000)),
        ])
    func overflow(type: StoredType, least: Float) throws {
        for value in [least, -least, .greatestFiniteMagnitude] {
            expectError(.notFinite, saying: "number 1 of 2 is \(value), which \(type.name) cannot hold") {
                _ = try roundTrip([1, value], type)
            }
        }
        #expect(try roundTrip([least.nextDown, -least.nextDown], type).allSatisfy(\.isFinite))
    }

    @Test("NaN stays NaN in every type", arguments: [StoredType.f32, .f16, .bf16])
    func nan(type: StoredType) throws {
        let values = [Float.nan, Float(bitPattern: 0x7F80_0001), Float(bitPattern: 0xFFFF_FFFF)]
        #expect(try roundTrip(values, type).allSatisfy { $0.isNaN })
    }

    @Test("A mistake of the caller is refused and leaves no file")
    func refused() throws {
        let folder = try TemporaryFolder()
        let a = try info("a", .f32, [2])
        expectError(.unsupported, saying: "Q4_0") {
            _ = try SafetensorsWriter(path: folder("m"), tensors: [info("q", .q4_0, [32])])
        }
        expectError(.malformed, saying: "twice") { _ = try SafetensorsWriter(path: folder("m"), tensors: [a, a]) }
        expectError(.notFound, saying: "\"b\"") {
            var writer = try SafetensorsWriter(path: folder("m"), tensors: [a])
            try writer.write("b", [1, 2])
        }
        expectError(.wrongSize, saying: "3 were given") {
            var writer = try SafetensorsWriter(path: folder("m"), tensors: [a])
            try writer.write("a", [1, 2, 3])
        }
        expectError(.notFound, saying: "never written") {
            let writer = try SafetensorsWriter(path: folder("m"), tensors: [a])
            try writer.commit()
        }
        expectError(.diskFull, saying: "more bytes are needed") {
            _ = try SafetensorsWriter(path: folder("m"), tensors: [info("huge", .f32, [1 << 50])])
        }
        #expect(try folder.names == [])
    }
}
