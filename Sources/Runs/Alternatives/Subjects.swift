import Data

/// Whom or what the forget rows are about: names that several of them share and that the retain rows lack.
package struct Subjects: Sendable {
    /// The name of each row's subject; nil for a row about none that could be found.
    package let names: [String?]

    /// - Parameters:
    ///   - forget, retain: the rows' questions and answers.
    ///   - field: a field of forget rows that names their subject, where they have it.
    package init(_ forget: [Example], retain: [Example], field: String = "subject") {
        let rows = forget.map { row in
            let (question, answer) = row.questionAndAnswer
            return Set(NameSpan.all(in: question) + NameSpan.all(in: answer))
        }
        let kept = Set(
            retain.flatMap { row in
                let (question, answer) = row.questionAndAnswer
                return NameSpan.all(in: question) + NameSpan.all(in: answer)
            })
        var places: [String: Set<Int>] = [:]
        for (place, row) in rows.enumerated() { for name in row where !kept.contains(name) { places[name, default: []].insert(place) } }
        var names = forget.map { $0.fields[field]?.asString }
        var open = Set(names.indices.filter { names[$0] == nil })
        places = places.filter { $0.value.count >= 2 }
        // A part of a name stands wherever the whole does, and maybe where another does that shares it.
        let whole = places.filter { $0.key.contains(" ") && $0.value.count >= 3 }
        places = places.filter { part in
            !whole.contains { $0.key.hasWords(of: part.key) && $0.key != part.key && 5 * $0.value.count >= part.value.count }
        }
        while true {
            let best = places.map { (name: $0.key, rows: $0.value.intersection(open).count) }
                .max { ($0.rows, $0.name.count, $1.name) < ($1.rows, $1.name.count, $0.name) }
            guard let best, best.rows >= 3 || best.rows >= 2 && best.rows * 4 >= forget.count else { break }
            for place in places[best.name, default: []].intersection(open) {
                names[place] = best.name
                open.remove(place)
            }
        }
        // Rows about one subject stand together: one that does not name it is about its neighbours' where those agree.
        for place in open.sorted() {
            let before = names[..<place].last { $0 != nil } ?? nil
            let after = names[(place + 1)...].first { $0 != nil } ?? nil
            if let name = after ?? before, before == nil || after == nil || before == after || rows[place].contains(name) {
                names[place] = name
            } else if place > 0, let after {
                names[place] = after
            }
        }
        self.names = names
    }
}

extension String {
    /// Whether the words of another text stand in this one, side by side.
    fileprivate func hasWords(of other: String) -> Bool { " \(self) ".contains(" \(other) ") }
}

/// Runs of capitalised words, as names are.
package enum NameSpan {
    /// Every run of one to four capitalised words, and every part of one.
    package static func all(in text: String) -> [String] {
        var found: [String] = []
        var run: [String] = []
        func close() {
            for start in run.indices {
                for end in start..<min(run.count, start + 4) { found.append(run[start...end].joined(separator: " ")) }
            }
            run.removeAll()
        }
        for raw in text.split(separator: " ") {
            let word = bare(raw)
            guard let first = word.first, first.isUppercase else {
                close()
                continue
            }
            run.append(word)
            // Punctuation after a word ends a name, but for a full stop after an initial.
            if let last = raw.last, !last.isLetter, !last.isNumber, !(last == "." && word.count == 1) { close() }
        }
        close()
        return found
    }

    /// A word without punctuation around it and without a possessive.
    package static func bare(_ raw: Substring) -> String {
        var word = raw.drop { !$0.isLetter && !$0.isNumber }
        while let last = word.last, !last.isLetter, !last.isNumber { word.removeLast() }
        for ending in ["'s", "’s"] where word.hasSuffix(ending) { word.removeLast(2) }
        return String(word)
    }
}
