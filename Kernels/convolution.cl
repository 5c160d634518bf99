// The three products of a convolution, element by element: each collects from all that meet, so that no two items write the same
// place and every sum has one order.

#define CONVOLUTION_SIZES                                                                                              \
    long height = n.H, width = n.W, out_h = n.out_h, out_w = n.out_w;                                                  \
    long kernel_h = n.kernel_h, kernel_w = n.kernel_w, stride_h = n.stride_h, stride_w = n.stride_w;                   \
    long padding_h = n.padding_h, padding_w = n.padding_w;                                                             \
    long depth = n.C / n.groups, group_filters = n.filters / n.groups;

// Taps along one axis whose pixel, `origin` + tap, lies in 0..<size.
#define FIRST_TAP(origin) max(0L, -(origin))
#define LAST_TAP(origin, size, taps) min((taps), (size) - (origin))

// A row is one row of one output plane: (image, filter, oh).
WALK_KERNEL ofmu_convolution(REALS(y), REALS(a), REALS(w), NUMBERS(convolution)) {
    USE(y);
    USE(a);
    USE(w);
    CONVOLUTION_SIZES
    FOR_WALK(row, ow, out_w)
    long oh = row % out_h, filter = row / out_h % n.filters, image = row / out_h / n.filters;
    if (image >= n.N) return;
    y += row * out_w;
    w += filter * depth * kernel_h * kernel_w;
    a += (image * n.C + filter / group_filters * depth) * height * width;
    long top = oh * stride_h - padding_h;
    long first = FIRST_TAP(top), last = LAST_TAP(top, height, kernel_h);
    EACH_COLUMN(ow) {
        long left = ow * stride_w - padding_w;
        long begin = FIRST_TAP(left), end = LAST_TAP(left, width, kernel_w);
        float total = 0.0f;
        for (long c = 0; c < depth; c++)
            for (long i = first; i < last; i++) {
                global float *pixels = a + (c * height + top + i) * width + left;
                global float *taps = w + (c * kernel_h + i) * kernel_w;
                for (long j = begin; j < end; j++) total = fma(pixels[j], taps[j], total);
            }
        y[ow] = total;
    }
}

// A row is one row of pixels: (image, channel, h).
WALK_KERNEL ofmu_convolution_image(REALS(a), REALS(w), REALS(g), NUMBERS(convolution_image)) {
    USE(a);
    USE(w);
    USE(g);
    CONVOLUTION_SIZES
    FOR_WALK(row, column, width)
    long h = row % height, channel = row / height % n.C, image = row / height / n.C;
    if (image >= n.N) return;
    a += row * width;
    long group = channel / depth, area = kernel_h * kernel_w;
    w += (group * group_filters * depth + channel % depth) * area;
    g += (image * n.filters + group * group_filters) * out_h * out_w;
    EACH_COLUMN(column) {
        float total = 0.0f;
        for (long i = 0; i < kernel_h; i++) {
            long top = h + padding_h - i, oh = top / stride_h;
            if (top < 0 || top % stride_h != 0 || oh >= out_h) continue;
            for (long j = 0; j < kernel_w; j++) {
                long left = column + padding_w - j, ow = left / stride_w;
                if (left < 0 || left % stride_w != 0 || ow >= out_w) continue;
                for (long f = 0; f < group_filters; f++)
                    total = fma(w[(f * depth * kernel_h + i) * kernel_w + j], g[(f * out_h + oh) * out_w + ow], total);
            }
        }
        a[column] = total;
    }
}

// A row is one row of taps for a share of the images: (share, filter, channel of the group, i).
WALK_KERNEL ofmu_convolution_filters(REALS(w), REALS(a), REALS(g), NUMBERS(convolution_filters)) {
    USE(w);
    USE(a);
    USE(g);
    CONVOLUTION_SIZES
    FOR_WALK(row, j, kernel_w)
    long i = row % kernel_h, rest = row / kernel_h;
    long channel = rest % depth;
    rest /= depth;
    long filter = rest % n.filters, share = rest / n.filters;
    if (share >= n.shares) return;
    w += row * kernel_w;
    a += (filter / group_filters * depth + channel) * height * width;
    g += filter * out_h * out_w;
    long begin = n.N * share / n.shares, end = n.N * (share + 1) / n.shares;
    EACH_COLUMN(j) {
        float total = 0.0f;
        for (long image = begin; image < end; image++)
            for (long oh = 0; oh < out_h; oh++) {
                long h = oh * stride_h + i - padding_h;
                if (h < 0 || h >= height) continue;
                global float *pixels = a + (image * n.C * height + h) * width + j - padding_w;
                global float *slopes = g + (image * n.filters * out_h + oh) * out_w;
                for (long ow = 0; ow < out_w; ow++) {
                    long x = ow * stride_w + j - padding_w;
                    if (x >= 0 && x < width) total = fma(pixels[ow * stride_w], slopes[ow], total);
                }
            }
        w[j] = total;
    }
}
