// AdamW: one pass over parameters, moments and gradient.
#include "kernel.h"

OFMU_KERNEL(adamw) {
    OFMU_CONTRACT
    float *theta = output(c, 0), *m = output(c, 1), *v = output(c, 2);
    const float *g = input(c, 3);
    float rate = c->x[0], beta1 = c->x[1], beta2 = c->x[2], epsilon = c->x[3], decay = c->x[4];
    float unbias1 = 1.0f / c->x[5], unbias2 = 1.0f / c->x[6], sign = c->x[7];
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
