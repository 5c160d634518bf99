// The catalogue: every kernel of the contract by name.
#include "ofmu_kernels.h"
#include "unary.h"
#include <stddef.h>
#include <string.h>

// clang-format off
#define CATALOGUE(K) \
    K(fill) K(copy) K(place) K(scale) K(shift) K(reciprocal) OFMU_UNARY_FUNCTIONS(K) \
    K(add) K(subtract) K(multiply) K(divide) K(minimum) K(less) K(combine) \
    K(sum) K(row_dot) K(dot_blocks) K(similarity_dots) K(similarity_directions) \
    K(softmax) K(softmax_masked) K(softmax_tangent) K(cross_entropy) K(subtract_one_hot) \
    K(rms_norm) K(rms_scale) K(rms_tangent) K(layer_norm) K(layer_scale) K(layer_tangent) \
    K(rope) K(gather_rows) K(scatter_rows) K(matmul) \
    K(convolution) K(convolution_image) K(convolution_filters) K(peaks_pick) K(peaks_drop) K(axpy) K(adamw)
// clang-format on

#define DECLARE(name, ...) void ofmu_kernel_##name(const ofmu_call *call, int64_t begin, int64_t end);
CATALOGUE(DECLARE)

#define ROW(name, ...) {#name, ofmu_kernel_##name},
static const struct {
    const char *name;
    ofmu_kernel function;
} catalogue[] = {CATALOGUE(ROW)};

ofmu_kernel ofmu_kernel_named(const char *name) {
    for (size_t i = 0; i < sizeof catalogue / sizeof *catalogue; i++)
        if (strcmp(catalogue[i].name, name) == 0) return catalogue[i].function;
    return NULL;
}

int64_t ofmu_kernel_count(void) { return sizeof catalogue / sizeof *catalogue; }

const char *ofmu_kernel_name(int64_t index) {
    return index >= 0 && index < ofmu_kernel_count() ? catalogue[index].name : NULL;
}
