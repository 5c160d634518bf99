// What every CPU kernel file shares: the declaration macro, vector-friendly loops, and the walk over strided views.
#ifndef OFMU_KERNEL_H
#define OFMU_KERNEL_H

#include "../../Kernels/arguments.h"
#include "ofmu_kernels.h"
#include <stddef.h>
#include <string.h>

// Three machine codes per kernel, chosen once when the program loads. Other architectures have one baseline that
// already includes fused multiply-add, so they need no clones.
#if defined(__x86_64__)
#define OFMU_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define OFMU_CLONES
#endif

/// Helpers must be inlined into each clone: a shared copy would be compiled for the oldest processor only.
#define OFMU_INLINE static inline __attribute__((always_inline))

#define OFMU_KERNEL(name)                                                                                              \
    void ofmu_kernel_##name(const ofmu_call *c, int64_t begin, int64_t end);                                           \
    OFMU_CLONES void ofmu_kernel_##name(const ofmu_call *c, int64_t begin, int64_t end)

/// The integers `n` and reals `x` of a call, by the names that the kernel's declaration gives them. Copies, so that the compiler knows
/// that no store to an output changes them.
#define OFMU_NUMBERS(name)                                                                                             \
    name##_integers n;                                                                                                 \
    name##_reals x;                                                                                                    \
    memcpy(&n, c->n, sizeof n);                                                                                        \
    memcpy(&x, c->x, sizeof x);                                                                                        \
    (void)n, (void)x;

/// Before loops whose output may be exactly one of the inputs: no iteration reads what another one writes, which the
/// compiler cannot know. Without it, its run-time overlap check sends every in-place call to scalar code.
#define OFMU_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")

/// Allows sums to be split over vector lanes. Only inside functions that reduce: elsewhere the order is as written.
#define OFMU_REDUCTION _Pragma("clang fp reassociate(on) contract(fast)")
#define OFMU_CONTRACT _Pragma("clang fp contract(fast)")

/// Sums run in float lanes over this many elements and are then folded into a double: fast, and accurate to about 1e-7
/// whatever the length.
enum { OFMU_FOLD = 1024 };

OFMU_INLINE const float *input(const ofmu_call *c, int operand) { return (const float *)c->operand[operand]; }
OFMU_INLINE float *output(const ofmu_call *c, int operand) { return (float *)c->operand[operand]; }
OFMU_INLINE const int32_t *indices(const ofmu_call *c, int operand) { return (const int32_t *)c->operand[operand]; }
OFMU_INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
OFMU_INLINE int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

/// Up to three views that share one shape, reduced to as few dimensions as possible; the last one is innermost.
typedef struct {
    int dims;
    int64_t size[RANK];
    int64_t stride[2][RANK];
} ofmu_walk;

/// Drops dimensions of one and merges neighbours that every view steps through evenly, so that the innermost loop is as
/// long as the layout allows.
OFMU_INLINE ofmu_walk ofmu_walk_make(const int64_t *layout, int views, const int64_t *first, const int64_t *second) {
    const int64_t *strides[] = {first, second};
    ofmu_walk w = {.dims = 0};
    for (int d = 0; d < RANK; d++) {
        int64_t size = layout[d];
        if (size == 1) continue;
        int merges = w.dims > 0;
        for (int v = 0; v < views && merges; v++) merges = w.stride[v][w.dims - 1] == strides[v][d] * size;
        if (!merges) w.dims++;
        w.size[w.dims - 1] = merges ? w.size[w.dims - 1] * size : size;
        for (int v = 0; v < views; v++) w.stride[v][w.dims - 1] = strides[v][d];
    }
    if (w.dims == 0) {
        w.dims = 1;
        w.size[0] = 1;
        for (int v = 0; v < views; v++) w.stride[v][0] = 0;
    }
    return w;
}

/// Position of one unit in a walk: the index in every dimension and the offset into every view.
typedef struct {
    int64_t index[RANK];
    int64_t offset[2];
} ofmu_cursor;

OFMU_INLINE ofmu_cursor ofmu_cursor_at(const ofmu_walk *w, int64_t unit, int views) {
    ofmu_cursor p;
    for (int v = 0; v < views; v++) p.offset[v] = 0;
    for (int d = w->dims - 1; d >= 0; d--) {
        p.index[d] = unit % w->size[d];
        unit /= w->size[d];
        for (int v = 0; v < views; v++) p.offset[v] += p.index[d] * w->stride[v][d];
    }
    return p;
}

/// Moves by `steps` units that stay inside the innermost dimension or end exactly at its end.
OFMU_INLINE void ofmu_cursor_advance(ofmu_cursor *p, const ofmu_walk *w, int64_t steps, int views) {
    int d = w->dims - 1;
    p->index[d] += steps;
    for (int v = 0; v < views; v++) p->offset[v] += steps * w->stride[v][d];
    while (d > 0 && p->index[d] == w->size[d]) {
        for (int v = 0; v < views; v++) p->offset[v] += w->stride[v][d - 1] - w->size[d] * w->stride[v][d];
        p->index[d] = 0;
        p->index[--d]++;
    }
}

#endif
