// y = f(a) and y = f(a, b).

ELEMENT_KERNEL ofmu_fill(REALS(y), NUMBERS(fill)) {
    USE(y);
    FOR_ELEMENT(i, n.count) y[i] = x.value;
}

#define UNARY(name, value)                                                                                             \
    ELEMENT_KERNEL ofmu_##name(REALS(y), REALS(a), name##_integers n, name##_reals x) {                                \
        USE(y);                                                                                                        \
        USE(a);                                                                                                        \
        FOR_ELEMENT(i, n.count) {                                                                                      \
            float z = a[i];                                                                                            \
            y[i] = (value);                                                                                            \
        }                                                                                                              \
    }

// σ(w) and 1 − σ(w), each exact to rounding for every w: exp sees no positive argument, nothing cancels.
typedef struct {
    float s, rest;
} Logistic;

static inline Logistic logistic(float w) {
    float e = exp(-fabs(w));
    float large = 1.0f / (1.0f + e);
    float small = e * large;
    Logistic result;
    result.s = w >= 0.0f ? large : small;
    result.rest = w >= 0.0f ? small : large;
    return result;
}

// The derivatives of z·σ(w(z)), given w and its derivatives: SiLU has w = z, GELU's tanh form has
// w = 2√(2/π)·(z + 0.044715 z³). Written with σ' = d and σ'' = d·m, d = σ(1 − σ), m = 1 − 2σ.
static inline float gate_0(float z, float w) { return z * logistic(w).s; }

static inline float gate_1(float z, float w, float w1) {
    Logistic l = logistic(w);
    return l.s + z * (l.s * l.rest) * w1;
}

static inline float gate_2(float z, float w, float w1, float w2) {
    Logistic l = logistic(w);
    float d = l.s * l.rest, m = l.rest - l.s;
    return d * (2.0f * w1 + z * (m * w1 * w1 + w2));
}

static inline float gate_3(float z, float w, float w1, float w2, float w3) {
    Logistic l = logistic(w);
    float d = l.s * l.rest, m = l.rest - l.s;
    return d * (3.0f * (m * w1 * w1 + w2) + z * ((m * m - 2.0f * d) * w1 * w1 * w1 + 3.0f * m * w1 * w2 + w3));
}

// Where w saturates the derivatives are constants; the clamps keep its powers finite so that 0·∞ never arises.
// Comparisons, because clamp need not keep a NaN.
static inline float above(float z, float low) { return z < low ? low : z; }

static inline float between(float z, float low, float high) {
    float least = above(z, low);
    return least > high ? high : least;
}

#define GELU_LIMIT(z) between(z, -12.0f, 12.0f)
#define SILU_LIMIT(z) between(z, -120.0f, 120.0f)

static inline float gelu_w(float z) {
    float k = 1.5957691216057308f;
    return k * (z + 0.044715f * z * z * z);
}

static inline float gelu_w1(float z) { return 1.5957691216057308f * (1.0f + 0.134145f * z * z); }

#define GELU_W2 (1.5957691216057308f * 0.26829f)

static inline float gelu_2(float z) { return gate_2(z, gelu_w(z), gelu_w1(z), GELU_W2 * z); }

static inline float gelu_3(float z) { return gate_3(z, gelu_w(z), gelu_w1(z), GELU_W2 * z, GELU_W2); }

// erfc(z) for z in 0...10, given exp(-z*z).
static inline float complement(float z, float gauss) {
    float t = 1.0f / (1.0f + 0.5f * z);
    ERFC_POLYNOMIAL(p, t)
    return gauss * t * p;
}

static inline float error_function(float z) {
    float magnitude = between(fabs(z), 0.0f, 10.0f), square = magnitude * magnitude;
    // Near 0 the complement would cancel.
    ERF_POLYNOMIAL(p, square)
    float near = magnitude + magnitude * p;
    float far = 1.0f - complement(magnitude, exp(-square));
    return copysign(magnitude < 1.0f ? near : far, z);
}

// Φ(z) and its density φ(z), from which z·Φ(z) has all its derivatives.
typedef struct {
    float below, density;
} Normal;

static inline Normal normal(float z) {
    float gauss = exp(-0.5f * z * z);
    float tail = 0.5f * complement(fabs(z) * 0.707106781f, gauss);
    Normal result;
    result.below = z < 0.0f ? tail : 1.0f - tail;
    result.density = 0.398942280f * gauss;
    return result;
}

static inline float exact_gelu_1(float z) {
    Normal f = normal(z);
    return f.below + z * f.density;
}

#define NORMAL_LIMIT(z) between(z, -14.0f, 14.0f)

