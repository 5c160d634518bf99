// y[batch, M, N] (+)= a·b for CPU devices: a group is one item, which has the registers of one core for itself. It packs a
// panel of b (PANEL_K × PANEL_N) and sweeps it down n.v[18] rows of a, ROWS at a time.
// Group 0 runs along N, group 1 along M, group 2 over the batch.

#define ROWS 8
#define PANEL_N 32
#define PANEL_K 256

// Packs b[k, column…] for k < depth. Columns beyond N become zero.
#define PACK(k, column) panel[(k) * PANEL_N + (column)]

#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)

// Rows beyond M repeat the last one and are not stored.
#define DECLARE_ROW(i)                                                                                                 \
    global const float *a##i = a + min(row + i, m_count - 1) * row_a;                                                  \
    float16 left##i = 0.0f, right##i = 0.0f;

#define MULTIPLY_ROW(i)                                                                                                \
    {                                                                                                                  \
        float16 p = a##i[k * column_a];                                                                                \
        left##i = fma(p, left_b, left##i);                                                                             \
        right##i = fma(p, right_b, right##i);                                                                          \
    }

#define STORE_ROW(i)                                                                                                   \
    if (row + i < m_count) {                                                                                           \
        global float *place = y + (row + i) * n_count + n_begin;                                                       \
        if (columns == PANEL_N) {                                                                                      \
            if (adds) {                                                                                                \
                left##i += vload16(0, place);                                                                          \
                right##i += vload16(1, place);                                                                         \
            }                                                                                                          \
            vstore16(left##i, 0, place);                                                                               \
            vstore16(right##i, 1, place);                                                                              \
        } else {                                                                                                       \
            float edge[PANEL_N];                                                                                       \
            vstore16(left##i, 0, edge);                                                                                \
            vstore16(right##i, 1, edge);                                                                               \
            for (int j = 0; j < columns; j++) place[j] = adds ? place[j] + edge[j] : edge[j];                          \
        }                                                                                                              \
    }

KERNEL(1) ofmu_matmul_cpu(REALS(y), REALS(a), REALS(b), Integers n, Reals x) {
    USE(y);
    USE(a);
    USE(b);
    local float panel[PANEL_K * PANEL_N];
    long m_count = n.v[0], n_count = n.v[1], k_count = n.v[2];
    long row_a = n.v[9], column_a = n.v[10], row_b = n.v[14], column_b = n.v[15];
    long n_begin = (long)get_group_id(0) * PANEL_N;
    long m_begin = (long)get_group_id(1) * n.v[18], m_end = min(m_begin + n.v[18], m_count);
    int columns = (int)min((long)PANEL_N, n_count - n_begin);

    long batch = get_group_id(2);
    y += batch * m_count * n_count;
    long batch_2 = batch % n.v[5], batch_1 = batch / n.v[5] % n.v[4], batch_0 = batch / n.v[5] / n.v[4];
    a += batch_0 * n.v[6] + batch_1 * n.v[7] + batch_2 * n.v[8];
    b += batch_0 * n.v[11] + batch_1 * n.v[12] + batch_2 * n.v[13] + n_begin * column_b;

    for (long k_begin = 0; k_begin < k_count || k_begin == 0; k_begin += PANEL_K) {
        int depth = (int)min((long)PANEL_K, k_count - k_begin);
        int adds = k_begin > 0 || n.v[16] != 0;
        if (column_b == 1 && columns == PANEL_N) {
            for (int k = 0; k < depth; k++) {
                vstore16(vload16(0, b + k * row_b), 0, panel + k * PANEL_N);
                vstore16(vload16(1, b + k * row_b), 1, panel + k * PANEL_N);
            }
        } else {
            for (int j = 0; j < columns; j++)
                for (int k = 0; k < depth; k++) PACK(k, j) = b[k * row_b + j * column_b];
            for (int j = columns; j < PANEL_N; j++)
                for (int k = 0; k < depth; k++) PACK(k, j) = 0.0f;
        }
        for (long row = m_begin; row < m_end; row += ROWS) {
            EACH_ROW(DECLARE_ROW)
            for (int k = 0; k < depth; k++) {
                float16 left_b = vload16(0, panel + k * PANEL_N), right_b = vload16(1, panel + k * PANEL_N);
                EACH_ROW(MULTIPLY_ROW)
            }
            EACH_ROW(STORE_ROW)
        }
        a += PANEL_K * column_a;
        b += PANEL_K * row_b;
    }
}
