// The C side of the kernel contract (Kernels/README.md): CPU row and element operations, and the OpenCL sources as text.
#ifndef OFMU_KERNELS_H
#define OFMU_KERNELS_H

#include <stdint.h>

enum { OFMU_MAX_OPERANDS = 6, OFMU_MAX_INTEGERS = 24, OFMU_MAX_REALS = 8 };

/// Arguments of one kernel: operand pointers with their offsets applied, integers and reals as the contract lists them.
typedef struct {
    void *operand[OFMU_MAX_OPERANDS];
    int64_t n[OFMU_MAX_INTEGERS];
    float x[OFMU_MAX_REALS];
    /// For `matmul`: into how many pieces each product is cut. The backend's own number, no part of the contract.
    int64_t parts;
} ofmu_call;

/// Computes units `begin..<end` of the call's work.
typedef void (*ofmu_kernel)(const ofmu_call *call, int64_t begin, int64_t end);

/// The CPU kernel of that name, or NULL.
ofmu_kernel ofmu_kernel_named(const char *name);

/// The number of CPU kernels and the name of each, for tests that compare the table with the catalogue.
int64_t ofmu_kernel_count(void);
const char *ofmu_kernel_name(int64_t index);

/// A team of threads that share the units of one call at a time.
typedef struct ofmu_pool ofmu_pool;

/// Starts `threads` − 1 workers, or as many as the system grants; the caller of `ofmu_pool_run` is one of the team. NULL without
/// memory.
ofmu_pool *ofmu_pool_create(int64_t threads);

/// Computes all units in chunks of `chunk` and returns when they are done. From one thread at a time.
void ofmu_pool_run(ofmu_pool *pool, ofmu_kernel kernel, const ofmu_call *call, int64_t units, int64_t chunk);

/// Ends the workers. No call may be running.
void ofmu_pool_destroy(ofmu_pool *pool);

/// Processors that this process may run on, at least 1.
int64_t ofmu_processor_count(void);

/// OpenCL sources embedded at build time: file name and NUL-terminated text. Index below `ofmu_source_count()`.
int64_t ofmu_source_count(void);
const char *ofmu_source_name(int64_t index);
const char *ofmu_source_text(int64_t index);

#endif
