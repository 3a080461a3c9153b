#include "run_world.h"

#include "run/look_up.h"
#include "store/backend.h"

static struct entry entries[] = {
    {.kind = ENTRY_FILE, .output = {"bin", 3}, .path = {"a", 1}},
    {.kind = ENTRY_LINK, .output = {"bin", 3}, .path = {"b", 1}, .target = {"a", 1}},
    {.kind = ENTRY_FOLDER, .output = {"bin", 3}, .path = {"c", 1}},
};

static struct supply supply_of(void)
{
    return (struct supply){
        .state = SUPPLY_THERE,
        .address = {.environment = STR("dev"), .commit = STR(COMMIT), .job = STR("cli")},
        .content = STR("0123"),
        .entries = entries,
        .entry_count = ARRAY_COUNT(entries)};
}

static void files_alone_have_an_address(void **state)
{
    struct run_world *world = *state;
    struct supply supply = supply_of();

    supply_urls(&world->w.arena, &supply, world->store);
    assert_str(supply.urls[0], "memory://dev/" COMMIT "/cli/0123/bin/a");
    assert_null(supply.urls[1].s);
    assert_null(supply.urls[2].s);
}

static struct str link_of(const struct store *store, struct arena *arena, struct str key)
{
    (void)store;
    return str_format(arena, "https://host/%.*s", STR_ARG(key));
}

static void a_link_comes_before_the_stores_own_address(void **state)
{
    struct run_world *world = *state;
    struct supply supply = supply_of();
    struct backend backend = *world->store->backend;
    struct store store = *world->store;

    backend.link = link_of;
    store.backend = &backend;
    supply_urls(&world->w.arena, &supply, &store);
    assert_str(supply.urls[0], "https://host/dev/" COMMIT "/cli/0123/bin/a");
}

static void a_local_supply_has_the_paths_of_its_files(void **state)
{
    struct run_world *world = *state;
    struct supply supply = supply_of();

    run_write(world, "mine/a", "1");
    supply.state = SUPPLY_LOCAL;
    supply.local_path = str_from(run_path(world, "mine"));
    supply_urls(&world->w.arena, &supply, NULL);
    assert_str(supply.urls[0], run_path(world, "mine/a"));
    supply.local_path = str_from(run_path(world, "mine/a"));
    supply_urls(&world->w.arena, &supply, NULL);
    assert_str(supply.urls[0], run_path(world, "mine/a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(files_alone_have_an_address),
        world_test(a_link_comes_before_the_stores_own_address),
        world_test(a_local_supply_has_the_paths_of_its_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
