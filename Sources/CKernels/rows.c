// Kernels that work on one row at a time: softmax, cross-entropy, the two normalisations, and their tangents.
#include "reduce.h"
#include "vector_math.h"

/// y = e^(a − largest), and the sum of it. `y` may be `a`.
OFMU_INLINE double exponentials(float *y, const float *a, float largest, int64_t columns) {
    OFMU_REDUCTION
    double total = 0;
    for (int64_t from = 0; from < columns; from += OFMU_FOLD) {
        int64_t to = least(columns, from + OFMU_FOLD);
        float part = 0;
        OFMU_INDEPENDENT
        for (int64_t i = from; i < to; i++) {
            float e = exponential(a[i] - largest);
            y[i] = e;
            part += e;
        }
        total += part;
    }
    return total;
}

OFMU_INLINE void scale_row(float *y, float factor, int64_t columns) {
    for (int64_t i = 0; i < columns; i++) y[i] *= factor;
}

OFMU_KERNEL(softmax) {
    OFMU_NUMBERS(softmax)
    int64_t columns = n.columns;
    for (int64_t r = begin; r < end; r++) {
        float *y = output(c, 0) + r * columns;
        const float *a = input(c, 1) + r * columns;
        if (columns == 0) continue;
        double total = exponentials(y, a, largest_of(a, columns), columns);
        scale_row(y, (float)(1.0 / total), columns);
    }
}

OFMU_KERNEL(softmax_masked) {
    OFMU_NUMBERS(softmax_masked)
    const int32_t *limits = indices(c, 2);
    int64_t columns = n.columns, queries = n.queries, batch_rows = n.rows_per_batch;
    for (int64_t r = begin; r < end; r++) {
        float *y = output(c, 0) + r * columns;
        const float *a = input(c, 1) + r * columns;
        int64_t limit = least(columns, limits[r / batch_rows * queries + r % queries]);
        limit = most(limit, 0);
        if (limit > 0) {
            double total = exponentials(y, a, largest_of(a, limit), limit);
            scale_row(y, (float)(1.0 / total), limit);
        }
        for (int64_t i = limit; i < columns; i++) y[i] = 0;
    }
}

OFMU_KERNEL(softmax_tangent) {
    OFMU_NUMBERS(softmax_tangent)
    int64_t columns = n.columns;
    for (int64_t r = begin; r < end; r++) {
        float *y = output(c, 0) + r * columns;
        const float *s = input(c, 1) + r * columns, *v = input(c, 2) + r * columns;
        float mean = (float)dot_of(s, v, columns);
        OFMU_INDEPENDENT
        for (int64_t i = 0; i < columns; i++) y[i] = s[i] * (v[i] - mean);
    }
}

/// The largest of a row, and ln Σ e^(a − largest) as the result, in one pass over memory: every block is read twice while it is in
/// the first-level cache.
OFMU_INLINE double log_sum_exp(const float *a, int64_t columns, float *peak) {
    OFMU_REDUCTION
    float largest = -__builtin_inff();
    double total = 0;
    for (int64_t from = 0; from < columns; from += OFMU_FOLD) {
        int64_t count = least(OFMU_FOLD, columns - from);
        float here = largest_of(a + from, count);
        if (here > largest) {
            total = total * exponential(largest - here);
            largest = here;
        }
        float part = 0;
        if (largest > -__builtin_inff())
            for (int64_t i = from; i < from + count; i++) part += exponential(a[i] - largest);
        else
            // Nothing but −∞ and NaN so far: the one adds nothing, and −∞ − (−∞) must not turn it into the other.
            for (int64_t i = from; i < from + count; i++) part += a[i] != a[i] ? a[i] : 0.0f;
        total += part;
    }
    // A row without a number has no distribution, as in softmax.
    if (total == 0) total = __builtin_nan("");
    *peak = largest;
    return __builtin_log(total);
}

OFMU_KERNEL(cross_entropy) {
    OFMU_NUMBERS(cross_entropy)
    float *y = output(c, 0);
    const int32_t *labels = indices(c, 2);
    int64_t columns = n.columns;
    for (int64_t r = begin; r < end; r++) {
        const float *a = input(c, 1) + r * columns;
        float peak;
        double rest = log_sum_exp(a, columns, &peak);
        // The difference first: beside a huge score the logarithm would be rounded away.
        y[r] = (float)(rest + (labels[r] >= 0 && labels[r] < columns ? (double)peak - a[labels[r]] : peak));
    }
}

