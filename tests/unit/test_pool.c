#include "test.h"

#include "base/error.h"
#include "store/pool.h"
#include "sys/fd.h"
#include "sys/signals.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT 200

/* Guarded by the pool's own ordering: an item's work comes between its open and
 * its done. `worked` is written by one thread for each index. */
struct counts {
    unsigned char opened[COUNT], worked[COUNT], done[COUNT];
    size_t opened_count, done_count, most_in_flight;
    size_t fail_open, fail_work, fail_done, signal_at;
    uint64_t bytes;
    pthread_t caller;
    bool wrong_thread;
};

static int open_item(void *context, size_t index, int *fd, struct error *err)
{
    struct counts *counts = context;
    counts->wrong_thread |= !pthread_equal(counts->caller, pthread_self());
    if (index == counts->signal_at) {
        raise(SIGTERM);
    }
    if (index == counts->fail_open) {
        return error_set(err, ERROR_FAILED, "open %zu", index);
    }
    counts->opened[index]++;
    counts->opened_count++;
    if (counts->opened_count - counts->done_count > counts->most_in_flight) {
        counts->most_in_flight = counts->opened_count - counts->done_count;
    }
    *fd = open("/dev/null", O_RDONLY);
    assert_true(*fd >= 0);
    return 0;
}

static int work_item(void *context, size_t index, int fd, struct worker *worker, struct error *err)
{
    struct counts *counts = context;
    fd_close(&fd);
    if (index == counts->fail_work) {
        return error_set(err, ERROR_DAMAGED, "work %zu", index);
    }
    if (worker_step(worker, err) != 0) {
        return -1;
    }
    worker_block(worker)[POOL_BLOCK_BYTES - 1] = 'x';
    worker_progress(worker, 10);
    counts->worked[index] = (unsigned char)(counts->worked[index] + 1);
    return 0;
}

static int done_item(void *context, size_t index, struct error *err)
{
    struct counts *counts = context;
    counts->wrong_thread |= !pthread_equal(counts->caller, pthread_self());
    counts->done[index]++;
    counts->done_count++;
    return index == counts->fail_done ? error_set(err, ERROR_FAILED, "done %zu", index) : 0;
}

static void add_bytes(void *context, uint64_t bytes)
{
    struct counts *counts = context;
    counts->wrong_thread |= !pthread_equal(counts->caller, pthread_self());
    counts->bytes += bytes;
}

static struct counts make_counts(void)
{
    return (struct counts){.fail_open = SIZE_MAX,
                           .fail_work = SIZE_MAX,
                           .fail_done = SIZE_MAX,
                           .signal_at = SIZE_MAX,
                           .caller = pthread_self()};
}

static int run(struct counts *counts, size_t count, struct error *err)
{
    struct pool_job job = {.count = count,
                           .open = open_item,
                           .work = work_item,
                           .done = done_item,
                           .progress = add_bytes,
                           .context = counts};
    return pool_run(&job, err);
}

/* The lowest free descriptor: the same before and after where nothing leaks. */
static int next_descriptor(void)
{
    int fd = open("/dev/null", O_RDONLY);
    close(fd);
    return fd;
}

static void each_item_is_worked_on_once(void **state)
{
    struct counts counts = make_counts();
    struct error err = {0};
    int before = next_descriptor();
    (void)state;
    assert_int_equal(run(&counts, COUNT, &err), 0);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(counts.opened[i], 1);
        assert_int_equal(counts.worked[i], 1);
        assert_int_equal(counts.done[i], 1);
    }
    assert_int_equal(counts.bytes, 10 * COUNT);
    assert_false(counts.wrong_thread);
    assert_in_range(counts.most_in_flight, 1, POOL_DESCRIPTORS_MAX);
    assert_int_equal(next_descriptor(), before);
}

static void a_pool_without_items_does_nothing(void **state)
{
    struct counts counts = make_counts();
    struct error err = {0};
    (void)state;
    assert_int_equal(run(&counts, 0, &err), 0);
    assert_int_equal(counts.opened_count, 0);
}

static void the_first_failure_ends_the_rest_and_closes_all(void **state)
{
    struct error err = {0};
    int before = next_descriptor();
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct counts counts = make_counts();
        *(size_t *[]){&counts.fail_open, &counts.fail_work, &counts.fail_done}[i] = 50;
        assert_int_equal(run(&counts, COUNT, &err), -1);
        assert_string_equal(err.message, ((const char *[]){"open 50", "work 50", "done 50"})[i]);
        assert_int_equal(err.kind, i == 1 ? ERROR_DAMAGED : ERROR_FAILED);
        /* An item that is being worked on while others go on may fail late. */
        assert_in_range(counts.opened_count, 50, i == 0 ? 51 : COUNT);
        assert_int_equal(next_descriptor(), before);
    }
}

/* In a process of its own: a signal is remembered until the program ends. */
static void a_signal_ends_the_work(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct counts counts = make_counts();
        struct error err = {0};
        if (signals_begin(&err) != 0) {
            _exit(2);
        }
        counts.signal_at = 50;
        int status = run(&counts, COUNT, &err);
        bool stopped = status == -1 && err.kind == ERROR_INTERRUPTED && counts.opened_count == 51;
        _exit(stopped ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_item_is_worked_on_once),
        cmocka_unit_test(a_pool_without_items_does_nothing),
        cmocka_unit_test(the_first_failure_ends_the_rest_and_closes_all),
        cmocka_unit_test(a_signal_ends_the_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
