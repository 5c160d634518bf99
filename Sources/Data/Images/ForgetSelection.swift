import Files

/// Which examples of a labelled set are to be forgotten, as a user writes it.
public enum ForgetSelection: Sendable, Hashable {
    /// All of some classes, by name or number: `class:3`, `class:cat,dog`.
    case classes([String])
    /// A random share, from 0 to 1: `random:10%`.
    case share(Double)
    /// So many at random: `random:500`.
    case count(Int)
    /// Positions from 0, as a file lists them, one on a line: `indices:FILE`.
    case indices(file: String)

    /// Why a selection cannot be made, and what to do.
    public struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
        public let description: String
        init(_ description: String) { self.description = description }
    }

    /// - Throws: `Problem` for what is no selection.
    public init(_ text: String) throws(Problem) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let value = parts.count == 2 ? String(parts[1]) : ""
        guard !value.isEmpty else { throw Self.unknown(text) }
        switch parts[0] {
        case "class":
            self = .classes(value.split(separator: ",").map(String.init))
        case "random" where value.hasSuffix("%"):
            guard let percent = Double(value.dropLast()), percent > 0, percent < 100 else {
                throw Problem("\"\(text)\": a share lies above 0% and below 100%.")
            }
            self = .share(percent / 100)
        case "random":
            guard let count = Int(value), count > 0 else {
                throw Problem("\"\(text)\": expected a share such as 10%, or a number of images.")
            }
            self = .count(count)
        case "indices": self = .indices(file: value)
        default: throw Self.unknown(text)
        }
    }

    private static func unknown(_ text: String) -> Problem {
        Problem("\"\(text)\" names no examples to forget. Give class:NAME, random:10%, random:COUNT or indices:FILE.")
    }

    /// The positions to forget and those to keep, both ascending.
    /// - Parameter seed: of the random numbers.
    /// - Throws: `Problem` for a class or a position that does not exist, and for a selection of nothing or of everything; `FileError`.
    public func split(_ set: LabelledImages, seed: UInt64) throws -> (forget: [Int], retain: [Int]) {
        let chosen = try positions(set, seed: seed)
        guard !chosen.isEmpty else { throw Problem("The selection holds no image: there is nothing to forget.") }
        guard chosen.count < set.count else { throw Problem("The selection holds all \(set.count) images: there is nothing to keep.") }
        return (chosen.sorted(), (0..<set.count).filter { !chosen.contains($0) })
    }

    private func positions(_ set: LabelledImages, seed: UInt64) throws -> Set<Int> {
        switch self {
        case .classes(let names):
            let numbers = try names.map { name in
                guard let number = set.classes.firstIndex(of: name) ?? Int(name).flatMap({ set.classes.indices.contains($0) ? $0 : nil })
                else { throw Problem("There is no class \"\(name)\". Classes are \(Self.list(set.classes)).") }
                guard set.labels.contains(Int32(number)) else { throw Problem("The class \"\(name)\" has no image.") }
                return Int32(number)
            }
            return Set(set.labels.indices.filter { numbers.contains(set.labels[$0]) })
        case .share(let share): return random(max(1, Int((share * Double(set.count)).rounded())), of: set.count, seed)
        case .count(let count):
            guard count <= set.count else { throw Problem("\(count) images are to be forgotten, but there are \(set.count).") }
            return random(count, of: set.count, seed)
        case .indices(let file):
            var chosen: Set<Int> = []
            for (line, text) in try readText(file, for: .data).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
                .enumerated()
            {
                let word = text.filter { !$0.isWhitespace }
                if word.isEmpty { continue }
                guard let position = Int(word), set.labels.indices.contains(position) else {
                    throw Problem("\(file), line \(line + 1): \"\(word)\" is no position from 0 to \(set.count - 1).")
                }
                chosen.insert(position)
            }
            return chosen
        }
    }

    private func random(_ count: Int, of all: Int, _ seed: UInt64) -> Set<Int> {
        var random = SeededRandom(seed: seed, stream: "forget")
        return Set(random.order(of: all).prefix(count))
    }

    private static func list(_ names: [String]) -> String {
        let shown = names.prefix(12).joined(separator: ", ")
        return names.count > 12 ? "\(shown) and \(names.count - 12) more" : shown
    }
}
