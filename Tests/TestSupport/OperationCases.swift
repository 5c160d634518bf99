import Graph

/// One use of one operation: random inputs and the node they lead to.
package struct OperationCase: Sendable, CustomStringConvertible {
    package struct Argument: Sendable {
        package var shape: [Int]
        /// Indices are drawn below `limit`; nil for a real tensor.
        package var limit: Int?
        package var range: ClosedRange<Double>
        /// Whether derivatives with respect to it are defined.
        package var differentiable: Bool
    }

    package var name: String
    package var arguments: [Argument]
    package var build: @Sendable ([Node]) -> Node

    package var description: String { "\(name)\(arguments.map(\.shape))" }

    /// The inputs as nodes named `x0`, `x1`, …, and the result.
    package func nodes() -> (inputs: [Node], output: Node) {
        let graph = ComputationGraph()
        var inputs: [Node] = []
        for (index, argument) in arguments.enumerated() {
            inputs.append(graph.input("x\(index)", argument.limit == nil ? .real : .index, argument.shape))
        }
        return (inputs, build(inputs))
    }

    /// Values for the inputs.
    package func values(seed: UInt64) -> [HostTensor] {
        var random = SplitMix(seed)
        return arguments.map { argument in
            if let limit = argument.limit {
                HostTensor(argument.shape) { _ in Double(Int.random(in: 0..<limit, using: &random)) }
            } else {
                random.tensor(argument.shape, in: argument.range)
            }
        }
    }
}

/// Every operation of the catalogue over random shapes: odd sizes, size one, transposed, sliced and broadcast inputs.
package enum OperationCases {
    package static func all(seed: UInt64 = 1) -> [OperationCase] {
        var make = Maker(seed: seed)
        return make.unary() + make.binary() + make.views() + make.reductions() + make.products() + make.rows() + make.indexing()
            + make.images()
    }

    /// The names of all operations that the cases reach, derivatives included.
    package static func names(in nodes: [Node]) -> Set<String> { Set(nodes.map(\.operation.name)) }
}

private struct Maker {
    var random: SplitMix
    init(seed: UInt64) { random = SplitMix(seed) }

    mutating func size(_ most: Int = 7) -> Int { Int.random(in: 1...most, using: &random) }

    func real(_ shape: Int..., in range: ClosedRange<Double> = -1...1) -> OperationCase.Argument {
        .init(shape: shape, limit: nil, range: range, differentiable: true)
    }
    func index(_ shape: Int..., below limit: Int) -> OperationCase.Argument {
        .init(shape: shape, limit: limit, range: 0...1, differentiable: false)
    }
    func constant(_ shape: Int..., in range: ClosedRange<Double> = -1...1) -> OperationCase.Argument {
        .init(shape: shape, limit: nil, range: range, differentiable: false)
    }

    mutating func unary() -> [OperationCase] {
        // On the other side of where their slopes jump.
        var cases = [UnaryFunction.relu, .positive].map { function in
            OperationCase(name: "\(function.rawValue) below 0", arguments: [real(3, 5, in: -3...(-0.1))]) { $0[0].mapped(function) }
        }
        for function in UnaryFunction.allCases {
            let range = function.rule.domain
            cases.append(
                OperationCase(name: function.rawValue, arguments: [real(size(), size(19), in: range)]) { $0[0].mapped(function) })
            cases.append(
                OperationCase(name: function.rawValue + " of a transposed view", arguments: [real(3, 4, in: range)]) {
                    $0[0].transposed().mapped(function)
                })
        }
        cases.append(
            OperationCase(name: "reciprocal", arguments: [real(size(), 5, in: 0.3...3)]) { $0[0].reciprocal(threshold: 1e-12) })
        cases.append(OperationCase(name: "scale", arguments: [real(size(), 5)]) { $0[0].scaled(by: -1.7) })
        cases.append(OperationCase(name: "shift", arguments: [real(1)]) { $0[0].shifted(by: 0.3) })
        return cases
    }

