/// A two-dimensional convolution of images [N, C, H, W] with filters [O, C/groups, kh, kw] to [N, O, OH, OW]: group g of the filters
/// looks at group g of the channels.
package struct ConvolutionShape: Hashable, Sendable {
    package var window: Window
    /// O
    package var filters: Int
    package var groups: Int

    package init(window: Window, filters: Int, groups: Int) {
        self.window = window
        self.filters = filters
        self.groups = groups
    }

    /// C/groups
    package var depth: Int { window.image[1] / max(1, groups) }
    var integers: [Int] { window.integers + [filters, groups] }

    func shape(of part: Convolution.Part) -> [Int] {
        switch part {
        case .image: window.image
        case .filters: [filters, depth] + window.kernel
        case .output: [window.image[0], filters] + window.output
        }
    }

    func problem() -> String? {
        if let problem = window.problem() { return problem }
        guard groups > 0, filters > 0, filters % groups == 0, window.image[1] % groups == 0 else {
            return "\(groups) groups do not divide \(window.image[1]) channels and \(filters) filters"
        }
        return nil
    }

    /// Calls `body` with the positions of every image, filter and output element that meet.
    fileprivate func walk(_ body: (_ image: Int, _ filter: Int, _ output: Int) -> Void) {
        let (images, channels) = (window.image[0], window.image[1])
        let (plane, taps, area) = (window.image[2] * window.image[3], window.kernel.reduce(1, *), window.output.reduce(1, *))
        for at in MultiIndex.all(of: [images, filters, depth]) {
            let channel = at[1] / (filters / groups) * depth + at[2]
            let (image, filter, output) = (
                (at[0] * channels + channel) * plane, (at[1] * depth + at[2]) * taps, (at[0] * filters + at[1]) * area
            )
            window.walk { place, tap, pixel in body(image + pixel, filter + tap, output + place) }
        }
    }

    /// Multiplications and additions of any of the three products.
    var flops: Int { 2 * shape(of: .output).reduce(1, *) * depth * window.kernel.reduce(1, *) }
}

/// One part of a convolution from the two others. The form Σ image·filter·output over all elements that meet is linear in each of the
/// three; the convolution itself is its gradient by the output, and the products of both derivatives are its gradients by the others.
/// So the three are each other's transposes, to any order.
package struct Convolution: MultilinearOperation {
    package enum Part: String, Hashable, Sendable, CaseIterable { case image, filters, output }

    package var shape: ConvolutionShape
    /// What is computed. The inputs are the other parts in the order of `Part`.
    package var result: Part

    package init(shape: ConvolutionShape, result: Part) {
        self.shape = shape
        self.result = result
    }

    package var name: String { result == .output ? "convolution" : "convolution_\(result.rawValue)" }

    private var given: [Part] { Part.allCases.filter { $0 != result } }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        if let problem = shape.problem() { throw ShapeProblem(problem) }
        let expected = given.map { TensorType(.real, shape.shape(of: $0)) }
        guard inputs == expected else { throw ShapeProblem("takes \(expected[0]) and \(expected[1])") }
        return TensorType(.real, shape.shape(of: result))
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        let size = shape.shape(of: result)
        var values = [Double](repeating: 0, count: size.reduce(1, *))
        let (a, b) = (inputs[0].values, inputs[1].values)
        shape.walk { image, filter, output in
            switch result {
            case .image: values[image] += a[filter] * b[output]
            case .filters: values[filter] += a[image] * b[output]
            case .output: values[output] += a[image] * b[filter]
            }
        }
        return HostTensor(size, values)
    }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        var parts = [result: cotangent]
        for (part, value) in zip(given, node.inputs) { parts[part] = value }
        let wanted = Convolution(shape: shape, result: given[input])
        return node.graph.node(wanted, wanted.given.compactMap { parts[$0] })
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let inputs = node.inputs.map { lowering.contiguous($0) }
        let output = lowering.output(node)
        switch result {
        case .output: lowering.emit(.convolution(inputs[0], filters: inputs[1], to: output, shape))
        case .image: lowering.emit(.convolutionImage(of: inputs[1], filters: inputs[0], to: output, shape))
        case .filters:
            // Few filters are summed over shares of the images, so that there is work for several.
            let shares = shape.filterShares
            let partial = shares == 1 ? output : lowering.newBuffer(shares * node.count)
            lowering.emit(.convolutionFilters(of: inputs[1], images: inputs[0], to: partial, shape, shares: shares))
            if shares > 1 { lowering.emit(.sum(partial, to: output, outer: 1, middle: shares, inner: node.count)) }
        }
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { shape.flops }
}
