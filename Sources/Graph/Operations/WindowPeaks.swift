/// Of values laid over images [N, C, H, W], those at the peak under each place of a window, [N, C, OH, OW], or the transpose: numbers
/// [N, C, OH, OW] put down where those peaks lie.
///
/// Of equal pixels the first counts, row by row, and anything that is not a number counts as largest, as in PyTorch; padding never
/// does. Where the peaks are does not change when an image moves by little, so max pooling, which picks from the image itself, has
/// this as its derivative too; at ties it is that of the first of the equals.
package struct WindowPeaks: Operation {
    package enum Direction: String, Hashable, Sendable { case pick, drop }

    package var window: Window
    package var direction: Direction

    package init(window: Window, direction: Direction) {
        self.window = window
        self.direction = direction
    }

    package var name: String { "peaks_\(direction.rawValue)" }

    private var pooled: [Int] { Array(window.image.prefix(2)) + window.output }

    package func outputType(_ inputs: [TensorType]) throws(ShapeProblem) -> TensorType {
        if let problem = window.problem() { throw ShapeProblem(problem) }
        guard zip(window.padding, window.kernel).allSatisfy({ 2 * $0 <= $1 }) else {
            throw ShapeProblem("a padding of more than half the kernel would leave windows without a pixel")
        }
        let values = direction == .pick ? window.image : pooled
        guard inputs == [TensorType(.real, window.image), TensorType(.real, values)] else {
            throw ShapeProblem("takes an image of shape \(window.image) and values of shape \(values)")
        }
        return TensorType(.real, direction == .pick ? pooled : window.image)
    }

    package func evaluate(_ inputs: [HostTensor]) -> HostTensor {
        let (planes, plane, area) = (window.image[0] * window.image[1], window.image[2] * window.image[3], window.output.reduce(1, *))
        let image = inputs[0].values
        var peaks = [Int](repeating: -1, count: planes * area)
        for index in 0..<planes {
            window.walk { place, _, pixel in
                let (at, candidate) = (index * area + place, index * plane + pixel)
                if peaks[at] < 0 || image[candidate] > image[peaks[at]] || image[candidate].isNaN && !image[peaks[at]].isNaN {
                    peaks[at] = candidate
                }
            }
        }
        if direction == .pick { return HostTensor(pooled, peaks.map { inputs[1].values[$0] }) }
        var result = HostTensor(window.image, [Double](repeating: 0, count: image.count))
        for (place, peak) in peaks.enumerated() { result.values[peak] += inputs[1].values[place] }
        return result
    }

    package func isAffine(in input: Int) -> Bool { input == 1 }

    package func pushforward(_ node: Node, _ tangents: [Node?]) -> Node? {
        tangents[1].map { node.graph.node(self, [node.inputs[0], $0]) }
    }

    package func transpose(_ node: Node, _ cotangent: Node, input: Int) -> Node {
        node.graph.node(WindowPeaks(window: window, direction: direction == .pick ? .drop : .pick), [node.inputs[0], cotangent])
    }

    package func lower(_ node: Node, _ lowering: inout Lowering) {
        let (image, values) = (lowering.contiguous(node.inputs[0]), lowering.contiguous(node.inputs[1]))
        let output = lowering.output(node)
        lowering.emit(direction == .pick ? .pickPeaks(image, values, to: output, window) : .dropPeaks(image, values, to: output, window))
    }

    package func flops(_ inputs: [TensorType], _ output: TensorType) -> Int { output.count * window.kernel.reduce(1, *) }
}