    mutating func binary() -> [OperationCase] {
        var cases: [OperationCase] = []
        let operations: [(String, @Sendable (Node, Node) -> Node)] = [
            ("add", { $0 + $1 }), ("subtract", { $0 - $1 }), ("multiply", { $0 * $1 }), ("divide", { $0 / $1 }),
            ("minimum", { $0.minimum($1) }), ("less", { $0.less(than: $1) }),
        ]
        for (name, operation) in operations {
            // The second range lies apart from the first for minimum and less, whose derivatives jump where inputs are equal.
            let second = name == "minimum" || name == "less" ? [1.1...2.0, -2.0...(-1.1)] : [0.5...2.0]
            for range in second {
                let (a, b, c) = (size(), size(), size(17))
                cases.append(OperationCase(name: name, arguments: [real(a, c), real(a, c, in: range)]) { operation($0[0], $0[1]) })
                cases.append(
                    OperationCase(name: name + " broadcast rows", arguments: [real(a, b, c), real(c, in: range)]) {
                        operation($0[0], $0[1])
                    })
                cases.append(
                    OperationCase(name: name + " broadcast columns", arguments: [real(a, 1), real(a, c, in: range)]) {
                        operation($0[0], $0[1])
                    })
                cases.append(
                    OperationCase(name: name + " transposed", arguments: [real(a, c), real(c, a, in: range)]) {
                        operation($0[0], $0[1].transposed())
                    })
                cases.append(
                    OperationCase(name: name + " with a scalar", arguments: [real(a, c), real(1, in: range)]) {
                        operation($0[0], $0[1].reshaped(to: []))
                    })
            }
        }
        cases.append(OperationCase(name: "square", arguments: [real(3, 5)]) { $0[0] * $0[0] })
        return cases
    }

    mutating func views() -> [OperationCase] {
        let (a, b, c) = (size(), size(), size())
        return [
            OperationCase(name: "reshape", arguments: [real(a, b, c)]) { $0[0].reshaped(to: [b * a, c]).mapped(.tanh) },
            OperationCase(name: "reshape of permuted", arguments: [real(a, b, c)]) {
                $0[0].permuted([2, 0, 1]).reshaped(to: [c * a, b]).mapped(.tanh)
            },
            OperationCase(name: "permute", arguments: [real(a, b, c, 2)]) { $0[0].permuted([3, 1, 0, 2]) },
            OperationCase(name: "slice", arguments: [real(a + 2, b + 3)]) { $0[0].slice(at: [1, 2], shape: [a, b + 1]) },
            OperationCase(name: "slices of one vector", arguments: [real(20)]) {
                let left = $0[0].slice(at: [2], shape: [6]).reshaped(to: [2, 3])
                return left.matmul($0[0].slice(at: [8], shape: [9]).reshaped(to: [3, 3]))
            },
            OperationCase(name: "overlapping slices", arguments: [real(9)]) {
                $0[0].slice(at: [0], shape: [6]) * $0[0].slice(at: [3], shape: [6])
            },
            OperationCase(name: "assemble", arguments: [real(a, 2), real(a, 3)]) {
                $0[0].graph.assemble([([0, 1], $0[0]), ([0, 4], $0[1])], shape: [a, 8])
            },
            OperationCase(name: "assemble a flat vector", arguments: [real(5), real(7)]) {
                $0[0].graph.assemble([([9], $0[0].mapped(.tanh)), ([0], $0[1] * $0[1])], shape: [14])
            },
            OperationCase(name: "broadcast", arguments: [real(a, 1, c)]) { $0[0].broadcast(to: [2, a, b, c]) },
        ]
    }

    mutating func reductions() -> [OperationCase] {
        let (a, b, c) = (size(), size(), size(23))
        return [
            OperationCase(name: "sum of the last axis", arguments: [real(a, b, c)]) { $0[0].sum(axes: [2]) },
            OperationCase(name: "sum of the first axis", arguments: [real(a, b, c)]) { $0[0].sum(axes: [0]) },
            OperationCase(name: "sum of the middle axis", arguments: [real(a, b, c)]) { $0[0].sum(axes: [1]) },
            OperationCase(name: "sum of outer axes", arguments: [real(a, b, c)]) { $0[0].sum(axes: [0, 2]) },
            OperationCase(name: "sum of all", arguments: [real(a, b, c)]) { $0[0].sum() },
            OperationCase(name: "row_dot", arguments: [real(a, c), real(a, c)]) { $0[0].rowDot($0[1], factor: 0.7) },
            OperationCase(name: "row_dot with itself", arguments: [real(a, c)]) { $0[0].rowDot($0[0]) },
            OperationCase(name: "dot", arguments: [real(a, b), real(a, b)]) { $0[0].dot($0[1]) },
            OperationCase(name: "combine", arguments: [real(1), real(b, c), real(1), real(b, c)]) {
                combine($0[0].reshaped(to: []), $0[1], plus: $0[2].reshaped(to: []), $0[3])
            },
            OperationCase(name: "similarity_dots", arguments: [real(b * c), real(b * c)]) {
                $0[0].graph.node(SimilarityDots(), [$0[0], $0[1]])
            },
            OperationCase(name: "similarity_directions", arguments: [real(c), real(c), real(4)]) {
                $0[0].graph.node(SimilarityDirections(), $0)
            },
        ]
    }

