/// A GGUF file's keys and values, such as `general.architecture` or `llama.block_count`.
package struct GGUFMetadata: Sendable {
    /// Keys in file order.
    package let keys: [String]
    private let values: [String: GGUFValue]

    /// The value of a key, or nil if the file does not have it.
    package subscript(_ key: String) -> GGUFValue? { values[key] }

    /// A string; nil if absent or something else.
    package func string(_ key: String) -> String? {
        if case .string(let value)? = values[key] { value } else { nil }
    }

    /// An integer; nil if absent or something else.
    package func int(_ key: String) -> Int? {
        if case .integer(let value)? = values[key] { value } else { nil }
    }

    /// A number of any kind; nil if absent or something else.
    package func double(_ key: String) -> Double? { values[key]?.asDouble }

    /// A truth value; nil if absent or something else.
    package func bool(_ key: String) -> Bool? {
        if case .bool(let value)? = values[key] { value } else { nil }
    }

    /// An array; nil if absent or something else.
    package func array(_ key: String) -> GGUFArray? {
        if case .array(let value)? = values[key] { value } else { nil }
    }

    /// An array of strings, read afresh on every call; bytes that are not UTF-8 become U+FFFD.
    package func strings(_ key: String) -> [String]? { array(key)?.strings }

    /// An array of integers.
    package func ints(_ key: String) -> [Int]? { array(key)?.ints }

    /// An array of numbers.
    package func doubles(_ key: String) -> [Double]? { array(key)?.doubles }

    /// Arrays may hold arrays; the format sets no limit, so this one does.
    private static let deepest = 4

    /// Reads `count` pairs.
    init(_ cursor: inout GGUFCursor, count: Int, file: MappedFile) throws(FileError) {
        var keys: [String] = []
        var values: [String: GGUFValue] = [:]
        for index in 0..<count {
            let place = cursor.offset
            let key = try cursor.nextString("the name of metadata key \(index + 1) of \(count)")
            let type = try Self.type(&cursor, "the type of \(quoted(key))")
            let value: GGUFValue
            if type == .string {
                value = .string(try cursor.nextString("the value of \(quoted(key))"))
            } else if type == .array {
                value = .array(try Self.array(&cursor, key, depth: 1, file: file))
            } else {
                let start = cursor.offset
                try cursor.skip(type.size ?? 0, "the value of \(quoted(key))")
                value = type.load(cursor.bytes, start)
            }
            guard values.updateValue(value, forKey: key) == nil else {
                throw FileError(
                    .malformed, path: file.path, offset: place,
                    problem: "the metadata key \(quoted(key)) occurs twice", advice: downloadAgain)
            }
            keys.append(key)
        }
        self.keys = keys
        self.values = values
    }

    private static func type(
        _ cursor: inout GGUFCursor, _ what: @autoclosure () -> String
    ) throws(FileError) -> GGUFValueType {
        let place = cursor.offset
        let code = try cursor.next(UInt32.self, what())
        guard let type = GGUFValueType(rawValue: code) else {
            throw FileError(
                .malformed, path: cursor.path, offset: place, problem: "\(what()) has the unknown code \(code)",
                advice: downloadAgain)
        }
        return type
    }

    private static func array(
        _ cursor: inout GGUFCursor, _ key: String, depth: Int, file: MappedFile
    ) throws(FileError) -> GGUFArray {
        guard depth <= deepest else {
            throw FileError(
                .malformed, path: cursor.path, offset: cursor.offset,
                problem: "\(quoted(key)) holds arrays nested more than \(deepest) deep", advice: downloadAgain)
        }
        let type = try type(&cursor, "the element type of \(quoted(key))")
        // The least an element takes: a string its length, an array its type and length.
        let least = type.size ?? (type == .string ? 8 : 12)
        let count = try cursor.nextCount(of: least, "the number of elements of \(quoted(key))")
        let start = cursor.offset
        var nested: [GGUFArray] = []
        if let size = type.size {
            try cursor.skip(count * size, "the elements of \(quoted(key))")
        } else {
            for _ in 0..<count {
                if type == .string {
                    _ = try cursor.nextStringRange("a string in \(quoted(key))")
                } else {
                    nested.append(try array(&cursor, key, depth: depth + 1, file: file))
                }
            }
        }
        return GGUFArray(count: count, type: type, range: start..<cursor.offset, nested: nested, file: file)
    }
}
