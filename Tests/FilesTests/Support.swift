import Files
import Glibc
import Testing

/// The path of a file that `Fixtures/generate.py` wrote.
func fixture(_ name: String) -> String {
    joinPath(joinPath(parentFolder(of: #filePath), "Fixtures"), name)
}

/// A folder of its own for one test, removed when the test ends.
final class TemporaryFolder {
    let path: String

    init() throws {
        // Thousands of damaged files are quicker in memory.
        let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
        var template = Array("\(parent)/ofmu-files-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw Failed() }
        path = String(cString: made)
    }

    deinit { try? FileSystem.remove(path) }

    func callAsFunction(_ name: String) -> String { joinPath(path, name) }

    /// Puts bytes under a name and returns the path.
    @discardableResult
    func put(_ name: String, _ bytes: [UInt8]) throws -> String {
        let place = self(name)
        let writer = try FileWriter(path: place)
        try writer.write(bytes)
        try writer.flush()
        return place
    }

    @discardableResult
    func put(_ name: String, _ text: String) throws -> String { try put(name, Array(text.utf8)) }

    var names: [String] {
        get throws { try FileSystem.list(path) }
    }

    struct Failed: Error {}
}

func contents(_ path: String) throws -> [UInt8] {
    try MappedFile(path: path).withBytes { Array($0) }
}

/// The numbers of a `.f32` fixture.
func floats(_ path: String) throws -> [Float] {
    try MappedFile(path: path).withBytes { bytes in
        (0..<(bytes.count / 4)).map {
            Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
        }
    }
}

/// Whether two arrays hold the same bits, so that −0 and NaN count.
func sameBits(_ left: [Float], _ right: [Float]) -> Bool {
    left.map(\.bitPattern) == right.map(\.bitPattern)
}

/// Expects a `FileError` of this kind whose message contains every given word.
func expectError(
    _ kind: FileError.Kind, saying words: String..., sourceLocation: SourceLocation = #_sourceLocation,
    from body: () throws -> Void
) {
    let error = #expect(throws: FileError.self, sourceLocation: sourceLocation) { try body() }
    guard let error else { return }
    #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
    for word in words {
        #expect(error.description.contains(word), "\(error)", sourceLocation: sourceLocation)
    }
}

/// A small reproducible generator (SplitMix64).
struct Dice: RandomNumberGenerator {
    var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
