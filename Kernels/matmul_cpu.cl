// y[batch, M, N] (+)= a·b for CPU devices: a group is one item, which has the registers of one core for itself. It packs a
// panel of b (PANEL_K × PANEL_N) and sweeps it down `sweep` rows of a, ROWS at a time.
// Group 0 runs along N, group 1 along M, group 2 over the batch.

// LANES is the width of the device's vectors. 2·ROWS of them hold sums, and one more pair holds a line of the panel: with 16
// lanes that fits the 32 registers of AVX-512, with fewer the 16 registers of AVX2 and its like.
#if LANES == 16
typedef float16 Lanes;
#define LOAD_LANES vload16
#define STORE_LANES vstore16
#define ROWS 8
#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#elif LANES == 8
typedef float8 Lanes;
#define LOAD_LANES vload8
#define STORE_LANES vstore8
#define ROWS 6
#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#else
typedef float4 Lanes;
#define LOAD_LANES vload4
#define STORE_LANES vstore4
#define ROWS 6
#define EACH_ROW(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#endif

#define PANEL_N (2 * LANES)
#define PANEL_K 256
#define PANEL(k, column) panel[(k)*PANEL_N + (column)]

// Rows beyond the sweep repeat its last one and are not stored.
#define DECLARE_ROW(i)                                                                                                 \
    global const float *a##i = a + min(row + i, m_end - 1) * row_a;                                                    \
    Lanes left##i = 0.0f, right##i = 0.0f;

#define MULTIPLY_ROW(i)                                                                                                \
    {                                                                                                                  \
        Lanes p = a##i[k * column_a];                                                                                  \
        left##i = fma(p, left_b, left##i);                                                                             \
        right##i = fma(p, right_b, right##i);                                                                          \
    }

#define STORE_ROW(i)                                                                                                   \
    if (row + i < m_end) {                                                                                             \
        global float *place = y + (row + i) * n_count + n_begin;                                                       \
        if (columns == PANEL_N) {                                                                                      \
            if (adds) {                                                                                                \
                left##i += LOAD_LANES(0, place);                                                                       \
                right##i += LOAD_LANES(1, place);                                                                      \
            }                                                                                                          \
            STORE_LANES(left##i, 0, place);                                                                            \
            STORE_LANES(right##i, 1, place);                                                                           \
        } else {                                                                                                       \
            float edge[PANEL_N];                                                                                       \
            STORE_LANES(left##i, 0, edge);                                                                             \
            STORE_LANES(right##i, 1, edge);                                                                            \
            for (int j = 0; j < columns; j++) place[j] = adds ? place[j] + edge[j] : edge[j];                          \
        }                                                                                                              \
    }

KERNEL(1) ofmu_matmul_cpu(REALS(y), REALS(a), REALS(b), NUMBERS(matmul), long sweep) {
    USE(y);
    USE(a);
    USE(b);
    local float panel[PANEL_K * PANEL_N];
    long m_count = n.M, n_count = n.N, k_count = n.K;
    long row_a = n.strides_of_a[3], column_a = n.strides_of_a[4], row_b = n.strides_of_b[3],
         column_b = n.strides_of_b[4];
    long n_begin = (long)get_group_id(0) * PANEL_N;
    long m_begin = (long)get_group_id(1) * sweep, m_end = min(m_begin + sweep, m_count);
    int columns = (int)min((long)PANEL_N, n_count - n_begin);

    long batch = get_group_id(2);
    y += batch * m_count * n_count;
    long batch_2 = batch % n.batch[2], batch_1 = batch / n.batch[2] % n.batch[1],
         batch_0 = batch / n.batch[2] / n.batch[1];
    a += batch_0 * n.strides_of_a[0] + batch_1 * n.strides_of_a[1] + batch_2 * n.strides_of_a[2];
    b += batch_0 * n.strides_of_b[0] + batch_1 * n.strides_of_b[1] + batch_2 * n.strides_of_b[2] + n_begin * column_b;

    for (long k_begin = 0; k_begin < k_count || k_begin == 0; k_begin += PANEL_K) {
        int depth = (int)min((long)PANEL_K, k_count - k_begin);
        int adds = k_begin > 0 || n.accumulate != 0;
        // Columns beyond N become zero.
        if (column_b == 1 && columns == PANEL_N) {
            for (int k = 0; k < depth; k++) {
                STORE_LANES(LOAD_LANES(0, b + k * row_b), 0, panel + k * PANEL_N);
                STORE_LANES(LOAD_LANES(1, b + k * row_b), 1, panel + k * PANEL_N);
            }
        } else {
            for (int j = 0; j < columns; j++)
                for (int k = 0; k < depth; k++) PANEL(k, j) = b[k * row_b + j * column_b];
            for (int j = columns; j < PANEL_N; j++)
                for (int k = 0; k < depth; k++) PANEL(k, j) = 0.0f;
        }
        for (long row = m_begin; row < m_end; row += ROWS) {
            EACH_ROW(DECLARE_ROW)
            for (int k = 0; k < depth; k++) {
                Lanes left_b = LOAD_LANES(0, panel + k * PANEL_N), right_b = LOAD_LANES(1, panel + k * PANEL_N);
                EACH_ROW(MULTIPLY_ROW)
            }
            EACH_ROW(STORE_ROW)
        }
        a += PANEL_K * column_a;
        b += PANEL_K * row_b;
    }
}
