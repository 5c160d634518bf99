/// Weights spread over several safetensors files, described by `model.safetensors.index.json`.
package final class ShardedSafetensors: WeightSource {
    /// Tensor names, sorted.
    package let names: [String]
    /// The index file.
    package let path: String
    /// The files, in the order in which the index first names them.
    package let shards: [SafetensorsFile]

    private let shardOf: [String: Int]

    /// Opens the index and every shard it names, and checks that each tensor is where the index says.
    /// - Throws: `missing` for an absent shard, `notFound` for a tensor that its shard lacks,
    ///   `malformed` for a bad index, and what opening a shard throws.
    package init(index path: String) throws(FileError) {
        let index = try JSONValue(contentsOf: path)
        guard let map = index["weight_map"]?.asObject?.members else {
            throw FileError(
                .malformed, path: path, problem: "it has no weight_map object", advice: downloadAgain)
        }
        guard !map.isEmpty else {
            throw FileError(.malformed, path: path, problem: "its weight_map is empty", advice: downloadAgain)
        }
        var files: [String] = []
        var number: [String: Int] = [:]
        var shardOf: [String: Int] = [:]
        for (name, value) in map {
            guard let file = value.asString, isPlainName(file) else {
                throw FileError(
                    .malformed, path: path, tensor: name,
                    problem: "its shard must be the name of a file in the same folder", advice: downloadAgain)
            }
            let shard = number[file] ?? files.count
            if shard == files.count {
                number[file] = shard
                files.append(file)
            }
            guard shardOf.updateValue(shard, forKey: name) == nil else {
                throw FileError(
                    .malformed, path: path, tensor: name, problem: "the index names it twice", advice: downloadAgain)
            }
        }
        var shards: [SafetensorsFile] = []
        for (count, file) in files.enumerated() {
            let place = joinPath(parentFolder(of: path), file)
            guard FileSystem.entry(at: place) != nil else {
                throw FileError(
                    .missing, path: place,
                    problem: "shard \(count + 1) of \(files.count), named in \(lastComponent(of: path)), is not there",
                    advice: "Download it into the same folder")
            }
            shards.append(try SafetensorsFile(path: place))
        }
        for (name, shard) in shardOf where shards[shard].info(name) == nil {
            throw FileError(
                .notFound, path: shards[shard].path, tensor: name,
                problem: "the index places it in this shard, which does not hold it",
                advice: "Download the index and the shards again, from one revision")
        }
        // What a shard holds beyond the index is part of the model too: readers of whole shards see it.
        for (number, shard) in shards.enumerated() {
            for name in shard.names where shardOf[name] == nil { shardOf[name] = number }
        }
        self.path = path
        self.shards = shards
        self.shardOf = shardOf
        names = shardOf.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    package func info(_ name: String) -> TensorInfo? {
        shardOf[name].flatMap { shards[$0].info(name) }
    }

    package func read(_ name: String, into target: UnsafeMutableBufferPointer<Float>) throws(FileError) {
        guard let shard = shardOf[name] else { throw missing(name) }
        try shards[shard].read(name, into: target)
    }
}

/// Whether `name` stays in its folder: an index from the network must not reach elsewhere.
func isPlainName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == 0 }
}