    mutating func products() -> [OperationCase] {
        let (m, k, n, b) = (size(9), size(9), size(35), size(3))
        return [
            OperationCase(name: "matmul", arguments: [real(m, k), real(k, n)]) { $0[0].matmul($0[1]) },
            OperationCase(name: "matmul with a transposed right side", arguments: [real(m, k), real(n, k)]) {
                $0[0].matmul($0[1].transposed())
            },
            OperationCase(name: "matmul with a transposed left side", arguments: [real(k, m), real(k, n)]) {
                $0[0].transposed().matmul($0[1])
            },
            OperationCase(name: "matmul of stacks", arguments: [real(b, m, k), real(b, k, n)]) { $0[0].matmul($0[1]) },
            OperationCase(name: "matmul of grouped heads", arguments: [real(b, m, 2, 3, k), real(b, n, 2, k)]) {
                let queries = $0[0].permuted([0, 2, 3, 1, 4])
                let keys = $0[1].permuted([0, 2, 1, 3]).reshaped(to: [b, 2, 1, n, k])
                return queries.matmul(keys.transposed())
            },
            OperationCase(name: "matmul shared by a stack", arguments: [real(m, k), real(b, k, n)]) { $0[0].matmul($0[1]) },
            OperationCase(name: "matmul of one row", arguments: [real(1, k), real(k, n)]) { $0[0].matmul($0[1]) },
            OperationCase(name: "matmul with one column", arguments: [real(m, k), real(k, 1)]) { $0[0].matmul($0[1]) },
            OperationCase(name: "matmul added to", arguments: [real(m, k), real(k, n), real(m, n)]) {
                $0[2].mapped(.tanh) + $0[0].matmul($0[1])
            },
            OperationCase(name: "sum of two matmuls", arguments: [real(m, k), real(k, n)]) {
                $0[0].matmul($0[1]) + $0[0].mapped(.tanh).matmul($0[1].mapped(.tanh))
            },
        ]
    }

    mutating func rows() -> [OperationCase] {
        let (a, b, c) = (size(), size(5), size(29))
        var cases = [
            OperationCase(name: "softmax", arguments: [real(a, c, in: -3...3)]) { $0[0].softmax() },
            OperationCase(name: "softmax_masked", arguments: [real(2, 3, b, c, in: -3...3), index(2, b, below: c + 1)]) {
                $0[0].softmax(limits: $0[1])
            },
            OperationCase(name: "softmax_tangent", arguments: [real(a, c), real(a, c)]) {
                $0[0].graph.node(SoftmaxTangent(), $0)
            },
            OperationCase(name: "cross_entropy", arguments: [real(a, c, in: -3...3), index(a, below: c)]) {
                $0[0].crossEntropy(labels: $0[1])
            },
            OperationCase(name: "subtract_one_hot", arguments: [real(a, c), index(a, below: c)]) {
                $0[0].graph.node(SubtractOneHot(), $0)
            },
        ]
        for kind in [NormKind.rms, .layer] {
            let columns = size(23) + 2
            cases += [
                OperationCase(name: "\(kind)_norm", arguments: [real(a, b, columns)]) {
                    $0[0].normalised(kind, epsilon: 1e-2)
                },
                OperationCase(name: "\(kind)_scale", arguments: [real(a, columns)]) {
                    $0[0].graph.node(NormScale(kind: kind, epsilon: 1e-2), $0)
                },
                OperationCase(name: "\(kind)_tangent", arguments: [real(a, columns), real(a), real(a, columns)]) {
                    // The definition assumes a row that a normalisation could give; for layer norm its mean is zero.
                    let y =
                        kind == .layer ? $0[0] - $0[0].sum(axes: [1]).scaled(by: 1 / Double(columns)).expandedLast(to: columns) : $0[0]
                    return y.graph.node(NormTangent(kind: kind), [y, $0[1], $0[2]])
                },
            ]
        }
        return cases
    }

