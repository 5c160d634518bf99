// Softmax over rows, its masked form for attention, and its tangent.

#define SHIFTED_EXP(LOAD) exp(LOAD(a) - peak)
#define SELF(LOAD) LOAD(a)
#define SCALED(LOAD) LOAD(y) * factor

// y is written twice: exp costs more than reading y again.
ROW_KERNEL ofmu_softmax(REALS(y), REALS(a), Integers n, Reals x) {
    USE(y);
    USE(a);
    ROW_BEGIN
    a += row * n.v[1];
    y += row * n.v[1];
    ROW_MAX(peak, n.v[1], SELF)
    ROW_MAP_SUM(total, y, n.v[1], SHIFTED_EXP)
    float factor = 1.0f / total;
    ROW_MAP(y, n.v[1], SCALED)
}

ROW_KERNEL ofmu_softmax_masked(REALS(y), REALS(a), IDS(limits), Integers n, Reals x) {
    USE(y);
    USE(a);
    USE_IDS(limits);
    ROW_BEGIN
    long columns = n.v[1], queries = n.v[2], rows_per_batch = n.v[3];
    long limit = clamp((long)limits[row / rows_per_batch * queries + row % queries], 0L, columns);
    a += row * columns;
    y += row * columns;
    ROW_MAX(peak, limit, SELF)
    ROW_MAP_SUM(total, y, limit, SHIFTED_EXP)
    float factor = 1.0f / total;
    ROW_MAP(y, limit, SCALED)
    ROW_ZERO(y, limit, columns)
}

ROW_KERNEL ofmu_softmax_tangent(REALS(y), REALS(s), REALS(v), Integers n, Reals x) {
    USE(y);
    USE(s);
    USE(v);
    ROW_BEGIN
    y += row * n.v[1];
    s += row * n.v[1];
    v += row * n.v[1];
#define PRODUCT(LOAD) LOAD(s) * LOAD(v)
    ROW_SUM(mean, n.v[1], PRODUCT)
#define CENTRED(LOAD) LOAD(s) * (LOAD(v) - mean)
    ROW_MAP(y, n.v[1], CENTRED)
}
