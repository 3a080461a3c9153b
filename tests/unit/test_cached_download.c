/* A download through the cache, with a store in memory for a remote one. */
#include "store_world.h"

#include "store/cached_download.h"
#include "store/memory.h"
#include "store/pool.h"

static const char *const KEYS[] = {"x/a", "x/b", "x/sub/c", "x/empty"};
#define TEXTS                                                  \
    {                                                          \
        STR("first"), STR("second"), STR("the third"), STR("") \
    }
#define COUNT ARRAY_COUNT(KEYS)
#define BYTES 20

static int begin(void **state)
{
    struct world *world = world_begin();
    world->store = memory_store_open(&world->arena);
    world_open_cache(world, CACHE_SIZE_BYTES_DEFAULT, CACHE_ENTRIES_MAX);
    memory_store_use_cache(world->store, world->cache);
    *state = world;
    return 0;
}

static int end(void **state)
{
    world_end(*state);
    return 0;
}

static struct transfer *published(struct world *world, const struct str *texts, size_t count)
{
    struct transfer *transfers = make_transfers(world, KEYS, texts, count);
    assert_works(upload(world, transfers, texts, count));
    return transfers;
}

static void assert_fetched(struct world *world, const struct str *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_true(str_equal(read_file(world, world_file(world, i)), texts[i]));
    assert_int_equal(world->opened, count);
    assert_int_equal(world->done, count);
    assert_false(world->on_other_thread);
}

static const char *entry_path(struct world *world, struct str sha256)
{
    return str_format(&world->arena, "%s/cache/content/%.2s/%.*s", world->folder, sha256.s,
                      STR_ARG(sha256))
        .s;
}

static size_t count_cached(const struct transfer *transfers, size_t count)
{
    size_t cached = 0;
    for (size_t i = 0; i < count; i++)
        cached += transfers[i].was_cached;
    return cached;
}

