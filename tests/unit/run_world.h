/*
 * What the tests of src/run share: a workspace, a store in memory, a listener
 * that records, and jobs that are published by the real way.
 */
#ifndef TESTS_UNIT_RUN_WORLD_H
#define TESTS_UNIT_RUN_WORLD_H

#include "job_workspace.h"

#include "run/fetch.h"
#include "run/freshness.h"
#include "run/listener.h"
#include "run/outputs.h"
#include "run/publish.h"
#include "run/receipt.h"
#include "run/stores.h"
#include "store/cache.h"
#include "store/memory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct run_world {
    struct workspace w;
    struct store *store;
    struct stores stores;
    struct error err;
    struct listener listener;
    struct buf said, explained;
    uint64_t progress;
};

static inline void record_said(void *context, struct str line)
{
    struct run_world *world = context;
    buf_addf(&world->said, "%.*s\n", STR_ARG(line));
}

static inline void record_explained(void *context, struct str line)
{
    struct run_world *world = context;
    buf_addf(&world->explained, "%.*s\n", STR_ARG(line));
}

static inline void record_progress(void *context, uint64_t bytes)
{
    struct run_world *world = context;
    world->progress += bytes;
}

static inline int run_setup(void **state)
{
    struct run_world *world = test_calloc(1, sizeof *world);
    workspace_open(&world->w);
    assert_int_equal(
        fs_open_folder(world->w.context.root.s, &world->w.context.root_fd, &world->err), 0);
    world->store = memory_store_open(&world->w.arena);
    world->stores = stores_make(&world->w.arena, &world->w.context,
                                stores_settings(&world->w.arena, &world->w.context), world->store);
    world->said = buf_make(&world->w.arena, BUF_MAX_DEFAULT);
    world->explained = buf_make(&world->w.arena, BUF_MAX_DEFAULT);
    world->listener = (struct listener){
        .say = record_said,
        .explain = record_explained,
        .progress = record_progress,
        .context = world,
    };
    *state = world;
    return 0;
}

static inline int run_teardown(void **state)
{
    struct run_world *world = *state;
    stores_close(&world->stores);
    fd_close(&world->w.context.root_fd);
    workspace_close(&world->w);
    test_free(world);
    return 0;
}

#define world_test(test) cmocka_unit_test_setup_teardown(test, run_setup, run_teardown)

#define assert_ok(call)                         \
    do {                                        \
        if ((call) != 0)                        \
            fail_msg("%s", world->err.message); \
    } while (0)

#define assert_error(call, error_kind, words)                                      \
    do {                                                                           \
        world->err = (struct error){0};                                            \
        assert_int_equal((call), -1);                                              \
        if (!strstr(world->err.message, (words)))                                  \
            fail_msg("'%s' is not in '%s'", (words), world->err.message);          \
        if (world->err.kind != (error_kind))                                       \
            fail_msg("kind %d of '%s'", (int)world->err.kind, world->err.message); \
    } while (0)

/* --- files of the workspace --- */

static inline const char *run_path(struct run_world *world, const char *path)
{
    return str_format(&world->w.arena, "%.*s/%s", STR_ARG(world->w.context.root), path).s;
}

static inline void run_mkdir(struct run_world *world, const char *path)
{
    assert_ok(fs_make_folders_beneath(world->w.context.root_fd, path, &world->err));
}

