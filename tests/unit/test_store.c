/* What every store promises, asked of each kind; and the addresses of stores. */
#include "store_world.h"

#include "store/backend.h"
#include "store/memory.h"

/* --- the kinds --- */

static int begin_folder(void **state)
{
    struct world *world = world_begin();
    assert_works(store_open(&world->arena, str_from(world_path(world, "store")), STORE_READ_WRITE,
                            &NO_SETTINGS, &world->store, &world->err));
    *state = world;
    return 0;
}

static int begin_memory(void **state)
{
    struct world *world = world_begin();
    world->store = memory_store_open(&world->arena);
    *state = world;
    return 0;
}

/* What holds for a store holds with a cache in front of it too. */
static int begin_cached(void **state)
{
    begin_memory(state);
    struct world *world = *state;
    world_open_cache(world, CACHE_SIZE_BYTES_DEFAULT, CACHE_ENTRIES_MAX);
    memory_store_use_cache(world->store, world->cache);
    return 0;
}

static int end(void **state)
{
    world_end(*state);
    return 0;
}

/* --- small objects --- */

static void an_object_reads_as_it_was_written(void **state)
{
    struct world *world = *state;
    struct object object = {0};
    struct str bytes = {"a\0b\xff\n", 5};
    assert_works(store_write(world->store, STR("x/y"), bytes, "text/plain",
                             (struct precondition){.kind = STORE_IF_ABSENT}, &world->err));
    assert_works(create(world, "x/empty", ""));
    assert_works(read_object(world, "x/y", &object));
    assert_true(str_equal(object.bytes, bytes));
    assert_int_equal(object.size_bytes, 5);
    assert_true(object.version.n > 0);
    assert_object(world, "x/empty", "");
}

static void what_is_not_there_is_not_found(void **state)
{
    struct world *world = *state;
    struct object object;
    assert_fails(read_object(world, "x/y", &object), ERROR_NOT_FOUND, "x/y");
    assert_works(create(world, "x/y", "1"));
    assert_fails(read_object(world, "x/z", &object), ERROR_NOT_FOUND, "x/z");
    assert_fails(read_object(world, "x/y/z", &object), ERROR_NOT_FOUND, "x/y/z");
}

static void an_object_over_the_limit_is_not_read(void **state)
{
    struct world *world = *state;
    struct object object;
    assert_works(create(world, "x", "12345"));
    assert_works(store_read(world->store, &world->arena, STR("x"), 5, &object, &world->err));
    assert_fails(store_read(world->store, &world->arena, STR("x"), 4, &object, &world->err),
                 ERROR_LIMIT, "x");
}

static void a_create_only_write_over_an_object_is_a_conflict(void **state)
{
    struct world *world = *state;
    assert_works(create(world, "x/y", "first"));
    assert_fails(create(world, "x/y", "second"), ERROR_CONFLICT, "x/y': it is there already");
    assert_object(world, "x/y", "first");
}

static void a_write_against_the_version_that_was_read_replaces(void **state)
{
    struct world *world = *state;
    struct object object;
    assert_works(create(world, "x", "first"));
    assert_works(read_object(world, "x", &object));
    assert_works(write_text(world, "x", "other", STORE_IF_VERSION, object.version));
    assert_object(world, "x", "other");
    assert_fails(write_text(world, "x", "third", STORE_IF_VERSION, object.version), ERROR_CONFLICT,
                 "x': somebody else changed it meanwhile");
    assert_object(world, "x", "other");
}

static void a_write_against_the_version_of_a_removed_object_is_a_conflict(void **state)
{
    struct world *world = *state;
    struct object object;
    assert_works(create(world, "x/y", "first"));
    assert_works(read_object(world, "x/y", &object));
    assert_works(store_remove(world->store, STR("x/y"), (struct precondition){.kind = STORE_ALWAYS},
                              &world->err));
    assert_fails(write_text(world, "x/y", "more", STORE_IF_VERSION, object.version), ERROR_CONFLICT,
                 "x/y': somebody else removed it meanwhile");
    assert_fails(read_object(world, "x/y", &object), ERROR_NOT_FOUND, "x/y");
}

