// The functions of one number, by kernel: their names and what each makes of `v`. The kernels and the catalogue come from this list.
#ifndef OFMU_UNARY_H
#define OFMU_UNARY_H

// The elementwise square root, unlike sqrtf, never sets errno, which would forbid vectors.
#define OFMU_UNARY_FUNCTIONS(K)                                                                                        \
    K(exp, exponential(v))                                                                                             \
    K(log, logarithm(v))                                                                                               \
    K(sqrt, __builtin_elementwise_sqrt(v))                                                                             \
    K(rsqrt, 1.0f / __builtin_elementwise_sqrt(v))                                                                     \
    K(sigmoid, sigmoid(v))                                                                                             \
    K(tanh, hyperbolic_tangent(v))                                                                                     \
    K(erf, error_function(v))                                                                                          \
    K(relu, v < 0.0f ? 0.0f : v)                                                                                       \
    K(positive, v > 0.0f ? 1.0f : 0.0f)                                                                                \
    K(silu_0, silu_derivative(v, 0))                                                                                   \
    K(silu_1, silu_derivative(v, 1))                                                                                   \
    K(silu_2, silu_derivative(v, 2))                                                                                   \
    K(silu_3, silu_derivative(v, 3))                                                                                   \
    K(gelu_0, gelu_derivative(v, 0))                                                                                   \
    K(gelu_1, gelu_derivative(v, 1))                                                                                   \
    K(gelu_2, gelu_derivative(v, 2))                                                                                   \
    K(gelu_3, gelu_derivative(v, 3))                                                                                   \
    K(gelu_erf_0, exact_gelu_derivative(v, 0))                                                                         \
    K(gelu_erf_1, exact_gelu_derivative(v, 1))                                                                         \
    K(gelu_erf_2, exact_gelu_derivative(v, 2))                                                                         \
    K(gelu_erf_3, exact_gelu_derivative(v, 3))

#endif
