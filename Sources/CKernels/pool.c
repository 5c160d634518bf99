// Threads that stay awake between the calls of a plan: a call of 50 µs cannot wait for the system to wake somebody.
#include "ofmu_kernels.h"
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
    /// Looks at the ticket before a worker goes to sleep, some tens of microseconds; none where there are more threads than
    /// processors, because looking would take one from a thread that works.
    AWAKE = 4000,
    /// Looks at the count of finished chunks before the caller offers its processor to a worker that lost its own.
    PATIENCE = 500,
};

/// As the next chunk: there is none to take, and the call may be over.
#define CLOSED UINT64_C(0xFFFFFFFF)

/// One call at a time. `ticket` holds the number of the call in its upper half and the next chunk in its lower half. Before the fields
/// of a new call are written the ticket is closed, so that whoever has read one of them can take no chunk with the old ticket: taking
/// one proves that the fields just read are those of the call that runs.
struct ofmu_pool {
    _Alignas(64) _Atomic uint64_t ticket;
    _Alignas(64) _Atomic int64_t finished;
    _Alignas(64) _Atomic(ofmu_kernel) kernel;
    _Atomic(const ofmu_call *) call;
    _Atomic int64_t units, chunk, chunks;
    _Atomic int stopping;
    _Alignas(64) _Atomic int sleepers;
    pthread_mutex_t lock;
    pthread_cond_t work;
    int64_t workers;
    int awake;
    pthread_t threads[];
};

static inline void pause_briefly(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/// Takes chunks of the current call until none is left. Returns the number of that call.
static uint32_t take_chunks(ofmu_pool *pool) {
    for (;;) {
        uint64_t ticket = atomic_load(&pool->ticket);
        int64_t index = (int64_t)(ticket & CLOSED);
        ofmu_kernel kernel = atomic_load_explicit(&pool->kernel, memory_order_acquire);
        const ofmu_call *call = atomic_load_explicit(&pool->call, memory_order_acquire);
        int64_t units = atomic_load_explicit(&pool->units, memory_order_acquire);
        int64_t chunk = atomic_load_explicit(&pool->chunk, memory_order_acquire);
        if (index >= atomic_load_explicit(&pool->chunks, memory_order_acquire)) {
            // The fields may be those of a newer call than the ticket; then there is more to do.
            if (atomic_load(&pool->ticket) == ticket) return (uint32_t)(ticket >> 32);
            continue;
        }
        if (!atomic_compare_exchange_strong(&pool->ticket, &ticket, ticket + 1)) continue;
        int64_t begin = index * chunk, end = begin + chunk < units ? begin + chunk : units;
        kernel(call, begin, end);
        atomic_fetch_add_explicit(&pool->finished, 1, memory_order_release);
    }
}

static void *worker(void *argument) {
    ofmu_pool *pool = argument;
    uint32_t known = 0;
    int idle = 0;
    while (!atomic_load_explicit(&pool->stopping, memory_order_relaxed)) {
        if ((uint32_t)(atomic_load(&pool->ticket) >> 32) != known) {
            known = take_chunks(pool);
            idle = 0;
        } else if (++idle < pool->awake) {
            pause_briefly();
        } else {
            pthread_mutex_lock(&pool->lock);
            atomic_fetch_add(&pool->sleepers, 1);
            while ((uint32_t)(atomic_load(&pool->ticket) >> 32) == known && !atomic_load(&pool->stopping))
                pthread_cond_wait(&pool->work, &pool->lock);
            atomic_fetch_sub(&pool->sleepers, 1);
            pthread_mutex_unlock(&pool->lock);
            idle = 0;
        }
    }
    return NULL;
}

static void wake(ofmu_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    pthread_cond_broadcast(&pool->work);
    pthread_mutex_unlock(&pool->lock);
}

ofmu_pool *ofmu_pool_create(int64_t threads) {
    int64_t workers = threads > 1 ? threads - 1 : 0;
    size_t bytes = sizeof(ofmu_pool) + (size_t)workers * sizeof(pthread_t);
    ofmu_pool *pool = aligned_alloc(64, (bytes + 63) / 64 * 64);
    if (!pool) return NULL;
    atomic_init(&pool->ticket, 0);
    atomic_init(&pool->finished, 0);
    atomic_init(&pool->kernel, NULL);
    atomic_init(&pool->call, NULL);
    atomic_init(&pool->units, 0);
    atomic_init(&pool->chunk, 0);
    atomic_init(&pool->chunks, 0);
    atomic_init(&pool->stopping, 0);
    atomic_init(&pool->sleepers, 0);
    pool->workers = 0;
    pool->awake = threads <= ofmu_processor_count() ? AWAKE : 0;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->work, NULL);
    // Where the system grants fewer threads, the others do the work.
    while (pool->workers < workers && pthread_create(&pool->threads[pool->workers], NULL, worker, pool) == 0)
        pool->workers++;
    return pool;
}

void ofmu_pool_run(ofmu_pool *pool, ofmu_kernel kernel, const ofmu_call *call, int64_t units, int64_t chunk) {
    if (units <= 0) return;
    int64_t chunks = chunk > 0 ? (units + chunk - 1) / chunk : 1;
    if (chunks <= 1 || pool->workers == 0) {
        kernel(call, 0, units);
        return;
    }
    uint64_t number = (atomic_load_explicit(&pool->ticket, memory_order_relaxed) >> 32) + 1;
    atomic_fetch_or(&pool->ticket, CLOSED);
    atomic_store_explicit(&pool->kernel, kernel, memory_order_release);
    atomic_store_explicit(&pool->call, call, memory_order_release);
    atomic_store_explicit(&pool->units, units, memory_order_release);
    atomic_store_explicit(&pool->chunk, chunk, memory_order_release);
    atomic_store_explicit(&pool->chunks, chunks, memory_order_release);
    atomic_store_explicit(&pool->finished, 0, memory_order_relaxed);
    atomic_store(&pool->ticket, number << 32);
    if (atomic_load(&pool->sleepers) > 0) wake(pool);
    take_chunks(pool);
    int looks = 0;
    while (atomic_load_explicit(&pool->finished, memory_order_acquire) < chunks) {
        if (++looks < PATIENCE)
            pause_briefly();
        else
            sched_yield();
    }
}

void ofmu_pool_destroy(ofmu_pool *pool) {
    if (!pool) return;
    atomic_store(&pool->stopping, 1);
    wake(pool);
    for (int64_t i = 0; i < pool->workers; i++) pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->work);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}
