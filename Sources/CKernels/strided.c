// Element-wise kernels on broadcast or transposed views. The output is contiguous, except for `place`.
#include "kernel.h"

OFMU_KERNEL(copy) {
    OFMU_NUMBERS(copy)
    float *y = output(c, 0);
    const float *a = input(c, 1);
    ofmu_walk w = ofmu_walk_make(n.layout, 1, n.strides_a, NULL);
    ofmu_cursor p = ofmu_cursor_at(&w, begin, 1);
    int inner = w.dims - 1;
    int64_t s = w.stride[0][inner];
    // A transpose read column by column would touch one cache line per element. Blocks of rows of the output are
    // gathered together instead, so that every line read serves several of them.
    if (inner > 0 && s != 0 && s != 1 && w.stride[0][inner - 1] == 1) {
        enum { ROWS = 16 };
        int64_t columns = w.size[inner];
        while (begin < end) {
            int64_t rows = least(least(ROWS, w.size[inner - 1] - p.index[inner - 1]), (end - begin) / columns);
            if (p.index[inner] != 0 || rows < 2) {
                int64_t steps = least(end - begin, columns - p.index[inner]);
                const float *from = a + p.offset[0];
                for (int64_t i = 0; i < steps; i++) y[begin + i] = from[i * s];
                ofmu_cursor_advance(&p, &w, steps, 1);
                begin += steps;
                continue;
            }
            const float *from = a + p.offset[0];
            float *to = y + begin;
            if (rows == ROWS)
                for (int64_t j = 0; j < columns; j++)
                    for (int64_t r = 0; r < ROWS; r++) to[r * columns + j] = from[j * s + r];
            else
                for (int64_t j = 0; j < columns; j++)
                    for (int64_t r = 0; r < rows; r++) to[r * columns + j] = from[j * s + r];
            for (int64_t r = 0; r < rows; r++) ofmu_cursor_advance(&p, &w, columns, 1);
            begin += rows * columns;
        }
        return;
    }
    while (begin < end) {
        int64_t steps = least(end - begin, w.size[inner] - p.index[inner]);
        const float *from = a + p.offset[0];
        float *to = y + begin;
        if (s == 1) {
            if (to != from) memmove(to, from, (size_t)steps * sizeof(float));
        } else if (s == 0) {
            float value = *from;
            for (int64_t i = 0; i < steps; i++) to[i] = value;
        } else {
            for (int64_t i = 0; i < steps; i++) to[i] = from[i * s];
        }
        ofmu_cursor_advance(&p, &w, steps, 1);
        begin += steps;
    }
}

// The other way round: the input is contiguous, the output has the strides.
OFMU_KERNEL(place) {
    OFMU_NUMBERS(place)
    float *y = output(c, 0);
    const float *a = input(c, 1);
    ofmu_walk w = ofmu_walk_make(n.layout, 1, n.strides_y, NULL);
    ofmu_cursor p = ofmu_cursor_at(&w, begin, 1);
    int inner = w.dims - 1;
    int64_t s = w.stride[0][inner];
    while (begin < end) {
        int64_t steps = least(end - begin, w.size[inner] - p.index[inner]);
        float *to = y + p.offset[0];
        const float *from = a + begin;
        if (s == 1) {
            if (to != from) memmove(to, from, (size_t)steps * sizeof(float));
        } else {
            for (int64_t i = 0; i < steps; i++) to[i * s] = from[i];
        }
        ofmu_cursor_advance(&p, &w, steps, 1);
        begin += steps;
    }
}

/// One innermost run y[i] = expression of `u` = a[i·sa] and `v` = b[i·sb].
#define RUN(first, second, expression)                                                                                 \
    OFMU_INDEPENDENT                                                                                                   \
    for (int64_t i = 0; i < steps; i++) {                                                                              \
        float u = (first), v = (second);                                                                               \
        to[i] = (expression);                                                                                          \
    }

/// Runs along the innermost dimension that survives merging; the stride pairs that occur most have loops of their own.
#define BINARY(name, expression)                                                                                       \
    OFMU_KERNEL(name) {                                                                                                \
        float *y = output(c, 0);                                                                                       \
        const float *a = input(c, 1), *b = input(c, 2);                                                                \
        OFMU_NUMBERS(name)                                                                                             \
        ofmu_walk w = ofmu_walk_make(n.layout, 2, n.strides_a, n.strides_b);                                           \
        ofmu_cursor p = ofmu_cursor_at(&w, begin, 2);                                                                  \
        int inner = w.dims - 1;                                                                                        \
        int64_t sa = w.stride[0][inner], sb = w.stride[1][inner];                                                      \
        while (begin < end) {                                                                                          \
            int64_t steps = least(end - begin, w.size[inner] - p.index[inner]);                                        \
            const float *l = a + p.offset[0], *r = b + p.offset[1];                                                    \
            float *to = y + begin;                                                                                     \
            if (sa == 1 && sb == 1) {                                                                                  \
                RUN(l[i], r[i], expression)                                                                            \
            } else if (sa == 1 && sb == 0) {                                                                           \
                float fixed = *r;                                                                                      \
                RUN(l[i], fixed, expression)                                                                           \
            } else if (sa == 0 && sb == 1) {                                                                           \
                float fixed = *l;                                                                                      \
                RUN(fixed, r[i], expression)                                                                           \
            } else {                                                                                                   \
                for (int64_t i = 0; i < steps; i++) {                                                                  \
                    float u = l[i * sa], v = r[i * sb];                                                                \
                    to[i] = (expression);                                                                              \
                }                                                                                                      \
            }                                                                                                          \
            ofmu_cursor_advance(&p, &w, steps, 2);                                                                     \
            begin += steps;                                                                                            \
        }                                                                                                              \
    }

BINARY(add, u + v)
BINARY(subtract, u - v)
BINARY(multiply, u *v)
BINARY(divide, u / v)
// A NaN on either side comes through: a minimum that hides one would hide that a run diverged. Equal values give the second.
BINARY(minimum, u < v || u != u ? u : v)
BINARY(less, u < v ? 1.0f : 0.0f)
