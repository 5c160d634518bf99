import Graph

/// A window over images, small and large, with every kind of border.
private struct Frame {
    var images: Int, channels: Int, kernel: (Int, Int), step: (Int, Int), pad: (Int, Int), height: Int, width: Int

    init(_ dice: inout Dice, channels: Int, padsMost: Bool = false) {
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

private func convolutionCase(_ dice: inout Dice, _ kernel: String) -> KernelCase {
    let large = dice.integer(0...5) == 0
    let groups = large ? 1 : dice.integer(1...3), depth = large ? dice.integer(20...40) : dice.integer(1...5)
    let own = large ? dice.integer(10...30) : dice.integer(1...5), filters = groups * own
    let frame = Frame(&dice, channels: groups * depth)
    let (plane, area, taps) = (frame.height * frame.width, frame.out.0 * frame.out.1, frame.kernel.0 * frame.kernel.1)
    let a = dice.reals(frame.images * frame.channels * plane), w = dice.reals(filters * depth * taps)
    let g = dice.reals(frame.images * filters * area)
    let shares = dice.integer(1...frame.images), block = dice.integer(1...frame.images)
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
