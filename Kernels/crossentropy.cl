// Cross-entropy per row of logits, and the one-hot part of its gradient.

ROW_KERNEL ofmu_cross_entropy(REALS(y), REALS(a), IDS(labels), NUMBERS(cross_entropy)) {
    USE(y);
    USE(a);
    USE_IDS(labels);
    ROW_BEGIN
    a += row * n.columns;
#define SELF(LOAD) LOAD(a)
    ROW_MAX(peak, n.columns, SELF)
#define SHIFTED_EXP(LOAD) exp(LOAD(a) - peak)
    ROW_SUM(total, n.columns, SHIFTED_EXP)
    if (ROW_LEADER) {
        int label = labels[row];
        y[row] = label >= 0 && label < n.columns ? log(total) + (peak - a[label]) : log(total) + peak;
    }
}

WALK_KERNEL ofmu_subtract_one_hot(REALS(y), REALS(p), IDS(labels), NUMBERS(subtract_one_hot)) {
    USE(y);
    USE(p);
    USE_IDS(labels);
    long columns = n.columns;
    FOR_WALK(row, column, columns)
    if (row >= n.rows) return;
    y += row * columns;
    p += row * columns;
    long label = labels[row];
    EACH_COLUMN(column) y[column] = p[column] - (column == label ? 1.0f : 0.0f);
}
