import Glibc

/// A file that appears under its name only when it is complete.
///
/// The bytes go to a temporary file next to the target. `commit()` brings them to the
/// disk and renames; letting the value go without it removes them. The old file, if
/// there is one, stays as it was until the rename.
package struct AtomicFile: ~Copyable {
    /// The final place.
    package let path: String
    /// Where the bytes go.
    package let writer: FileWriter
    private let target: String
    private let partial: String
    private var committed = false

    /// Starts writing.
    /// - Parameter expectedBytes: the final size, if known: a disk without that much room is an error at once.
    /// - Throws: `unwritable`, `diskFull`, or `busy` if another process writes the same file.
    package init(path: String, expectedBytes: Int? = nil) throws(FileError) {
        // A link stays a link: what it points to is replaced.
        let target = resolved(path)
        let partial = partialPath(for: target)
        switch FileSystem.entry(at: target) {
        case nil, .file: break
        case .folder:
            throw FileError(
                .unwritable, path: path, problem: "a folder is in the place of this file",
                advice: "Choose another name")
        case .other:
            throw FileError(
                .unwritable, path: path, problem: "is a device or pipe, which cannot be replaced by a file",
                advice: "Choose another name")
        }
        try checkRoom(for: expectedBytes, at: target)
        let descriptor = try openLocked(partial, for: path) {
            open(partial, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o666)
        }
        guard uninterrupted({ ftruncate(descriptor, 0) }) == 0 else {
            let code = errno
            uninterrupted { unlink(partial) }
            close(descriptor)
            throw .writing(path, code: code)
        }
        self.path = path
        self.target = target
        self.partial = partial
        writer = FileWriter(owning: descriptor, path: path, expectedBytes: expectedBytes)
    }

    /// Makes sure that a file could be written here, and leaves nothing behind. Asked before the work, not after it.
    /// - Throws: as `init`.
    package static func check(_ path: String, expectedBytes: Int? = nil) throws(FileError) {
        _ = try AtomicFile(path: path, expectedBytes: expectedBytes)
    }

    /// Brings the bytes to the disk and gives the file its name.
    /// - Throws: `unwritable` or `diskFull`; the temporary file is then removed.
    package consuming func commit() throws(FileError) {
        try writer.synchronize()
        guard renamed(partial, target) == 0 else { throw .writing(path, code: errno) }
        committed = true
        synchronizeFolder(parentFolder(of: target))
    }

    deinit {
        // The lock is still held here, so this cannot be another writer's file.
        if !committed { uninterrupted { unlink(partial) } }
    }
}
