#include "store/follower.h"

#include "base/arena.h"
#include "base/error.h"
#include "store/sum.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#define BLOCK_BYTES ((size_t)256 << 10)

/* What follows the mutex is guarded by it. */
struct follower {
    int fd;
    char *block;
    struct sum sum; /* the thread's, until it has ended */
    struct error problem;
    bool failed;
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t news;
    uint64_t written;
    bool has_ended; /* no more will be written */
    bool stop;      /* nobody wants to know any more */
};

/* How much there is to read; 0 at the end. */
static size_t wait_for_bytes(struct follower *follower)
{
    uint64_t at = follower->sum.size_bytes;
    pthread_mutex_lock(&follower->mutex);
    while (!follower->stop && !follower->has_ended && follower->written - at < BLOCK_BYTES) {
        pthread_cond_wait(&follower->news, &follower->mutex);
    }
    uint64_t there = follower->stop ? 0 : follower->written - at;
    pthread_mutex_unlock(&follower->mutex);
    return there < BLOCK_BYTES ? (size_t)there : BLOCK_BYTES;
}

static int read_block(struct follower *follower, size_t n, struct error *err)
{
    uint64_t at = follower->sum.size_bytes;
    size_t got = 0;
    while (got < n) {
        ssize_t count = pread(follower->fd, follower->block + got, n - got, (off_t)(at + got));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            return error_errno(err, errno, "cannot read back what was fetched");
        }
        if (count == 0) {
            return error_set(err, ERROR_FAILED, "a file that is being fetched became shorter");
        }
        got += (size_t)count;
    }
    sum_add(&follower->sum, at, follower->block, n);
    return 0;
}

static void *follow(void *argument)
{
    struct follower *follower = argument;
    size_t n = wait_for_bytes(follower);
    while (n > 0 && !follower->failed) {
        follower->failed = read_block(follower, n, &follower->problem) != 0;
        n = wait_for_bytes(follower);
    }
    return NULL;
}

/* The thread takes no signals, so that they all reach the calling one. */
int follower_begin(struct arena *arena, int fd, struct follower **follower, struct error *err)
{
    sigset_t all;
    sigset_t before;
    struct follower *made = arena_alloc(arena, sizeof *made);
    made->fd = fd;
    made->block = arena_alloc(arena, BLOCK_BYTES);
    sum_begin(&made->sum);
    pthread_mutex_init(&made->mutex, NULL);
    pthread_cond_init(&made->news, NULL);
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    int problem = pthread_create(&made->thread, NULL, follow, made);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (problem != 0) {
        pthread_mutex_destroy(&made->mutex);
        pthread_cond_destroy(&made->news);
        return error_errno(err, problem, "cannot start a thread");
    }
    *follower = made;
    return 0;
}

/* The thread has read whole blocks, and is woken for the next one alone. */
void follower_reach(struct follower *follower, uint64_t written)
{
    pthread_mutex_lock(&follower->mutex);
    if (written > follower->written) {
        bool has_block = written / BLOCK_BYTES > follower->written / BLOCK_BYTES;
        follower->written = written;
        if (has_block) {
            pthread_cond_signal(&follower->news);
        }
    }
    pthread_mutex_unlock(&follower->mutex);
}

static void join(struct follower *follower, bool stop)
{
    pthread_mutex_lock(&follower->mutex);
    follower->has_ended = true;
    follower->stop = stop;
    pthread_cond_signal(&follower->news);
    pthread_mutex_unlock(&follower->mutex);
    pthread_join(follower->thread, NULL);
    pthread_mutex_destroy(&follower->mutex);
    pthread_cond_destroy(&follower->news);
}

int follower_end(struct follower **follower, struct sum *sum, struct error *err)
{
    struct follower *ended = *follower;
    *follower = NULL;
    join(ended, false);
    if (ended->failed) {
        *err = ended->problem;
        return -1;
    }
    *sum = ended->sum;
    return 0;
}

void follower_stop(struct follower **follower)
{
    if (*follower) {
        join(*follower, true);
    }
    *follower = NULL;
}