static void a_write_without_precondition_creates_and_replaces(void **state)
{
    struct world *world = *state;
    assert_works(write_text(world, "x", "first", STORE_ALWAYS, (struct str){0}));
    assert_works(write_text(world, "x", "second", STORE_ALWAYS, (struct str){0}));
    assert_object(world, "x", "second");
}

static void an_object_that_is_removed_is_gone(void **state)
{
    struct world *world = *state;
    struct object object;
    struct precondition always = {.kind = STORE_ALWAYS};
    assert_works(create(world, "x/y", "1"));
    assert_works(create(world, "x/z", "2"));
    assert_works(store_remove(world->store, STR("x/y"), always, &world->err));
    assert_fails(read_object(world, "x/y", &object), ERROR_NOT_FOUND, "x/y");
    assert_object(world, "x/z", "2");
    assert_fails(store_remove(world->store, STR("x/y"), always, &world->err), ERROR_NOT_FOUND,
                 "x/y");
    assert_fails(store_remove(world->store, STR("x"), always, &world->err), ERROR_NOT_FOUND, "x");
    assert_works(create(world, "x/y", "3"));
}

static void a_remove_against_an_old_version_is_a_conflict(void **state)
{
    struct world *world = *state;
    struct object object;
    struct precondition precondition = {.kind = STORE_IF_VERSION};
    assert_works(create(world, "x", "first"));
    assert_works(read_object(world, "x", &object));
    precondition.version = object.version;
    assert_works(write_text(world, "x", "second", STORE_ALWAYS, (struct str){0}));
    assert_fails(store_remove(world->store, STR("x"), precondition, &world->err), ERROR_CONFLICT,
                 "x");
    assert_works(read_object(world, "x", &object));
    precondition.version = object.version;
    assert_works(store_remove(world->store, STR("x"), precondition, &world->err));
}

/* --- lists --- */

static void make_tree(struct world *world)
{
    static const char *const keys[] = {"a/b", "ab/x", "a-b", "a/c/d", "a0", "a-d/x", "b/c/e"};
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
        assert_works(create(world, keys[i], "123"));
    }
}

static void a_list_is_in_the_order_of_the_whole_keys(void **state)
{
    make_tree(*state);
    assert_list(*state, "", "a-b 3\na-d/x 3\na/b 3\na/c/d 3\na0 3\nab/x 3\nb/c/e 3\n");
}

static void a_list_holds_only_what_is_below_its_prefix(void **state)
{
    make_tree(*state);
    assert_list(*state, "a/", "a/b 3\na/c/d 3\n");
    assert_list(*state, "a/c/", "a/c/d 3\n");
}

static void a_prefix_with_nothing_below_it_is_an_empty_list(void **state)
{
    struct world *world = *state;
    struct str *names;
    size_t count = 1;
    assert_list(world, "", "");
    assert_list(world, "x/y/", "");
    assert_works(
        store_list_folders(world->store, &world->arena, STR("x/"), &names, &count, &world->err));
    assert_int_equal(count, 0);
    make_tree(world);
    assert_list(world, "x/y/", "");
    assert_list(world, "a0/", "");
}

static bool stop_at_second(void *context, const struct listed *object)
{
    struct buf *list = context;
    buf_addf(list, "%.*s\n", STR_ARG(object->key));
    return list->n < sizeof "a-b\na-d/x\n" - 1;
}

static void a_visitor_ends_the_list(void **state)
{
    struct world *world = *state;
    struct buf list = buf_make(&world->arena, 1000);
    make_tree(world);
    assert_works(
        store_list(world->store, &world->arena, STR(""), stop_at_second, &list, &world->err));
    assert_str(buf_str(&list), "a-b\na-d/x\n");
}

static bool keep_version(void *context, const struct listed *object)
{
    *(struct str *)context = object->version;
    return true;
}

