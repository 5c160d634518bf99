// Kernels that move values by index: rotary embedding, rows by id.
#include "kernel.h"

OFMU_KERNEL(rope) {
    OFMU_CONTRACT
    OFMU_NUMBERS(rope)
    int64_t heads = n.heads, size = n.head_size, rotary = n.rotary_size, half = rotary / 2;
    float sign = (float)n.sign;
    int64_t token_stride = n.token_stride_of_a, head_stride = n.head_stride_of_a;
    int64_t places = n.positions;
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
    OFMU_NUMBERS(gather_rows)
    float *y = output(c, 0);
    const float *table = input(c, 1);
    const int32_t *ids = indices(c, 2);
    int64_t columns = n.columns, stride = n.row_stride_of_table, places = n.rows_of_table;
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
    OFMU_NUMBERS(scatter_rows)
    float *y = output(c, 0);
    const float *a = input(c, 1);
    const int32_t *ids = indices(c, 2);
    int64_t rows = n.rows_of_a, columns = n.columns, places = n.rows_of_y, width = end - begin;
    if (!n.accumulate) {
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
