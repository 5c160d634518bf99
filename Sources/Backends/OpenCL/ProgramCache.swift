#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Compiled programs on disk, so that a second start need not compile. It is a convenience: a directory that cannot be
/// used or an entry that is damaged means a build from source, never an error.
package struct ProgramCache: Sendable {
    /// `nil` switches the cache off.
    package let directory: String?

    package init(directory: String?) {
        self.directory = directory
    }

    /// `$OFMU_CACHE_DIR`, else `$XDG_CACHE_HOME/ofmu-gpu`, else `~/.cache/ofmu-gpu`.
    package static func standard() -> ProgramCache {
        func variable(_ name: String) -> String? {
            guard let value = getenv(name) else { return nil }
            let text = String(cString: value)
            return text.isEmpty ? nil : text
        }
        return ProgramCache(
            directory: variable("OFMU_CACHE_DIR")
                ?? variable("XDG_CACHE_HOME").map { $0 + "/ofmu-gpu" }
                ?? variable("HOME").map { $0 + "/.cache/ofmu-gpu" })
    }

    /// The name of an entry: a digest of everything that decides what the compiler produces.
    package static func key(_ fields: [String]) -> String {
        var digest = Digest()
        digest.add("\(formatVersion)".utf8)
        for field in fields {
            // The length keeps ("ab", "c") and ("a", "bc") apart.
            digest.add("\(field.utf8.count):".utf8)
            digest.add(field.utf8)
        }
        return digest.hexadecimal
    }

    /// The program stored under a key, or `nil` if there is none, it cannot be read or it is damaged.
    package func load(_ key: String) -> [UInt8]? {
        guard let path = path(of: key), let bytes = Self.read(path), bytes.count > Self.headerCount,
            bytes.starts(with: Self.header(for: bytes[Self.headerCount...]))
        else { return nil }
        return Array(bytes[Self.headerCount...])
    }

    /// Stores a program. Readers see the old entry or the whole new one, since the file gets its name last.
    package func store(_ program: [UInt8], as key: String) {
        guard let directory, let path = path(of: key), Self.makeDirectory(directory) else { return }
        let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max)).tmp"
        guard Self.write(Self.header(for: program[...]) + program, to: temporary), rename(temporary, path) == 0 else {
            _ = unlink(temporary)
            return
        }
    }

    /// Where an entry lies, for people who look for it.
    package func path(of key: String) -> String? {
        directory.map { "\($0)/\(key).clbin" }
    }

    // MARK: Format: "OFMU", a version, a digest of what follows, the program as the driver gave it.

    private static let formatVersion: UInt8 = 1
    private static let headerCount = 5 + 32

    private static func header(for program: ArraySlice<UInt8>) -> [UInt8] {
        var digest = Digest()
        digest.add(program)
        return Array("OFMU".utf8) + [formatVersion] + Array(digest.hexadecimal.utf8)
    }

    // MARK: Files

    private static func read(_ path: String) -> [UInt8]? {
        // Non-blocking, or else opening a pipe would wait for its other end.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        guard let file = fdopen(descriptor, "rb") else {
            close(descriptor)
            return nil
        }
        defer { fclose(file) }
        // A directory opens for reading too, and then has a nonsensical size; no program has a hundred megabytes.
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size < 100 << 20 else { return nil }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        return fread(&bytes, 1, bytes.count, file) == bytes.count ? bytes : nil
    }

    private static func write(_ bytes: [UInt8], to path: String) -> Bool {
        guard let file = fopen(path, "wb") else { return false }
        let isWritten = fwrite(bytes, 1, bytes.count, file) == bytes.count
        return fclose(file) == 0 && isWritten
    }

    /// Why a folder cannot be made or written to, as the system's error code; nil if it can.
    static func problem(making path: String) -> Int32? {
        guard makeDirectory(path) else { return errno }
        return access(path, W_OK) == 0 ? nil : errno
    }

    private static func makeDirectory(_ path: String) -> Bool {
        if mkdir(path, 0o755) == 0 || errno == EEXIST { return true }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex,
            makeDirectory(String(path[..<slash]))
        else { return false }
        return mkdir(path, 0o755) == 0 || errno == EEXIST
    }
}

/// FNV-1a over 128 bits: names entries and notices damage. It does not defend against forgery; whoever can write to the
/// user's cache can write to the user's programs.
private struct Digest {
    private var state: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

    mutating func add(_ bytes: some Sequence<UInt8>) {
        let prime: UInt128 = 0x0000_0000_0100_0000_0000_0000_0000_013b
        for byte in bytes { state = (state ^ UInt128(byte)) &* prime }
    }

    var hexadecimal: String {
        let digits = String(state, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}