static void a_version_from_a_list_is_a_precondition_too(void **state)
{
    struct world *world = *state;
    struct str version;
    assert_works(create(world, "x/y", "first"));
    assert_works(
        store_list(world->store, &world->arena, STR("x/"), keep_version, &version, &world->err));
    assert_works(write_text(world, "x/y", "other", STORE_IF_VERSION, version));
    assert_fails(write_text(world, "x/y", "third", STORE_IF_VERSION, version), ERROR_CONFLICT,
                 "x/y");
}

static void folders_are_listed_by_name_and_once(void **state)
{
    struct world *world = *state;
    struct buf list = buf_make(&world->arena, 1000);
    struct str *names;
    size_t count;
    make_tree(world);
    assert_works(create(world, "a/c/e", "1"));
    assert_works(
        store_list_folders(world->store, &world->arena, STR(""), &names, &count, &world->err));
    for (size_t i = 0; i < count; i++) {
        buf_addf(&list, "%.*s ", STR_ARG(names[i]));
    }
    assert_str(buf_str(&list), "a a-d ab b ");
    assert_works(
        store_list_folders(world->store, &world->arena, STR("a/"), &names, &count, &world->err));
    assert_int_equal(count, 1);
    assert_str(names[0], "c");
}

/* --- what is refused --- */

static void keys_that_are_no_plain_paths_are_refused(void **state)
{
    struct world *world = *state;
    static const char *const keys[] = {"",
                                       "/x",
                                       "../x",
                                       "x/../y",
                                       "./x",
                                       "x//y",
                                       "x/",
                                       "x\\y",
                                       "x\n",
                                       ".jobrun-tmp-h-1-2",
                                       "x/.jobrun-tmp-/y"};
    struct transfer transfer = {.sha256 = sha256_hex(&world->arena, STR(""))};
    struct object object;
    for (size_t i = 0; i < ARRAY_COUNT(keys); i++) {
        transfer.key = str_from(keys[i]);
        assert_fails(read_object(world, keys[i], &object), ERROR_USAGE, "the key");
        assert_fails(create(world, keys[i], "1"), ERROR_USAGE, "the key");
        assert_fails(download(world, &transfer, 1), ERROR_USAGE, "the key");
        assert_fails(upload(world, &transfer, NULL, 1), ERROR_USAGE, "the key");
        assert_fails(store_remove(world->store, transfer.key,
                                  (struct precondition){.kind = STORE_ALWAYS}, &world->err),
                     ERROR_USAGE, "the key");
    }
    assert_fails(store_list(world->store, &world->arena, STR("x"), add_listed, NULL, &world->err),
                 ERROR_USAGE, "does not end in '/'");
    assert_fails(store_list(world->store, &world->arena, STR("../"), add_listed, NULL, &world->err),
                 ERROR_USAGE, "has a '..' segment");
}

static void a_read_only_store_refuses_every_write(void **state)
{
    struct world *world = *state;
    static const char *const keys[] = {"x"};
    struct str text = STR("other");
    struct transfer *transfers = make_transfers(world, keys, &text, 1);
    assert_works(create(world, "x", "1"));
    world->store->mode = STORE_READ_ONLY;
    assert_object(world, "x", "1");
    assert_fails(create(world, "y", "1"), ERROR_NOT_ALLOWED, "may only be read");
    assert_fails(upload(world, transfers, &text, 1), ERROR_NOT_ALLOWED, "may only be read");
    assert_fails(store_check_write(world->store, STR("x/"), &world->err), ERROR_NOT_ALLOWED,
                 "may only be read");
    assert_fails(store_remove(world->store, STR("x"), (struct precondition){.kind = STORE_ALWAYS},
                              &world->err),
                 ERROR_NOT_ALLOWED, "may only be read");
    assert_list(world, "", "x 1\n");
}

static void a_store_that_can_be_written_says_so(void **state)
{
    struct world *world = *state;
    assert_works(store_check_write(world->store, STR("x/y/"), &world->err));
    assert_list(world, "", "");
}

