/// The element type and shape of a node's value. Shapes are row-major; a scalar has the empty shape.
public struct TensorType: Hashable, Sendable, CustomStringConvertible {
    /// What the elements are.
    public var type: DType
    /// The sizes of the axes, the slowest first.
    public var shape: [Int]

    /// Elements of a type in a shape.
    public init(_ type: DType, _ shape: [Int]) {
        self.type = type
        self.shape = shape
    }

    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }

    public var description: String {
        (type == .real ? "real" : "index") + "[" + shape.map(String.init).joined(separator: "×") + "]"
    }
}

/// A value on the host in float64: what an operation's definition computes with. Indices are stored as whole numbers.
package struct HostTensor: Hashable, Sendable {
    package var shape: [Int]
    package var values: [Double]

    package init(_ shape: [Int], _ values: [Double]) {
        self.shape = shape
        self.values = values
    }

    /// Fills a tensor of `shape` by calling `value` with each multi-index in row-major order.
    package init(_ shape: [Int], value: ([Int]) -> Double) {
        self.init(shape, MultiIndex.all(of: shape).map(value))
    }

    /// The value at a multi-index.
    package subscript(_ index: [Int]) -> Double {
        values[zip(index, Strides.contiguous(shape)).reduce(0) { $0 + $1.0 * $1.1 }]
    }
}

/// Row-major strides and the walks built on them.
package enum Strides {
    /// Strides of a contiguous row-major tensor, in elements.
    package static func contiguous(_ shape: [Int]) -> [Int] {
        var strides = [Int](repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
        return strides
    }
}

/// Every multi-index of a shape in row-major order.
package enum MultiIndex {
    package static func all(of shape: [Int]) -> [[Int]] {
        var result: [[Int]] = []
        result.reserveCapacity(shape.reduce(1, *))
        var index = [Int](repeating: 0, count: shape.count)
        for _ in 0..<shape.reduce(1, *) {
            result.append(index)
            for axis in shape.indices.reversed() {
                index[axis] += 1
                if index[axis] < shape[axis] { break }
                index[axis] = 0
            }
        }
        return result
    }
}

extension HostTensor {
    package var count: Int { values.count }

    /// The rows along the last axis.
    var rows: [[Double]] {
        let columns = shape.last ?? 1
        guard columns > 0 else { return [] }
        return stride(from: 0, to: values.count, by: columns).map { Array(values[$0..<$0 + columns]) }
    }

    /// A tensor of the same shape whose rows are `body` of these.
    func mapRows(_ body: ([Double]) -> [Double]) -> HostTensor { HostTensor(shape, rows.flatMap(body)) }

    func mapRows(with other: HostTensor, _ body: ([Double], [Double]) -> [Double]) -> HostTensor {
        HostTensor(shape, zip(rows, other.rows).flatMap { body($0, $1) })
    }
}
