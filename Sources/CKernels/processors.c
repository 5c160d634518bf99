// How many processors this process may use. In C, because the affinity calls are hidden from Swift.
#define _GNU_SOURCE
#include "ofmu_kernels.h"
#include <unistd.h>
#if defined(__linux__)
#include <sched.h>
#endif

int64_t ofmu_processor_count(void) {
#if defined(__linux__)
    // Fewer than the machine has under `taskset` or in a container that is bound to some of them.
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? online : 1;
}
