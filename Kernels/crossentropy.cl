// Cross-entropy per row of logits, and the one-hot part of its gradient.

ROW_KERNEL ofmu_cross_entropy(REALS(y), REALS(a), IDS(labels), Integers n, Reals x) {
    USE(y);
    USE(a);
    USE_IDS(labels);
    ROW_BEGIN
    a += row * n.v[1];
#define SELF(LOAD) LOAD(a)
    ROW_MAX(peak, n.v[1], SELF)
#define SHIFTED_EXP(LOAD) exp(LOAD(a) - peak)
    ROW_SUM(total, n.v[1], SHIFTED_EXP)
    if (ROW_LEADER) {
        int label = labels[row];
        y[row] = label >= 0 && label < n.v[1] ? log(total) + (peak - a[label]) : log(total) + peak;
    }
}

WALK_KERNEL ofmu_subtract_one_hot(REALS(y), REALS(p), IDS(labels), Integers n, Reals x) {
    USE(y);
    USE(p);
    USE_IDS(labels);
    long columns = n.v[1];
    FOR_WALK(row, column, columns)
    if (row >= n.v[0]) return;
    y += row * columns;
    p += row * columns;
    long label = labels[row];
    EACH_COLUMN(column) y[column] = p[column] - (column == label ? 1.0f : 0.0f);
}
