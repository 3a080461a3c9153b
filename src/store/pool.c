#include "store/pool.h"

#include "base/arena.h"
#include "base/error.h"
#include "sys/fd.h"
#include "sys/host.h"
#include "sys/signals.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>

#define IN_FLIGHT_MAX ((size_t)POOL_DESCRIPTORS_MAX)
/* How many items are handed out together. */
#define RUN_MAX 8
/* How long a signal may stay unseen, and progress untold. */
#define TICK_NS 100000000L

struct item {
    size_t index;
    int fd;
};

/* Waking a thread costs more than a small file does, so items go back and forth
 * in runs: the calling thread is woken when half of those in flight are finished
 * or nothing waits any more, the others when items have come and they sleep.
 * What follows the mutex is guarded by it. */
struct pool {
    const struct pool_job *job;
    size_t in_flight_max;
    atomic_bool stop;           /* what runs is to stop */
    atomic_uint_fast64_t bytes; /* not reported yet */
    pthread_mutex_t mutex;
    pthread_cond_t work;                /* items wait, or the end has come */
    pthread_cond_t news;                /* for the calling thread */
    struct item waiting[IN_FLIGHT_MAX]; /* a ring */
    size_t waiting_first, waiting_count;
    size_t finished[IN_FLIGHT_MAX];
    size_t finished_count;
    bool ended;  /* no more items will come */
    bool failed; /* `problem` says why if a worker failed */
    struct error problem;
};

struct worker {
    struct pool *pool;
    struct arena arena;
    char *block;
    struct kept_fd kept;
};

char *worker_block(struct worker *worker)
{
    if (!worker->block) {
        worker->block = arena_alloc(&worker->arena, POOL_BLOCK_BYTES);
    }
    return worker->block;
}

struct kept_fd *worker_kept(struct worker *worker)
{
    return &worker->kept;
}

int worker_step(struct worker *worker, struct error *err)
{
    /* Nobody reads this error: the one that counts was there before. */
    return atomic_load(&worker->pool->stop) ? error_set(err, ERROR_INTERRUPTED, "stopped") : 0;
}

void worker_progress(struct worker *worker, uint64_t bytes)
{
    atomic_fetch_add(&worker->pool->bytes, bytes);
}

static void stop_all(struct pool *pool)
{
    pool->failed = true;
    atomic_store(&pool->stop, true);
    pthread_cond_broadcast(&pool->work);
}

/* Gives back the item before, if there is one; false at the end. */
static bool next_item(struct pool *pool, struct item *item, bool has_finished)
{
    pthread_mutex_lock(&pool->mutex);
    if (has_finished) {
        pool->finished[pool->finished_count++] = item->index;
        if (pool->waiting_count == 0 || 2 * pool->finished_count >= pool->in_flight_max) {
            pthread_cond_signal(&pool->news);
        }
    }
    while (pool->waiting_count == 0 && !pool->ended && !pool->failed) {
        pthread_cond_wait(&pool->work, &pool->mutex);
    }
    bool taken = pool->waiting_count > 0 && !pool->failed;
    if (taken) {
        *item = pool->waiting[pool->waiting_first];
        pool->waiting_first = (pool->waiting_first + 1) % IN_FLIGHT_MAX;
        pool->waiting_count--;
    }
    pthread_mutex_unlock(&pool->mutex);
    return taken;
}

static void fail_pool(struct pool *pool, const struct error *problem)
{
    pthread_mutex_lock(&pool->mutex);
    if (!pool->failed) {
        pool->problem = *problem;
        stop_all(pool);
    }
    pthread_cond_signal(&pool->news);
    pthread_mutex_unlock(&pool->mutex);
}

static void *worker_main(void *argument)
{
    struct pool *pool = argument;
    struct worker worker = {.pool = pool, .kept = {.fd = -1}};
    struct item item = {0};
    bool has_finished = false;
    while (next_item(pool, &item, has_finished)) {
        struct error problem = {0};
        has_finished =
            pool->job->work(pool->job->context, item.index, item.fd, &worker, &problem) == 0;
        if (!has_finished) {
            fail_pool(pool, &problem);
        }
    }
    fd_close(&worker.kept.fd);
    arena_free(&worker.arena);
    return NULL;
}

static void put_items(struct pool *pool, const struct item *items, size_t count)
{
    pthread_mutex_lock(&pool->mutex);
    for (size_t i = 0; i < count; i++) {
        pool->waiting[(pool->waiting_first + pool->waiting_count++) % IN_FLIGHT_MAX] = items[i];
    }
    if (count > 1) {
        pthread_cond_broadcast(&pool->work);
    } else if (count > 0) {
        pthread_cond_signal(&pool->work);
    }
    pthread_mutex_unlock(&pool->mutex);
}

