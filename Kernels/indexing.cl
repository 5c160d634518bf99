// Rows by index, and patches of images as columns.

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

#define PATCH_SIZES                                                                                                    \
    long channels = n.C, height = n.H, width = n.W;                                                                    \
    long kernel_h = n.kernel_h, kernel_w = n.kernel_w, stride_h = n.stride_h, stride_w = n.stride_w;                   \
    long padding_h = n.padding_h, padding_w = n.padding_w, out_h = n.out_h, out_w = n.out_w;

// A row is one row of output positions for one channel and one place in the patch: (image, channel, i, j, oh).
WALK_KERNEL ofmu_unfold(REALS(y), REALS(a), NUMBERS(unfold)) {
    USE(y);
    USE(a);
    PATCH_SIZES
    FOR_WALK(row, ow, out_w)
    long oh = row % out_h, rest = row / out_h;
    long j = rest % kernel_w;
    rest /= kernel_w;
    long i = rest % kernel_h;
    rest /= kernel_h;
    if (rest >= n.N * channels) return;
    long h = oh * stride_h + i - padding_h;
    y += row * out_w;
    a += (rest * height + h) * width;
    EACH_COLUMN(ow) {
        long w = ow * stride_w + j - padding_w;
        y[ow] = h >= 0 && h < height && w >= 0 && w < width ? a[w] : 0.0f;
    }
}

// A row is one row of pixels: (image, channel, h). Each pixel collects from the patches that hold it, in order.
WALK_KERNEL ofmu_fold(REALS(y), REALS(a), NUMBERS(fold)) {
    USE(y);
    USE(a);
    PATCH_SIZES
    FOR_WALK(row, w, width)
    long h = row % height, plane = row / height;
    if (plane >= n.N * channels) return;
    y += row * width;
    a += plane * kernel_h * kernel_w * out_h * out_w;
#if ROW_ITEMS == 1
    // Patch by patch instead of pixel by pixel: no divisions inside, and runs of pixels. Each pixel's order is the same.
    EACH_COLUMN(w) y[w] = 0.0f;
    for (long i = 0; i < kernel_h; i++) {
        long top = h + padding_h - i;
        if (top < 0 || top % stride_h != 0 || top / stride_h >= out_h) continue;
        for (long j = 0; j < kernel_w; j++) {
            global float *line = a + ((i * kernel_w + j) * out_h + top / stride_h) * out_w;
            long shift = j - padding_w;
            long begin = max(0L, ROUND_UP_DIVIDE(max(0L, walk_begin - shift), stride_w));
            long end = walk_end > shift ? min(out_w, ROUND_UP_DIVIDE(walk_end - shift, stride_w)) : 0;
            for (long ow = begin; ow < end; ow++) y[ow * stride_w + shift] += line[ow];
        }
    }
#else
    EACH_COLUMN(w) {
        float total = 0.0f;
        for (long i = 0; i < kernel_h; i++) {
            long top = h + padding_h - i;
            if (top < 0 || top % stride_h != 0 || top / stride_h >= out_h) continue;
            for (long j = 0; j < kernel_w; j++) {
                long left = w + padding_w - j;
                if (left < 0 || left % stride_w != 0 || left / stride_w >= out_w) continue;
                total += a[((i * kernel_w + j) * out_h + top / stride_h) * out_w + left / stride_w];
            }
        }
        y[w] = total;
    }
#endif
}
