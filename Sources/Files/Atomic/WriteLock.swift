import Glibc

/// The name under which a target is written until it is complete. It lies in the
/// same folder, so that the final rename stays on one disk.
func partialPath(for target: String) -> String {
    joinPath(parentFolder(of: target), ".\(lastComponent(of: target)).partial")
}

/// Opens `partial` with `opening` and locks it against other writers.
///
/// The lock dies with the process that holds it, so what a killed run left behind is
/// taken over by the next one instead of piling up.
/// - Returns: the locked descriptor.
func openLocked(
    _ partial: String, for target: String, opening: () -> Int32
) throws(FileError) -> Int32 {
    // A name that changes hands as often as this is in use.
    for _ in 0..<100 {
        let descriptor = uninterrupted(opening)
        guard descriptor >= 0 else { throw .writing(target, code: errno) }
        if uninterrupted({ flock(descriptor, LOCK_EX | LOCK_NB) }) != 0, errno == EWOULDBLOCK {
            close(descriptor)
            break
        }
        // Between opening and locking, the earlier owner may have renamed it into place.
        var opened = stat()
        var named = stat()
        if uninterrupted({ fstat(descriptor, &opened) }) == 0, uninterrupted({ lstat(partial, &named) }) == 0,
            opened.st_ino == named.st_ino, opened.st_dev == named.st_dev
        {
            return descriptor
        }
        close(descriptor)
    }
    throw FileError(
        .busy, path: target, problem: "another process is writing it", advice: "Wait for it to end or choose another place")
}

/// Asks the disk to remember a rename in `folder`. Not every file system can; that is no error.
func synchronizeFolder(_ folder: String) {
    let descriptor = uninterrupted { open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard descriptor >= 0 else { return }
    uninterrupted { fsync(descriptor) }
    close(descriptor)
}

/// Fails early, before hours of work, when the disk cannot hold `bytes` more.
func checkRoom(for bytes: Int?, at target: String) throws(FileError) {
    guard let bytes, let free = FileSystem.freeBytes(at: parentFolder(of: target)), free < bytes else { return }
    throw .full(target, needed: bytes - free)
}

/// Gives a file or folder another name, in one step. Zero if it has been done, as from the system.
func renamed(_ old: String, _ new: String) -> Int32 { uninterrupted { rename(old, new) } }

/// `path` with symbolic links followed; where nothing is there yet, or a link leads nowhere, the place that would be made.
func resolved(_ path: String) -> String {
    var place = withoutTrailingSlashes(path)
    // As many links as the system itself follows.
    for _ in 0..<40 {
        if let real = uninterrupted({ realpath(place, nil) }) {
            defer { free(real) }
            return String(cString: real)
        }
        var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        let count = uninterrupted { readlink(place, &target, target.count - 1) }
        guard count > 0 else { return place }
        let next = String(decoding: target.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
        place = withoutTrailingSlashes(next.hasPrefix("/") ? next : joinPath(parentFolder(of: place), next))
    }
    return place
}
