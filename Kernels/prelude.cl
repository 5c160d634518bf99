// Put before the text of every other file. The kernels keep to the words defined here and to C, so that a second prelude
// can compile the same text as CUDA.
//
// Set by the host, which counts by them too (Sources/Backends/Launch): ROW_ITEMS (items that share a row: 1 on CPU devices), ITEMS
// (items of a group of element kernels), LANES, and the sizes of walks and tiles.

// The integers and reals of a kernel, by the names that its declaration gives them: types of arguments.h. (Where the
// name is itself a macro's argument it is pasted there: drivers may define functions as macros.)
#define NUMBERS(name) name##_integers n, name##_reals x

// An operand is a buffer and the offset of its first element.
#define REALS(name) global float *name##_buffer, long name##_offset
#define IDS(name) global const int *name##_buffer, long name##_offset
#define USE(name) global float *name = name##_buffer + name##_offset
#define USE_IDS(name) global const int *name = name##_buffer + name##_offset

#define KERNEL(items) kernel __attribute__((reqd_work_group_size(items, 1, 1))) void
#define ROUND_UP_DIVIDE(a, b) (((a) + (b)-1) / (b))

// Most indices fit 32 bits, where division is several times cheaper on GPUs.
static inline long divide(long a, long b) { return ((a | b) >> 31) != 0 ? a / b : (long)((uint)a / (uint)b); }

// ---- Flat element kernels: one item per element. ----

#define ELEMENT_KERNEL KERNEL(ITEMS)
#define FOR_ELEMENT(i, count)                                                                                          \
    long i = get_global_id(0);                                                                                         \
    if (i < (count))

// ---- Element kernels over rows: on a GPU an item computes one element; on a CPU device it walks up to WALK columns of
// a row, because there divisions are dear and loops over columns vectorise. ----

#if ROW_ITEMS == 1
#define WALK_KERNEL KERNEL(1)
#define FOR_WALK(row, column, columns)                                                                                 \
    long walk_parts = ROUND_UP_DIVIDE(columns, WALK);                                                                  \
    long row = (long)get_global_id(0) / walk_parts;                                                                    \
    long walk_begin = ((long)get_global_id(0) - row * walk_parts) * WALK;                                              \
    long walk_end = min(walk_begin + WALK, (long)(columns));
#define EACH_COLUMN(column) for (long column = walk_begin; column < walk_end; column++)
#else
#define WALK_KERNEL KERNEL(ITEMS)
#define FOR_WALK(row, column, columns)                                                                                 \
    long row = divide(get_global_id(0), columns);                                                                      \
    long walk_column = (long)get_global_id(0) - row * (columns);
#define EACH_COLUMN(column) for (long column = walk_column, once = 1; once != 0; once = 0)
#endif

// ---- Row kernels: ROW_ITEMS items share a row. The expressions are macros that take a way to load, LOAD(p): sixteen
// columns of p from column j on, or one, so that the same text serves the vector loop and its tail. ----

#define SIXTEEN(p) vload16(0, (p) + j)
#define ONE(p) (p)[j]

#define ROW_KERNEL KERNEL(ROW_ITEMS)

#if ROW_ITEMS == 1

static inline float sum_of_lanes(float16 a) {
    float8 b = a.lo + a.hi;
    float4 c = b.lo + b.hi;
    float2 d = c.lo + c.hi;
    return d.x + d.y;
}

static inline float max_of_lanes(float16 a) {
    float8 b = fmax(a.lo, a.hi);
    float4 c = fmax(b.lo, b.hi);
    float2 d = fmax(c.lo, c.hi);
    return fmax(d.x, d.y);
}

#define ROW_BEGIN long row = get_group_id(0);
#define ROW_LEADER 1

#define ROW_SUM(total, columns, TERM)                                                                                  \
    float total;                                                                                                       \
    {                                                                                                                  \
        float16 wide = 0.0f;                                                                                           \
        long j = 0;                                                                                                    \
        for (; j + 16 <= (columns); j += 16) wide += TERM(SIXTEEN);                                                    \
        total = sum_of_lanes(wide);                                                                                    \
        for (; j < (columns); j++) total += TERM(ONE);                                                                 \
    }

