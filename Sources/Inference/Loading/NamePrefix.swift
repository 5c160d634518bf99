import Files
import Models

/// How the names of a file begin where Hugging Face writes the wrapper "model." or "transformer.".
///
/// Files hold the inner model alone (saved without its head), or the whole one inside another module (saved by a trainer that
/// wraps it). Both are the same model.
struct NamePrefix {
    /// What the family's names begin with.
    let usual: String
    /// What this file's names begin with instead.
    let stored: String

    init(_ names: StoredNames, _ weights: any WeightSource) throws {
        usual = names.wrapper
        let anchor = names.anchor
        let found = weights.names.filter { $0 == anchor || $0.hasSuffix(".\(anchor)") }.map { String($0.dropLast(anchor.count)) }
        guard !found.contains(usual), let first = found.min(by: { $0.utf8.count < $1.utf8.count }) else {
            stored = usual
            return
        }
        let wrappers: Set<Substring> = ["model", "module", "_orig_mod", usual.dropLast()]
        guard first.split(separator: ".").allSatisfy(wrappers.contains) else {
            throw ModelError.foreignPrefix(path: weights.path, found: first, expected: usual)
        }
        stored = first
    }

    /// The name that stands in the file for Hugging Face's `name`.
    func stored(_ name: String, in weights: any WeightSource) -> String {
        guard stored != usual else { return name }
        if name.hasPrefix(usual) { return stored + name.dropFirst(usual.count) }
        // The head lies beside the inner model, so it has what comes before the wrapper, if anything.
        let outer = stored.hasSuffix(usual) ? String(stored.dropLast(usual.count)) : stored
        return [outer + name, stored + name].first { weights.info($0) != nil } ?? name
    }
}
