// The three products of a convolution, without a stored matrix of patches: tiles of it are made where they are multiplied.
#include "convolution.h"
#include <cblas.h>

/// Elements of a tile of patches: as many as stay in the cache of one core beside the factors.
enum { TILE = 32768, TILE_COLUMNS = 512, MOST_WEIGHTS = 262144 };

/// Neighbouring places in one row of one output plane.
typedef struct {
    int64_t image, oh, ow, count;
} run;

/// The run that begins at column `q`, counted over images and places, and ends before `end`.
OFMU_INLINE run run_at(const ofmu_convolution *g, int64_t q, int64_t end) {
    int64_t place = q % g->area;
    run r = {.image = q / g->area, .oh = place / g->out_w, .ow = place % g->out_w};
    r.count = least(g->out_w - r.ow, end - q);
    return r;
}

/// Of a run's places those low..<high whose tap j lies in the image, counted from the run's first.
OFMU_INLINE void run_limits(const ofmu_convolution *g, const run *r, int64_t j, int64_t *low, int64_t *high) {
    int64_t first = (most(0, g->padding_w - j) + g->stride_w - 1) / g->stride_w - r->ow;
    int64_t last = (most(0, g->width + g->padding_w - j) + g->stride_w - 1) / g->stride_w - r->ow;
    *low = least(most(0, first), r->count);
    *high = most(*low, least(last, r->count));
}

/// Patches as columns `begin..<end` over images and places; rows are the taps of channels `first..<last` of the image.
OFMU_INLINE void gather_patches(float *patches, const ofmu_convolution *g, const float *a, int64_t first, int64_t last,
    int64_t begin, int64_t end) {
    int64_t pitch = end - begin, plane = g->height * g->width;
    for (int64_t channel = first; channel < last; channel++)
        for (int64_t i = 0; i < g->kernel_h; i++)
            for (int64_t j = 0; j < g->kernel_w; j++, patches += pitch)
                for (int64_t q = begin; q < end;) {
                    run r = run_at(g, q, end);
                    float *to = patches + q - begin;
                    q += r.count;
                    int64_t h = r.oh * g->stride_h - g->padding_h + i, low = 0, high = 0;
                    if (h >= 0 && h < g->height) run_limits(g, &r, j, &low, &high);
                    for (int64_t k = 0; k < low; k++) to[k] = 0;
                    for (int64_t k = high; k < r.count; k++) to[k] = 0;
                    const float *from = a + (r.image * g->channels + channel) * plane + h * g->width - g->padding_w + j;
                    if (g->stride_w == 1)
                        for (int64_t k = low; k < high; k++) to[k] = from[r.ow + k];
                    else
                        for (int64_t k = low; k < high; k++) to[k] = from[(r.ow + k) * g->stride_w];
                }
}

/// The transpose of `gather_patches`: adds to the images.
OFMU_INLINE void scatter_patches(const float *patches, const ofmu_convolution *g, float *a, int64_t first, int64_t last,
    int64_t begin, int64_t end) {
    int64_t pitch = end - begin, plane = g->height * g->width;
    for (int64_t channel = first; channel < last; channel++)
        for (int64_t i = 0; i < g->kernel_h; i++)
            for (int64_t j = 0; j < g->kernel_w; j++, patches += pitch)
                for (int64_t q = begin; q < end;) {
                    run r = run_at(g, q, end);
                    const float *restrict from = patches + q - begin;
                    q += r.count;
                    int64_t h = r.oh * g->stride_h - g->padding_h + i, low, high;
                    if (h < 0 || h >= g->height) continue;
                    run_limits(g, &r, j, &low, &high);
                    float *restrict to =
                        a + (r.image * g->channels + channel) * plane + h * g->width - g->padding_w + j;
                    if (g->stride_w == 1)
                        for (int64_t k = low; k < high; k++) to[r.ow + k] += from[k];
                    else
                        for (int64_t k = low; k < high; k++) to[(r.ow + k) * g->stride_w] += from[k];
                }
}

/// Columns `begin..<end` of rows `first..<first + rows` of [images, filters, area], as a matrix of their own.
OFMU_INLINE void gather_outputs(
    float *to, const ofmu_convolution *g, const float *y, int64_t first, int64_t rows, int64_t begin, int64_t end) {
    for (int64_t row = 0; row < rows; row++)
        for (int64_t q = begin; q < end;) {
            int64_t image = q / g->area, place = q % g->area, count = least(g->area - place, end - q);
            memcpy(to, y + (image * g->filters + first + row) * g->area + place, (size_t)count * sizeof(float));
            to += count;
            q += count;
        }
}

