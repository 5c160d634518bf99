// Softmax over rows, its masked form for attention, and its tangent.

#define SHIFTED_EXP(LOAD) exp(LOAD(a) - peak)
#define SELF(LOAD) LOAD(a)
#define SCALED(LOAD) LOAD(y) * factor

// y is written twice: exp costs more than reading y again.
ROW_KERNEL ofmu_softmax(REALS(y), REALS(a), NUMBERS(softmax)) {
    USE(y);
    USE(a);
    ROW_BEGIN
    a += row * n.columns;
    y += row * n.columns;
    ROW_MAX(peak, n.columns, SELF)
    ROW_MAP_SUM(total, y, n.columns, SHIFTED_EXP)
    float factor = 1.0f / total;
    ROW_MAP(y, n.columns, SCALED)
}

ROW_KERNEL ofmu_softmax_masked(REALS(y), REALS(a), IDS(limits), NUMBERS(softmax_masked)) {
    USE(y);
    USE(a);
    USE_IDS(limits);
    ROW_BEGIN
    long columns = n.columns, queries = n.queries, rows_per_batch = n.rows_per_batch;
    long limit = clamp((long)limits[row / rows_per_batch * queries + row % queries], 0L, columns);
    a += row * columns;
    y += row * columns;
    ROW_MAX(peak, limit, SELF)
    ROW_MAP_SUM(total, y, limit, SHIFTED_EXP)
    float factor = 1.0f / total;
    ROW_MAP(y, limit, SCALED)
    ROW_ZERO(y, limit, columns)
}

ROW_KERNEL ofmu_softmax_tangent(REALS(y), REALS(s), REALS(v), NUMBERS(softmax_tangent)) {
    USE(y);
    USE(s);
    USE(v);
    ROW_BEGIN
    y += row * n.columns;
    s += row * n.columns;
    v += row * n.columns;
#define PRODUCT(LOAD) LOAD(s) * LOAD(v)
    ROW_SUM(mean, n.columns, PRODUCT)
#define CENTRED(LOAD) LOAD(s) * (LOAD(v) - mean)
    ROW_MAP(y, n.columns, CENTRED)
}