/* --- transfers --- */

static const char *const KEYS[] = {"x/a", "x/b", "x/sub/c", "y"};
#define TEXTS                                                              \
    {                                                                      \
        STR("first"), STR(""), STR("bytes\0with NUL"), STR("the last one") \
    }
#define TEXTS_BYTES (5 + 0 + 14 + 12)

static void files_come_back_as_they_were_sent(void **state)
{
    struct world *world = *state;
    struct str texts[] = TEXTS;
    struct transfer *transfers = make_transfers(world, KEYS, texts, 4);
    assert_works(upload(world, transfers, texts, 4));
    assert_int_equal(world->done, 4);
    assert_int_equal(world->progress, TEXTS_BYTES);
    assert_list(world, "", "x/a 5\nx/b 0\nx/sub/c 14\ny 12\n");
    assert_works(download(world, transfers, 4));
    assert_int_equal(world->done, 4);
    assert_int_equal(world->progress, TEXTS_BYTES);
    for (size_t i = 0; i < 4; i++) {
        assert_false(transfers[i].was_there);
        assert_true(str_equal(read_file(world, world_file(world, i)), texts[i]));
    }
    assert_false(world->on_other_thread);
}

static void no_transfers_are_no_work(void **state)
{
    struct world *world = *state;
    assert_works(upload(world, NULL, NULL, 0));
    assert_works(download(world, NULL, 0));
    assert_list(world, "", "");
}

static void what_is_there_is_not_sent_again(void **state)
{
    struct world *world = *state;
    struct str texts[] = TEXTS;
    struct transfer *transfers = make_transfers(world, KEYS, texts, 4);
    assert_works(upload(world, transfers, texts, 2));
    assert_works(upload(world, transfers, texts, 4));
    assert_true(transfers[0].was_there);
    assert_true(transfers[1].was_there);
    assert_false(transfers[2].was_there);
    assert_false(transfers[3].was_there);
    assert_int_equal(world->done, 4);
    assert_int_equal(world->progress, 14 + 12);
}

static void the_same_key_twice_is_sent_once(void **state)
{
    struct world *world = *state;
    static const char *const keys[] = {"x", "x"};
    struct str texts[] = {STR("same"), STR("same")};
    assert_works(upload(world, make_transfers(world, keys, texts, 2), texts, 2));
    assert_list(world, "", "x 4\n");
}

static void a_file_that_is_not_as_promised_is_not_in_the_store(void **state)
{
    struct world *world = *state;
    const struct str changed[] = {STR("other"), STR("shor"), STR("longer")};
    struct str promised = STR("first");
    for (size_t i = 0; i < ARRAY_COUNT(changed); i++) {
        struct transfer *transfers = make_transfers(world, KEYS, &promised, 1);
        assert_fails(upload(world, transfers, &changed[i], 1), ERROR_DAMAGED, "x/a");
        assert_int_equal(world->done, 0);
        assert_list(world, "", "");
    }
}

static void bytes_that_are_not_as_promised_are_damage(void **state)
{
    struct world *world = *state;
    struct str texts[] = TEXTS;
    struct transfer *transfers = make_transfers(world, KEYS, texts, 4);
    struct str digest = transfers[0].sha256;
    assert_works(upload(world, transfers, texts, 4));
    transfers[0].sha256 = transfers[3].sha256;
    assert_fails(download(world, transfers, 1), ERROR_DAMAGED, digest.s);
    assert_true(transfers[0].is_damaged);
    assert_non_null(strstr(world->err.message, transfers[3].sha256.s));
    assert_int_equal(world->done, 0);
    transfers[0].sha256 = digest;
    transfers[0].size_bytes = 6;
    assert_fails(download(world, transfers, 1), ERROR_DAMAGED, "x/a': it has 5 bytes");
}

