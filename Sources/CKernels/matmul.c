// Batched matrix products through CBLAS. The backend keeps the library on one thread and divides the work itself.
#include "kernel.h"
#include <cblas.h>
#include <limits.h>

/// How CBLAS sees one strided matrix.
typedef struct {
    enum CBLAS_TRANSPOSE transpose;
    int leading;
} blas_view;

/// Describes a `rows` × `columns` matrix with these strides to CBLAS; 0 if it cannot be described. The stride of a dimension
/// of size one means nothing, so any value that suits may replace it.
OFMU_INLINE int blas_view_of(blas_view *view, int64_t rows, int64_t columns, int64_t row, int64_t column) {
    if (columns == 1 || column == 1) {
        int64_t leading = rows == 1 ? columns : row;
        if (leading >= columns && leading <= INT_MAX) {
            *view = (blas_view){CblasNoTrans, (int)leading};
            return 1;
        }
    }
    if (rows == 1 || row == 1) {
        int64_t leading = columns == 1 ? rows : column;
        if (leading >= rows && leading <= INT_MAX) {
            *view = (blas_view){CblasTrans, (int)leading};
            return 1;
        }
    }
    return 0;
}

/// Any strides, slowly: broadcast matrices and views that are regular in neither dimension.
static void multiply_plainly(float *y, int64_t leading, const float *a, const float *b, int64_t m, int64_t n, int64_t k,
    const int64_t *sa, const int64_t *sb, int accumulate) {
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            double total = accumulate ? y[i * leading + j] : 0.0;
            for (int64_t l = 0; l < k; l++) total += (double)a[i * sa[0] + l * sa[1]] * b[l * sb[0] + j * sb[1]];
            y[i * leading + j] = (float)total;
        }
}

static void multiply(float *y, int64_t leading, const float *a, const float *b, int64_t m, int64_t n, int64_t k,
    const int64_t *sa, const int64_t *sb, int accumulate) {
    blas_view av, bv;
    int fits = m <= INT_MAX && n <= INT_MAX && k <= INT_MAX && leading <= INT_MAX && k > 0;
    if (!fits || !blas_view_of(&av, m, k, sa[0], sa[1]) || !blas_view_of(&bv, k, n, sb[0], sb[1])) {
        multiply_plainly(y, leading, a, b, m, n, k, sa, sb, accumulate);
        return;
    }
    if (m == 1 || (n == 1 && leading == 1)) {
        // A matrix times a vector. The output is cleared here rather than by a zero factor, because libraries differ in
        // whether zero times an old NaN is zero.
        if (!accumulate) memset(y, 0, (size_t)(m == 1 ? n : m) * sizeof(float));
        if (m == 1) {
            enum CBLAS_TRANSPOSE flip = bv.transpose == CblasTrans ? CblasNoTrans : CblasTrans;
            int64_t rows = flip == CblasTrans ? k : n, columns = flip == CblasTrans ? n : k;
            int64_t step = k == 1 ? 1 : sa[1];
            if (step > 0 && step <= INT_MAX) {
                cblas_sgemv(CblasRowMajor, flip, (int)rows, (int)columns, 1, b, bv.leading, a, (int)step, 1, y, 1);
                return;
            }
        } else {
            int64_t rows = av.transpose == CblasTrans ? k : m, columns = av.transpose == CblasTrans ? m : k;
            int64_t step = k == 1 ? 1 : sb[0];
            if (step > 0 && step <= INT_MAX) {
                cblas_sgemv(
                    CblasRowMajor, av.transpose, (int)rows, (int)columns, 1, a, av.leading, b, (int)step, 1, y, 1);
                return;
            }
        }
    }
    cblas_sgemm(CblasRowMajor, av.transpose, bv.transpose, (int)m, (int)n, (int)k, 1, a, av.leading, b, bv.leading,
        accumulate ? 1 : 0, y, (int)leading);
}

/// First row or column of a part. Multiples of 16 keep most libraries' inner tiles whole; larger multiples would leave parts of
/// unequal length.
OFMU_INLINE int64_t part_start(int64_t size, int64_t part, int64_t parts) {
    int64_t tiles = (size + 15) / 16;
    return least(size, tiles * part / parts * 16);
}

void ofmu_kernel_matmul(const ofmu_call *c, int64_t begin, int64_t end);

// Units: every product of the batch in `parts` pieces of its longer side. Measured on two threads, the pieces of the
// longer side lose least, because the other operand is packed once per piece.
void ofmu_kernel_matmul(const ofmu_call *c, int64_t begin, int64_t end) {
    OFMU_NUMBERS(matmul)
    int64_t rows = n.M, columns = n.N, k = n.K;
    const int64_t *batch = n.batch, *sa = n.strides_of_a, *sb = n.strides_of_b;
    int64_t parts = most(1, c->parts);
    for (int64_t unit = begin; unit < end; unit++) {
        int64_t item = unit / parts, part = unit % parts;
        int64_t i2 = item % batch[2], i1 = item / batch[2] % batch[1], i0 = item / batch[2] / batch[1];
        float *y = (float *)c->operand[0] + item * rows * columns;
        const float *a = input(c, 1) + i0 * sa[0] + i1 * sa[1] + i2 * sa[2];
        const float *b = input(c, 2) + i0 * sb[0] + i1 * sb[1] + i2 * sb[2];
        int64_t size = most(rows, columns);
        int64_t from = part_start(size, part, parts), count = part_start(size, part + 1, parts) - from;
        if (count == 0) continue;
        if (columns >= rows)
            multiply(y + from, columns, a, b + from * sb[4], rows, count, k, sa + 3, sb + 3, n.accumulate != 0);
        else
            multiply(
                y + from * columns, columns, a + from * sa[3], b, count, columns, k, sa + 3, sb + 3, n.accumulate != 0);
    }
}
