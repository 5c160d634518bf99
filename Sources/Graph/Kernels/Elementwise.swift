// Kernels that compute each element from the same element of their inputs.

extension Kernel {
    static let elementwise: [Kernel] =
        [fill, copy, place, scale, shift, reciprocal] + UnaryFunction.allCases.map(unary) + BinaryFunction.allCases.map(binary)

    package static let fill = Kernel(
        "fill", in: "elementwise", ["y"], integers: ["count"], reals: ["value"], work: .flat("count"), role: .fill, "y = value")
    package static let copy = Kernel(
        "copy", in: "elementwise", [.any("y"), .any("a")], integers: ["count", .layout, .strides("a")], work: .strided,
        "y = a, gathered from a strided view")
    package static let place = Kernel(
        "place", in: "elementwise", [.any("y"), .any("a")], integers: ["count", .layout, .strides("y")], work: .strided, role: .move,
        "y = a for a contiguous a, written through strides: the layout is that of a")
    package static let scale = map("scale", reals: ["c"], cost: pass, "y = c·a")
    package static let shift = map("shift", reals: ["c"], cost: pass, "y = a + c")
    package static let reciprocal = map(
        "reciprocal", reals: ["threshold"], cost: pass, "y = 1/a, and 0 where abs(a) < threshold")

    package static func unary(_ function: UnaryFunction) -> Kernel {
        map(function.rawValue, cost: function.rule.cost, function.rule.meaning)
    }

    package static func binary(_ function: BinaryFunction) -> Kernel {
        Kernel(
            function.rawValue, in: "elementwise", ["y", "a", "b"], integers: ["count", .layout, .strides("a"), .strides("b")],
            work: .strided,
            inPlace: [1, 2], role: function == .add ? .sum : nil, function.meaning)
    }

    private static func map(_ name: String, reals: [String] = [], cost: Price, _ meaning: String) -> Kernel {
        Kernel(
            name, in: "elementwise", ["y", "a"], integers: ["count"], reals: reals, work: .flat("count"), inPlace: [1], cost: cost, meaning)
    }
}

extension Invocation {
    package static func fill(_ y: Place, with value: Double, count: Int) -> Self { Self(.fill, [y], [count], reals: [value]) }

    /// y ← a, seen under these strides.
    package static func copy(_ a: Place, to y: Place, shape: [Int], strides: [Int]) -> Self {
        strided(.copy, [y, a], shape: shape, strides: [strides])
    }

    /// a, which is contiguous, at the places of y that these strides name.
    package static func place(_ a: Place, at y: Place, shape: [Int], strides: [Int]) -> Self {
        strided(.place, [y, a], shape: shape, strides: [strides])
    }

    /// `count` elements of a, one after another from y on.
    package static func place(_ a: Place, at y: Place, count: Int) -> Self { place(a, at: y, shape: [count], strides: [1]) }

    package static func scale(_ a: Place, by factor: Double, to y: Place, count: Int) -> Self {
        Self(.scale, [y, a], [count], reals: [factor])
    }

    package static func shift(_ a: Place, by offset: Double, to y: Place, count: Int) -> Self {
        Self(.shift, [y, a], [count], reals: [offset])
    }

    /// - Parameter threshold: below this magnitude the result is 0.
    package static func reciprocal(_ a: Place, threshold: Double, to y: Place, count: Int) -> Self {
        Self(.reciprocal, [y, a], [count], reals: [threshold])
    }

    package static func unary(_ function: UnaryFunction, _ a: Place, to y: Place, count: Int) -> Self {
        Self(.unary(function), [y, a], [count])
    }

    /// y ← f(a, b), both seen under strides of their own.
    package static func binary(
        _ function: BinaryFunction, _ a: Place, _ b: Place, to y: Place, shape: [Int], strides: ([Int], [Int])
    ) -> Self {
        strided(.binary(function), [y, a, b], shape: shape, strides: [strides.0, strides.1])
    }

    /// y ← f(a, b), all contiguous.
    package static func binary(_ function: BinaryFunction, _ a: Place, _ b: Place, to y: Place, count: Int) -> Self {
        binary(function, a, b, to: y, shape: [count], strides: ([1], [1]))
    }

    private static func strided(_ kernel: Kernel, _ operands: [Place], shape: [Int], strides: [[Int]]) -> Self {
        let (layout, collapsed) = Collapse.layout(shape: shape, strides: strides)
        return Self(kernel, operands, [shape.reduce(1, *)] + layout + collapsed.flatMap { $0 })
    }

    /// Whether the call sees an operand as one contiguous stretch; kernels without strides always do.
    package func isContiguous(_ operand: Int) -> Bool {
        guard let strides = kernel.strides(of: operand) else { return true }
        let layout = kernel.index(of: Kernel.Field.layout.name)
        return Collapse.isContiguous(Array(integers[layout..<layout + Collapse.rank]), Array(integers[strides]))
    }
}
