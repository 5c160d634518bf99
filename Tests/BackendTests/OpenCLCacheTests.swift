import Backends
import Glibc
import Graph
import Testing

extension OpenCLTests {
    @Suite("The OpenCL program cache")
    struct ProgramCaching {
        @Test("a second build comes from the disk")
        func hits() throws {
            let folder = try Folder()
            #expect(try builds(ProgramCache(directory: folder.path)) == .init(fromSource: 1, fromCache: 0))
            #expect(try builds(ProgramCache(directory: folder.path)) == .init(fromSource: 0, fromCache: 1))
        }

        @Test("a missing directory is made, with its parents")
        func makesDirectories() throws {
            let folder = try Folder()
            let cache = ProgramCache(directory: folder.path + "/a/b")
            #expect(try builds(cache).fromSource == 1)
            #expect(try builds(cache).fromCache == 1)
        }

        @Test("other options or another item count mean another program")
        func keepsVariantsApart() throws {
            let folder = try Folder()
            #expect(try builds(ProgramCache(directory: folder.path)).fromSource == 1)
            #expect(try builds(ProgramCache(directory: folder.path), rowItems: 32).fromSource == 1)
        }

        @Test("a damaged entry is built again", arguments: ["cut", "flipped", "empty", "foreign"])
        func rebuildsDamagedEntries(damage: String) throws {
            let folder = try Folder()
            let cache = ProgramCache(directory: folder.path)
            #expect(try builds(cache).fromSource == 1)
            for name in folder.entries {
                let path = folder.path + "/" + name
                var bytes = try #require(readBytes(path))
                switch damage {
                case "cut": bytes.removeLast(bytes.count / 2)
                case "flipped": bytes[bytes.count - 7] ^= 1
                case "empty": bytes = []
                default: bytes = Array("not a program".utf8)
                }
                writeBytes(bytes, path)
            }
            #expect(try builds(cache) == .init(fromSource: 1, fromCache: 0))
            #expect(try builds(cache) == .init(fromSource: 0, fromCache: 1))
        }

        @Test("a binary that the driver rejects is built again")
        func rebuildsRejectedBinaries() throws {
            let folder = try Folder()
            let cache = ProgramCache(directory: folder.path)
            #expect(try builds(cache).fromSource == 1)
            // Whole as far as the cache can tell, but no program.
            for name in folder.entries { cache.store(Array("garbage".utf8), as: String(name.dropLast(".clbin".count))) }
            #expect(try builds(cache) == .init(fromSource: 1, fromCache: 0))
        }

        @Test("a directory that cannot be used is no error", arguments: ["/proc/nowhere", "/dev/null", "", "\u{1}/\u{2}"])
        func toleratesBadDirectories(path: String) throws {
            // A relative path would land in the working directory.
            let cache = ProgramCache(directory: path.hasPrefix("/") ? path : "/dev/null/" + path)
            #expect(try builds(cache) == .init(fromSource: 1, fromCache: 0))
            #expect(try builds(cache) == .init(fromSource: 1, fromCache: 0))
        }

        @Test("no temporary files stay behind")
        func leavesNoTemporaries() throws {
            let folder = try Folder()
            #expect(try builds(ProgramCache(directory: folder.path)).fromSource == 1)
            #expect(folder.entries.count == 1)
            #expect(folder.entries.allSatisfy { $0.hasSuffix(".clbin") })
        }

        @Test("keys depend on every field and on where fields end")
        func separatesKeys() {
            let keys = [["ab", "c"], ["a", "bc"], ["abc"], ["ab", "c", ""], ["ab", "d"]].map(ProgramCache.key)
            #expect(Set(keys).count == keys.count)
            #expect(keys.allSatisfy { $0.count == 32 })
            #expect(ProgramCache.key(["ab", "c"]) == keys[0])
        }

        /// Runs one kernel on a new backend and tells where its program came from.
        private func builds(_ cache: ProgramCache, rowItems: Int = 1) throws -> OpenCLBackend.BuildStatistics {
            try OpenCLShape.requireDevice()
            let backend = try OpenCLBackend(index: 0, rowItems: rowItems, cache: cache)
            let spec = try #require(allSpecs.first { $0.name == "axpy" })
            var dice = Dice(1)
            #expect(try spec.make(&dice).mistake(of: spec.name, on: backend) == nil)
            return backend.buildStatistics
        }
    }
}

/// A folder that vanishes with its contents.
private final class Folder {
    let path: String

    init() throws {
        var template = Array("/tmp/ofmu-cache-XXXXXX".utf8CString)
        path = String(cString: try #require(mkdtemp(&template)))
    }

    deinit { Self.remove(path) }

    var entries: [String] { Self.list(path) }

    private static func list(_ path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    private static func remove(_ path: String) {
        for name in list(path) { remove(path + "/" + name) }
        if rmdir(path) != 0 { unlink(path) }
    }
}

private func readBytes(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    while case let byte = fgetc(file), byte != EOF { bytes.append(UInt8(truncatingIfNeeded: byte)) }
    return bytes
}

private func writeBytes(_ bytes: [UInt8], _ path: String) {
    guard let file = fopen(path, "wb") else { return }
    fwrite(bytes, 1, bytes.count, file)
    fclose(file)
}