static void a_missing_object_ends_a_download(void **state)
{
    struct world *world = *state;
    struct str texts[] = TEXTS;
    struct transfer *transfers = make_transfers(world, KEYS, texts, 4);
    assert_fails(download(world, transfers, 4), ERROR_NOT_FOUND, "x/a");
    assert_true(transfers[0].is_damaged);
    assert_works(upload(world, transfers, texts, 2));
    assert_fails(download(world, transfers + 2, 1), ERROR_NOT_FOUND, "x/sub/c");
}

static void a_download_is_pinned_to_its_version(void **state)
{
    struct world *world = *state;
    struct str text = STR("first");
    struct transfer *transfer = make_transfers(world, KEYS, &text, 1);
    struct object object;
    assert_works(upload(world, transfer, &text, 1));
    assert_works(read_object(world, "x/a", &object));
    transfer->version = object.version;
    assert_works(download(world, transfer, 1));
    assert_works(store_list(world->store, &world->arena, STR("x/"), keep_version,
                            &transfer->version, &world->err));
    assert_works(download(world, transfer, 1));
    transfer->version = STR("another");
    assert_fails(download(world, transfer, 1), ERROR_DAMAGED, "not the version");
}

static void a_caller_that_fails_ends_the_transfers(void **state)
{
    struct world *world = *state;
    struct str texts[] = TEXTS;
    struct transfer *transfers = make_transfers(world, KEYS, texts, 4);
    world->fail_open_at = 1;
    assert_fails(upload(world, transfers, texts, 4), ERROR_FAILED, "no such file here");
    assert_int_equal(world->opened, 2);
    world->fail_open_at = SIZE_MAX;
    assert_works(upload(world, transfers, texts, 4));
    world->fail_open_at = 2;
    assert_fails(download(world, transfers, 4), ERROR_FAILED, "no such file here");
    world->fail_open_at = SIZE_MAX;
    world->fail_done_at = 1;
    assert_fails(download(world, transfers, 4), ERROR_FAILED, "not wanted");
    assert_fails(upload(world, transfers, texts, 4), ERROR_FAILED, "not wanted");
}

#define MANY 1500
static void many_files_in_many_folders_come_back(void **state)
{
    struct world *world = *state;
    const char **keys = arena_array(&world->arena, MANY, sizeof *keys);
    struct str *texts = arena_array(&world->arena, MANY, sizeof *texts);
    for (size_t i = 0; i < MANY; i++) {
        keys[i] = str_format(&world->arena, "x/%zu/%zu", i % 100, i).s;
        texts[i] = str_format(&world->arena, "text %zu", i);
    }
    struct transfer *transfers = make_transfers(world, keys, texts, MANY);
    assert_works(upload(world, transfers, texts, MANY));
    assert_int_equal(world->done, MANY);
    assert_works(download(world, transfers, MANY));
    assert_int_equal(world->done, MANY);
    for (size_t i = 0; i < MANY; i++) {
        assert_true(str_equal(read_file(world, world_file(world, i)), texts[i]));
    }
}

static void a_large_file_comes_back(void **state)
{
    struct world *world = *state;
    size_t n = ((size_t)5 << 20) + 17;
    char *bytes = arena_alloc(&world->arena, n);
    for (size_t i = 0; i < n; i++) {
        bytes[i] = (char)(i * 2654435761U >> 13);
    }
    struct str text = {bytes, n};
    struct transfer *transfer = make_transfers(world, KEYS, &text, 1);
    assert_works(upload(world, transfer, &text, 1));
    assert_works(download(world, transfer, 1));
    assert_int_equal(world->progress, n);
    assert_true(str_equal(read_file(world, world_file(world, 0)), text));
}

/* --- addresses --- */

