// Convolutions as sums of shifted rows. Planes are laid out so that a shift by one tap is an offset: with a pitch that leaves room for
// the window, and, where it moves by more than one pixel, with the pixels of each remainder in a plane of their own. A row of
// outputs and its neighbour are then one run, whose last few numbers beyond each row mean nothing and are dropped.
#include "convolution.h"

typedef float wide __attribute__((vector_size(64), aligned(4)));
typedef float half __attribute__((vector_size(32), aligned(4)));

enum {
    /// Numbers that `wide` and `half` hold.
    WIDE = 16,
    HALF = 8,
    /// Wides of the longest step, which reads and writes so many numbers beyond a run's end.
    LONGEST = 4,
    SLACK = LONGEST * WIDE,
    /// Numbers of planes, and of sums, that stay in the cache of a core.
    PLANES = 24576,
    SUMS = 49152,
    /// Filters whose sums fill the registers.
    BLOCK = 6,
};

OFMU_INLINE int64_t up(int64_t a, int64_t b) { return (a + b - 1) / b; }

/// How shifted planes lie: a channel has `phases` planes of `plane` numbers in rows of `pitch`, and tap t is at `offset[t]`.
typedef struct {
    int64_t pitch, rows, plane, phases_h, phases_w, taps;
    int64_t *offset;
} layout;

OFMU_INLINE int64_t channel_size(const layout *l) { return l->phases_h * l->phases_w * l->plane; }

/// sums[f][q] (+)= Σ over channels and taps of weights·planes[c][offset + q], for F filters and V wides from q on. The weights lie
/// as [channel][tap][F].
OFMU_INLINE void sweep(int F, int V, float *sums, int64_t pitch, const float *planes, const float *weights,
    const layout *l, int64_t channels, int adds) {
    OFMU_CONTRACT
    wide total[F * V];
#pragma clang loop unroll(full)
    for (int f = 0; f < F; f++)
#pragma clang loop unroll(full)
        for (int v = 0; v < V; v++) total[f * V + v] = adds ? *(const wide *)(sums + f * pitch + v * WIDE) : (wide){0};
    int64_t size = channel_size(l);
    for (int64_t c = 0; c < channels; c++)
        for (int64_t t = 0; t < l->taps; t++) {
            const float *from = planes + c * size + l->offset[t];
            wide x[V];
#pragma clang loop unroll(full)
            for (int v = 0; v < V; v++) x[v] = *(const wide *)(from + v * WIDE);
#pragma clang loop unroll(full)
            for (int f = 0; f < F; f++)
#pragma clang loop unroll(full)
                for (int v = 0; v < V; v++) total[f * V + v] += weights[f] * x[v];
            weights += F;
        }
#pragma clang loop unroll(full)
    for (int f = 0; f < F; f++)
#pragma clang loop unroll(full)
        for (int v = 0; v < V; v++) *(wide *)(sums + f * pitch + v * WIDE) = total[f * V + v];
}

/// Filters of the block that begins at f.
OFMU_INLINE int64_t block_at(int64_t f, int64_t filters) {
    int64_t left = filters - f;
    return left >= BLOCK ? BLOCK : left >= 4 ? 4 : left >= 2 ? 2 : 1;
}

/// The same for `length` numbers of all filters. Packed weights follow each other block by block.
OFMU_INLINE void sweep_all(float *sums, int64_t pitch, int64_t length, const float *planes, const float *weights,
    const layout *l, int64_t channels, int64_t filters, int adds) {
    for (int64_t f = 0; f < filters;) {
        int64_t taken = block_at(f, filters);
        float *to = sums + f * pitch;
        if (taken == BLOCK)
            for (int64_t q = 0; q < length; q += WIDE)
                sweep(BLOCK, 1, to + q, pitch, planes + q, weights, l, channels, adds);
        else if (taken == 4)
            for (int64_t q = 0; q < length; q += WIDE)
                sweep(4, 1, to + q, pitch, planes + q, weights, l, channels, adds);
        else if (taken == 2)
            for (int64_t q = 0; q < length; q += 2 * WIDE)
                sweep(2, 2, to + q, pitch, planes + q, weights, l, channels, adds);
        else
            for (int64_t q = 0; q < length; q += 4 * WIDE)
                sweep(1, 4, to + q, pitch, planes + q, weights, l, channels, adds);
        weights += taken * channels * l->taps;
        f += taken;
    }
}

