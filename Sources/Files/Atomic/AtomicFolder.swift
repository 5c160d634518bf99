import Glibc

/// A folder that appears under its name only when everything in it is complete.
///
/// Files are written to a temporary folder next to the target, at the paths that
/// `file(_:)` gives. `commit()` renames it; letting the value go without that removes it.
package struct AtomicFolder: ~Copyable {
    /// The final place.
    package let path: String
    private let target: String
    private let partial: String
    private let lock: FolderLock
    private let replacing: Bool
    private var committed = false

    /// Starts writing.
    /// - Parameter replacing: whether a folder that already holds files may be replaced.
    ///   One that holds other folders never is: it is more than an earlier result.
    /// - Throws: `alreadyExists`, `unwritable`, `diskFull`, or `busy` if another process writes it.
    package init(path: String, replacing: Bool = false, expectedBytes: Int? = nil) throws(FileError) {
        // A link stays a link: what it points to is replaced.
        let target = resolved(path)
        let partial = partialPath(for: target)
        try finishExchange(of: path)
        try checkReplaceable(target, replacing: replacing)
        try checkRoom(for: expectedBytes, at: target)
        let lock: FolderLock
        do throws(FileError) {
            lock = try FolderLock(partial, for: path, makes: true)
            // What a killed run left there.
            for name in try FileSystem.list(partial) { try FileSystem.remove(joinPath(partial, name)) }
        } catch {
            // Removes it only while it is empty; another writer's own is left alone.
            if error.kind != .busy { uninterrupted { rmdir(partial) } }
            throw error
        }
        self.path = path
        self.replacing = replacing
        self.target = target
        self.partial = partial
        self.lock = lock
    }

    /// Makes sure that a folder could be written here, and leaves nothing behind. Asked before the work, not after it.
    /// - Throws: as `init`.
    package static func check(_ path: String, replacing: Bool = false, expectedBytes: Int? = nil) throws(FileError) {
        _ = try AtomicFolder(path: path, replacing: replacing, expectedBytes: expectedBytes)
    }

    /// Where to write the file that will be called `name` in the finished folder.
    package func file(_ name: String) -> String { joinPath(partial, name) }

    /// Gives the folder its name.
    /// - Throws: `alreadyExists` if something came into its place meanwhile, or `unwritable`;
    ///   the temporary folder is then removed.
    package consuming func commit() throws(FileError) {
        try checkReplaceable(target, replacing: replacing)
        synchronizeFolder(partial)
        // Renaming onto an empty folder replaces it; a full one has to step aside first.
        let aside = asidePath(for: target)
        var movedAside = false
        if FileSystem.isFolder(target), try !FileSystem.list(target).isEmpty {
            try FileSystem.remove(aside)
            guard renamed(target, aside) == 0 else { throw .writing(path, code: errno) }
            movedAside = true
        }
        guard renamed(partial, target) == 0 else {
            let code = errno
            if movedAside { _ = renamed(aside, target) }
            throw .writing(path, code: code)
        }
        committed = true
        synchronizeFolder(parentFolder(of: target))
        // The new folder is in place, and the next start clears up what is left here. A first try may meet a passing shortage.
        if movedAside, (try? FileSystem.remove(aside)) == nil { try? FileSystem.remove(aside) }
    }

    deinit {
        // Nobody is left to tell about a failure to clean up.
        if !committed { try? FileSystem.remove(partial) }
    }
}

/// Holds the lock on a folder for as long as it lives.
private final class FolderLock {
    let descriptor: Int32

    /// - Parameter makes: whether to make the folder if there is none.
    init(_ folder: String, for target: String, makes: Bool) throws(FileError) {
        descriptor = try openLocked(folder, for: target) {
            if makes, mkdir(folder, 0o777) != 0, errno != EEXIST { return -1 }
            return open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        }
    }

    deinit { close(descriptor) }
}

/// Where the old folder is while the new one takes its name.
private func asidePath(for target: String) -> String { partialPath(for: target) + ".old" }

/// Finishes what a process began that died while a new folder took an old one's place: by then the new one was complete.
/// - Throws: `busy` if that process still lives; `alreadyExists` if something else came into the place.
package func finishExchange(of path: String) throws(FileError) {
    let target = resolved(path)
    let (partial, aside) = (partialPath(for: target), asidePath(for: target))
    guard FileSystem.entry(at: aside) != nil else { return }
    let isNewComplete = FileSystem.isFolder(partial)
    let entry = FileSystem.entry(at: target)
    let isTaken = try entry == .folder ? !FileSystem.list(target).isEmpty : entry != nil
    if isTaken, isNewComplete {
        throw FileError(
            .alreadyExists, path: path,
            problem: "an exchange of folders was cut short, and something else is in the place: the old folder is \(aside), "
                + "the new one \(partial)", advice: "Move the one you want away, and delete the other")
    }
    if !isTaken {
        let source = isNewComplete ? partial : aside
        let lock = try FolderLock(source, for: path, makes: false)
        defer { withExtendedLifetime(lock) {} }
        guard renamed(source, target) == 0 else { throw .writing(path, code: errno) }
        synchronizeFolder(parentFolder(of: target))
    }
    try FileSystem.remove(aside)
}

private func checkReplaceable(_ target: String, replacing: Bool) throws(FileError) {
    guard let entry = FileSystem.entry(at: target) else { return }
    guard entry == .folder else {
        throw FileError(
            .alreadyExists, path: target, problem: "a file is in the place of this folder",
            advice: "Choose another place or move it away")
    }
    let names = try FileSystem.list(target)
    if names.isEmpty { return }
    guard replacing else {
        throw FileError(
            .alreadyExists, path: target, problem: "the folder is not empty",
            advice: "Choose another place, empty it, or ask for it to be replaced")
    }
    if let folder = names.first(where: { FileSystem.isFolder(joinPath(target, $0)) }) {
        throw FileError(
            .alreadyExists, path: target,
            problem: "the folder holds another folder, \(quoted(folder)), and is not replaced",
            advice: "Choose another place")
    }
}
