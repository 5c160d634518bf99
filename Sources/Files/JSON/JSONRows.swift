extension JSONValue {
    /// Reads a document that is one array, giving each element with the line on which it starts (from 1), so
    /// that later complaints about an element can name its place.
    /// - Throws: `JSONError` as `init(parsing:)` does, also if the document is not an array.
    package static func rows(ofArray bytes: [UInt8]) throws(JSONError) -> [(line: Int, value: JSONValue)] {
        try bytes.withUnsafeBufferPointer { buffer throws(JSONError) in
            var parser = JSONParser(bytes: UnsafeRawBufferPointer(buffer))
            return try parser.rows()
        }
    }
}

extension JSONParser {
    mutating func rows() throws(JSONError) -> [(line: Int, value: JSONValue)] {
        elementStarts = []
        let document = try document()
        guard let values = document.asArray else {
            throw JSONError(line: 1, column: 1, problem: "expected an array, found \(document.kind)")
        }
        // One pass over the text for all lines.
        var line = 1
        var counted = 0
        var rows: [(line: Int, value: JSONValue)] = []
        rows.reserveCapacity(values.count)
        for (start, value) in zip(elementStarts ?? [], values) {
            for index in counted..<start where bytes[index] == 0x0A { line += 1 }
            counted = start
            rows.append((line, value))
        }
        return rows
    }
}