/// Rows `first..<first + l->rows` of a plane's layout, by remainder: row r of remainder (i, j) holds the pixels
/// (r·stride + i − padding, ·).
OFMU_INLINE void lay_image(float *planes, const ofmu_convolution *g, const float *a, int64_t first, const layout *l) {
    for (int64_t i = 0; i < l->phases_h; i++)
        for (int64_t j = 0; j < l->phases_w; j++, planes += l->plane) {
            float *row = planes;
            for (int64_t r = first; r < first + l->rows; r++, row += l->pitch) {
                int64_t h = r * g->stride_h + i - g->padding_h;
                int64_t low = least(l->pitch, up(most(0, g->padding_w - j), g->stride_w));
                int64_t high = least(l->pitch, up(most(0, g->width + g->padding_w - j), g->stride_w));
                if (h < 0 || h >= g->height) high = low;
                for (int64_t u = 0; u < low; u++) row[u] = 0;
                const float *from = a + h * g->width + j - g->padding_w;
                if (g->stride_w == 1)
                    for (int64_t u = low; u < high; u++) row[u] = from[u];
                else
                    for (int64_t u = low; u < high; u++) row[u] = from[u * g->stride_w];
                for (int64_t u = most(low, high); u < l->pitch; u++) row[u] = 0;
            }
            for (int64_t u = l->rows * l->pitch; u < l->plane; u++) planes[u] = 0;
        }
}

/// A layout for the images of a call, so many output rows at once.
OFMU_INLINE layout image_layout(const ofmu_convolution *g, int64_t rows, int64_t *offset) {
    layout l = {.taps = g->taps, .offset = offset};
    l.phases_h = least(g->stride_h, g->kernel_h);
    l.phases_w = least(g->stride_w, g->kernel_w);
    l.pitch = g->out_w + (g->kernel_w - 1) / g->stride_w;
    l.rows = rows + (g->kernel_h - 1) / g->stride_h;
    l.plane = l.rows * l.pitch + (g->kernel_w - 1) / g->stride_w + SLACK;
    for (int64_t i = 0; i < g->kernel_h; i++)
        for (int64_t j = 0; j < g->kernel_w; j++)
            *offset++ = (i % g->stride_h * l.phases_w + j % g->stride_w) * l.plane + i / g->stride_h * l.pitch +
                        j / g->stride_w;
    return l;
}

/// Output rows of `filters` planes whose sums stay in the cache.
OFMU_INLINE int64_t band_rows(int64_t rows, int64_t pitch, int64_t filters) {
    return most(1, least(rows, SUMS / (pitch * filters)));
}

/// Weights of `count` channels from `first` on as `sweep_all` reads them: block by block of `outputs`.
/// - element: where the weight of output o, channel c and tap t is found.
#define PACK(to, outputs, first, count, taps, element)                                                                 \
    for (int64_t o = 0; o < (outputs); o += block_at(o, outputs))                                                      \
        for (int64_t c = first; c < (first) + (count); c++)                                                            \
            for (int64_t t = 0; t < (taps); t++)                                                                       \
                for (int64_t b = 0; b < block_at(o, outputs); b++) *(to)++ = element(o + b, c, t);

OFMU_CLONES void ofmu_convolve(const ofmu_convolution *g, const float *a, const float *w, float *y, int64_t images) {
    int64_t offset[most(1, g->taps)];
    int64_t pitch = g->out_w + (g->kernel_w - 1) / g->stride_w, band = band_rows(g->out_h, pitch, g->own);
    SCRATCH(weights, g->own * g->depth * g->taps);
    for (int64_t top = 0; top < g->out_h; top += band) {
        int64_t rows = least(band, g->out_h - top), length = rows * pitch, stride = length + SLACK;
        layout l = image_layout(g, rows, offset);
        int64_t size = channel_size(&l), depth = most(1, least(g->depth, PLANES / size));
        float *to = weights;
#define WEIGHT(o, c, t) w[((o)*g->depth + (c)) * g->taps + (t)]
        for (int64_t first = 0; first < g->depth; first += depth)
            PACK(to, g->own, first, least(depth, g->depth - first), g->taps, WEIGHT)
#undef WEIGHT
        SCRATCH(planes, depth * size);
        SCRATCH(sums, g->own * stride);
        for (int64_t image = 0; image < images; image++) {
            for (int64_t first = 0; first < g->depth; first += depth) {
                int64_t channels = least(depth, g->depth - first);
                for (int64_t c = 0; c < channels; c++)
                    lay_image(planes + c * size, g, a + (image * g->channels + first + c) * g->plane, top, &l);
                sweep_all(
                    sums, stride, length, planes, weights + first * g->own * g->taps, &l, channels, g->own, first > 0);
            }
            for (int64_t f = 0; f < g->own; f++)
                for (int64_t r = 0; r < rows; r++)
                    memcpy(y + (image * g->filters + f) * g->area + (top + r) * g->out_w, sums + f * stride + r * pitch,
                        (size_t)g->out_w * sizeof(float));
        }
    }
}