/// How many columns a tile has and how many channels, so that patches, and sums where they lie apart, stay small.
OFMU_INLINE void tile_sizes(const ofmu_convolution *g, int64_t columns, int64_t *width, int64_t *channels) {
    int64_t widest = least(TILE_COLUMNS, most(16, least(4 * TILE / g->taps, 8 * TILE / g->own)));
    int64_t tiles = (columns + widest - 1) / widest;
    *width = least(columns, ((columns + tiles - 1) / tiles + 15) / 16 * 16);
    *channels = most(1, least(g->depth, TILE / (*width * g->taps)));
}

/// Whether a tile's patches are the image itself.
OFMU_INLINE int is_pointwise(const ofmu_convolution *g) {
    return g->taps == 1 && g->stride_h == 1 && g->stride_w == 1 && g->padding_h == 0 && g->padding_w == 0;
}

void ofmu_kernel_convolution(const ofmu_call *c, int64_t begin, int64_t end);
void ofmu_kernel_convolution_image(const ofmu_call *c, int64_t begin, int64_t end);
void ofmu_kernel_convolution_filters(const ofmu_call *c, int64_t begin, int64_t end);

/// Whether products are made straight from the image: rows must not be so short that what lies between them is much of the work, and
/// filters not so many that BLAS makes up for the patches that it needs.
OFMU_INLINE int is_direct(const ofmu_convolution *g) {
    return g->taps > 1 && g->out_w >= 7 && g->own * g->depth * g->taps <= MOST_WEIGHTS;
}

// Units: blocks of images (the backend's `parts` says of how many) for each group.
void ofmu_kernel_convolution(const ofmu_call *c, int64_t begin, int64_t end) {
    OFMU_NUMBERS(convolution)
    ofmu_convolution g = OFMU_CONVOLUTION(n);
    int64_t block = most(1, c->parts), rows = g.own;
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t group = unit % g.groups, image = unit / g.groups * block, images = least(block, g.images - image);
        const float *a = input(c, 1) + image * g.channels * g.height * g.width;
        const float *w = input(c, 2) + group * rows * g.depth * g.taps;
        float *y = output(c, 0) + image * g.filters * g.area;
        int64_t width, channels, columns = images * g.area;
        if (is_direct(&g)) {
            ofmu_convolve(&g, a + group * g.depth * g.plane, w, y + group * rows * g.area, images);
            continue;
        }
        if (is_pointwise(&g)) {
            for (int64_t k = 0; k < images; k++)
                cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)g.area, (int)g.depth, 1, w,
                    (int)g.depth, a + (k * g.channels + group * g.depth) * g.area, (int)g.area, 0,
                    y + (k * g.filters + group * rows) * g.area, (int)g.area);
            continue;
        }
        tile_sizes(&g, columns, &width, &channels);
        SCRATCH(patches, channels * g.taps * width);
        SCRATCH(sums, images > 1 ? rows * width : 0);
        for (int64_t from = 0; from < columns; from += width) {
            int64_t count = least(width, columns - from);
            float *target = images > 1 ? sums : y + group * rows * g.area + from;
            int64_t pitch = images > 1 ? count : g.area;
            for (int64_t channel = 0; channel < g.depth; channel += channels) {
                int64_t last = least(g.depth, channel + channels), depth = (last - channel) * g.taps;
                gather_patches(patches, &g, a, group * g.depth + channel, group * g.depth + last, from, from + count);
                cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)count, (int)depth, 1,
                    w + channel * g.taps, (int)(g.depth * g.taps), patches, (int)count, channel > 0, target,
                    (int)pitch);
            }
            if (images == 1) continue;
            const float *source = sums;
            for (int64_t row = 0; row < rows; row++)
                for (int64_t q = from; q < from + count;) {
                    int64_t k = q / g.area, place = q % g.area, length = least(g.area - place, from + count - q);
                    memcpy(y + (k * g.filters + group * rows + row) * g.area + place, source,
                        (size_t)length * sizeof(float));
                    source += length;
                    q += length;
                }
        }
    }
}

