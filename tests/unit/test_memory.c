/* What only the store in memory has: failures on demand, and a count. */
#include "store_world.h"

#include "store/memory.h"

static int begin(void **state)
{
    struct world *world = world_begin();
    world->store = memory_store_open(&world->arena);
    *state = world;
    return 0;
}

static int end(void **state)
{
    world_end(*state);
    return 0;
}

static void a_call_fails_on_demand_and_only_once(void **state)
{
    struct world *world = *state;
    struct object object;
    memory_store_fail(world->store, 0, ERROR_UNREACHABLE);
    assert_fails(create(world, "x", "1"), ERROR_UNREACHABLE, "memory://x");
    assert_int_equal(memory_store_count(world->store), 0);
    assert_works(create(world, "x", "1"));
    memory_store_fail(world->store, 1, ERROR_NOT_ALLOWED);
    assert_works(read_object(world, "x", &object));
    assert_fails(read_object(world, "x", &object), ERROR_NOT_ALLOWED, "memory://x");
    assert_works(read_object(world, "x", &object));
}

static void every_kind_of_call_can_fail(void **state)
{
    struct world *world = *state;
    struct store *store = world->store;
    struct str *names;
    size_t count;
    assert_works(create(world, "x", "1"));
    memory_store_fail(store, 0, ERROR_UNREACHABLE);
    assert_fails(store_list(store, &world->arena, STR(""), add_listed, NULL, &world->err),
                 ERROR_UNREACHABLE, "cannot list");
    memory_store_fail(store, 0, ERROR_UNREACHABLE);
    assert_fails(store_list_folders(store, &world->arena, STR(""), &names, &count, &world->err),
                 ERROR_UNREACHABLE, "cannot list");
    memory_store_fail(store, 0, ERROR_UNREACHABLE);
    assert_fails(
        store_remove(store, STR("x"), (struct precondition){.kind = STORE_ALWAYS}, &world->err),
        ERROR_UNREACHABLE, "cannot remove");
    memory_store_fail(store, 0, ERROR_UNREACHABLE);
    assert_fails(store_check_write(store, STR(""), &world->err), ERROR_UNREACHABLE, "cannot write");
    assert_int_equal(memory_store_count(store), 1);
}

static void each_transfer_counts_as_a_call(void **state)
{
    struct world *world = *state;
    static const char *const keys[] = {"a", "b", "c"};
    struct str texts[] = {STR("1"), STR("2"), STR("3")};
    struct transfer *transfers = make_transfers(world, keys, texts, 3);
    memory_store_fail(world->store, 2, ERROR_UNREACHABLE);
    assert_fails(upload(world, transfers, texts, 3), ERROR_UNREACHABLE, "memory://c");
    assert_int_equal(memory_store_count(world->store), 2);
    assert_works(upload(world, transfers, texts, 3));
    memory_store_fail(world->store, 1, ERROR_UNREACHABLE);
    assert_fails(download(world, transfers, 3), ERROR_UNREACHABLE, "memory://b");
    assert_int_equal(world->done, 1);
}

static void an_upload_over_other_bytes_is_a_conflict(void **state)
{
    struct world *world = *state;
    static const char *const keys[] = {"x"};
    struct str text = STR("new");
    struct transfer *transfer = make_transfers(world, keys, &text, 1);
    assert_works(create(world, "x", "old"));
    assert_fails(upload(world, transfer, &text, 1), ERROR_CONFLICT, "memory://x");
    assert_object(world, "x", "old");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_call_fails_on_demand_and_only_once, begin, end),
        cmocka_unit_test_setup_teardown(every_kind_of_call_can_fail, begin, end),
        cmocka_unit_test_setup_teardown(each_transfer_counts_as_a_call, begin, end),
        cmocka_unit_test_setup_teardown(an_upload_over_other_bytes_is_a_conflict, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
