import Files

/// Python's serialised objects, as far as arrays of bytes in dictionaries need them. A pickle is a program; of its instructions only
/// those are known here that build plain values and numpy's arrays, and any other is refused.
package indirect enum Pickle: Hashable, Sendable {
    case none
    case bool(Bool)
    case integer(Int)
    case bytes([UInt8])
    case list([Pickle])
    case tuple([Pickle])
    case dictionary([Pickle: Pickle])
    /// An array of bytes, row by row.
    case array(shape: [Int], values: [UInt8])
    /// A function that is named and not called yet.
    case global(String)
    /// numpy's type of numbers.
    case numberType(String)
    /// numpy's array before it is told its contents.
    case emptyArray

    /// The value of a dictionary's key, given as text or as bytes.
    package subscript(_ key: String) -> Pickle? {
        guard case .dictionary(let members) = self else { return nil }
        return members[.bytes(Array(key.utf8))]
    }

    /// The object in a file.
    /// - Throws: `FileError` with the byte of the instruction that is not known or makes no sense.
    package static func read(_ bytes: [UInt8], path: String) throws(FileError) -> Pickle {
        var machine = PickleMachine(bytes: bytes, path: path)
        return try machine.run()
    }
}

/// A stack of values and what instructions do to it (Python's pickletools, protocols 0 to 4).
private struct PickleMachine {
    let bytes: [UInt8]
    let path: String
    private var position = 0
    private var stack: [Pickle] = []
    /// How high the stack was at each mark.
    private var marks: [Int] = []
    private var memo: [Int: Pickle] = [:]

    init(bytes: [UInt8], path: String) { (self.bytes, self.path) = (bytes, path) }

    mutating func run() throws(FileError) -> Pickle {
        while true {
            let start = position
            let code = UInt8(truncatingIfNeeded: try number(1))
            switch code {
            case UInt8(ascii: "."): return try pop()
            case 0x80: _ = try take(1)
            case 0x95: _ = try take(8)
            case UInt8(ascii: "("): marks.append(stack.count)
            case UInt8(ascii: "0"): _ = try pop()
            case UInt8(ascii: "N"): stack.append(.none)
            case 0x88: stack.append(.bool(true))
            case 0x89: stack.append(.bool(false))
            case UInt8(ascii: "I"): try pushLine()
            case UInt8(ascii: "J"): stack.append(.integer(Int(Int32(truncatingIfNeeded: try number(4)))))
            case UInt8(ascii: "K"): stack.append(.integer(try number(1)))
            case UInt8(ascii: "M"): stack.append(.integer(try number(2)))
            case 0x8A: try pushLong()
            // Text and bytes of the several protocols.
            case UInt8(ascii: "U"), 0x8C, UInt8(ascii: "C"): stack.append(.bytes(Array(try take(try number(1)))))
            case UInt8(ascii: "T"), UInt8(ascii: "X"), UInt8(ascii: "B"): stack.append(.bytes(Array(try take(try number(4)))))
            case 0x8D, 0x8E: stack.append(.bytes(Array(try take(try number(8)))))
            case UInt8(ascii: "S"): try pushQuoted()
            case UInt8(ascii: "]"): stack.append(.list([]))
            case UInt8(ascii: "}"): stack.append(.dictionary([:]))
            case UInt8(ascii: ")"): stack.append(.tuple([]))
            case UInt8(ascii: "l"): stack.append(.list(try popMarked()))
            case UInt8(ascii: "d"): stack.append(.dictionary(try members(try popMarked())))
            case UInt8(ascii: "t"): stack.append(.tuple(try popMarked()))
            case 0x85, 0x86, 0x87: try pushTuple(Int(code) - 0x84)
            case UInt8(ascii: "a"): try append([try pop()])
            case UInt8(ascii: "e"): try append(try popMarked())
            case UInt8(ascii: "s"):
                let value = try pop()
                try insert([try pop(), value])
            case UInt8(ascii: "u"): try insert(try popMarked())
            case UInt8(ascii: "p"): memo[try line().flatMap { Int($0) } ?? -1] = try top()
            case UInt8(ascii: "q"): memo[try number(1)] = try top()
            case UInt8(ascii: "r"): memo[try number(4)] = try top()
            case 0x94: memo[memo.count] = try top()
            case UInt8(ascii: "g"): try recall(try line().flatMap { Int($0) } ?? -1)
            case UInt8(ascii: "h"): try recall(try number(1))
            case UInt8(ascii: "j"): try recall(try number(4))
            case UInt8(ascii: "c"):
                let module = try line() ?? ""
                stack.append(.global("\(module) \(try line() ?? "")"))
            case 0x93:
                guard case .bytes(let name) = try pop(), case .bytes(let module) = try pop() else {
                    throw wrong("a function without a name")
                }
                stack.append(.global("\(String(decoding: module, as: UTF8.self)) \(String(decoding: name, as: UTF8.self))"))
            case UInt8(ascii: "R"): try call()
            case UInt8(ascii: "b"): try fill()
            default:
                position = start
                throw wrong("the instruction \(code) is not one that plain arrays need, and is not carried out")
            }
        }
    }

    // MARK: Reading

