/// The geometry of a two-dimensional window over [N, C, H, W].
package struct Window: Hashable, Sendable {
    /// [N, C, H, W]
    package var image: [Int]
    /// [height, width] of the kernel
    package var kernel: [Int]
    package var stride: [Int]
    /// Added on each side, [vertical, horizontal]; there is nothing there.
    package var padding: [Int]

    package init(image: [Int], kernel: [Int], stride: [Int], padding: [Int]) {
        self.image = image
        self.kernel = kernel
        self.stride = stride
        self.padding = padding
    }

    /// [height, width] of the output.
    package var output: [Int] { (0..<2).map { (image[2 + $0] + 2 * padding[$0] - kernel[$0]) / stride[$0] + 1 } }
    var integers: [Int] { image + kernel + stride + padding + output }

    func problem() -> String? {
        guard image.count == 4, kernel.count == 2, stride.count == 2, padding.count == 2,
            kernel.allSatisfy({ $0 > 0 }), stride.allSatisfy({ $0 > 0 }), padding.allSatisfy({ $0 >= 0 })
        else { return "the window needs an image [N, C, H, W], a kernel, strides of at least 1 and a padding" }
        let fits = (0..<2).allSatisfy { kernel[$0] <= image[2 + $0] + 2 * padding[$0] }
        return fits ? nil : "the kernel \(kernel) does not fit the padded image"
    }

    /// Calls `body` for each place of the window in a plane and each of its positions that lies in the image.
    /// - Parameter body: takes the place in the output plane, the position in the kernel and the pixel in the image plane.
    func walk(_ body: (_ place: Int, _ tap: Int, _ pixel: Int) -> Void) {
        for (place, at) in MultiIndex.all(of: output).enumerated() {
            for (tap, offset) in MultiIndex.all(of: kernel).enumerated() {
                let y = at[0] * stride[0] + offset[0] - padding[0], x = at[1] * stride[1] + offset[1] - padding[1]
                guard (0..<image[2]).contains(y), (0..<image[3]).contains(x) else { continue }
                body(place, tap, y * image[3] + x)
            }
        }
    }
}