UNARY(scale, x.c *z)
UNARY(shift, z + x.c)
UNARY(exp, exp(z))
UNARY(log, log(z))
UNARY(sqrt, sqrt(z))
UNARY(rsqrt, 1.0f / sqrt(z))
UNARY(sigmoid, logistic(z).s)
UNARY(tanh, tanh(z))
UNARY(erf, error_function(z))
UNARY(reciprocal, fabs(z) < x.threshold ? 0.0f : 1.0f / z)
UNARY(relu, z < 0.0f ? 0.0f : z)
UNARY(positive, z > 0.0f ? 1.0f : 0.0f)
UNARY(silu_0, gate_0(above(z, -120.0f), z))
UNARY(silu_1, gate_1(SILU_LIMIT(z), z, 1.0f))
UNARY(silu_2, gate_2(SILU_LIMIT(z), z, 1.0f, 0.0f))
UNARY(silu_3, gate_3(SILU_LIMIT(z), z, 1.0f, 0.0f, 0.0f))
UNARY(gelu_0, gate_0(above(z, -12.0f), gelu_w(GELU_LIMIT(z))))
UNARY(gelu_1, gate_1(GELU_LIMIT(z), gelu_w(GELU_LIMIT(z)), gelu_w1(GELU_LIMIT(z))))
UNARY(gelu_2, gelu_2(GELU_LIMIT(z)))
UNARY(gelu_3, gelu_3(GELU_LIMIT(z)))
UNARY(gelu_erf_0, above(z, -14.0f) * normal(NORMAL_LIMIT(z)).below)
UNARY(gelu_erf_1, exact_gelu_1(NORMAL_LIMIT(z)))
UNARY(gelu_erf_2, (2.0f - NORMAL_LIMIT(z) * NORMAL_LIMIT(z)) * normal(NORMAL_LIMIT(z)).density)
UNARY(gelu_erf_3, (NORMAL_LIMIT(z) * NORMAL_LIMIT(z) - 4.0f) * NORMAL_LIMIT(z) * normal(NORMAL_LIMIT(z)).density)

// Where the row `row` of an output of this layout starts in an input with these strides. Written out, so that no index into the
// arguments is computed at run time. Ends at the first axis that is known to be 0.
#define STRIDED_AXIS(axis)                                                                                             \
    if (row == 0) return offset;                                                                                       \
    quotient = divide(row, layout[axis]);                                                                              \
    offset += (row - quotient * layout[axis]) * strides[axis];                                                         \
    row = quotient;

static inline long strided_row(const long *layout, const long *strides, long row) {
    long offset = 0, quotient;
    STRIDED_AXIS(4)
    STRIDED_AXIS(3)
    STRIDED_AXIS(2)
    STRIDED_AXIS(1)
    STRIDED_AXIS(0)
    return offset;
}

WALK_KERNEL ofmu_copy(REALS(y), REALS(a), NUMBERS(copy)) {
    USE(y);
    USE(a);
    long columns = n.layout[RANK - 1], step = n.strides_a[RANK - 1];
    FOR_WALK(row, column, columns)
    if (row * columns >= n.count) return;
    y += row * columns;
    a += strided_row(n.layout, n.strides_a, row);
    EACH_COLUMN(column) y[column] = a[column * step];
}

// The other way round: a is contiguous and y has the strides.
WALK_KERNEL ofmu_place(REALS(y), REALS(a), NUMBERS(place)) {
    USE(y);
    USE(a);
    long columns = n.layout[RANK - 1], step = n.strides_y[RANK - 1];
    FOR_WALK(row, column, columns)
    if (row * columns >= n.count) return;
    y += strided_row(n.layout, n.strides_y, row);
    a += row * columns;
    EACH_COLUMN(column) y[column * step] = a[column];
}

// Each common pair of innermost strides has its own loop, which then vectorises.
#define BINARY(name, value)                                                                                            \
    static inline float name##_of(float p, float q) { return (value); }                                                \
    WALK_KERNEL ofmu_##name(REALS(y), REALS(a), REALS(b), name##_integers n, name##_reals x) {                         \
        USE(y);                                                                                                        \
        USE(a);                                                                                                        \
        USE(b);                                                                                                        \
        long columns = n.layout[RANK - 1], step_a = n.strides_a[RANK - 1], step_b = n.strides_b[RANK - 1];             \
        FOR_WALK(row, column, columns)                                                                                 \
        if (row * columns >= n.count) return;                                                                          \
        y += row * columns;                                                                                            \
        a += strided_row(n.layout, n.strides_a, row);                                                                  \
        b += strided_row(n.layout, n.strides_b, row);                                                                  \
        if (step_a == 1 && step_b == 1)                                                                                \
            EACH_COLUMN(column) y[column] = name##_of(a[column], b[column]);                                           \
        else if (step_a == 1 && step_b == 0) {                                                                         \
            float q = b[0];                                                                                            \
            EACH_COLUMN(column) y[column] = name##_of(a[column], q);                                                   \
        } else                                                                                                         \
            EACH_COLUMN(column) y[column] = name##_of(a[column * step_a], b[column * step_b]);                         \
    }

BINARY(add, p + q)
BINARY(subtract, p - q)
BINARY(multiply, p *q)
BINARY(divide, p / q)
// Not fmin, which prefers a number to a NaN. Equal values give the second.
BINARY(minimum, p < q || p != p ? p : q)
BINARY(less, p < q ? 1.0f : 0.0f)
