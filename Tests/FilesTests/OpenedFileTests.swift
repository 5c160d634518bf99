import Files
import Glibc
import Testing

@Suite("Files are opened through one door")
struct OpenedFileTests {
    @Test("A file of any use gives its bytes", arguments: [FileUse.weights, .configuration, .tokenizer, .data])
    func bytes(_ use: FileUse) throws {
        let folder = try TemporaryFolder()
        let long = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        #expect(try readFile(folder.put("a", long), for: use) == long)
        #expect(try readFile(folder.put("b", ""), for: use) == [])
        // Files of the system have no length, but content.
        #expect(try !readFile("/proc/self/status", for: use).isEmpty)
    }

    @Test(
        "A pipe, a device or a folder is refused without waiting and without reading",
        arguments: [
            FileUse.configuration, .tokenizer, .data,
        ])
    func notFiles(_ use: FileUse) throws {
        let folder = try TemporaryFolder()
        #expect(mkfifo(folder("pipe"), 0o600) == 0)
        for path in [folder("pipe"), "/dev/zero", "/dev/null"] {
            expectError(.unreadable, saying: "is not an ordinary file") { _ = try readFile(path, for: use) }
        }
        expectError(.unreadable, saying: "folder") { _ = try readFile(folder.path, for: use) }
        expectError(.missing) { _ = try readFile(folder("none"), for: use) }
        expectError(.unreadable, saying: "standard input") { _ = try readFile(folder("pipe"), for: .data) }
    }

    @Test(
        "A file beyond the size of its use is refused before it is read",
        arguments: [
            (FileUse.configuration, "a configuration"), (.tokenizer, "tokenizer"), (.data, "data"),
        ])
    func sparse(_ use: FileUse, _ name: String) throws {
        let folder = try TemporaryFolder()
        try folder.put("large", "")
        // It takes no room on the disk, and would take all memory if it were read.
        #expect(truncate(folder("large"), 200 << 30) == 0)
        expectError(.wrongSize, saying: "\(200 << 30) bytes", name) { _ = try readFile(folder("large"), for: use) }
        expectError(.wrongSize) { _ = try MappedFile(path: folder("large"), for: use) }
        if use == .configuration { expectError(.wrongSize) { _ = try JSONValue(contentsOf: folder("large")) } }
        #expect(try MappedFile(path: folder("large")).count == 200 << 30)
    }
}
