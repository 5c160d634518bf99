// Kernels that compute each output element from the same position of contiguous inputs.
#include "unary.h"
#include "vector_math.h"

OFMU_KERNEL(fill) {
    OFMU_NUMBERS(fill)
    float *y = output(c, 0), value = x.value;
    if (bits_of_float(value) == 0) {
        // Clearing memory is what system libraries do best: about twice as fast on large ranges.
        memset(y + begin, 0, (size_t)(end - begin) * sizeof(float));
        return;
    }
    for (int64_t i = begin; i < end; i++) y[i] = value;
}

/// A kernel y[i] = expression of `v` = a[i] and of the reals `x`.
#define UNARY(name, expression)                                                                                        \
    OFMU_KERNEL(name) {                                                                                                \
        OFMU_CONTRACT                                                                                                  \
        OFMU_NUMBERS(name)                                                                                             \
        float *y = output(c, 0);                                                                                       \
        const float *a = input(c, 1);                                                                                  \
        OFMU_INDEPENDENT                                                                                               \
        for (int64_t i = begin; i < end; i++) {                                                                        \
            float v = a[i];                                                                                            \
            y[i] = (expression);                                                                                       \
        }                                                                                                              \
    }

UNARY(scale, x.c *v)
UNARY(shift, v + x.c)
UNARY(reciprocal, (v < 0.0f ? -v : v) < x.threshold ? 0.0f : 1.0f / v)
OFMU_UNARY_FUNCTIONS(UNARY)

OFMU_KERNEL(combine) {
    OFMU_CONTRACT
    float *y = output(c, 0), p = *input(c, 1), q = *input(c, 3);
    const float *a = input(c, 2), *b = input(c, 4);
    OFMU_INDEPENDENT
    for (int64_t i = begin; i < end; i++) y[i] = p * a[i] + q * b[i];
}

OFMU_KERNEL(axpy) {
    OFMU_CONTRACT
    OFMU_NUMBERS(axpy)
    float *y = output(c, 0), s = x.c;
    const float *a = input(c, 1);
    OFMU_INDEPENDENT
    for (int64_t i = begin; i < end; i++) y[i] += s * a[i];
}

OFMU_KERNEL(similarity_directions) {
    OFMU_CONTRACT
    OFMU_NUMBERS(similarity_directions)
    float *y = output(c, 0), *z = y + n.count;
    const float *a = input(c, 1), *b = input(c, 2), *k = input(c, 3);
    float k0 = k[0], k1 = k[1], k2 = k[2], k3 = k[3];
    OFMU_INDEPENDENT
    for (int64_t i = begin; i < end; i++) {
        y[i] = k0 * a[i] + k1 * b[i];
        z[i] = k2 * a[i] + k3 * b[i];
    }
}
