/// The geometry of a two-dimensional window over [N, C, H, W].
package struct Window: Hashable, Sendable {
    /// [N, C, H, W]
    package var image: [Int]
    /// [height, width] of the kernel
    package var kernel: [Int]
    package var stride: [Int]
    /// Zeros added on each side, [vertical, horizontal].
    package var padding: [Int]

    package init(image: [Int], kernel: [Int], stride: [Int], padding: [Int]) {
        self.image = image
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
    }

    /// [height, width] of the output.
    package var output: [Int] { (0..<2).map { (image[2 + $0] + 2 * padding[$0] - kernel[$0]) / stride[$0] + 1 } }
    /// [N, C·kh·kw, OH·OW]
    var columns: [Int] { [image[0], image[1] * kernel[0] * kernel[1], output[0] * output[1]] }
    var integers: [Int] { image + kernel + stride + padding + output }

    func problem() -> String? {
        guard image.count == 4, kernel.count == 2, stride.count == 2, padding.count == 2,
            kernel.allSatisfy({ $0 > 0 }), stride.allSatisfy({ $0 > 0 }), padding.allSatisfy({ $0 >= 0 })
        else { return "the window needs an image [N, C, H, W], a kernel, strides of at least 1 and a padding" }
        return output.allSatisfy { $0 > 0 } ? nil : "the kernel \(kernel) does not fit the padded image"
    }

    /// Calls `body` with each position of the columns and the image position under it, if it is not padding.
    func walk(_ body: (_ column: Int, _ pixel: Int) -> Void) {
        let (channels, height, width) = (image[1], image[2], image[3])
        for (position, at) in MultiIndex.all(of: [image[0], channels, kernel[0], kernel[1], output[0], output[1]]).enumerated() {
            let y = at[4] * stride[0] + at[2] - padding[0], x = at[5] * stride[1] + at[3] - padding[1]
            guard (0..<height).contains(y), (0..<width).contains(x) else { continue }
            body(position, ((at[0] * channels + at[1]) * height + y) * width + x)
        }
    }
}

/// Image patches as columns: a convolution is a matrix product with these.
package struct Unfold: MultilinearOperation {
    package var window: Window

    package init(window: Window) {
        self.window = window
    }

    package var name: String { "unfold" }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        if let problem = window.problem() { throw ShapeProblem(problem) }
        guard inputs[0] == TensorType(.real, window.image) else { throw ShapeProblem("takes an image of shape \(window.image)") }
        return TensorType(.real, window.columns)
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        var result = HostTensor(window.columns, [Double](repeating: 0, count: window.columns.reduce(1, *)))
        window.walk { column, pixel in result.values[column] = inputs[0].values[pixel] }
        return result
    }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        node.graph.node(Fold(window: window), [cotangent])
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let image = lowering.contiguous(node.inputs[0])
        let output = lowering.output(node)
        lowering.emit(.unfold(image, to: output, window))
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { 0 }
}

/// The transpose of `Unfold`: columns summed back into an image.
package struct Fold: MultilinearOperation {
    package var window: Window

    package init(window: Window) {
        self.window = window
    }

    package var name: String { "fold" }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        if let problem = window.problem() { throw ShapeProblem(problem) }
        guard inputs[0] == TensorType(.real, window.columns) else {
            throw ShapeProblem("takes columns of shape \(window.columns)")
        }
        return TensorType(.real, window.image)
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        var result = HostTensor(window.image, [Double](repeating: 0, count: window.image.reduce(1, *)))
        window.walk { column, pixel in result.values[pixel] += inputs[0].values[column] }
        return result
    }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        node.graph.node(Unfold(window: window), [cotangent])
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let columns = lowering.contiguous(node.inputs[0])
        let output = lowering.output(node)
        lowering.emit(.fold(columns, to: output, window))
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { inputs[0].count }
}