    private mutating func take(_ count: Int) throws(FileError) -> ArraySlice<UInt8> {
        guard count >= 0, count <= bytes.count - position else {
            throw FileError(.truncated, path: path, offset: position, problem: "ends in the midst of a value", advice: "Copy it again")
        }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// An unsigned little-endian number.
    private mutating func number(_ count: Int) throws(FileError) -> Int {
        let value = try take(count).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let result = Int(exactly: value) else { throw wrong("a size that no file has") }
        return result
    }

    private mutating func line() throws(FileError) -> String? {
        guard let end = bytes[position...].firstIndex(of: 0x0A) else { throw wrong("a line without an end") }
        let text = String(decoding: try take(end - position), as: UTF8.self)
        position += 1
        return text
    }

    private mutating func pushLine() throws(FileError) {
        let text = try line() ?? ""
        if text == "00" || text == "01" { return stack.append(.bool(text == "01")) }
        guard let value = Int(text) else { throw wrong("\"\(text)\" is no whole number") }
        stack.append(.integer(value))
    }

    private mutating func pushLong() throws(FileError) {
        let digits = Array(try take(try number(1)))
        guard digits.count <= 8 else { throw wrong("a whole number of \(digits.count) bytes") }
        let fill: UInt64 = digits.last.map { $0 >= 0x80 ? .max : 0 } ?? 0
        stack.append(.integer(Int(truncatingIfNeeded: digits.reversed().reduce(fill) { $0 << 8 | UInt64($1) })))
    }

    private mutating func pushQuoted() throws(FileError) {
        let text = try line() ?? ""
        guard text.count >= 2, let mark = text.first, mark == text.last, "'\"".contains(mark), !text.contains("\\") else {
            throw wrong("a text that is not plainly quoted")
        }
        stack.append(.bytes(Array(text.dropFirst().dropLast().utf8)))
    }

    // MARK: The stack

    private mutating func pop() throws(FileError) -> Pickle {
        guard stack.count > (marks.last ?? 0), let value = stack.popLast() else { throw wrong("an instruction lacks its values") }
        return value
    }

    private func top() throws(FileError) -> Pickle {
        guard let value = stack.last else { throw wrong("an instruction lacks its values") }
        return value
    }

    private mutating func popMarked() throws(FileError) -> [Pickle] {
        guard let mark = marks.popLast(), mark <= stack.count else { throw wrong("an instruction lacks its mark") }
        defer { stack.removeLast(stack.count - mark) }
        return Array(stack[mark...])
    }

    private mutating func pushTuple(_ count: Int) throws(FileError) {
        var values: [Pickle] = []
        for _ in 0..<count { values.insert(try pop(), at: 0) }
        stack.append(.tuple(values))
    }

    private mutating func append(_ values: [Pickle]) throws(FileError) {
        guard case .list(let list) = try pop() else { throw wrong("something is appended to what is no list") }
        stack.append(.list(list + values))
    }

    private mutating func insert(_ values: [Pickle]) throws(FileError) {
        guard case .dictionary(let dictionary) = try pop() else { throw wrong("something is put into what is no dictionary") }
        stack.append(.dictionary(dictionary.merging(try members(values)) { $1 }))
    }

    private func members(_ values: [Pickle]) throws(FileError) -> [Pickle: Pickle] {
        guard values.count % 2 == 0 else { throw wrong("a key without a value") }
        let pairs = stride(from: 0, to: values.count, by: 2).map { (values[$0], values[$0 + 1]) }
        return Dictionary(pairs) { $1 }
    }

    private mutating func recall(_ index: Int) throws(FileError) {
        guard let value = memo[index] else { throw wrong("a value is recalled that was not kept") }
        stack.append(value)
    }

    // MARK: numpy's arrays

    private static let modules = ["numpy.core.multiarray", "numpy._core.multiarray"]

    /// The few functions that stand for values.
    private mutating func call() throws(FileError) {
        guard case .tuple(let arguments) = try pop(), case .global(let name) = try pop() else { throw wrong("something is called") }
        if Self.modules.contains(where: { name == "\($0) _reconstruct" }) { return stack.append(.emptyArray) }
        if name == "numpy dtype", case .bytes(let type)? = arguments.first {
            return stack.append(.numberType(String(decoding: type, as: UTF8.self)))
        }
        // Bytes of Python 3 in the older protocols: text in Latin-1, written as UTF-8.
        if name == "_codecs encode", case .bytes(let text)? = arguments.first, arguments.last == .bytes(Array("latin1".utf8)) {
            let scalars = String(decoding: text, as: UTF8.self).unicodeScalars
            guard scalars.allSatisfy({ $0.value < 256 }) else { throw wrong("text that is not Latin-1") }
            return stack.append(.bytes(scalars.map { UInt8($0.value) }))
        }
        throw wrong("the function \"\(name)\" is not one that plain arrays need, and is not called")
    }

    /// Tells an array or a type its contents.
    private mutating func fill() throws(FileError) {
        let state = try pop()
        switch try pop() {
        case .numberType(let type): stack.append(.numberType(type))
        case .emptyArray:
            guard case .tuple(let parts) = state, parts.count == 5, case .tuple(let sizes) = parts[1],
                case .numberType(let type) = parts[2],
                parts[3] == .bool(false) || parts[3] == .integer(0), case .bytes(let values) = parts[4]
            else { throw wrong("an array in another form than rows of bytes") }
            let shape = sizes.compactMap { if case .integer(let size) = $0, size >= 0, size <= 1 << 31 { size } else { nil } }
            guard ["u1", "uint8"].contains(type), shape.count == sizes.count, shape.count <= 2, shape.reduce(1, *) == values.count else {
                throw wrong("an array of type \"\(type)\" and sizes \(shape), not of bytes")
            }
            stack.append(.array(shape: shape, values: values))
        default: throw wrong("contents are given to what has none")
        }
    }

    private func wrong(_ problem: String) -> FileError {
        FileError(.unsupported, path: path, offset: position, problem: problem, advice: "Only trust pickles that hold plain arrays")
    }
}
