import Files
import Testing

@Suite("The README")
struct ReadmeTests {
    private func text(_ path: String) throws -> String {
        try MappedFile(path: path).withBytes { String(decoding: $0, as: UTF8.self) }
    }

    @Test("shows the example that the tests compile")
    func example() throws {
        let folder = parentFolder(of: #filePath)
        let compiled = try text(joinPath(folder, "ReadmeExample.swift"))
        let readme = try text(joinPath(parentFolder(of: parentFolder(of: folder)), "README.md"))
        let start = try #require(compiled.firstRange(of: "import Backends"))
        #expect(readme.contains("\n" + compiled[start.lowerBound...] + "```\n"))
    }
}