#define ROW_MAX(peak, columns, TERM)                                                                                   \
    float peak;                                                                                                        \
    {                                                                                                                  \
        float16 wide = -INFINITY;                                                                                      \
        long j = 0;                                                                                                    \
        for (; j + 16 <= (columns); j += 16) wide = fmax(wide, TERM(SIXTEEN));                                         \
        peak = max_of_lanes(wide);                                                                                     \
        for (; j < (columns); j++) peak = fmax(peak, TERM(ONE));                                                       \
    }

#define ROW_MAP(y, columns, TERM)                                                                                      \
    {                                                                                                                  \
        long j = 0;                                                                                                    \
        for (; j + 16 <= (columns); j += 16) vstore16(TERM(SIXTEEN), 0, (y) + j);                                      \
        for (; j < (columns); j++) (y)[j] = TERM(ONE);                                                                 \
    }

// Stores the terms and sums them.
#define ROW_MAP_SUM(total, y, columns, TERM)                                                                           \
    float total;                                                                                                       \
    {                                                                                                                  \
        float16 wide = 0.0f;                                                                                           \
        long j = 0;                                                                                                    \
        for (; j + 16 <= (columns); j += 16) {                                                                         \
            float16 term = TERM(SIXTEEN);                                                                              \
            vstore16(term, 0, (y) + j);                                                                                \
            wide += term;                                                                                              \
        }                                                                                                              \
        total = sum_of_lanes(wide);                                                                                    \
        for (; j < (columns); j++) {                                                                                   \
            float term = TERM(ONE);                                                                                    \
            (y)[j] = term;                                                                                             \
            total += term;                                                                                             \
        }                                                                                                              \
    }

#define ROW_ZERO(y, begin, columns)                                                                                    \
    for (long j = (begin); j < (columns); j++) (y)[j] = 0.0f;

#else

// The tree's shape depends on ROW_ITEMS alone, a power of two. The last barrier frees `shared` for the next reduction.
static inline float row_reduce_sum(float part, local float *shared) {
    int lane = get_local_id(0);
    shared[lane] = part;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int half_items = ROW_ITEMS / 2; half_items > 0; half_items /= 2) {
        if (lane < half_items) shared[lane] += shared[lane + half_items];
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    float total = shared[0];
    barrier(CLK_LOCAL_MEM_FENCE);
    return total;
}

static inline float row_reduce_max(float part, local float *shared) {
    int lane = get_local_id(0);
    shared[lane] = part;
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int half_items = ROW_ITEMS / 2; half_items > 0; half_items /= 2) {
        if (lane < half_items) shared[lane] = fmax(shared[lane], shared[lane + half_items]);
        barrier(CLK_LOCAL_MEM_FENCE);
    }
    float peak = shared[0];
    barrier(CLK_LOCAL_MEM_FENCE);
    return peak;
}

#define ROW_BEGIN                                                                                                      \
    long row = get_group_id(0);                                                                                        \
    long lane = get_local_id(0);                                                                                       \
    local float shared[ROW_ITEMS];
#define ROW_LEADER (lane == 0)
#define EACH_LANE_COLUMN(begin, columns) for (long j = (begin) + lane; j < (columns); j += ROW_ITEMS)

#define ROW_SUM(total, columns, TERM)                                                                                  \
    float total = 0.0f;                                                                                                \
    EACH_LANE_COLUMN(0, columns) total += TERM(ONE);                                                                   \
    total = row_reduce_sum(total, shared);

#define ROW_MAX(peak, columns, TERM)                                                                                   \
    float peak = -INFINITY;                                                                                            \
    EACH_LANE_COLUMN(0, columns) peak = fmax(peak, TERM(ONE));                                                         \
    peak = row_reduce_max(peak, shared);

#define ROW_MAP(y, columns, TERM) EACH_LANE_COLUMN(0, columns)(y)[j] = TERM(ONE);

#define ROW_MAP_SUM(total, y, columns, TERM)                                                                           \
    float total = 0.0f;                                                                                                \
    EACH_LANE_COLUMN(0, columns) {                                                                                     \
        float term = TERM(ONE);                                                                                        \
        (y)[j] = term;                                                                                                 \
        total += term;                                                                                                 \
    }                                                                                                                  \
    total = row_reduce_sum(total, shared);

#define ROW_ZERO(y, begin, columns) EACH_LANE_COLUMN(begin, columns)(y)[j] = 0.0f;

#endif