    mutating func indexing() -> [OperationCase] {
        let (t, h, c) = (size(), size(4), size(9))
        return [
            OperationCase(name: "gather_rows", arguments: [real(5, c), index(t, below: 5)]) { $0[0].gather($0[1]) },
            OperationCase(name: "scatter_rows", arguments: [real(t, c), index(t, below: 4)]) { $0[0].scatter($0[1], rows: 4) },
            OperationCase(name: "scatter_rows added to", arguments: [real(t, c), index(t, below: 4), real(4, c)]) {
                $0[2].mapped(.tanh) + $0[0].scatter($0[1], rows: 4)
            },
            OperationCase(
                name: "rope", arguments: [real(t, h, 6), constant(8, 3), constant(8, 3), index(t, below: 8)]
            ) { $0[0].rotated(cosines: $0[1], sines: $0[2], positions: $0[3]) },
            OperationCase(
                name: "rope of a slice with still channels",
                arguments: [real(t, h + 2, 8), constant(8, 3), constant(8, 3), index(t, below: 8)]
            ) {
                $0[0].slice(at: [0, 1, 0], shape: [t, h, 8]).rotated(cosines: $0[1], sines: $0[2], positions: $0[3])
            },
        ]
    }

    mutating func images() -> [OperationCase] {
        let (n, c) = (size(2), size(3))
        return [
            OperationCase(name: "convolution", arguments: [real(n, c, 5, 6), real(2, c, 3, 3)]) {
                $0[0].convolved(with: $0[1], padding: 1)
            },
            OperationCase(name: "strided convolution", arguments: [real(n, c, 7, 5), real(3, c, 2, 3)]) {
                $0[0].convolved(with: $0[1], stride: 2)
            },
            OperationCase(name: "convolution in groups", arguments: [real(n, 2 * c, 4, 5), real(6, c, 3, 2)]) {
                $0[0].convolved(with: $0[1], padding: 2, groups: 2)
            },
            OperationCase(name: "depth-wise convolution", arguments: [real(n, 3, 5, 4), real(3, 1, 3, 3)]) {
                $0[0].convolved(with: $0[1], stride: 2, padding: 1, groups: 3)
            },
            OperationCase(name: "convolution with one tap", arguments: [real(n, c, 3, 4), real(5, c, 1, 1)]) {
                $0[0].convolved(with: $0[1])
            },
            OperationCase(name: "convolution of a transposed view with itself as filters", arguments: [real(2, 2, 3, 4)]) {
                $0[0].permuted([1, 0, 2, 3]).convolved(with: $0[0], padding: 3)
            },
            OperationCase(name: "mean pooling", arguments: [real(n, c, 6, 5)]) { $0[0].meanPooled(3, stride: 2, padding: 1) },
            OperationCase(name: "mean of planes", arguments: [real(n, c, 3, 5)]) { $0[0].meanOfPlanes() },
            OperationCase(name: "max pooling", arguments: [real(n, c, 6, 5)]) { Self.apart($0[0]).maxPooled(3, stride: 2, padding: 1) },
            OperationCase(name: "peaks_drop", arguments: [real(n, c, 5, 5), real(n, c, 2, 2)]) {
                let window = Window(image: $0[0].shape, kernel: [3, 2], stride: [2, 3], padding: [0, 0])
                return $0[0].graph.node(WindowPeaks(window: window, direction: .drop), [Self.apart($0[0]), $0[1]])
            },
        ]
    }

    /// Pixels so far from each other that none comes to lie above another where differences are taken.
    private static func apart(_ image: Node) -> Node {
        let order = (0..<image.count).map { 4 * Double($0 * 7 % image.count) + Double($0 * 7 / image.count) / 8 }
        return image + image.graph.constant(image.shape, order)
    }
}
