/// The order of named tensors in one flat vector.
package struct ParameterLayout: Sendable, Hashable {
    /// A named stretch of the flat vector.
    package struct Entry: Sendable, Hashable {
        package var specification: ParameterSpecification
        /// The position of its first element.
        package var offset: Int

        package var name: String { specification.name }
        /// Row-major.
        package var shape: [Int] { specification.shape }
        package var count: Int { specification.count }
        package var range: Range<Int> { offset..<(offset + count) }
    }

    package let entries: [Entry]
    /// The length of the flat vector.
    package let count: Int
    private let positions: [String: Int]

    /// Lays tensors one after the other, in the given order. Of two with one name the first is found by it.
    package init(_ specifications: [ParameterSpecification]) {
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

    package subscript(_ name: String) -> Entry? { positions[name].map { entries[$0] } }
}
