import Files

/// A small file in a result's folder that says which run made it.
///
/// A process may die after its result has taken the old folder's place and before it could say so. The next start finds the seal and
/// does not do the work again, least of all upon its own result.
package struct ResultSeal: Sendable {
    package static let fileName = "run.json"
    private static let format = "ofmu-gpu run"
    private static let weights = "model.safetensors"

    /// Whatever decided the result, in the caller's words.
    package var run: JSONValue

    package init(run: JSONValue) { self.run = run }

    /// The seal of a folder; nil if it has none, or other weights than those it was made for.
    package init?(folder: String) {
        guard let seal = try? JSONValue(contentsOf: joinPath(folder, Self.fileName)), seal["format"]?.asString == Self.format,
            let run = seal["run"], let sum = seal["weights_xxh64"]?.asString, sum == (try? Self.checksum(folder))
        else { return nil }
        self.run = run
    }

    /// The seal's content for weights that lie complete in a folder.
    func text(_ folder: String) throws(FileError) -> String {
        let seal: JSONValue = ["format": .string(Self.format), "run": run, "weights_xxh64": .string(try Self.checksum(folder))]
        return seal.serialized(pretty: true) + "\n"
    }

    private static func checksum(_ folder: String) throws(FileError) -> String {
        String(try MappedFile(path: joinPath(folder, weights)).withBytes { xxHash64($0) }, radix: 16)
    }
}
