// Parameter updates, in place.

ELEMENT_KERNEL ofmu_axpy(REALS(y), REALS(a), Integers n, Reals x) {
    USE(y);
    USE(a);
    FOR_ELEMENT(i, n.v[0]) y[i] += x.v[0] * a[i];
}

ELEMENT_KERNEL ofmu_adamw(REALS(theta), REALS(m), REALS(v), REALS(g), Integers n, Reals x) {
    USE(theta);
    USE(m);
    USE(v);
    USE(g);
    FOR_ELEMENT(i, n.v[0]) {
        float rate = x.v[0], beta1 = x.v[1], beta2 = x.v[2], epsilon = x.v[3], decay = x.v[4];
        float gradient = x.v[7] * g[i];
        float first = beta1 * m[i] + (1.0f - beta1) * gradient;
        float second = beta2 * v[i] + (1.0f - beta2) * gradient * gradient;
        m[i] = first;
        v[i] = second;
        float step = (first / x.v[5]) / (sqrt(second / x.v[6]) + epsilon);
        theta[i] -= rate * (step + decay * theta[i]);
    }
}