/// Slopes of one output plane in rows `first..<first + l->rows` of a layout with a border before and above.
OFMU_INLINE void lay_slopes(
    float *plane, const ofmu_convolution *g, const float *y, int64_t first, int64_t border, const layout *l) {
    memset(plane, 0, (size_t)l->plane * sizeof(float));
    for (int64_t r = most(0, -first); r < least(l->rows, g->out_h - first); r++)
        memcpy(plane + r * l->pitch + border, y + (first + r) * g->out_w,
            (size_t)least(g->out_w, l->pitch - border) * sizeof(float));
}

// The image's slope at row r·stride + i − padding collects the taps of remainder i alone, from the outputs' slopes at rows r, r − 1, …:
// a convolution of those, laid out with a border, with the taps in reverse.
OFMU_CLONES void ofmu_convolve_image(
    const ofmu_convolution *g, float *a, const float *w, const float *y, int64_t images) {
    int64_t offset[most(1, g->taps)], from[most(1, g->taps)];
    // Taps and pixels of a remainder, at most.
    int64_t taps_h = up(g->kernel_h, g->stride_h), taps_w = up(g->kernel_w, g->stride_w);
    int64_t rows_all = (g->height - 1 + g->padding_h) / g->stride_h + 1,
            columns = (g->width - 1 + g->padding_w) / g->stride_w + 1;
    int64_t pitch = columns + taps_w - 1, band = band_rows(rows_all, pitch, g->depth);
    // Pixels that no tap looks at.
    if (g->kernel_h < g->stride_h || g->kernel_w < g->stride_w ||
        (g->out_h - 1) * g->stride_h + g->kernel_h < g->height + g->padding_h ||
        (g->out_w - 1) * g->stride_w + g->kernel_w < g->width + g->padding_w)
        for (int64_t image = 0; image < images; image++)
            memset(a + image * g->channels * g->plane, 0, (size_t)(g->depth * g->plane) * sizeof(float));
    SCRATCH(weights, g->depth * g->own * taps_h * taps_w);
    for (int64_t top = 0; top < rows_all; top += band) {
        int64_t rows = least(band, rows_all - top), length = rows * pitch, stride = length + SLACK;
        layout l = {.pitch = pitch, .rows = rows + taps_h - 1, .phases_h = 1, .phases_w = 1, .offset = offset};
        l.plane = l.rows * pitch + taps_w + SLACK;
        int64_t together = most(1, least(g->own, PLANES / l.plane));
        SCRATCH(planes, together * l.plane);
        SCRATCH(sums, g->depth * stride);
        for (int64_t i = 0; i < least(g->stride_h, g->kernel_h); i++)
            for (int64_t j = 0; j < least(g->stride_w, g->kernel_w); j++) {
                l.taps = 0;
                for (int64_t v = 0; i + v * g->stride_h < g->kernel_h; v++)
                    for (int64_t u = 0; j + u * g->stride_w < g->kernel_w; u++) {
                        offset[l.taps] = (taps_h - 1 - v) * pitch + taps_w - 1 - u;
                        from[l.taps++] = (i + v * g->stride_h) * g->kernel_w + j + u * g->stride_w;
                    }
                float *to = weights;
#define WEIGHT(o, c, t) w[((c)*g->depth + (o)) * g->taps + from[t]]
                for (int64_t first = 0; first < g->own; first += together)
                    PACK(to, g->depth, first, least(together, g->own - first), l.taps, WEIGHT)
#undef WEIGHT
                for (int64_t image = 0; image < images; image++) {
                    for (int64_t first = 0; first < g->own; first += together) {
                        int64_t filters = least(together, g->own - first);
                        for (int64_t f = 0; f < filters; f++)
                            lay_slopes(planes + f * l.plane, g, y + (image * g->filters + first + f) * g->area,
                                top - (taps_h - 1), taps_w - 1, &l);
                        sweep_all(sums, stride, length, planes, weights + first * g->depth * l.taps, &l, filters,
                            g->depth, first > 0);
                    }
                    for (int64_t c = 0; c < g->depth; c++)
                        for (int64_t r = 0; r < rows; r++) {
                            int64_t h = (top + r) * g->stride_h + i - g->padding_h, x = j - g->padding_w;
                            if (h < 0 || h >= g->height) continue;
                            const float *row = sums + c * stride + r * pitch;
                            float *pixels = a + (image * g->channels + c) * g->plane + h * g->width;
                            int64_t begin = x < 0 ? up(-x, g->stride_w) : 0,
                                    end = least(columns, up(g->width - x, g->stride_w));
                            if (g->stride_w == 1)
                                for (int64_t u = begin; u < end; u++) pixels[u + x] = row[u];
                            else
                                for (int64_t u = begin; u < end; u++) pixels[u * g->stride_w + x] = row[u];
                        }
                }
            }
    }
}

