import Files

/// The project's own files, as text.
enum Repository {
    static let root = parentFolder(of: parentFolder(of: parentFolder(of: #filePath)))

    static func text(_ path: String) throws -> String {
        try MappedFile(path: joinPath(root, path)).withBytes { String(decoding: $0, as: UTF8.self) }
    }

    /// The files in a folder and below whose names end so, relative to the root, in order.
    static func files(in folder: String, ending suffixes: String...) throws -> [String] {
        var found: [String] = []
        for name in try FileSystem.list(joinPath(root, folder)).sorted() where !name.hasPrefix(".") {
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            if FileSystem.isFolder(joinPath(root, path)) {
                for suffix in suffixes { found += try files(in: path, ending: suffix) }
            } else if suffixes.contains(where: name.hasSuffix) {
                found.append(path)
            }
        }
        return found
    }

    /// Pages for people.
    static func pages() throws -> [String] {
        let top = try FileSystem.list(root).filter { $0.hasSuffix(".md") }.sorted()
        return try top + files(in: "docs", ending: ".md") + files(in: "Kernels", ending: ".md") + files(in: "Benchmarks", ending: ".md")
    }

    static func exists(_ path: String) -> Bool { FileSystem.entry(at: joinPath(root, path)) != nil }
}

extension String {
    /// What stands between back-ticks, outside blocks of code.
    var backTicked: [String] {
        var isBlock = false
        return split(separator: "\n", omittingEmptySubsequences: false).flatMap { line -> [String] in
            if line.drop(while: { $0 == " " || $0 == "/" }).hasPrefix("```") {
                isBlock.toggle()
                return []
            }
            let parts = line.split(separator: "`", omittingEmptySubsequences: false)
            guard !isBlock, parts.count > 2 else { return [] }
            return parts.indices.filter { $0 % 2 == 1 && $0 + 1 < parts.count }.map { String(parts[$0]) }
        }
    }
}
