// Sums. Rows run in the order of the prelude's row macros, columns in the order of the middle axis.

// y[outer, inner] = Σ over middle of a[outer, middle, inner], for inner = 1.
ROW_KERNEL ofmu_sum_rows(REALS(y), REALS(a), NUMBERS(sum)) {
    USE(y);
    USE(a);
    ROW_BEGIN
    a += row * n.middle;
#define TERM(LOAD) LOAD(a)
    ROW_SUM(total, n.middle, TERM)
#undef TERM
    if (ROW_LEADER) y[row] = total;
}

#if ROW_ITEMS == 1

#if SUM_COLUMNS != 16
#error "The vectors below hold sixteen columns."
#endif

// For inner > 1 an item sums sixteen neighbouring columns. Group 0: outer, group 1: columns / 16.
KERNEL(1) ofmu_sum_columns(REALS(y), REALS(a), NUMBERS(sum)) {
    USE(y);
    USE(a);
    long middle = n.middle, inner = n.inner;
    long outer = get_group_id(0), column = get_group_id(1) * SUM_COLUMNS;
    a += outer * middle * inner + column;
    y += outer * inner + column;
    if (column + 16 <= inner) {
        float16 total = 0.0f;
        for (long m = 0; m < middle; m++) total += vload16(0, a + m * inner);
        vstore16(total, 0, y);
    } else {
        for (long j = 0; column + j < inner; j++) {
            float total = 0.0f;
            for (long m = 0; m < middle; m++) total += a[m * inner + j];
            y[j] = total;
        }
    }
}

#else

// For inner > 1 a group sums SUM_COLUMNS neighbouring columns, SLICES items on each, and then adds the parts.
#define SLICES (ITEMS / SUM_COLUMNS)
KERNEL(SLICES *SUM_COLUMNS) ofmu_sum_columns(REALS(y), REALS(a), NUMBERS(sum)) {
    USE(y);
    USE(a);
    local float parts[SLICES][SUM_COLUMNS];
    long middle = n.middle, inner = n.inner;
    long outer = get_group_id(0);
    int lane = get_local_id(0) % SUM_COLUMNS, slice = get_local_id(0) / SUM_COLUMNS;
    long column = get_group_id(1) * SUM_COLUMNS + lane;
    float total = 0.0f;
    if (column < inner) {
        a += outer * middle * inner + column;
        for (long m = slice; m < middle; m += SLICES) total += a[m * inner];
    }
    parts[slice][lane] = total;
    barrier(CLK_LOCAL_MEM_FENCE);
    if (slice == 0 && column < inner) {
        for (int s = 1; s < SLICES; s++) total += parts[s][lane];
        y[outer * inner + column] = total;
    }
}

#endif

#define PRODUCT(LOAD) LOAD(a) * LOAD(b)

ROW_KERNEL ofmu_row_dot(REALS(y), REALS(a), REALS(b), NUMBERS(row_dot)) {
    USE(y);
    USE(a);
    USE(b);
    ROW_BEGIN
    a += row * n.columns;
    b += row * n.columns;
    ROW_SUM(total, n.columns, PRODUCT)
    if (ROW_LEADER) y[row] = x.c * total;
}

ROW_KERNEL ofmu_dot_blocks(REALS(y), REALS(a), REALS(b), NUMBERS(dot_blocks)) {
    USE(y);
    USE(a);
    USE(b);
    ROW_BEGIN
    long begin = row * n.block, columns = min(n.block, n.count - begin);
    a += begin;
    b += begin;
    ROW_SUM(total, columns, PRODUCT)
    if (ROW_LEADER) y[row] = total;
}
