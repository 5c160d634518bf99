// Parameter updates, in place.

ELEMENT_KERNEL ofmu_axpy(REALS(y), REALS(a), NUMBERS(axpy)) {
    USE(y);
    USE(a);
    FOR_ELEMENT(i, n.count) y[i] += x.c * a[i];
}

ELEMENT_KERNEL ofmu_adamw(REALS(theta), REALS(m), REALS(v), REALS(g), NUMBERS(adamw)) {
    USE(theta);
    USE(m);
    USE(v);
    USE(g);
    FOR_ELEMENT(i, n.count) {
        float rate = x.rate, beta1 = x.beta1, beta2 = x.beta2, epsilon = x.epsilon, decay = x.decay;
        float gradient = x.sign * g[i];
        float first = beta1 * m[i] + (1.0f - beta1) * gradient;
        float second = beta2 * v[i] + (1.0f - beta2) * gradient * gradient;
        m[i] = first;
        v[i] = second;
        float step = (first / x.correction1) / (sqrt(second / x.correction2) + epsilon);
        theta[i] -= rate * (step + decay * theta[i]);
    }
}
