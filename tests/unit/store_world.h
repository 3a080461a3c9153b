/*
 * What the tests of stores share: a scratch folder, files to send from it and to
 * receive in it.
 *
 * A transfer's file is made from, and compared with, the text of the same index.
 */
#ifndef TESTS_UNIT_STORE_WORLD_H
#define TESTS_UNIT_STORE_WORLD_H

#include "test.h"

#include "base/digest.h"
#include "base/error.h"
#include "store/cache.h"
#include "store/store.h"
#include "sys/fs.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

/* Nothing is kept on this machine. */
static const struct store_settings NO_SETTINGS = {0};

struct world {
    struct arena arena;
    char *folder; /* absolute, made for this test */
    struct store *store;
    struct cache *cache; /* NULL: none */
    struct error err;
    /* Of the transfers. */
    const struct str *texts;
    size_t opened, done;
    size_t fail_open_at, fail_done_at; /* SIZE_MAX: never */
    uint64_t progress;
    pthread_t thread;
    bool on_other_thread;
};

static inline struct world *world_begin(void)
{
    struct world *world = test_calloc(1, sizeof *world);
    struct str made = str_format(&world->arena, "%s/jobrun-test-XXXXXX",
                                 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    world->folder = arena_copy(&world->arena, made.s, made.n);
    assert_non_null(mkdtemp(world->folder));
    world->fail_open_at = world->fail_done_at = SIZE_MAX;
    world->thread = pthread_self();
    return world;
}

static inline void world_end(struct world *world)
{
    int fd = open(world->folder, O_RDONLY | O_DIRECTORY);
    store_close(&world->store);
    cache_close(&world->cache);
    assert_true(fd >= 0);
    assert_int_equal(fs_remove_beneath(fd, "store", &world->err), 0);
    assert_int_equal(fs_remove_beneath(fd, "files", &world->err), 0);
    assert_int_equal(fs_remove_beneath(fd, "cache", &world->err), 0);
    close(fd);
    assert_int_equal(rmdir(world->folder), 0);
    arena_free(&world->arena);
    test_free(world);
}

static inline const char *world_path(struct world *world, const char *below)
{
    return str_format(&world->arena, "%s/%s", world->folder, below).s;
}

/* A cache in the folder "cache". */
static inline void world_open_cache(struct world *world, uint64_t max_bytes, size_t max_entries)
{
    cache_close(&world->cache);
    world->cache = cache_open(&world->arena, str_from(world_path(world, "cache")),
                              &(struct cache_limits){max_bytes, max_entries});
}

static inline const char *world_file(struct world *world, size_t index)
{
    return str_format(&world->arena, "%s/files/%zu", world->folder, index).s;
}

static inline void write_file(const char *path, struct str text)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text.s, text.n), text.n);
    close(fd);
}

static inline struct str read_file(struct world *world, const char *path)
{
    struct str text = {0};
    assert_int_equal(fs_read_file(&world->arena, path, 1 << 26, &text, &world->err), 0);
    return text;
}

#define assert_fails(call, error_kind, words)                                 \
    do {                                                                      \
        world->err = (struct error){0};                                       \
        assert_int_equal((call), -1);                                         \
        if (!strstr(world->err.message, (words)))                             \
            fail_msg("'%s' is not in '%s'", (words), world->err.message);     \
        if (world->err.kind != (error_kind))                                  \
            fail_msg("kind %d of '%s'", world->err.kind, world->err.message); \
    } while (0)

#define assert_works(call)                      \
    do {                                        \
        if ((call) != 0)                        \
            fail_msg("%s", world->err.message); \
    } while (0)

static inline int write_text(struct world *world, const char *key, const char *text,
                             enum store_if kind, struct str version)
{
    return store_write(world->store, str_from(key), str_from(text), "text/plain",
                       (struct precondition){kind, version}, &world->err);
}

static inline int create(struct world *world, const char *key, const char *text)
{
    return write_text(world, key, text, STORE_IF_ABSENT, (struct str){0});
}

static inline int read_object(struct world *world, const char *key, struct object *object)
{
    return store_read(world->store, &world->arena, str_from(key), 1000, object, &world->err);
}

static inline void assert_object(struct world *world, const char *key, const char *text)
{
    struct object object = {0};
    assert_works(read_object(world, key, &object));
    assert_str(object.bytes, text);
    assert_int_equal(object.size_bytes, strlen(text));
}

static inline bool add_listed(void *context, const struct listed *object)
{
    buf_addf(context, "%.*s %ju\n", STR_ARG(object->key), (uintmax_t)object->size_bytes);
    return true;
}

static inline void assert_list(struct world *world, const char *prefix, const char *expected)
{
    struct buf list = buf_make(&world->arena, BUF_MAX_DEFAULT);
    assert_works(
        store_list(world->store, &world->arena, str_from(prefix), add_listed, &list, &world->err));
    assert_str(buf_str(&list), expected);
}

/* --- transfers --- */

static inline int begin_open(struct world *world, size_t index, struct error *err)
{
    world->on_other_thread |= !pthread_equal(world->thread, pthread_self());
    world->opened++;
    return index == world->fail_open_at ? error_set(err, ERROR_FAILED, "no such file here") : 0;
}

static inline int open_to_send(void *context, size_t index, int *fd, struct error *err)
{
    struct world *world = context;
    if (begin_open(world, index, err) != 0)
        return -1;
    mkdir(world_path(world, "files"), 0777);
    write_file(world_file(world, index), world->texts[index]);
    *fd = open(world_file(world, index), O_RDONLY);
    assert_true(*fd >= 0);
    return 0;
}

static inline int open_to_receive(void *context, size_t index, int *fd, struct error *err)
{
    struct world *world = context;
    if (begin_open(world, index, err) != 0)
        return -1;
    mkdir(world_path(world, "files"), 0777);
    *fd = open(world_file(world, index), O_RDWR | O_CREAT | O_TRUNC, 0666);
    assert_true(*fd >= 0);
    return 0;
}

static inline int count_done(void *context, size_t index, struct error *err)
{
    struct world *world = context;
    world->on_other_thread |= !pthread_equal(world->thread, pthread_self());
    world->done++;
    return index == world->fail_done_at ? error_set(err, ERROR_FAILED, "not wanted") : 0;
}

static inline void add_progress(void *context, uint64_t bytes)
{
    struct world *world = context;
    world->on_other_thread |= !pthread_equal(world->thread, pthread_self());
    world->progress += bytes;
}

static inline struct transfer *make_transfers(struct world *world, const char *const *keys,
                                              const struct str *texts, size_t count)
{
    struct transfer *transfers = arena_array(&world->arena, count, sizeof *transfers);
    for (size_t i = 0; i < count; i++)
        transfers[i] = (struct transfer){.key = str_from(keys[i]),
                                         .size_bytes = texts[i].n,
                                         .sha256 = sha256_hex(&world->arena, texts[i]),
                                         .crc32c = crc32c(0, texts[i].s, texts[i].n)};
    return transfers;
}

static inline int upload(struct world *world, struct transfer *transfers, const struct str *texts,
                         size_t count)
{
    struct transfer_calls calls = {open_to_send, count_done, add_progress, world};
    world->texts = texts;
    world->opened = world->done = 0;
    world->progress = 0;
    return store_upload(world->store, transfers, count, &calls, &world->err);
}

static inline int download(struct world *world, struct transfer *transfers, size_t count)
{
    struct transfer_calls calls = {open_to_receive, count_done, add_progress, world};
    world->opened = world->done = 0;
    world->progress = 0;
    return store_download(world->store, transfers, count, &calls, &world->err);
}

#endif
