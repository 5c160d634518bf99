import Glibc

/// The few questions and orders for the file system that the engine needs.
package enum FileSystem {
    /// What a path leads to, symbolic links followed.
    package enum Entry: Sendable {
        case file, folder, other
    }

    /// What is at `path`, or nil if nothing is or it cannot be reached.
    package static func entry(at path: String) -> Entry? {
        var status = stat()
        guard uninterrupted({ stat(path, &status) }) == 0 else { return nil }
        return kind(of: status)
    }

    package static func isFile(_ path: String) -> Bool { entry(at: path) == .file }

    package static func isFolder(_ path: String) -> Bool { entry(at: path) == .folder }

    /// Whether two paths lead to the same file or folder.
    package static func isSame(_ one: String, _ other: String) -> Bool {
        var (first, second) = (stat(), stat())
        guard uninterrupted({ stat(one, &first) }) == 0, uninterrupted({ stat(other, &second) }) == 0 else { return false }
        return first.st_ino == second.st_ino && first.st_dev == second.st_dev
    }

    /// The names in a folder, sorted by their bytes, without `.` and `..`.
    /// - Throws: `missing` or `unreadable`.
    package static func list(_ folder: String) throws(FileError) -> [String] {
        guard let stream = uninterrupted({ opendir(folder) }) else { throw .reading(folder, code: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno == EINTR { continue }
                guard errno == 0 else { throw .reading(folder, code: errno) }
                return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
    }

    /// Creates a folder and any missing ones above it. One that exists is fine.
    /// - Throws: `unwritable` or `diskFull`.
    package static func createFolder(_ path: String) throws(FileError) {
        if isFolder(path) { return }
        let parent = parentFolder(of: path)
        if parent != ".", parent != "/", entry(at: parent) == nil { try createFolder(parent) }
        if uninterrupted({ mkdir(path, 0o777) }) != 0 {
            let code = errno
            guard code == EEXIST, isFolder(path) else {
                throw code == EEXIST
                    ? FileError(
                        .unwritable, path: path, problem: "a file is in the place of this folder",
                        advice: "Choose another place or move it away")
                    : .writing(path, code: code)
            }
        }
    }

    /// Copies the bytes of one file to another place, atomically.
    /// - Throws: what opening the source throws, `unwritable` or `diskFull`.
    package static func copyFile(_ source: String, to target: String, for use: FileUse = .tokenizer) throws(FileError) {
        let mapped = try MappedFile(path: source, for: use)
        let file = try AtomicFile(path: target, expectedBytes: mapped.count)
        try mapped.withBytes { (bytes) throws(FileError) in try file.writer.write(bytes) }
        try file.commit()
    }

    /// Deletes a file, or a folder with everything in it. Links are removed, not followed.
    /// Nothing there is fine.
    /// - Throws: `unwritable` if something cannot be deleted.
    package static func remove(_ path: String) throws(FileError) {
        var status = stat()
        guard uninterrupted({ lstat(path, &status) }) == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return }
            throw .writing(path, code: errno)
        }
        if kind(of: status) == .folder {
            for name in try list(path) { try remove(joinPath(path, name)) }
            if uninterrupted({ rmdir(path) }) != 0, errno != ENOENT { throw .writing(path, code: errno) }
        } else if uninterrupted({ unlink(path) }) != 0, errno != ENOENT {
            throw .writing(path, code: errno)
        }
    }

    /// Bytes an ordinary user may still write on the disk that holds `folder`; nil if unknown.
    package static func freeBytes(at folder: String) -> Int? {
        var status = statvfs()
        // File systems without a fixed size report no blocks at all.
        guard uninterrupted({ statvfs(folder, &status) }) == 0, status.f_blocks > 0 else { return nil }
        let (bytes, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        return overflow ? Int.max : Int(clamping: bytes)
    }

    static func kind(of status: stat) -> Entry {
        switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .folder
        default: .other
        }
    }
}
