// AdamW: one pass over parameters, moments and gradient.
#include "kernel.h"

OFMU_KERNEL(adamw) {
    OFMU_CONTRACT
    OFMU_NUMBERS(adamw)
    float *theta = output(c, 0), *m = output(c, 1), *v = output(c, 2);
    const float *g = input(c, 3);
    float rate = x.rate, beta1 = x.beta1, beta2 = x.beta2, epsilon = x.epsilon, decay = x.decay;
    float unbias1 = 1.0f / x.correction1, unbias2 = 1.0f / x.correction2, sign = x.sign;
    float rest1 = 1.0f - beta1, rest2 = 1.0f - beta2;
    OFMU_INDEPENDENT
    for (int64_t i = begin; i < end; i++) {
        float gradient = sign * g[i];
        float first = beta1 * m[i] + rest1 * gradient;
        float second = beta2 * v[i] + rest2 * gradient * gradient;
        m[i] = first;
        v[i] = second;
        float step = first * unbias1 / (__builtin_elementwise_sqrt(second * unbias2) + epsilon);
        theta[i] -= rate * (step + decay * theta[i]);
    }
}
