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
    while true {
        let descriptor = opening()
        guard descriptor >= 0 else { throw .writing(target, code: errno) }
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            close(descriptor)
            throw FileError(
                .busy, path: target, problem: "another process is writing it",
                advice: "Wait for it to end or choose another place")
        }
        // Between opening and locking, the earlier owner may have renamed it into place.
        var opened = stat()
        var named = stat()
        if fstat(descriptor, &opened) == 0, lstat(partial, &named) == 0,
            opened.st_ino == named.st_ino, opened.st_dev == named.st_dev
        {
            return descriptor
        }
        close(descriptor)
    }
}

/// Asks the disk to remember a rename in `folder`. Not every file system can; that is no error.
func synchronizeFolder(_ folder: String) {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    _ = fsync(descriptor)
    close(descriptor)
}

/// Fails early, before hours of work, when the disk cannot hold `bytes` more.
func checkRoom(for bytes: Int?, at target: String) throws(FileError) {
    guard let bytes, let free = FileSystem.freeBytes(at: parentFolder(of: target)), free < bytes else { return }
    throw .full(target, needed: bytes - free)
}
