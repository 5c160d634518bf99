// The inner products of the similarity penalty and the directions built from them, each in one pass.

ROW_KERNEL ofmu_similarity_dots(REALS(y), REALS(a), REALS(b), NUMBERS(similarity_dots)) {
    USE(y);
    USE(a);
    USE(b);
    ROW_BEGIN
    long begin = row * n.block, columns = min(n.block, n.count - begin);
    a += begin;
    b += begin;
#if ROW_ITEMS == 1
    float16 wide_aa = 0.0f, wide_ab = 0.0f, wide_bb = 0.0f;
    long j = 0;
    for (; j + 16 <= columns; j += 16) {
        float16 p = vload16(0, a + j), q = vload16(0, b + j);
        wide_aa += p * p;
        wide_ab += p * q;
        wide_bb += q * q;
    }
    float aa = sum_of_lanes(wide_aa), ab = sum_of_lanes(wide_ab), bb = sum_of_lanes(wide_bb);
    for (; j < columns; j++) {
        aa += a[j] * a[j];
        ab += a[j] * b[j];
        bb += b[j] * b[j];
    }
#else
    float aa = 0.0f, ab = 0.0f, bb = 0.0f;
    EACH_LANE_COLUMN(0, columns) {
        float p = a[j], q = b[j];
        aa += p * p;
        ab += p * q;
        bb += q * q;
    }
    aa = row_reduce_sum(aa, shared);
    ab = row_reduce_sum(ab, shared);
    bb = row_reduce_sum(bb, shared);
#endif
    if (ROW_LEADER) {
        y[3 * row] = aa;
        y[3 * row + 1] = ab;
        y[3 * row + 2] = bb;
    }
}

ELEMENT_KERNEL ofmu_similarity_directions(REALS(y), REALS(a), REALS(b), REALS(c), NUMBERS(similarity_directions)) {
    USE(y);
    USE(a);
    USE(b);
    USE(c);
    FOR_ELEMENT(i, n.count) {
        float p = a[i], q = b[i];
        y[i] = c[0] * p + c[1] * q;
        y[n.count + i] = c[2] * p + c[3] * q;
    }
}

ELEMENT_KERNEL ofmu_combine(REALS(y), REALS(p), REALS(a), REALS(q), REALS(b), NUMBERS(combine)) {
    USE(y);
    USE(p);
    USE(a);
    USE(q);
    USE(b);
    FOR_ELEMENT(i, n.count) y[i] = p[0] * a[i] + q[0] * b[i];
}
