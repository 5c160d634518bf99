// Sums over an axis and inner products.
#include "reduce.h"

/// Columns summed together: the float and double accumulators of one tile stay in the first-level cache.
enum { TILE = 256, DEPTH = 32 };

/// y[0..<width] = Σ over `middle` rows, `stride` apart. Short float sums folded into doubles, as in `sum_of`.
OFMU_INLINE void sum_columns(float *y, const float *a, int64_t middle, int64_t stride, int64_t width) {
    double total[TILE];
    float part[TILE];
    for (int64_t i = 0; i < width; i++) total[i] = 0;
    for (int64_t from = 0; from < middle; from += DEPTH) {
        int64_t to = least(middle, from + DEPTH);
        for (int64_t i = 0; i < width; i++) part[i] = 0;
        for (int64_t j = from; j < to; j++)
            for (int64_t i = 0; i < width; i++) part[i] += a[j * stride + i];
        for (int64_t i = 0; i < width; i++) total[i] += part[i];
    }
    for (int64_t i = 0; i < width; i++) y[i] = (float)total[i];
}

OFMU_KERNEL(sum) {
    OFMU_NUMBERS(sum)
    float *y = output(c, 0);
    const float *a = input(c, 1);
    int64_t middle = n.middle, inner = n.inner;
    if (inner == 1) {
        for (int64_t i = begin; i < end; i++) y[i] = (float)sum_of(a + i * middle, middle);
        return;
    }
    while (begin < end) {
        int64_t outer = begin / inner, column = begin % inner;
        int64_t width = least(least(end - begin, inner - column), TILE);
        sum_columns(y + begin, a + outer * middle * inner + column, middle, inner, width);
        begin += width;
    }
}

OFMU_KERNEL(row_dot) {
    OFMU_NUMBERS(row_dot)
    float *y = output(c, 0), s = x.c;
    const float *a = input(c, 1), *b = input(c, 2);
    int64_t columns = n.columns;
    for (int64_t r = begin; r < end; r++) y[r] = (float)(s * dot_of(a + r * columns, b + r * columns, columns));
}

OFMU_KERNEL(dot_blocks) {
    OFMU_NUMBERS(dot_blocks)
    float *y = output(c, 0);
    const float *a = input(c, 1), *b = input(c, 2);
    int64_t count = n.count, block = n.block;
    for (int64_t i = begin; i < end; i++) {
        int64_t from = i * block;
        y[i] = (float)dot_of(a + from, b + from, least(block, count - from));
    }
}

OFMU_KERNEL(similarity_dots) {
    OFMU_REDUCTION
    OFMU_NUMBERS(similarity_dots)
    float *y = output(c, 0);
    const float *a = input(c, 1), *b = input(c, 2);
    int64_t count = n.count, block = n.block;
    for (int64_t k = begin; k < end; k++) {
        double aa = 0, ab = 0, bb = 0;
        int64_t last = least(count, (k + 1) * block);
        for (int64_t from = k * block; from < last; from += OFMU_FOLD) {
            int64_t to = least(last, from + OFMU_FOLD);
            float paa = 0, pab = 0, pbb = 0;
            for (int64_t i = from; i < to; i++) {
                paa += a[i] * a[i];
                pab += a[i] * b[i];
                pbb += b[i] * b[i];
            }
            aa += paa;
            ab += pab;
            bb += pbb;
        }
        y[3 * k] = (float)aa;
        y[3 * k + 1] = (float)ab;
        y[3 * k + 2] = (float)bb;
    }
}
