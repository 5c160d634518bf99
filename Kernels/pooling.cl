// What lies where a window over an image is largest.

// The pixel of a plane that is largest under the window at (oh, ow), the first of equals; not a number is largest.
static inline long peak_under(
    global float *plane, long height, long width, long top, long left, long kernel_h, long kernel_w) {
    long peak = -1, bottom = min(height, top + kernel_h), right = min(width, left + kernel_w);
    for (long v = max(0L, top); v < bottom; v++)
        for (long u = max(0L, left); u < right; u++) {
            long at = v * width + u;
            if (peak < 0 || plane[at] > plane[peak] || (isnan(plane[at]) && !isnan(plane[peak]))) peak = at;
        }
    return peak;
}

#define PEAK_UNDER(oh, ow)                                                                                             \
    peak_under(a, n.H, n.W, (oh)*n.stride_h - n.padding_h, (ow)*n.stride_w - n.padding_w, n.kernel_h, n.kernel_w)

// A row is one row of one output plane: (image, channel, oh).
WALK_KERNEL ofmu_peaks_pick(REALS(y), REALS(a), REALS(b), NUMBERS(peaks_pick)) {
    USE(y);
    USE(a);
    USE(b);
    FOR_WALK(row, ow, n.out_w)
    long oh = row % n.out_h, plane = row / n.out_h;
    if (plane >= n.N * n.C) return;
    y += row * n.out_w;
    a += plane * n.H * n.W;
    b += plane * n.H * n.W;
    EACH_COLUMN(ow) {
        long peak = PEAK_UNDER(oh, ow);
        y[ow] = peak < 0 ? 0.0f : b[peak];
    }
}

// A row is one row of pixels: (image, channel, h). Every pixel collects from the windows over it, in their order.
WALK_KERNEL ofmu_peaks_drop(REALS(y), REALS(a), REALS(g), NUMBERS(peaks_drop)) {
    USE(y);
    USE(a);
    USE(g);
    FOR_WALK(row, column, n.W)
    long h = row % n.H, plane = row / n.H;
    if (plane >= n.N * n.C) return;
    y += row * n.W;
    a += plane * n.H * n.W;
    g += plane * n.out_h * n.out_w;
    long below = h + n.padding_h, last_h = min(n.out_h - 1, below / n.stride_h);
    long first_h = max(0L, below - n.kernel_h + n.stride_h) / n.stride_h;
    EACH_COLUMN(column) {
        long beside = column + n.padding_w, last_w = min(n.out_w - 1, beside / n.stride_w);
        long first_w = max(0L, beside - n.kernel_w + n.stride_w) / n.stride_w;
        float total = 0.0f;
        for (long oh = first_h; oh <= last_h; oh++)
            for (long ow = first_w; ow <= last_w; ow++)
                if (PEAK_UNDER(oh, ow) == h * n.W + column) total += g[oh * n.out_w + ow];
        y[column] = total;
    }
}
