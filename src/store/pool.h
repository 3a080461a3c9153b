/*
 * A few threads that work through numbered items, each with a descriptor that
 * the caller opens. The job's `open`, `done` and `progress` are called from the
 * calling thread alone, `work` from the others; whatever happens before one of
 * these calls is seen by the next one for the same item.
 *
 *     struct pool_job job = {.count = n, .open = ..., .work = ..., .context = ...};
 *     pool_run(&job, err);
 *
 * At most POOL_DESCRIPTORS_MAX of these descriptors are open at a time, fewer
 * where the process may have few. The first failure
 * ends the others, and so does a signal (sys/signals.h): ERROR_INTERRUPTED.
 */
#ifndef STORE_POOL_H
#define STORE_POOL_H

#include "base/base.h"

struct error;
struct worker;

#define POOL_THREADS_MAX     4
#define POOL_DESCRIPTORS_MAX 32
#define POOL_BLOCK_BYTES     ((size_t)1 << 20)

struct pool_job {
    size_t count;
    int (*open)(void *context, size_t index, int *fd, struct error *err);
    /* Owns the descriptor. */
    int (*work)(void *context, size_t index, int fd, struct worker *worker, struct error *err);
    int (*done)(void *context, size_t index, struct error *err); /* may be NULL */
    void (*progress)(void *context, uint64_t bytes);             /* may be NULL */
    void *context;
};

int pool_run(const struct pool_job *job, struct error *err) MUST_USE;

/* POOL_BLOCK_BYTES of memory, the worker's own as long as the pool runs. */
char *worker_block(struct worker *worker);
/* A descriptor that the worker keeps from one item to the next, such as that of
 * the folder that it works in; closed at the end. */
struct kept_fd {
    int fd;    /* -1 at first */
    size_t id; /* whose it is; the caller's own */
};
struct kept_fd *worker_kept(struct worker *worker);
/* To be called between two steps of long work: -1 where the work is to end. */
int worker_step(struct worker *worker, struct error *err) MUST_USE;
/* So many bytes went over since the last call. Told in sums, a few times a
 * second. */
void worker_progress(struct worker *worker, uint64_t bytes);

#endif
