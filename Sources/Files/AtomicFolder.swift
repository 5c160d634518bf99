import Glibc

/// A folder that appears under its name only when everything in it is complete.
///
/// Files are written to a temporary folder next to the target, at the paths that
/// `file(_:)` gives. `commit()` renames it; letting the value go without that removes it.
public struct AtomicFolder: ~Copyable {
    /// The final place.
    public let path: String
    private let target: String
    private let partial: String
    private let lock: FolderLock
    private let replacing: Bool
    private var committed = false

    /// Starts writing.
    /// - Parameter replacing: whether a folder that already holds files may be replaced.
    ///   One that holds other folders never is: it is more than an earlier result.
    /// - Throws: `alreadyExists`, `unwritable`, `diskFull`, or `busy` if another process writes it.
    public init(path: String, replacing: Bool = false, expectedBytes: Int? = nil) throws(FileError) {
        let target = withoutTrailingSlashes(path)
        let partial = partialPath(for: target)
        try checkReplaceable(target, replacing: replacing)
        try checkRoom(for: expectedBytes, at: target)
        let lock = FolderLock(
            descriptor: try openLocked(partial, for: path) {
                guard mkdir(partial, 0o777) == 0 || errno == EEXIST else { return -1 }
                return open(partial, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
            })
        // What a killed run left there.
        for name in try FileSystem.list(partial) { try FileSystem.remove(joinPath(partial, name)) }
        self.path = path
        self.replacing = replacing
        self.target = target
        self.partial = partial
        self.lock = lock
    }

    /// Where to write the file that will be called `name` in the finished folder.
    public func file(_ name: String) -> String { joinPath(partial, name) }

    /// Gives the folder its name.
    /// - Throws: `alreadyExists` if something came into its place meanwhile, or `unwritable`;
    ///   the temporary folder is then removed.
    public consuming func commit() throws(FileError) {
        try checkReplaceable(target, replacing: replacing)
        synchronizeFolder(partial)
        // Renaming onto an empty folder replaces it; a full one has to step aside first.
        let aside = partial + ".old"
        var movedAside = false
        if FileSystem.isFolder(target), try !FileSystem.list(target).isEmpty {
            try FileSystem.remove(aside)
            guard rename(target, aside) == 0 else { throw .writing(path, code: errno) }
            movedAside = true
        }
        guard rename(partial, target) == 0 else {
            let code = errno
            if movedAside { rename(aside, target) }
            throw .writing(path, code: code)
        }
        committed = true
        synchronizeFolder(parentFolder(of: target))
        if movedAside { try FileSystem.remove(aside) }
    }

    deinit {
        // Nobody is left to tell about a failure to clean up.
        if !committed { try? FileSystem.remove(partial) }
    }
}

/// Holds the lock on a folder for as long as it lives.
private final class FolderLock {
    let descriptor: Int32
    init(descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }
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
