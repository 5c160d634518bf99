// y[batch, M, N] (+)= a·b for GPUs: a group computes a tile of TILE_M × TILE_N, TILE_K deep at a time, from local memory;
// an item computes ITEM_M × ITEM_N of it in registers, at a distance so that neighbouring items read neighbouring columns.
// Group 0 runs along N, group 1 along M, group 2 over the batch.

#define ITEMS_M (TILE_M / ITEM_M)
#define ITEMS_N (TILE_N / ITEM_N)
#define TILE_ITEMS (ITEMS_M * ITEMS_N)

// The pad keeps a transposing store from hitting one bank with every item.
#define PITCH_M (TILE_M + 1)
#define PITCH_N (TILE_N + 1)

// Copies a slab of TILE_K × `side` elements into local memory as slab[k][s], zero beyond the matrix. Neighbouring items
// walk along k where the matrix is contiguous along k, and along s otherwise, so that global reads are coalesced.
#define LOAD_SLAB(slab, pitch, side, source, s_begin, s_count, s_step, k_step)                                         \
    for (int t = item; t < TILE_K * side; t += TILE_ITEMS) {                                                           \
        int along_k = (k_step) == 1 && (s_step) != 1;                                                                  \
        int s = along_k ? t / TILE_K : t % side;                                                                       \
        int k = along_k ? t % TILE_K : t / side;                                                                       \
        int inside = s_begin + s < s_count && k_begin + k < n.K;                                                       \
        slab[k * pitch + s] = inside ? source[(s_begin + s) * (s_step) + (k_begin + k) * (k_step)] : 0.0f;             \
    }

KERNEL(TILE_ITEMS) ofmu_matmul(REALS(y), REALS(a), REALS(b), NUMBERS(matmul)) {
    USE(y);
    USE(a);
    USE(b);
    local float slab_a[TILE_K * PITCH_M];
    local float slab_b[TILE_K * PITCH_N];
    int item = get_local_id(0);
    int item_m = item / ITEMS_N, item_n = item % ITEMS_N;
    long m_begin = (long)get_group_id(1) * TILE_M, n_begin = (long)get_group_id(0) * TILE_N;

    long batch = get_group_id(2);
    y += batch * n.M * n.N;
    long batch_2 = batch % n.batch[2], batch_1 = batch / n.batch[2] % n.batch[1],
         batch_0 = batch / n.batch[2] / n.batch[1];
    a += batch_0 * n.strides_of_a[0] + batch_1 * n.strides_of_a[1] + batch_2 * n.strides_of_a[2];
    b += batch_0 * n.strides_of_b[0] + batch_1 * n.strides_of_b[1] + batch_2 * n.strides_of_b[2];

    float total[ITEM_M][ITEM_N];
#pragma unroll
    for (int i = 0; i < ITEM_M; i++)
#pragma unroll
        for (int j = 0; j < ITEM_N; j++) total[i][j] = 0.0f;

    for (long k_begin = 0; k_begin < n.K; k_begin += TILE_K) {
        LOAD_SLAB(slab_a, PITCH_M, TILE_M, a, m_begin, n.M, n.strides_of_a[3], n.strides_of_a[4])
        LOAD_SLAB(slab_b, PITCH_N, TILE_N, b, n_begin, n.N, n.strides_of_b[4], n.strides_of_b[3])
        barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
        for (int k = 0; k < TILE_K; k++) {
            float p[ITEM_M], q[ITEM_N];
#pragma unroll
            for (int i = 0; i < ITEM_M; i++) p[i] = slab_a[k * PITCH_M + i * ITEMS_M + item_m];
#pragma unroll
            for (int j = 0; j < ITEM_N; j++) q[j] = slab_b[k * PITCH_N + j * ITEMS_N + item_n];
#pragma unroll
            for (int i = 0; i < ITEM_M; i++)
#pragma unroll
                for (int j = 0; j < ITEM_N; j++) total[i][j] = fma(p[i], q[j], total[i][j]);
        }
        barrier(CLK_LOCAL_MEM_FENCE);
    }

#pragma unroll
    for (int i = 0; i < ITEM_M; i++)
#pragma unroll
        for (int j = 0; j < ITEM_N; j++) {
            long row = m_begin + i * ITEMS_M + item_m, column = n_begin + j * ITEMS_N + item_n;
            if (row < n.M && column < n.N) {
                global float *place = y + row * n.N + column;
                *place = n.accumulate != 0 ? *place + total[i][j] : total[i][j];
            }
        }
}
