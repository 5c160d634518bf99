// Kernels that move values by index: rotary embedding, rows by id, image patches.
#include "kernel.h"

OFMU_KERNEL(rope) {
    OFMU_CONTRACT
    int64_t heads = c->n[1], size = c->n[2], rotary = c->n[3], half = rotary / 2;
    float sign = (float)c->n[4];
    int64_t token_stride = c->n[5], head_stride = c->n[6];
    int64_t places = c->n[7];
    const int32_t *positions = indices(c, 4);
    while (begin < end) {
        int64_t head = begin / size, first = begin % size;
        int64_t last = least(size, first + end - begin);
        int64_t token = head / heads;
        float *restrict y = output(c, 0) + head * size;
        const float *a = input(c, 1) + token * token_stride + head % heads * head_stride;
        int64_t position = positions[token];
        begin += last - first;
        if (position < 0 || position >= places) {
            for (int64_t i = first; i < last; i++) y[i] = a[i];
            continue;
        }
        const float *cosine = input(c, 2) + position * half;
        const float *sine = input(c, 3) + position * half;
        for (int64_t i = first; i < least(last, half); i++) y[i] = a[i] * cosine[i] - a[i + half] * (sign * sine[i]);
        for (int64_t i = most(first, half) - half; i < least(last, 2 * half) - half; i++)
            y[i + half] = a[i + half] * cosine[i] + a[i] * (sign * sine[i]);
        for (int64_t i = most(first, 2 * half); i < last; i++) y[i] = a[i];
    }
}

OFMU_KERNEL(gather_rows) {
    float *y = output(c, 0);
    const float *table = input(c, 1);
    const int32_t *ids = indices(c, 2);
    int64_t columns = c->n[1], stride = c->n[2], places = c->n[3];
    while (begin < end) {
        int64_t row = begin / columns, column = begin % columns;
        int64_t steps = least(end - begin, columns - column);
        if (ids[row] < 0 || ids[row] >= places)
            memset(y + begin, 0, (size_t)steps * sizeof(float));
        else
            memcpy(y + begin, table + ids[row] * stride + column, (size_t)steps * sizeof(float));
        begin += steps;
    }
}

// Units are columns of y: each is summed by one thread in the order of the rows, so the result is the same however the
// columns are divided, and only the rows named by an id are touched when accumulating.
OFMU_KERNEL(scatter_rows) {
    float *y = output(c, 0);
    const float *a = input(c, 1);
    const int32_t *ids = indices(c, 2);
    int64_t rows = c->n[0], columns = c->n[1], places = c->n[2], width = end - begin;
    if (!c->n[3]) {
        if (width == columns)
            memset(y, 0, (size_t)(places * columns) * sizeof(float));
        else
            for (int64_t v = 0; v < places; v++) memset(y + v * columns + begin, 0, (size_t)width * sizeof(float));
    }
    for (int64_t r = 0; r < rows; r++) {
        if (ids[r] < 0 || ids[r] >= places) continue;
        float *restrict to = y + ids[r] * columns + begin;
        const float *from = a + r * columns + begin;
        for (int64_t i = 0; i < width; i++) to[i] += from[i];
    }
}

/// The integers of unfold and fold.
typedef struct {
    int64_t images, channels, height, width, kernel_h, kernel_w, stride_h, stride_w, pad_h, pad_w, out_h, out_w;
} patches;

OFMU_INLINE patches patches_of(const ofmu_call *c) {
    patches p;
    memcpy(&p, c->n, sizeof p);
    return p;
}

OFMU_KERNEL(unfold) {
    float *y = output(c, 0);
    patches p = patches_of(c);
    while (begin < end) {
        int64_t line = begin / p.out_w, first = begin % p.out_w;
        int64_t last = least(p.out_w, first + end - begin);
        int64_t oh = line % p.out_h, row = line / p.out_h;
        int64_t j = row % p.kernel_w, i = row / p.kernel_w % p.kernel_h, plane = row / p.kernel_w / p.kernel_h;
        int64_t h = oh * p.stride_h - p.pad_h + i;
        float *to = y + line * p.out_w;
        // Output columns low..<high lie inside the image; the rest is padding.
        int64_t low = first, high = first;
        if (h >= 0 && h < p.height) {
            low = most(first, (most(0, p.pad_w - j) + p.stride_w - 1) / p.stride_w);
            high = least(last, (most(0, p.width + p.pad_w - j) + p.stride_w - 1) / p.stride_w);
            low = least(low, last);
            high = most(low, high);
        }
        for (int64_t ow = first; ow < low; ow++) to[ow] = 0;
        for (int64_t ow = high; ow < last; ow++) to[ow] = 0;
        if (low < high) {
            const float *a = input(c, 1) + (plane * p.height + h) * p.width + low * p.stride_w - p.pad_w + j;
            if (p.stride_w == 1)
                memcpy(to + low, a, (size_t)(high - low) * sizeof(float));
            else
                for (int64_t k = 0; k < high - low; k++) to[low + k] = a[k * p.stride_w];
        }
        begin += last - first;
    }
}

// Every pixel collects from the patches that contain it, kernel position by kernel position: no two units write the same
// element, and the order of the sum is fixed.
OFMU_KERNEL(fold) {
    float *y = output(c, 0);
    patches p = patches_of(c);
    int64_t rows = p.kernel_h * p.kernel_w, area = p.out_h * p.out_w;
    while (begin < end) {
        int64_t line = begin / p.width, first = begin % p.width;
        int64_t last = least(p.width, first + end - begin);
        int64_t h = line % p.height, plane = line / p.height;
        float *restrict to = y + line * p.width;
        for (int64_t w = first; w < last; w++) to[w] = 0;
        for (int64_t i = 0; i < p.kernel_h; i++) {
            int64_t top = h + p.pad_h - i;
            if (top < 0 || top % p.stride_h != 0 || top / p.stride_h >= p.out_h) continue;
            for (int64_t j = 0; j < p.kernel_w; j++) {
                const float *a = input(c, 1) + (plane * rows + i * p.kernel_w + j) * area + top / p.stride_h * p.out_w;
                // Output columns whose pixel ow·stride − padding + j lies in first..<last.
                int64_t low = most(0, first + p.pad_w - j), high = last + p.pad_w - j;
                int64_t ow = (low + p.stride_w - 1) / p.stride_w;
                int64_t shift = p.pad_w - j;
                for (; ow < p.out_w && ow * p.stride_w < high; ow++) to[ow * p.stride_w - shift] += a[ow];
            }
        }
        begin += last - first;
    }
}