static size_t open_descriptors(void)
{
    size_t count = 0;
    for (int fd = 0; fd < 512; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static void what_was_fetched_once_comes_from_the_cache(void **state)
{
    struct world *world = *state;
    struct str texts[] = TEXTS;
    published(world, texts, COUNT);
    for (size_t round = 0; round < 2; round++) {
        struct transfer *transfers = make_transfers(world, KEYS, texts, COUNT);
        /* In the second round nobody asks the store, so the failure stays for later. */
        if (round == 1)
            memory_store_fail(world->store, 0, ERROR_UNREACHABLE);
        assert_works(download(world, transfers, COUNT));
        assert_fetched(world, texts, COUNT);
        assert_int_equal(world->progress, BYTES);
        assert_int_equal(count_cached(transfers, COUNT), round * COUNT);
    }
}

static void the_store_is_asked_only_for_the_rest(void **state)
{
    struct world *world = *state;
    struct str texts[] = TEXTS;
    struct transfer *transfers = published(world, texts, COUNT);
    assert_works(download(world, transfers + 1, 2));
    transfers = make_transfers(world, KEYS, texts, COUNT);
    memory_store_fail(world->store, 2, ERROR_UNREACHABLE);
    assert_works(download(world, transfers, COUNT));
    assert_fetched(world, texts, COUNT);
    assert_int_equal(world->progress, BYTES);
    assert_false(transfers[0].was_cached);
    assert_true(transfers[1].was_cached);
    assert_true(transfers[2].was_cached);
    assert_false(transfers[3].was_cached);
}

static void a_damaged_entry_is_fetched_again_and_replaced(void **state)
{
    struct world *world = *state;
    struct str texts[] = TEXTS;
    struct transfer *transfers = published(world, texts, COUNT);
    assert_works(download(world, transfers, COUNT));
    const char *path = entry_path(world, transfers[1].sha256);
    write_file(path, STR("sEcond"));
    transfers = make_transfers(world, KEYS, texts, COUNT);
    assert_works(download(world, transfers, COUNT));
    assert_fetched(world, texts, COUNT);
    assert_int_equal(world->progress, BYTES);
    assert_int_equal(count_cached(transfers, COUNT), COUNT - 1);
    assert_false(transfers[1].was_cached);
    assert_str(read_file(world, path), "second");
}

static void what_arrived_before_a_failure_is_kept(void **state)
{
    struct world *world = *state;
    struct str texts[] = TEXTS;
    struct transfer *transfers = published(world, texts, COUNT);
    assert_works(download(world, transfers + 3, 1));
    size_t descriptors = open_descriptors();
    memory_store_fail(world->store, 2, ERROR_UNREACHABLE);
    assert_fails(download(world, transfers, COUNT), ERROR_UNREACHABLE, "x/sub/c");
    assert_int_equal(world->done, 3);
    assert_int_equal(open_descriptors(), descriptors);
    transfers = make_transfers(world, KEYS, texts, COUNT);
    assert_works(download(world, transfers, COUNT));
    assert_fetched(world, texts, COUNT);
    assert_int_equal(count_cached(transfers, COUNT), 3);
}

static void damage_in_the_store_is_told_of_the_right_transfer(void **state)
{
    struct world *world = *state;
    struct str texts[] = TEXTS;
    struct transfer *transfers = published(world, texts, 1);
    assert_works(download(world, transfers, 1));
    transfers = make_transfers(world, KEYS, texts, 2);
    assert_fails(download(world, transfers, 2), ERROR_NOT_FOUND, "memory://x/b");
    assert_true(transfers[0].was_cached);
    assert_false(transfers[0].is_damaged);
    assert_true(transfers[1].is_damaged);
}

static void a_caller_that_fails_ends_it(void **state)
{
    struct world *world = *state;
    struct str texts[] = TEXTS;
    struct transfer *transfers = published(world, texts, COUNT);
    for (int round = 0; round < 2; round++) {
        world->fail_open_at = 1;
        assert_fails(download(world, transfers, COUNT), ERROR_FAILED, "no such file here");
        world->fail_open_at = SIZE_MAX;
        world->fail_done_at = 1;
        assert_fails(download(world, transfers, COUNT), ERROR_FAILED, "not wanted");
        world->fail_done_at = SIZE_MAX;
        assert_works(download(world, transfers, COUNT));
    }
}

/* --- many files --- */

#define MANY (6 * CACHE_WAITING_MAX + 3)

struct many {
    const char *keys[MANY];
    struct str texts[MANY];
    struct transfer *transfers;
};

static void publish_many(struct world *world, struct many *many)
{
    for (size_t i = 0; i < MANY; i++) {
        many->keys[i] = str_format(&world->arena, "many/%zu", i).s;
        many->texts[i] = str_format(&world->arena, "content %zu", i);
    }
    many->transfers = make_transfers(world, many->keys, many->texts, MANY);
    assert_works(upload(world, many->transfers, many->texts, MANY));
}

static void many_files_are_all_kept(void **state)
{
    struct world *world = *state;
    struct many many;
    size_t descriptors;
    publish_many(world, &many);
    assert_works(download(world, many.transfers, 1));
    descriptors = open_descriptors();
    assert_works(download(world, many.transfers, MANY));
    assert_fetched(world, many.texts, MANY);
    memory_store_fail(world->store, 0, ERROR_UNREACHABLE);
    many.transfers = make_transfers(world, many.keys, many.texts, MANY);
    assert_works(download(world, many.transfers, MANY));
    assert_fetched(world, many.texts, MANY);
    assert_int_equal(count_cached(many.transfers, MANY), MANY);
    assert_int_equal(open_descriptors(), descriptors);
}

static size_t most_descriptors;

static int open_and_count(void *context, size_t index, int *fd, struct error *err)
{
    int status = open_to_receive(context, index, fd, err);
    size_t now = open_descriptors();
    most_descriptors = now > most_descriptors ? now : most_descriptors;
    return status;
}

static void a_cache_that_is_damaged_all_over_is_left(void **state)
{
    struct world *world = *state;
    struct many many;
    publish_many(world, &many);
    assert_works(download(world, many.transfers, MANY));
    size_t descriptors = open_descriptors();
    for (size_t i = 0; i < MANY; i++)
        write_file(entry_path(world, many.transfers[i].sha256), STR("damaged!!!"));
    for (int round = 0; round < 2; round++) {
        struct transfer_calls calls = {open_and_count, count_done, add_progress, world};
        many.transfers = make_transfers(world, many.keys, many.texts, MANY);
        world->opened = world->done = 0;
        most_descriptors = 0;
        assert_works(store_download(world->store, many.transfers, MANY, &calls, &world->err));
        assert_fetched(world, many.texts, MANY);
        assert_int_equal(count_cached(many.transfers, MANY), round == 0 ? 0 : MANY);
        /* Those that wait, those that are filled, and the folders of the cache. */
        assert_in_range(most_descriptors - descriptors, 1,
                        CACHE_DAMAGED_MAX + 2 * POOL_DESCRIPTORS_MAX + CACHE_WAITING_MAX);
        assert_int_equal(open_descriptors(), descriptors);
    }
}

/* --- where there is none --- */

static void a_cache_that_cannot_be_used_is_no_failure(void **state)
{
    struct world *world = *state;
    struct str texts[] = TEXTS;
    struct transfer *transfers = published(world, texts, COUNT);
    write_file(world_path(world, "cache"), STR("mine"));
    for (int round = 0; round < 2; round++) {
        assert_works(download(world, transfers, COUNT));
        assert_fetched(world, texts, COUNT);
        assert_int_equal(count_cached(transfers, COUNT), 0);
        assert_int_equal(cache_remark(world->cache).n > 0, round == 0);
    }
    assert_str(read_file(world, world_path(world, "cache")), "mine");
}

static void a_cache_that_becomes_full_is_no_failure(void **state)
{
    struct world *world = *state;
    struct str texts[] = TEXTS;
    struct transfer *transfers = published(world, texts, COUNT);
    assert_works(download(world, transfers, 1));
    /* A file where the folder of the entry would be. */
    char *folder = (char *)(uintptr_t)entry_path(world, transfers[1].sha256);
    folder[strlen(folder) - 65] = '\0';
    write_file(folder, STR("x"));
    assert_works(download(world, transfers, COUNT));
    assert_fetched(world, texts, COUNT);
    assert_true(str_starts(cache_remark(world->cache), STR("nothing is kept in the cache '")));
}

static int open_to_write_only(void *context, size_t index, int *fd, struct error *err)
{
    struct world *world = context;
    if (open_to_receive(context, index, fd, err) != 0)
        return -1;
    close(*fd);
    *fd = open(world_file(world, index), O_WRONLY);
    return 0;
}

static void a_file_that_cannot_be_read_again_is_not_kept(void **state)
{
    struct world *world = *state;
    struct str texts[] = TEXTS;
    struct transfer *transfers = published(world, texts, COUNT);
    struct transfer_calls calls = {open_to_write_only, count_done, add_progress, world};
    assert_works(store_download(world->store, transfers, COUNT, &calls, &world->err));
    assert_int_equal(cache_remark(world->cache).n, 0);
    assert_false(cache_has(world->cache, transfers[0].sha256));
}

static void a_folder_has_no_cache(void **state)
{
    struct world *world = *state;
    struct store_settings settings = {.cache = world->cache};
    struct str texts[] = TEXTS;
    store_close(&world->store);
    assert_works(store_open(&world->arena, str_from(world_path(world, "store")), STORE_READ_WRITE,
                            &settings, &world->store, &world->err));
    struct transfer *transfers = published(world, texts, COUNT);
    assert_works(download(world, transfers, COUNT));
    assert_false(fs_exists(world_path(world, "cache")));
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_fetched_once_comes_from_the_cache),
        TEST(the_store_is_asked_only_for_the_rest),
        TEST(a_damaged_entry_is_fetched_again_and_replaced),
        TEST(what_arrived_before_a_failure_is_kept),
        TEST(damage_in_the_store_is_told_of_the_right_transfer),
        TEST(a_caller_that_fails_ends_it),
        TEST(many_files_are_all_kept),
        TEST(a_cache_that_is_damaged_all_over_is_left),
        TEST(a_cache_that_cannot_be_used_is_no_failure),
        TEST(a_cache_that_becomes_full_is_no_failure),
        TEST(a_file_that_cannot_be_read_again_is_not_kept),
        TEST(a_folder_has_no_cache),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
