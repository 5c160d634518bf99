// What lies where a window over an image is largest.
#include "kernel.h"

/// The pixel of a plane that is largest under the window at (oh, ow), the first of equals; not a number is largest.
#define PEAK_UNDER(peak, oh, ow)                                                                                       \
    int64_t peak = -1;                                                                                                 \
    {                                                                                                                  \
        int64_t top = (oh)*n.stride_h - n.padding_h, left = (ow)*n.stride_w - n.padding_w;                             \
        int64_t bottom = least(n.H, top + n.kernel_h), right = least(n.W, left + n.kernel_w);                          \
        for (int64_t v = most(0, top); v < bottom; v++)                                                                \
            for (int64_t u = most(0, left); u < right; u++) {                                                          \
                float value = plane[v * n.W + u];                                                                      \
                if (peak < 0 || value > plane[peak] || (value != value && plane[peak] == plane[peak]))                 \
                    peak = v * n.W + u;                                                                                \
            }                                                                                                          \
    }

OFMU_KERNEL(peaks_pick) {
    OFMU_NUMBERS(peaks_pick)
    float *y = output(c, 0);
    int64_t area = n.out_h * n.out_w, pixels = n.H * n.W;
    for (int64_t unit = begin; unit < end; unit++) {
        const float *plane = input(c, 1) + unit / area * pixels;
        PEAK_UNDER(peak, unit % area / n.out_w, unit % n.out_w)
        y[unit] = peak < 0 ? 0 : input(c, 2)[unit / area * pixels + peak];
    }
}

// Every pixel collects from the windows over it, in their order.
OFMU_KERNEL(peaks_drop) {
    OFMU_NUMBERS(peaks_drop)
    float *y = output(c, 0);
    int64_t area = n.out_h * n.out_w, pixels = n.H * n.W;
    for (int64_t unit = begin; unit < end; unit++) {
        const float *plane = input(c, 1) + unit / pixels * pixels;
        const float *g = input(c, 2) + unit / pixels * area;
        int64_t pixel = unit % pixels, h = pixel / n.W + n.padding_h, w = pixel % n.W + n.padding_w;
        int64_t last_h = least(n.out_h - 1, h / n.stride_h), last_w = least(n.out_w - 1, w / n.stride_w);
        int64_t first_h = most(0, h - n.kernel_h + n.stride_h) / n.stride_h;
        int64_t first_w = most(0, w - n.kernel_w + n.stride_w) / n.stride_w;
        float total = 0;
        for (int64_t oh = first_h; oh <= last_h; oh++)
            for (int64_t ow = first_w; ow <= last_w; ow++) {
                PEAK_UNDER(peak, oh, ow)
                if (peak == pixel) total += g[oh * n.out_w + ow];
            }
        y[unit] = total;
    }
}
