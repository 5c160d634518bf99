/// One kernel's contract, written once: what it takes, how its work divides, what may share memory, what it costs.
///
/// The typed builders (`Invocation`), both backends, the planner's passes, the table in Kernels/README.md and the tests all read
/// these values. The texts are in `Kernels/<family>.cl` and `Sources/CKernels`, under the kernel's name.
package struct Kernel: Sendable {
    /// The same in `Kernels/*.cl` (after `ofmu_`), in `CKernels` and in messages.
    package let name: String
    /// The file of OpenCL C that holds it.
    package let family: String
    package let operands: [Parameter]
    package let fields: [Field]
    package let reals: [String]
    package let division: Division
    private let written: Size
    /// Inputs whose memory the output may take over, in the order of preference.
    package private(set) var inPlace: [InPlace]
    /// The integer that, if it is not 0, makes the kernel add to its output instead of overwriting it.
    package let accumulator: Int?
    /// What the planner may rewrite it as.
    package let role: Role?
    package let cost: Cost
    /// One line for the table of kernels.
    package let meaning: String

    /// A tensor argument.
    package struct Parameter: Hashable, Sendable, ExpressibleByStringLiteral {
        package var name: String
        /// Nil where the kernel moves bits and does not ask what they mean.
        package var type: DType?

        package init(stringLiteral name: String) { (self.name, type) = (name, .real) }

        /// int32 values that name rows, labels, positions or limits.
        package static func ids(_ name: String) -> Parameter {
            var parameter = Parameter(stringLiteral: name)
            parameter.type = .index
            return parameter
        }

        /// Elements of either type.
        static func any(_ name: String) -> Parameter {
            var parameter = Parameter(stringLiteral: name)
            parameter.type = nil
            return parameter
        }
    }

    /// One integer, or several that belong together.
    package struct Field: Hashable, Sendable, ExpressibleByStringLiteral {
        package var name: String
        package var count: Int

        package init(_ name: String, count: Int) { (self.name, self.count) = (name, count) }
        package init(stringLiteral name: String) { self.init(name, count: 1) }

        /// The sizes of a walk over elements, padded with leading ones.
        package static let layout = Field("layout", count: Collapse.rank)
        /// How far each axis of the layout moves in an operand; 0 where that is broadcast.
        package static func strides(_ operand: String) -> Field { Field("strides \(operand)", count: Collapse.rank) }
    }

    /// A product of integers.
    package struct Size: Hashable, Sendable {
        package var indices: [Int]
        package var factor = 1

        package func product(_ integers: [Int]) -> Int { indices.reduce(factor) { $0 * integers[$1] } }
    }

    /// How the units of work follow from the integers.
    package enum Division: Hashable, Sendable {
        /// One unit per element, each computed alone.
        case flat(Size)
        /// One unit per element, which lie in rows.
        case walk(rows: Size, columns: Size)
        /// One unit per element of the layout.
        case strided
        /// One unit per row.
        case rows(Size)
        /// One unit per block of so many elements; none where there are no elements.
        case blocks(count: Int, of: Int)
        /// A batch of matrix products, which each backend divides by itself.
        case matmul
    }

    /// `operand` may lie where the output is written, from element `offset` of the output on.
    package struct InPlace: Hashable, Sendable {
        package var operand: Int
        package var offset = Size(indices: [], factor: 0)
    }

    package enum Role: Hashable, Sendable {
        /// The sum of operands 1 and 2, element by element.
        case sum
        /// Operand 1 as it is, at places of the output.
        case move
        /// One number everywhere.
        case fill
    }

    /// A rough price of one unit in nanoseconds, measured on one thread of a current x86 server: `base` + `rate` · a product of integers.
    /// Only its order of magnitude matters.
    package struct Cost: Hashable, Sendable {
        package var base: Double
        package var rate = 0.0
        package var size = Size(indices: [])

        /// - Parameter parts: into so many pieces the unit is cut.
        package func nanoseconds(_ integers: [Int], parts: Int = 1) -> Double {
            rate == 0 ? base : base + rate * Double(size.product(integers)) / Double(parts)
        }
    }

    // MARK: What follows from the declaration

    package var integerCount: Int { fields.reduce(0) { $0 + $1.count } }

    /// The position of a field's first integer.
    package func index(of field: String) -> Int {
        var index = 0
        for candidate in fields {
            if candidate.name == field { return index }
            index += candidate.count
        }
        preconditionFailure("The kernel \(name) has no integer \"\(field)\".")
    }

    /// The positions of an operand's strides, if the kernel takes any.
    package func strides(of operand: Int) -> Range<Int>? {
        let field = Field.strides(operands[operand].name)
        guard fields.contains(field) else { return nil }
        let first = index(of: field.name)
        return first..<first + field.count
    }

    /// Elements of operand 0 that a call writes.
    func outputCount(_ n: [Int]) -> Int {
        if case .blocks = division, case .rows(let blocks) = work(n) { return blocks * written.factor }
        return written.product(n)
    }

    func work(_ n: [Int]) -> Work {
        switch division {
        case .flat(let size): .elements(size.product(n))
        case .walk(let rows, let columns): .elements(rows.product(n) * columns.product(n))
        case .strided: .elements(n[0])
        case .rows(let size): .rows(size.product(n))
        case .blocks(let count, let block): .rows((n[count] + n[block] - 1) / max(n[block], 1))
        case .matmul: .matmul
        }
    }
}

