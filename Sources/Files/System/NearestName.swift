/// The name that somebody probably meant.
package enum NearestName {
    /// - Returns: the known name with the fewest letters to change, if no more than about a third of them.
    package static func of(_ name: String, among known: [String]) -> String? {
        let near = known.map { (name: $0, distance: distance(Array(name.lowercased()), Array($0.lowercased()))) }
            .min { $0.distance < $1.distance }
        guard let near, near.distance <= max(1, (max(name.count, near.name.count) + 1) / 3) else { return nil }
        return near.name
    }

    /// "; did you mean …?", or all known names.
    package static func hint(_ name: String, among known: [String]) -> String {
        if let near = of(name, among: known) { return "did you mean \"\(near)\"?" }
        return "known are \(known.joined(separator: ", "))"
    }

    /// Insertions, deletions and changes (Levenshtein).
    private static func distance(_ one: [Character], _ other: [Character]) -> Int {
        var row = Array(0...other.count)
        for (i, left) in one.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, right) in other.enumerated() {
                let changed = diagonal + (left == right ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(changed, row[j] + 1, row[j + 1] + 1)
            }
        }
        return row[other.count]
    }
}