// Units as above.
void ofmu_kernel_convolution_image(const ofmu_call *c, int64_t begin, int64_t end) {
    OFMU_NUMBERS(convolution_image)
    ofmu_convolution g = OFMU_CONVOLUTION(n);
    int64_t block = most(1, c->parts), rows = g.own, plane = g.height * g.width;
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t group = unit % g.groups, image = unit / g.groups * block, images = least(block, g.images - image);
        float *a = output(c, 0) + image * g.channels * plane;
        const float *w = input(c, 1) + group * rows * g.depth * g.taps;
        const float *y = input(c, 2) + image * g.filters * g.area;
        int64_t width, channels, columns = images * g.area;
        if (is_direct(&g)) {
            ofmu_convolve_image(&g, a + group * g.depth * plane, w, y + group * rows * g.area, images);
            continue;
        }
        if (is_pointwise(&g)) {
            for (int64_t k = 0; k < images; k++)
                cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)g.depth, (int)g.area, (int)rows, 1, w,
                    (int)g.depth, y + (k * g.filters + group * rows) * g.area, (int)g.area, 0,
                    a + (k * g.channels + group * g.depth) * plane, (int)plane);
            continue;
        }
        for (int64_t k = 0; k < images; k++)
            memset(a + (k * g.channels + group * g.depth) * plane, 0, (size_t)(g.depth * plane) * sizeof(float));
        tile_sizes(&g, columns, &width, &channels);
        SCRATCH(patches, channels * g.taps * width);
        SCRATCH(known, images > 1 ? rows * width : 0);
        for (int64_t from = 0; from < columns; from += width) {
            int64_t count = least(width, columns - from);
            const float *source = images > 1 ? known : y + group * rows * g.area + from;
            int64_t pitch = images > 1 ? count : g.area;
            if (images > 1) gather_outputs(known, &g, y, group * rows, rows, from, from + count);
            for (int64_t channel = 0; channel < g.depth; channel += channels) {
                int64_t last = least(g.depth, channel + channels), depth = (last - channel) * g.taps;
                cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, (int)depth, (int)count, (int)rows, 1,
                    w + channel * g.taps, (int)(g.depth * g.taps), source, (int)pitch, 0, patches, (int)count);
                scatter_patches(patches, &g, a, group * g.depth + channel, group * g.depth + last, from, from + count);
            }
        }
    }
}

// Units: blocks of `parts` channels of a group, for each group and share of the images.
void ofmu_kernel_convolution_filters(const ofmu_call *c, int64_t begin, int64_t end) {
    OFMU_NUMBERS(convolution_filters)
    ofmu_convolution g = OFMU_CONVOLUTION(n);
    int64_t most_channels = most(1, c->parts), blocks = (g.depth + most_channels - 1) / most_channels, rows = g.own;
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t block = unit % blocks, group = unit / blocks % g.groups, share = unit / blocks / g.groups;
        int64_t first = block * most_channels, last = least(g.depth, first + most_channels), pitch = g.depth * g.taps;
        float *w = output(c, 0) + (share * g.filters + group * rows) * pitch + first * g.taps;
        for (int64_t row = 0; row < rows; row++)
            memset(w + row * pitch, 0, (size_t)((last - first) * g.taps) * sizeof(float));
        if (is_direct(&g)) {
            int64_t image = g.images * share / n.shares, end_image = g.images * (share + 1) / n.shares;
            ofmu_convolve_filters(&g, input(c, 1) + (image * g.channels + group * g.depth) * g.plane,
                w - first * g.taps, input(c, 2) + (image * g.filters + group * rows) * g.area, end_image - image, first,
                last);
            continue;
        }
        int64_t width = most(16, least(TILE_COLUMNS, least(4 * TILE / ((last - first) * g.taps), 8 * TILE / rows)));
        int64_t to = g.images * (share + 1) / n.shares * g.area;
        SCRATCH(patches, (last - first) * g.taps * width);
        SCRATCH(known, rows * width);
        for (int64_t from = g.images * share / n.shares * g.area; from < to;) {
            int64_t count = least(width, to - from);
            // Tiles within one image are read where they are.
            int64_t left = g.area - from % g.area;
            int inside = left >= 64 || count <= left;
            if (inside) count = least(count, left);
            const float *source = known;
            if (inside)
                source = input(c, 2) + (from / g.area * g.filters + group * rows) * g.area + from % g.area;
            else
                gather_outputs(known, &g, input(c, 2), group * rows, rows, from, from + count);
            gather_patches(
                patches, &g, input(c, 1), group * g.depth + first, group * g.depth + last, from, from + count);
            cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)((last - first) * g.taps), (int)count,
                1, source, (int)(inside ? g.area : count), patches, (int)count, 1, w, (int)pitch);
            from += count;
        }
    }
}
