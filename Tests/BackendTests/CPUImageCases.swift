import Graph

/// A window over images, small and large, with every kind of border.
private struct Frame {
    var images: Int
    var channels: Int
    var kernel: (Int, Int)
    var step: (Int, Int)
    var pad: (Int, Int)
    var height: Int
    var width: Int

    var out: (Int, Int) { ((height + 2 * pad.0 - kernel.0) / step.0 + 1, (width + 2 * pad.1 - kernel.1) / step.1 + 1) }

    var integers: [Int] {
        [images, channels, height, width, kernel.0, kernel.1, step.0, step.1, pad.0, pad.1, out.0, out.1]
    }

    /// Each place of the window in a plane, row by row, with its pixels.
    func walk(_ body: (_ place: Int, _ tap: Int, _ pixel: Int) -> Void) {
        for place in 0..<out.0 * out.1 {
            for tap in 0..<kernel.0 * kernel.1 {
                let h = place / out.1 * step.0 - pad.0 + tap / kernel.1, w = place % out.1 * step.1 - pad.1 + tap % kernel.1
                if (0..<height).contains(h), (0..<width).contains(w) { body(place, tap, h * width + w) }
            }
        }
    }
}

extension Frame {
    fileprivate init(_ dice: inout Dice, channels: Int, padsMost: Bool = false) {
        images = dice.integer(1...4)
        self.channels = channels
        let isOne = dice.integer(0...4) == 0
        kernel = isOne ? (1, 1) : (dice.integer(1...4), dice.integer(1...4))
        step = isOne ? (1, 1) : (dice.integer(1...3), dice.integer(1...3))
        pad = isOne ? (0, 0) : (dice.integer(0...2), dice.integer(0...2))
        if padsMost { pad = (min(pad.0, kernel.0 / 2), min(pad.1, kernel.1 / 2)) }
        height = dice.integer(kernel.0...12)
        width = dice.integer(kernel.1...40)
    }
}

/// One of the three products of a convolution, in plain loops.
private func products(_ kernel: String, _ frame: Frame, a: [Float], w: [Float], g: [Float], groups: Int, shares: Int) -> [Double] {
    let (plane, area, taps) = (frame.height * frame.width, frame.out.0 * frame.out.1, frame.kernel.0 * frame.kernel.1)
    let depth = frame.channels / groups, filters = w.count / (depth * taps), own = filters / groups
    var result = [Double](
        repeating: 0, count: kernel == "convolution" ? g.count : kernel == "convolution_image" ? a.count : shares * w.count)
    for image in 0..<frame.images {
        // The share whose images begin at or before this one.
        let share = (0..<shares).last { frame.images * $0 / shares <= image } ?? 0
        for filter in 0..<filters {
            for channel in 0..<depth {
                let pixels = (image * frame.channels + filter / own * depth + channel) * plane
                let weights = (filter * depth + channel) * taps, places = (image * filters + filter) * area
                frame.walk { place, tap, pixel in
                    let (x, v, y) = (pixels + pixel, weights + tap, places + place)
                    switch kernel {
                    case "convolution": result[y] += Double(a[x]) * Double(w[v])
                    case "convolution_image": result[x] += Double(w[v]) * Double(g[y])
                    default: result[share * w.count + v] += Double(a[x]) * Double(g[y])
                    }
                }
            }
        }
    }
    return result
}

private func convolutionCase(_ dice: inout Dice, _ kernel: String) -> KernelCase {
    let large = dice.integer(0...5) == 0
    let groups = large ? 1 : dice.integer(1...3), depth = large ? dice.integer(20...40) : dice.integer(1...5)
    let own = large ? dice.integer(10...30) : dice.integer(1...5), filters = groups * own
    let frame = Frame(&dice, channels: groups * depth)
    let (plane, area, taps) = (frame.height * frame.width, frame.out.0 * frame.out.1, frame.kernel.0 * frame.kernel.1)
    let a = dice.reals(frame.images * frame.channels * plane), w = dice.reals(filters * depth * taps)
    let g = dice.reals(frame.images * filters * area)
    let shares = dice.integer(1...frame.images), block = dice.integer(1...frame.images)
    let result = products(kernel, frame, a: a, w: w, g: g, groups: groups, shares: shares)
    let given: [[Float]] = kernel == "convolution" ? [a, w] : kernel == "convolution_image" ? [w, g] : [a, g]
    var test = KernelCase(
        [.output(result.count)] + given.map(Values.real),
        frame.integers + [filters, groups] + (kernel == "convolution_filters" ? [depth, shares] : []), elements: result.count,
        expected: result)
    // Units of the C function: blocks of images, or of channels.
    test.parts = kernel == "convolution_filters" ? dice.integer(1...20) : block
    test.units =
        kernel == "convolution_filters"
        ? shares * groups * ((depth + test.parts - 1) / test.parts) : (frame.images + block - 1) / block * groups
    return test.with(tolerance: 2e-6, magnitude: kernel == "convolution_filters" ? 30 : 10)
}

