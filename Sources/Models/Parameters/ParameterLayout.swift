/// The order of named tensors in one flat vector.
public struct ParameterLayout: Sendable, Hashable {
    /// A named stretch of the flat vector.
    public struct Entry: Sendable, Hashable {
        public var specification: ParameterSpecification
        /// The position of its first element.
        public var offset: Int

        public var name: String { specification.name }
        /// Row-major.
        public var shape: [Int] { specification.shape }
        public var count: Int { specification.count }
        public var range: Range<Int> { offset..<(offset + count) }
    }

    public let entries: [Entry]
    /// The length of the flat vector.
    public let count: Int
    private let positions: [String: Int]

    /// Lays tensors one after the other, in the given order. Of two with one name the first is found by it.
    public init(_ specifications: [ParameterSpecification]) {
        var entries: [Entry] = []
        var positions: [String: Int] = [:]
        var end = 0
        for specification in specifications {
            if positions[specification.name] == nil { positions[specification.name] = entries.count }
            entries.append(Entry(specification: specification, offset: end))
            end += specification.count
        }
        self.entries = entries
        self.positions = positions
        count = end
    }

    public subscript(_ name: String) -> Entry? { positions[name].map { entries[$0] } }
}