/* Folders above it are made. */
static inline void run_write(struct run_world *world, const char *path, const char *text)
{
    const char *slash = strrchr(path, '/');
    if (slash)
        run_mkdir(world, str_format(&world->w.arena, "%.*s", (int)(slash - path), path).s);
    int fd = openat(world->w.context.root_fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(fchmod(fd, 0644), 0);
    assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
    close(fd);
}

static inline void run_remove(struct run_world *world, const char *path)
{
    assert_ok(fs_remove_beneath(world->w.context.root_fd, path, &world->err));
}

static inline void assert_file(struct run_world *world, const char *path, const char *text)
{
    struct str found = {0};
    assert_ok(fs_read_file(&world->w.arena, run_path(world, path), 1 << 20, &found, &world->err));
    assert_str(found, text);
}

static inline void assert_nothing_at(struct run_world *world, const char *path)
{
    struct stat st;
    if (lstat(run_path(world, path), &st) == 0)
        fail_msg("there is something at '%s'", path);
}

static inline enum fs_walk count_temporary(void *context, const struct fs_entry *entry,
                                           struct error *err)
{
    size_t *count = context;
    (void)err;
    *count += str_contains(entry->path, STR(FS_TEMP_PREFIX));
    return FS_WALK_ON;
}

static inline void assert_no_temporary_files(struct run_world *world)
{
    size_t count = 0;
    assert_ok(fs_walk(world->w.context.root_fd, "", count_temporary, &count, &world->err));
    assert_int_equal(count, 0);
}

/* --- publishing --- */

static inline void run_find(struct run_world *world, const struct job *job, struct outputs *outputs)
{
    assert_ok(outputs_find(&world->w.arena, job, outputs, &world->w.diags, &world->err));
}

static inline struct outputs run_outputs(struct run_world *world, const struct job *job)
{
    struct outputs outputs;
    run_find(world, job, &outputs);
    if (world->w.diags.error_count > 0) {
        show_diags(&world->w.diags);
        fail_msg("the outputs have problems");
    }
    assert_ok(outputs_hash(&world->w.arena, job, &outputs, &world->err));
    return outputs;
}

static inline struct receipt run_receipt(struct run_world *world, const struct job *job,
                                         const struct outputs *outputs, const char *publish_id)
{
    struct receipt receipt = {
        .address = job->address,
        .tool_version = STR("0.1.0"),
        .publish_id = str_from(publish_id),
        .manifest_path = job->manifest_path,
        .manifest_sha256 = job->manifest_digest,
        .artifact = outputs->artifact,
        .started_ms = 1700000000000,
        .finished_ms = 1700000060000,
        .host_platform = STR("linux-x64"),
        .host_name = STR("laptop"),
        .user = STR("login"),
    };
    receipt_params(&world->w.arena, job, &receipt.params, &receipt.param_count);
    return receipt;
}

/* Publishes what the job's outputs match now. */
static inline struct published run_publish(struct run_world *world, const struct job *job)
{
    struct outputs outputs = run_outputs(world, job);
    struct receipt receipt = run_receipt(world, job, &outputs, "0123");
    struct published published;
    assert_ok(publish(&world->w.arena, job, world->store, &receipt, &outputs, (struct str){0},
                      &world->listener, &published, &world->err));
    return published;
}

static inline struct str receipt_key(struct run_world *world, const struct job *job)
{
    return address_receipt_key(&world->w.arena, &job->address);
}

/* What the receipt of a job says. */
static inline struct str read_receipt_text(struct run_world *world, const struct job *job)
{
    struct object object = {0};
    assert_ok(store_read(world->store, &world->w.arena, receipt_key(world, job), RECEIPT_BYTES_MAX,
                         &object, &world->err));
    return object.bytes;
}

static inline void write_receipt_text(struct run_world *world, const struct job *job,
                                      struct str text)
{
    assert_ok(store_write(world->store, receipt_key(world, job), text, RECEIPT_CONTENT_TYPE,
                          (struct precondition){.kind = STORE_ALWAYS}, &world->err));
}

/* The text with the first `from` replaced, which must be there. */
static inline struct str replaced(struct arena *arena, struct str text, const char *from,
                                  const char *to)
{
    const char *at = strstr(text.s, from);
    if (!at)
        fail_msg("'%s' is not in the text", from);
    return str_format(arena, "%.*s%s%s", (int)(at - text.s), text.s, to, at + strlen(from));
}

/* --- diagnostics --- */

static inline const struct diag *only_diag(struct run_world *world, enum status status,
                                           const char *words)
{
    const struct diags *diags = &world->w.diags;
    if (diags->count != 1) {
        show_diags(diags);
        fail_msg("there are %zu diagnostics", diags->count);
    }
    if (!str_contains(diags->items[0]->message, str_from(words)))
        fail_msg("'%s' is not in '%.*s'", words, STR_ARG(diags->items[0]->message));
    assert_int_equal(diags->items[0]->status, status);
    return diags->items[0];
}

static inline bool texts_contain(const struct str *texts, size_t count, const char *words)
{
    for (size_t i = 0; i < count; i++)
        if (str_contains(texts[i], str_from(words)))
            return true;
    return false;
}

#define assert_note(diag, words)                                          \
    do {                                                                  \
        if (!texts_contain((diag)->notes, (diag)->note_count, (words))) { \
            show_diags(&world->w.diags);                                  \
            fail_msg("no note says '%s'", (words));                       \
        }                                                                 \
    } while (0)
#define assert_help(diag, words)                                          \
    do {                                                                  \
        if (!texts_contain((diag)->helps, (diag)->help_count, (words))) { \
            show_diags(&world->w.diags);                                  \
            fail_msg("no help says '%s'", (words));                       \
        }                                                                 \
    } while (0)
#define assert_no_problems()                \
    do {                                    \
        if (world->w.diags.count > 0) {     \
            show_diags(&world->w.diags);    \
            fail_msg("there are problems"); \
        }                                   \
    } while (0)

#endif