/// w[f][t] += Σ over images and q of slopes[f][q]·planes[offset t + q], for F filters and T taps.
OFMU_INLINE void correlate(int F, int T, float *w, int64_t filter_pitch, const float *planes, int64_t image_size,
    const int64_t *offset, const float *slopes, int64_t slope_pitch, int64_t slope_size, int64_t images,
    int64_t length) {
    OFMU_REDUCTION
    half total[F * T];
#pragma clang loop unroll(full)
    for (int k = 0; k < F * T; k++) total[k] = (half){0};
    for (int64_t n = 0; n < images; n++)
        for (int64_t q = 0; q < length; q += HALF) {
            half s[F];
#pragma clang loop unroll(full)
            for (int f = 0; f < F; f++) s[f] = *(const half *)(slopes + n * slope_size + f * slope_pitch + q);
#pragma clang loop unroll(full)
            for (int t = 0; t < T; t++) {
                half x = *(const half *)(planes + n * image_size + offset[t] + q);
#pragma clang loop unroll(full)
                for (int f = 0; f < F; f++) total[f * T + t] += s[f] * x;
            }
        }
#pragma clang loop unroll(full)
    for (int f = 0; f < F; f++)
#pragma clang loop unroll(full)
        for (int t = 0; t < T; t++) {
            half a = total[f * T + t];
            a += __builtin_shufflevector(a, a, 4, 5, 6, 7, 0, 1, 2, 3);
            a += __builtin_shufflevector(a, a, 2, 3, 0, 1, 6, 7, 4, 5);
            w[f * filter_pitch + t] += a[0] + a[1];
        }
}

OFMU_CLONES void ofmu_convolve_filters(
    const ofmu_convolution *g, const float *a, float *w, const float *y, int64_t images, int64_t first, int64_t last) {
    int64_t offset[most(1, g->taps)], channels = last - first, filter_pitch = g->depth * g->taps;
    int64_t pitch = g->out_w + (g->kernel_w - 1) / g->stride_w, band = band_rows(g->out_h, pitch, g->own);
    for (int64_t top = 0; top < g->out_h; top += band) {
        int64_t rows = least(band, g->out_h - top), length = rows * pitch, stride = up(length, HALF) * HALF;
        layout l = image_layout(g, rows, offset);
        int64_t size = channel_size(&l),
                together = most(1, least(images, least(PLANES / (channels * size), SUMS / (g->own * stride))));
        SCRATCH(planes, together * channels * size);
        SCRATCH(slopes, together * g->own * stride);
        for (int64_t image = 0; image < images; image += together) {
            int64_t count = least(together, images - image);
            for (int64_t n = 0; n < count; n++) {
                for (int64_t c = 0; c < channels; c++)
                    lay_image(planes + (n * channels + c) * size, g,
                        a + ((image + n) * g->channels + first + c) * g->plane, top, &l);
                for (int64_t f = 0; f < g->own; f++) {
                    // Zeros where a row of the layout is longer than one of the outputs.
                    float *to = slopes + (n * g->own + f) * stride;
                    memset(to, 0, (size_t)stride * sizeof(float));
                    for (int64_t r = 0; r < rows; r++)
                        memcpy(to + r * pitch, y + ((image + n) * g->filters + f) * g->area + (top + r) * g->out_w,
                            (size_t)g->out_w * sizeof(float));
                }
            }
            int64_t image_size = channels * size, slope_size = g->own * stride;
#define CORRELATE(F, T)                                                                                                \
    correlate(F, T, w + f * filter_pitch + (first + c) * g->taps + t, filter_pitch, planes + c * size, image_size,     \
        offset + t, slopes + f * stride, stride, slope_size, count, length)
            for (int64_t f = 0; f < g->own;) {
                int64_t left = g->own - f, block = left == 4 || left == 2 ? 2 : left >= 3 ? 3 : 1;
                for (int64_t c = 0; c < channels; c++)
                    for (int64_t t = 0; t < g->taps;) {
                        int64_t taps = g->taps - t >= 3 ? 3 : 1;
                        if (block == 3 && taps == 3)
                            CORRELATE(3, 3);
                        else if (block == 2 && taps == 3)
                            CORRELATE(2, 3);
                        else if (taps == 3)
                            CORRELATE(1, 3);
                        else if (block == 3)
                            CORRELATE(3, 1);
                        else if (block == 2)
                            CORRELATE(2, 1);
                        else
                            CORRELATE(1, 1);
                        t += taps;
                    }
                f += block;
            }
        }
    }
}
