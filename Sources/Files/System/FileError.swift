import Glibc

/// What went wrong with a file: where, what, and what the user can do about it.
public struct FileError: Error, Equatable, Sendable {
    /// The sort of failure, for programs that must tell one from another.
    package enum Kind: String, Sendable {
        /// The file, folder or shard is not there.
        case missing
        /// It is there but cannot be opened or read.
        case unreadable
        /// It cannot be created, written or renamed.
        case unwritable
        /// The disk, or the user's quota, has no room for it.
        case diskFull
        /// The target exists and may not be replaced.
        case alreadyExists
        /// Another process is writing the same target.
        case busy
        /// The file is shorter than it says it is.
        case truncated
        /// The contents contradict the format.
        case malformed
        /// A valid file that uses something this engine does not read.
        case unsupported
        /// A checksum differs from the bytes it guards.
        case corrupt
        /// No tensor or section has the requested name.
        case notFound
        /// A buffer or tensor has another size than the one asked for.
        case wrongSize
        /// A weight is NaN or infinite.
        case notFinite
    }

    package let kind: Kind
    /// The file or folder, as the user named it.
    package let path: String
    /// The tensor or section the problem is in, if it is in one.
    package let tensor: String?
    /// Bytes from the start of the file, where that helps.
    package let offset: Int?
    /// What is wrong, without a final full stop.
    package let problem: String
    /// What to do, without a final full stop. May be empty.
    package let advice: String

    package init(
        _ kind: Kind, path: String, tensor: String? = nil, offset: Int? = nil,
        problem: String, advice: String = ""
    ) {
        self.kind = kind
        self.path = path
        self.tensor = tensor
        self.offset = offset
        self.problem = problem
        self.advice = advice
    }
}

extension FileError: CustomStringConvertible {
    public var description: String {
        var text = "\(path): "
        if let tensor { text += "tensor \(Self.quoted(tensor)): " }
        text += problem
        if let offset { text += " (at byte \(offset))" }
        text += "."
        if !advice.isEmpty { text += " \(advice)." }
        return text
    }
}

extension FileError {
    /// The error for a failed system call made on the way to reading `path`.
    static func reading(_ path: String, code: Int32) -> FileError {
        switch code {
        case ENOENT, ENOTDIR:
            FileError(.missing, path: path, problem: "no such file or folder", advice: "Check the path")
        case EACCES, EPERM:
            FileError(
                .unreadable, path: path, problem: "permission denied",
                advice: "Make it readable for the current user")
        default:
            FileError(.unreadable, path: path, problem: "cannot be read: \(words(for: code))")
        }
    }

    /// The error for a failed system call made on the way to writing `path`.
    /// `needed` is how many bytes were still to be written, if known.
    static func writing(_ path: String, code: Int32, needed: Int? = nil) -> FileError {
        switch code {
        case ENOSPC, EDQUOT:
            .full(path, needed: needed, quota: code == EDQUOT)
        case EFBIG:
            FileError(
                .unwritable, path: path, problem: "it would be larger than files may be here",
                advice: "Raise the limit (ulimit -f) or choose a place on another file system")
        case ENOENT where !FileSystem.isFolder(parentFolder(of: path)):
            FileError(
                .unwritable, path: path, problem: "its parent folder does not exist",
                advice: "Create \(parentFolder(of: path)) or choose another place")
        case ENOTDIR:
            FileError(
                .unwritable, path: path, problem: "part of the path is a file, not a folder",
                advice: "Choose another place")
        case EACCES, EPERM:
            FileError(
                .unwritable, path: path, problem: "permission denied",
                advice: "Choose a place the current user may write to")
        case EROFS:
            FileError(
                .unwritable, path: path, problem: "the file system is read-only", advice: "Choose another place")
        default:
            FileError(.unwritable, path: path, problem: "cannot be written: \(words(for: code))")
        }
    }

    /// A name from a file as messages show it: in quotation marks, without control characters, and not too long.
    package static func quoted(_ name: String) -> String { Files.quoted(name) }

    static func full(_ path: String, needed: Int?, quota: Bool = false) -> FileError {
        let what = quota ? "the disk quota is used up" : "the disk is full"
        guard let needed else {
            return FileError(
                .diskFull, path: path, problem: what, advice: "Free some space or choose another disk")
        }
        return FileError(
            .diskFull, path: path, problem: "\(what): at least \(needed) more bytes are needed",
            advice: "Free that much or choose another disk")
    }
}

/// A system error code in words.
func words(for code: Int32) -> String {
    guard let text = strerror(code) else { return "error \(code)" }
    return String(cString: text)
}

/// A name from a file, fit for a one-line message: control characters are
/// escaped, so that a hostile file cannot drive a terminal, and length is capped.
func quoted(_ name: String) -> String {
    var text = "\""
    for (index, scalar) in name.unicodeScalars.enumerated() {
        if index == 100 {
            text += "…"
            break
        }
        text += scalar.escaped(asASCII: false)
    }
    return text + "\""
}
