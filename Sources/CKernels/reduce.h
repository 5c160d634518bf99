// Sums and products over contiguous runs: float lanes over short blocks, folded into a double.
#ifndef OFMU_REDUCE_H
#define OFMU_REDUCE_H

#include "kernel.h"

OFMU_INLINE double sum_of(const float *a, int64_t count) {
    OFMU_REDUCTION
    double total = 0;
    for (int64_t from = 0; from < count; from += OFMU_FOLD) {
        int64_t to = least(count, from + OFMU_FOLD);
        float part = 0;
        for (int64_t i = from; i < to; i++) part += a[i];
        total += part;
    }
    return total;
}

OFMU_INLINE double dot_of(const float *a, const float *b, int64_t count) {
    OFMU_REDUCTION
    double total = 0;
    for (int64_t from = 0; from < count; from += OFMU_FOLD) {
        int64_t to = least(count, from + OFMU_FOLD);
        float part = 0;
        for (int64_t i = from; i < to; i++) part += a[i] * b[i];
        total += part;
    }
    return total;
}

/// Σ (a − centre)².
OFMU_INLINE double spread_of(const float *a, float centre, int64_t count) {
    OFMU_REDUCTION
    double total = 0;
    for (int64_t from = 0; from < count; from += OFMU_FOLD) {
        int64_t to = least(count, from + OFMU_FOLD);
        float part = 0;
        for (int64_t i = from; i < to; i++) part += (a[i] - centre) * (a[i] - centre);
        total += part;
    }
    return total;
}

typedef float ofmu_lanes __attribute__((ext_vector_type(16)));

/// The largest of `count` ≥ 1 values. Explicit lanes, because without permission to ignore NaN the compiler keeps a
/// maximum in one serial chain.
OFMU_INLINE float largest_of(const float *a, int64_t count) {
    float best = a[0];
    int64_t i = 0;
    if (count >= 64) {
        ofmu_lanes m0, m1, m2, m3, v;
        memcpy(&m0, a, sizeof v);
        memcpy(&m1, a + 16, sizeof v);
        memcpy(&m2, a + 32, sizeof v);
        memcpy(&m3, a + 48, sizeof v);
        for (i = 64; i + 64 <= count; i += 64) {
            memcpy(&v, a + i, sizeof v);
            m0 = v > m0 ? v : m0;
            memcpy(&v, a + i + 16, sizeof v);
            m1 = v > m1 ? v : m1;
            memcpy(&v, a + i + 32, sizeof v);
            m2 = v > m2 ? v : m2;
            memcpy(&v, a + i + 48, sizeof v);
            m3 = v > m3 ? v : m3;
        }
        m0 = m0 > m1 ? m0 : m1;
        m2 = m2 > m3 ? m2 : m3;
        m0 = m0 > m2 ? m0 : m2;
        for (int k = 0; k < 16; k++) best = m0[k] > best ? m0[k] : best;
    }
    for (; i < count; i++) best = a[i] > best ? a[i] : best;
    return best;
}

#endif
