// Exponential, logarithm and the functions built on them, as straight-line code that loops can vectorise: no branches,
// no library calls, selections instead. The polynomials are least-maximum fits made for these intervals.
#ifndef OFMU_VECTOR_MATH_H
#define OFMU_VECTOR_MATH_H

#include "../../Kernels/erf.h"
#include "kernel.h"

OFMU_INLINE float float_of_bits(int32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

OFMU_INLINE int32_t bits_of_float(float x) {
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

OFMU_INLINE float clamped(float x, float low, float high) {
    x = x < low ? low : x;
    return x > high ? high : x;
}

/// e^x to about 1 ulp. 0 below −104 (also for −∞), +∞ above 88.73, NaN stays NaN.
OFMU_INLINE float exponential(float x) {
    OFMU_CONTRACT
    // Beyond these bounds the result is 0 or +∞ anyway; inside them the integer part fits the exponent arithmetic.
    x = clamped(x, -104.0f, 89.0f);
    // Adding 1.5·2²³ rounds to an integer and leaves that integer in the low bits.
    float shifted = x * 1.44269504088896341f + 12582912.0f;
    int32_t n = bits_of_float(shifted) - 0x4B400000;
    float whole = shifted - 12582912.0f;
    // ln 2 in two parts: the first has few digits, so that its product with `whole` is exact.
    float r = x - whole * 0.693359375f;
    r = r + whole * 2.12194440e-4f;
    float p = 1.979035715e-04f;
    p = p * r + 1.394464927e-03f;
    p = p * r + 8.333497003e-03f;
    p = p * r + 4.166629508e-02f;
    p = p * r + 1.666666587e-01f;
    p = p * r + 5.000000068e-01f;
    p = p * (r * r) + r + 1.0f;
    // Two factors, because 2^n alone leaves the range of float at both ends.
    int32_t half = n >> 1;
    return p * float_of_bits((half + 127) << 23) * float_of_bits((n - half + 127) << 23);
}

/// ln x to about 2 ulp: −∞ at 0, NaN below, +∞ at +∞.
OFMU_INLINE float logarithm(float x) {
    OFMU_CONTRACT
    // Numbers without a full exponent are scaled up first.
    int32_t tiny = x < 1.17549435e-38f;
    float scaled = tiny ? x * 8388608.0f : x;
    int32_t bits = bits_of_float(scaled);
    // Splits off the power of two that leaves a mantissa in [√½, √2): its logarithm is smallest in magnitude there.
    int32_t exponent = (bits - 0x3F3504F3) >> 23;
    float m = float_of_bits(bits - (exponent << 23));
    float e = (float)(tiny ? exponent - 23 : exponent);
    float s = (m - 1.0f) / (m + 1.0f);
    float z = s * s;
    float p = 2.361052602e-01f;
    p = p * z + 2.853588964e-01f;
    p = p * z + 4.000035617e-01f;
    p = p * z + 6.666666556e-01f;
    float y = 2.0f * s + (s * z * p - e * 2.12194440e-4f);
    y = y + e * 0.693359375f;
    y = x == 0.0f ? -__builtin_inff() : y;
    y = x < 0.0f ? __builtin_nanf("") : y;
    y = x > 3.40282347e+38f ? __builtin_inff() : y;
    return x != x ? x : y;
}

/// Writes σ(x) and σ(−x) = 1 − σ(x), each accurate to its own magnitude.
OFMU_INLINE void logistic(float x, float *sigma, float *rest) {
    OFMU_CONTRACT
    float e = exponential(x < 0.0f ? x : -x);
    float large = 1.0f / (1.0f + e);
    float small = e * large;
    *sigma = x < 0.0f ? small : large;
    *rest = x < 0.0f ? large : small;
}

OFMU_INLINE float sigmoid(float x) {
    float s, t;
    logistic(x, &s, &t);
    return s;
}

OFMU_INLINE float hyperbolic_tangent(float x) {
    OFMU_CONTRACT
    // Near 0 the quotient below would cancel; a polynomial keeps the relative accuracy.
    float z = x * x;
    float p = 2.122742621e-03f;
    p = p * z - 8.156276660e-03f;
    p = p * z + 2.169260538e-02f;
    p = p * z - 5.394537806e-02f;
    p = p * z + 1.333319591e-01f;
    p = p * z - 3.333333057e-01f;
    float near = x + x * z * p;
    float magnitude = x < 0.0f ? -x : x;
    float far = 1.0f - 2.0f / (exponential(2.0f * magnitude) + 1.0f);
    far = x < 0.0f ? -far : far;
    return magnitude < 0.625f ? near : far;
}

/// SiLU(x) = x·σ(x) and its derivatives. With p = σ′ = σ(1 − σ): σ″ = p(1 − 2σ), σ‴ = p(1 − 6p).
OFMU_INLINE float silu_derivative(float x, int order) {
    OFMU_CONTRACT
    float s, t;
    logistic(x, &s, &t);
    // Beyond these bounds σ is 0 or 1 and its derivatives are 0: the clamps keep 0·∞ from arising. NaN passes through them.
    if (order == 0) return (x < -120.0f ? -120.0f : x) * s;
    x = clamped(x, -120.0f, 120.0f);
    float p = s * t, q = t - s;
    switch (order) {
    case 1: return s + x * p;
    case 2: return p * (2.0f + x * q);
    default: return p * (3.0f * q + x * (1.0f - 6.0f * p));
    }
}

/// GELU in its tanh form and its derivatives, as x·σ(v) with v = 2√(2/π)(x + 0.044715x³), because ½(1 + tanh u) = σ(2u).
OFMU_INLINE float gelu_derivative(float x, int order) {
    OFMU_CONTRACT
    // At ±11 σ(v) is 0 or 1 in float, and its derivatives 0: the clamp keeps the cubes from overflowing.
    float z = clamped(x, -11.0f, 11.0f);
    const float a = 1.59576912160573071f, ab3 = a * 0.134145f;
    float square = z * z;
    float v = z * (a + ab3 * (1.0f / 3.0f) * square);
    float s, t;
    logistic(v, &s, &t);
    if (order == 0) return (x < -11.0f ? -11.0f : x) * s;
    float p = s * t, q = t - s;
    float v1 = a + ab3 * square, v2 = 2.0f * ab3 * z, v3 = 2.0f * ab3;
    float s1 = p * v1;
    if (order == 1) return s + z * s1;
    float s2 = p * (q * v1 * v1 + v2);
    if (order == 2) return 2.0f * s1 + z * s2;
    float s3 = p * (v1 * (v1 * v1 * (1.0f - 6.0f * p) + 3.0f * q * v2) + v3);
    return 3.0f * s2 + z * s3;
}

/// erfc x = e^(−x²)·t·T(t) with t = 1/(1 + x/2), for x in 0…10 and given e^(−x²).
OFMU_INLINE float complement(float x, float gauss) {
    OFMU_CONTRACT
    float t = 1.0f / (1.0f + 0.5f * x);
    ERFC_POLYNOMIAL(p, t)
    return gauss * t * p;
}

OFMU_INLINE float error_function(float x) {
    OFMU_CONTRACT
    float magnitude = clamped(x < 0.0f ? -x : x, 0.0f, 10.0f), z = magnitude * magnitude;
    // Near 0 the complement would cancel.
    ERF_POLYNOMIAL(p, z)
    float near = magnitude + magnitude * p;
    float far = 1.0f - complement(magnitude, exponential(-z));
    float result = magnitude < 1.0f ? near : far;
    return x < 0.0f ? -result : result;
}

/// x·Φ(x), Φ being the normal distribution, and its derivatives, from the density φ: Φ + xφ, (2 − x²)φ, (x² − 4)xφ.
OFMU_INLINE float exact_gelu_derivative(float x, int order) {
    OFMU_CONTRACT
    // At ±14 Φ is 0 or 1 in float, and φ is 0: the clamp keeps 0·∞ from arising.
    float z = clamped(x, -14.0f, 14.0f);
    float gauss = exponential(-0.5f * z * z), density = 0.398942280f * gauss;
    float tail = 0.5f * complement((z < 0.0f ? -z : z) * 0.707106781f, gauss);
    float below = z < 0.0f ? tail : 1.0f - tail;
    switch (order) {
    case 0: return (x < -14.0f ? -14.0f : x) * below;
    case 1: return below + z * density;
    case 2: return (2.0f - z * z) * density;
    default: return (z * z - 4.0f) * z * density;
    }
}

#endif