static void plain_paths_and_file_urls_are_folders(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *url, *address;
    } rows[] = {
        {"/a/b", "/a/b/x/y"},
        {"/a/b//", "/a/b/x/y"},
        {"/", "/x/y"},
        {"/a:b", "/a:b/x/y"},
        {"file:///a/b", "/a/b/x/y"},
        {"FILE:///a/b/", "/a/b/x/y"},
        {"file://localhost/a", "/a/x/y"},
        {"file:///a%20b%2Fc", "/a b/c/x/y"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct store *store = NULL;
        assert_works(store_open(&world->arena, str_from(rows[i].url), STORE_READ_ONLY, &NO_SETTINGS,
                                &store, &world->err));
        assert_str(store_address(store, &world->arena, STR("x/y")), rows[i].address);
        assert_null(store_link(store, &world->arena, STR("x/y")).s);
        store_close(&store);
        assert_null(store);
    }
}

static void other_addresses_are_refused(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *url, *words;
    } rows[] = {
        {"gs://bucket/x", "this version has no 'gs' store"},
        {"s3://bucket", "this version has no 's3' store"},
        {"https://host/x", "this version has no 'https' store"},
        {"file://host/x", "not the address of a folder on this machine"},
        {"file://", "not the address of a folder on this machine"},
        {"file:///a%2", "has a '%'"},
        {"file:///a%zz", "has a '%'"},
        {"file:///a%00b", "has a NUL"},
        {"a/b", "not absolute"},
        {"", "not absolute"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct store *store = NULL;
        assert_fails(store_open(&world->arena, str_from(rows[i].url), STORE_READ_WRITE,
                                &NO_SETTINGS, &store, &world->err),
                     ERROR_USAGE, rows[i].words);
        assert_null(store);
    }
}

#define ON_BOTH(test)                                   \
    {"folder: " #test, test, begin_folder, end, NULL},  \
    {                                                   \
        "memory: " #test, test, begin_memory, end, NULL \
    }
#define ON_ALL(test)                                    \
    ON_BOTH(test),                                      \
    {                                                   \
        "cached: " #test, test, begin_cached, end, NULL \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_ALL(an_object_reads_as_it_was_written),
        ON_ALL(what_is_not_there_is_not_found),
        ON_ALL(an_object_over_the_limit_is_not_read),
        ON_ALL(a_create_only_write_over_an_object_is_a_conflict),
        ON_ALL(a_write_against_the_version_that_was_read_replaces),
        ON_ALL(a_write_against_the_version_of_a_removed_object_is_a_conflict),
        ON_ALL(a_write_without_precondition_creates_and_replaces),
        ON_ALL(an_object_that_is_removed_is_gone),
        ON_ALL(a_remove_against_an_old_version_is_a_conflict),
        ON_ALL(a_list_is_in_the_order_of_the_whole_keys),
        ON_ALL(a_list_holds_only_what_is_below_its_prefix),
        ON_ALL(a_prefix_with_nothing_below_it_is_an_empty_list),
        ON_ALL(a_visitor_ends_the_list),
        ON_ALL(a_version_from_a_list_is_a_precondition_too),
        ON_ALL(folders_are_listed_by_name_and_once),
        ON_ALL(keys_that_are_no_plain_paths_are_refused),
        ON_ALL(a_read_only_store_refuses_every_write),
        ON_ALL(a_store_that_can_be_written_says_so),
        ON_ALL(files_come_back_as_they_were_sent),
        ON_ALL(no_transfers_are_no_work),
        ON_ALL(what_is_there_is_not_sent_again),
        ON_ALL(the_same_key_twice_is_sent_once),
        ON_ALL(a_file_that_is_not_as_promised_is_not_in_the_store),
        ON_ALL(bytes_that_are_not_as_promised_are_damage),
        ON_ALL(a_missing_object_ends_a_download),
        ON_BOTH(a_download_is_pinned_to_its_version),
        ON_ALL(a_caller_that_fails_ends_the_transfers),
        ON_ALL(many_files_in_many_folders_come_back),
        ON_ALL(a_large_file_comes_back),
        cmocka_unit_test_setup_teardown(plain_paths_and_file_urls_are_folders, begin_memory, end),
        cmocka_unit_test_setup_teardown(other_addresses_are_refused, begin_memory, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