OFMU_KERNEL(subtract_one_hot) {
    OFMU_NUMBERS(subtract_one_hot)
    float *y = output(c, 0);
    const float *p = input(c, 1);
    const int32_t *labels = indices(c, 2);
    int64_t columns = n.columns;
    if (y != p) memcpy(y + begin, p + begin, (size_t)(end - begin) * sizeof(float));
    for (int64_t r = begin / columns; r * columns < end; r++) {
        int64_t at = r * columns + labels[r];
        if (labels[r] >= 0 && labels[r] < columns && at >= begin && at < end) y[at] -= 1.0f;
    }
}

/// 1 / sqrt(mean (a − centre)² + ε).
OFMU_INLINE float inverse_deviation(const float *a, float centre, float epsilon, int64_t columns) {
    double square = centre == 0 ? dot_of(a, a, columns) : spread_of(a, centre, columns);
    return (float)(1.0 / __builtin_sqrt(square / (double)columns + epsilon));
}

OFMU_KERNEL(rms_norm) {
    OFMU_NUMBERS(rms_norm)
    int64_t columns = n.columns;
    for (int64_t r = begin; r < end; r++) {
        float *y = output(c, 0) + r * columns;
        const float *a = input(c, 1) + r * columns;
        float n = inverse_deviation(a, 0, x.epsilon, columns);
        OFMU_INDEPENDENT
        for (int64_t i = 0; i < columns; i++) y[i] = a[i] * n;
    }
}

OFMU_KERNEL(rms_scale) {
    OFMU_NUMBERS(rms_scale)
    int64_t columns = n.columns;
    for (int64_t r = begin; r < end; r++)
        output(c, 0)[r] = inverse_deviation(input(c, 1) + r * columns, 0, x.epsilon, columns);
}

OFMU_KERNEL(rms_tangent) {
    OFMU_CONTRACT
    OFMU_NUMBERS(rms_tangent)
    int64_t columns = n.columns;
    for (int64_t r = begin; r < end; r++) {
        float *z = output(c, 0) + r * columns;
        const float *y = input(c, 1) + r * columns, *v = input(c, 3) + r * columns;
        float n = input(c, 2)[r];
        float mean = (float)(dot_of(y, v, columns) / (double)columns);
        OFMU_INDEPENDENT
        for (int64_t i = 0; i < columns; i++) z[i] = n * (v[i] - y[i] * mean);
    }
}

OFMU_KERNEL(layer_norm) {
    OFMU_NUMBERS(layer_norm)
    int64_t columns = n.columns;
    for (int64_t r = begin; r < end; r++) {
        float *y = output(c, 0) + r * columns;
        const float *a = input(c, 1) + r * columns;
        float mean = (float)(sum_of(a, columns) / (double)columns);
        float n = inverse_deviation(a, mean, x.epsilon, columns);
        OFMU_INDEPENDENT
        for (int64_t i = 0; i < columns; i++) y[i] = (a[i] - mean) * n;
    }
}

OFMU_KERNEL(layer_scale) {
    OFMU_NUMBERS(layer_scale)
    int64_t columns = n.columns;
    for (int64_t r = begin; r < end; r++) {
        const float *a = input(c, 1) + r * columns;
        float mean = (float)(sum_of(a, columns) / (double)columns);
        output(c, 0)[r] = inverse_deviation(a, mean, x.epsilon, columns);
    }
}

OFMU_KERNEL(layer_tangent) {
    OFMU_CONTRACT
    OFMU_NUMBERS(layer_tangent)
    int64_t columns = n.columns;
    for (int64_t r = begin; r < end; r++) {
        float *z = output(c, 0) + r * columns;
        const float *y = input(c, 1) + r * columns, *v = input(c, 3) + r * columns;
        float n = input(c, 2)[r];
        float mean = (float)(sum_of(v, columns) / (double)columns);
        float slope = (float)(dot_of(y, v, columns) / (double)columns);
        OFMU_INDEPENDENT
        for (int64_t i = 0; i < columns; i++) z[i] = n * (v[i] - mean - y[i] * slope);
    }
}