private func peakCase(_ dice: inout Dice, drops: Bool) -> KernelCase {
    let frame = Frame(&dice, channels: dice.integer(1...3), padsMost: true)
    let (planes, plane, area) = (frame.images * frame.channels, frame.height * frame.width, frame.out.0 * frame.out.1)
    // Whole numbers, so that many are equal.
    let a = (0..<planes * plane).map { _ in dice.integer(0...20) == 0 ? Float.nan : Float(dice.integer(-3...3)) }
    let values = dice.reals(drops ? planes * area : planes * plane)
    var peaks = [Int?](repeating: nil, count: planes * area)
    for index in 0..<planes {
        frame.walk { place, _, pixel in
            let candidate = index * plane + pixel
            guard let peak = peaks[index * area + place] else { return peaks[index * area + place] = candidate }
            if a[candidate] > a[peak] || a[candidate].isNaN && !a[peak].isNaN { peaks[index * area + place] = candidate }
        }
    }
    var expected = [Double](repeating: 0, count: drops ? a.count : peaks.count)
    for (place, peak) in peaks.enumerated() {
        guard let peak else { continue }
        if drops { expected[peak] += Double(values[place]) } else { expected[place] = Double(values[peak]) }
    }
    return KernelCase(
        [.output(expected.count), .real(a), .real(values)], frame.integers, elements: expected.count, expected: expected
    ).with(tolerance: 1e-6)
}

let imageSpecs: [KernelSpec] =
    ["convolution", "convolution_image", "convolution_filters"].map { kernel in
        KernelSpec(name: kernel) { convolutionCase(&$0, kernel) }
    }
    + [false, true].map { drops in
        KernelSpec(name: drops ? "peaks_drop" : "peaks_pick") { peakCase(&$0, drops: drops) }
    }

/// Numbers that are not finite spread to what looks at them and no further.
let imageEdges: [EdgeCase] =
    [(3, 4), (4, 9)].flatMap { height, width in convolutionEdges(height: height, width: width) }
    + ["peaks_pick", "peaks_drop"].map(peakEdge)

private func convolutionEdges(height: Int, width: Int) -> [EdgeCase] {
    let frame = Frame(images: 1, channels: 2, kernel: (2, 2), step: (1, 1), pad: (1, 1), height: height, width: width)
    let size = "\(height) × \(width)", outputs = 3 * frame.out.0 * frame.out.1, pixels = 2 * height * width
    let special: [Float] = [.nan, 1, 0, -1, .infinity, 2, -0.0, 0.5, -.infinity, 3, -2]
    func strange(_ count: Int) -> [Float] { (0..<count).map { $0 % 3 == 0 ? special[$0 / 3 % special.count] : Float($0 % 5) - 2 } }
    func plain(_ count: Int) -> [Float] { (0..<count).map { Float($0 % 7) - 2.5 } }
    func edge(_ kernel: String, a: [Float], g: [Float], _ label: String) -> EdgeCase {
        let w = plain(24)
        return EdgeCase(kernel, label + ", " + size) {
            let expected = products(kernel, frame, a: a, w: w, g: g, groups: 1, shares: 1)
            let given = kernel == "convolution" ? [a, w] : kernel == "convolution_image" ? [w, g] : [a, g]
            var test = KernelCase(
                [.output(expected.count)] + given.map(Values.real),
                frame.integers + [3, 1] + (kernel == "convolution_filters" ? [2, 1] : []), elements: expected.count, expected: expected)
            test.units = 1
            return test.with(tolerance: 1e-6, magnitude: 30)
        }
    }
    // In the middle, where every tap meets it.
    var pierced = plain(pixels)
    pierced[height / 2 * width + width / 2] = .infinity
    return [
        edge("convolution", a: strange(pixels), g: plain(outputs), "pixels that are not finite"),
        edge("convolution_image", a: plain(pixels), g: strange(outputs), "slopes that are not finite"),
        edge("convolution_filters", a: pierced, g: plain(outputs).map { $0 * $0 + 1 }, "an infinite pixel"),
    ]
}

private func peakEdge(_ kernel: String) -> EdgeCase {
    EdgeCase(kernel, "windows of equal, of infinite and of no numbers") {
        let a: [Float] = [-.infinity, -.infinity, .nan, 1, -.infinity, -.infinity, 1, .nan, 2, 2, .infinity, .infinity, 2, 2, -0.0, 0]
        // Two by two of two by two: the first of equals, the first that is not a number, the first of equals, the first infinite one.
        let peaks = [0, 2, 8, 10], values = (0..<16).map { Float($0) + 1 }
        var expected = [Double](repeating: 0, count: kernel == "peaks_drop" ? 16 : 4)
        for (place, peak) in peaks.enumerated() {
            if kernel == "peaks_drop" { expected[peak] = Double(values[place]) } else { expected[place] = Double(values[peak]) }
        }
        let given = kernel == "peaks_drop" ? Array(values[..<4]) : values
        return KernelCase(
            [.output(expected.count), .real(a), .real(given)], [1, 1, 4, 4, 2, 2, 2, 2, 0, 0, 2, 2], elements: expected.count,
            expected: expected
        ).with(tolerance: 0)
    }
}