struct news {
    size_t finished[IN_FLIGHT_MAX];
    size_t finished_count;
    uint64_t bytes;
};

/* Waits for news, but not longer than a tick. */
static int take_news(struct pool *pool, struct news *news, struct error *err)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += TICK_NS;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    pthread_mutex_lock(&pool->mutex);
    if (pool->finished_count == 0 && !pool->failed) {
        pthread_cond_timedwait(&pool->news, &pool->mutex, &until);
    }
    news->finished_count = pool->finished_count;
    memcpy(news->finished, pool->finished, sizeof news->finished);
    pool->finished_count = 0;
    bool failed = pool->failed;
    if (failed) {
        *err = pool->problem;
    }
    pthread_mutex_unlock(&pool->mutex);
    news->bytes = atomic_exchange(&pool->bytes, 0);
    return failed ? -1 : 0;
}

/* Opens further items as long as there is room, and hands them out in runs. The
 * first of all go at once, so that nobody waits for the last of them. */
static int open_items(struct pool *pool, size_t *opened, size_t done, struct error *err)
{
    const struct pool_job *job = pool->job;
    struct item items[RUN_MAX];
    size_t count = 0;
    int status = 0;
    while (status == 0 && *opened < job->count && *opened - done < pool->in_flight_max) {
        struct item item = {*opened, -1};
        if (signals_check(err) != 0 || job->open(job->context, item.index, &item.fd, err) != 0) {
            status = -1;
            break;
        }
        items[count++] = item;
        (*opened)++;
        if (count == RUN_MAX || *opened <= RUN_MAX) {
            put_items(pool, items, count);
            count = 0;
        }
    }
    put_items(pool, items, count);
    return status;
}

static int run_items(struct pool *pool, struct error *err)
{
    const struct pool_job *job = pool->job;
    size_t opened = 0;
    size_t done = 0;
    while (done < job->count) {
        struct news news;
        if (open_items(pool, &opened, done, err) != 0 || take_news(pool, &news, err) != 0) {
            return -1;
        }
        if (news.bytes > 0 && job->progress) {
            job->progress(job->context, news.bytes);
        }
        for (size_t i = 0; i < news.finished_count; i++) {
            if (job->done && job->done(job->context, news.finished[i], err) != 0) {
                return -1;
            }
            done++;
        }
        if (signals_check(err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* The threads take no signals, so that they all reach the calling thread, which
 * may be waiting for one. */
static size_t start_threads(struct pool *pool, pthread_t *threads, size_t wanted, int *problem)
{
    sigset_t all;
    sigset_t before;
    size_t started = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    while (started < wanted) {
        *problem = pthread_create(&threads[started], NULL, worker_main, pool);
        if (*problem != 0) {
            break;
        }
        started++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static void stop_threads(struct pool *pool, pthread_t *threads, size_t count, bool failed)
{
    pthread_mutex_lock(&pool->mutex);
    pool->ended = true;
    pthread_cond_broadcast(&pool->work);
    if (failed) {
        stop_all(pool);
    }
    pthread_mutex_unlock(&pool->mutex);
    for (size_t i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
    for (; pool->waiting_count > 0; pool->waiting_count--) {
        fd_close(&pool->waiting[pool->waiting_first].fd);
        pool->waiting_first = (pool->waiting_first + 1) % IN_FLIGHT_MAX;
    }
}

static bool has_few_descriptors(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
           limit.rlim_cur < (rlim_t)8 * POOL_DESCRIPTORS_MAX;
}

int pool_run(const struct pool_job *job, struct error *err)
{
    struct pool pool = {.job = job,
                        .mutex = PTHREAD_MUTEX_INITIALIZER,
                        .work = PTHREAD_COND_INITIALIZER,
                        .news = PTHREAD_COND_INITIALIZER};
    pthread_t threads[POOL_THREADS_MAX];
    size_t wanted = host_cpu_count();
    int problem = 0;
    if (wanted > POOL_THREADS_MAX) {
        wanted = POOL_THREADS_MAX;
    }
    if (wanted > job->count) {
        wanted = job->count;
    }
    size_t started = start_threads(&pool, threads, wanted, &problem);
    if (started == 0 && wanted > 0) {
        return error_errno(err, problem, "cannot start a thread");
    }
    pool.in_flight_max =
        started * (has_few_descriptors() ? 2 : POOL_DESCRIPTORS_MAX / POOL_THREADS_MAX);

    int status = run_items(&pool, err);
    stop_threads(&pool, threads, started, status != 0);
    pthread_mutex_destroy(&pool.mutex);
    pthread_cond_destroy(&pool.work);
    pthread_cond_destroy(&pool.news);
    return status;
}
