// Kernels over images: the three products of a convolution, and where the largest pixels lie.

extension Kernel {
    static let images: [Kernel] = [convolution, convolutionImage, convolutionFilters, pickPeaks, dropPeaks]

    private static let window: [Field] = [
        "N", "C", "H", "W", "kernel h", "kernel w", "stride h", "stride w", "padding h", "padding w", "out h", "out w",
    ]

    package static let convolution = Kernel(
        "convolution", in: "convolution", ["y", "a", "w"], integers: window + ["filters", "groups"],
        work: .walk(rows: ["N", "filters", "out h"], columns: "out w"), cost: Price(0.5, 1.0 / 45, times: "C", "kernel h", "kernel w"),
        "y[n, o, ·] = Σ a[n, c, · + tap]·w[o, c, tap] over the channels of o's group; a is [N, C, H, W], w [filters, C/groups, kh, kw], "
            + "y [N, filters, OH, OW]; backends divide it by images")
    package static let convolutionImage = Kernel(
        "convolution_image", in: "convolution", ["a", "w", "g"], integers: window + ["filters", "groups"],
        work: .walk(rows: ["N", "C", "H"], columns: "W"), cost: Price(0.5, 1.0 / 45, times: "filters", "kernel h", "kernel w"),
        "the transpose in a: every pixel sums w·g over the outputs that looked at it")
    package static let convolutionFilters = Kernel(
        "convolution_filters", in: "convolution", ["w", "a", "g"], integers: window + ["filters", "groups", "depth", "shares"],
        work: .walk(rows: ["shares", "filters", "depth", "kernel h"], columns: "kernel w"),
        cost: Price(0.5, 1.0 / 45, times: "N", "out h", "out w"),
        "the transpose in w, one sum for each of `shares` shares of the images: w is [shares, filters, C/groups, kh, kw]; depth is C/groups"
    )
    package static let pickPeaks = Kernel(
        "peaks_pick", in: "pooling", ["y", "a", "b"], integers: window,
        work: .walk(rows: ["N", "C", "out h"], columns: "out w"), cost: Price(0.5, 0.5, times: "kernel h", "kernel w"),
        "y is [N, C, OH, OW]: b where a is largest under the window, the first of equals; not a number is largest")
    package static let dropPeaks = Kernel(
        "peaks_drop", in: "pooling", ["y", "a", "g"], integers: window,
        work: .walk(rows: ["N", "C", "H"], columns: "W"), cost: Price(0.5, 2, times: "kernel h", "kernel w"),
        "its transpose in b: every pixel sums g over the windows whose peak it is; y is [N, C, H, W]")
}

extension ConvolutionShape {
    /// Shares of the images that filters are summed over: enough for work to divide, and by the shapes alone, so that results are the
    /// same on however many threads.
    var filterShares: Int {
        let blocks = groups * ((depth + Self.filterBlock - 1) / Self.filterBlock)
        return max(1, min(window.image[0], 8 / blocks))
    }

    /// Channels of filters that the CPU computes at once.
    package static let filterBlock = 32
}

extension Invocation {
    package static func convolution(_ image: Place, filters: Place, to y: Place, _ shape: ConvolutionShape) -> Self {
        Self(.convolution, [y, image, filters], shape.integers)
    }

    package static func convolutionImage(of g: Place, filters: Place, to image: Place, _ shape: ConvolutionShape) -> Self {
        Self(.convolutionImage, [image, filters, g], shape.integers)
    }

    package static func convolutionFilters(
        of g: Place, images: Place, to filters: Place, _ shape: ConvolutionShape, shares: Int
    ) -> Self {
        Self(.convolutionFilters, [filters, images, g], shape.integers + [shape.depth, shares])
    }

    package static func pickPeaks(_ image: Place, _ values: Place, to y: Place, _ window: Window) -> Self {
        Self(.pickPeaks, [y, image, values], window.integers)
    }

    package static func dropPeaks(_ image: Place, _ values: Place, to y: Place, _ window: Window) -> Self {
        Self(.dropPeaks, [y, image, values], window.integers)
    }
}