extension Kernel: Hashable {
    package static func == (a: Kernel, b: Kernel) -> Bool { a.name == b.name }
    package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

// MARK: - Declaring

extension Kernel {
    /// A division by the names of integers.
    enum Units {
        case flat(String)
        case walk(rows: [String], columns: String)
        case strided
        case rows(String)
        case blocks(of: String)
        case matmul
    }

    /// A cost by the names of integers.
    struct Price: ExpressibleByFloatLiteral {
        var base: Double
        var rate = 0.0
        var fields: [String] = []

        init(floatLiteral base: Double) { self.base = base }
        /// base + rate · the product of the fields
        init(_ base: Double, _ rate: Double, times fields: String...) { (self.base, self.rate, self.fields) = (base, rate, fields) }
    }

    /// What nothing is known about costs as much as a pass over memory.
    static let pass: Price = 0.15

    /// - Parameters:
    ///   - writes: integers whose product is the size of the output; by default the number of units.
    ///   - inPlace: operands whose memory the output may take over.
    ///   - accumulates: the integer that makes the kernel add to its output.
    init(
        _ name: String, in family: String, _ operands: [Parameter], integers fields: [Field], reals: [String] = [], work: Units,
        writes: [String]? = nil, times factor: Int = 1, inPlace: [Int] = [], accumulates: String? = nil, role: Role? = nil,
        cost: Price = Kernel.pass, _ meaning: String = ""
    ) {
        func size(_ names: [String]) -> Size {
            Size(
                indices: names.flatMap { wanted -> [Int] in
                    var index = 0
                    for field in fields {
                        if field.name == wanted { return Array(index..<index + field.count) }
                        index += field.count
                    }
                    preconditionFailure("The kernel \(name) has no integer \"\(wanted)\".")
                })
        }
        self.name = name
        self.family = family
        self.operands = operands
        self.fields = fields
        self.reals = reals
        self.meaning = meaning
        self.role = role
        self.inPlace = inPlace.map { InPlace(operand: $0) }
        accumulator = accumulates.map { size([$0]).indices[0] }
        self.cost = Cost(base: cost.base, rate: cost.rate, size: size(cost.fields))
        let units: [String]
        switch work {
        case .flat(let field): (division, units) = (.flat(size([field])), [field])
        case .walk(let rows, let columns): (division, units) = (.walk(rows: size(rows), columns: size([columns])), rows + [columns])
        case .strided: (division, units) = (.strided, ["count"])
        case .rows(let field): (division, units) = (.rows(size([field])), [field])
        case .blocks(let block): (division, units) = (.blocks(count: size(["count"]).indices[0], of: size([block]).indices[0]), [])
        case .matmul: (division, units) = (.matmul, ["M", "N", "batch"])
        }
        var written = size(writes ?? units)
        written.factor = factor
        self.written = written
    }

    /// A kernel of one integer that has no text anywhere, for tests of what backends say about such.
    package init(unimplemented name: String) { self.init(name, in: "elementwise", [], integers: ["count"], work: .flat("count")) }

    /// The same kernel, whose operand may also lie from a later element of the output on.
    func alsoInPlace(_ operand: Int, from field: String) -> Kernel {
        var kernel = self
        kernel.inPlace.append(InPlace(operand: operand, offset: Size(indices: [index(of: field)])))
        return kernel
    }
}
