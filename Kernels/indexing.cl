// Rows by index.

// An id outside the table gives a row of zeros, the counterpart of scatter_rows leaving such rows out.
WALK_KERNEL ofmu_gather_rows(REALS(y), REALS(table), IDS(ids), NUMBERS(gather_rows)) {
    USE(y);
    USE(table);
    USE_IDS(ids);
    long columns = n.columns;
    FOR_WALK(row, column, columns)
    if (row >= n.rows) return;
    long id = ids[row];
    y += row * columns;
    if (id < 0 || id >= n.rows_of_table) {
        EACH_COLUMN(column) y[column] = 0.0f;
    } else {
        table += id * n.row_stride_of_table;
        EACH_COLUMN(column) y[column] = table[column];
    }
}

// One group per row of a: the first row with a given id adds all rows with that id, in order, to y[id]. The host zeroes
// y before, unless the call accumulates. Cheaper than a search per row of y (a vocabulary), and free of atomics.
ROW_KERNEL ofmu_scatter_rows(REALS(y), REALS(a), IDS(ids), NUMBERS(scatter_rows)) {
    USE(y);
    USE(a);
    USE_IDS(ids);
    long rows = n.rows_of_a, columns = n.columns;
    ROW_BEGIN
    int id = ids[row];
#if ROW_ITEMS == 1
    int earlier = 0;
    for (long r = 0; r < row; r++) earlier |= ids[r] == id;
#else
    float found = 0.0f;
    for (long r = lane; r < row; r += ROW_ITEMS) found = ids[r] == id ? 1.0f : found;
    int earlier = row_reduce_max(found, shared) != 0.0f;
#endif
    if (earlier || id < 0 || id >= n.rows_of_y) return;
    y += id * columns;
    for (long r = row; r < rows; r++) {
        if (ids[r] != id) continue;
        global float *source = a + r * columns;
#define SUM(LOAD) LOAD(y) + LOAD(source)
        ROW_MAP(y, columns, SUM)
#undef SUM
    }
}
