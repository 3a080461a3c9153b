#include "run_world.h"

#include "job/context_stores.h"

/* An environment whose store is a folder of the workspace's parent. */
static void configure(struct run_world *world, const char *name, const char *folder)
{
    struct config *config = &world->w.context.config;
    struct config_environment *all = arena_array(&world->w.arena, 10, sizeof *all);

    for (size_t i = 0; i < config->environment_count; i++) {
        all[i] = config->environments[i];
    }
    all[config->environment_count++] =
        (struct config_environment){.name = str_from(name), .store = str_from(folder)};
    config->environments = all;
}

static struct store *store_of(struct run_world *world, const char *environment)
{
    struct store *store = NULL;

    assert_ok(stores_get(&world->stores, str_from(environment), &store, &world->err));
    return store;
}

static void environments_with_one_address_share_a_store(void **state)
{
    struct run_world *world = *state;

    configure(world, "CI", run_path(world, "ci"));
    configure(world, "nightly", run_path(world, "ci"));
    assert_ptr_equal(store_of(world, "dev"), world->store);
    assert_ptr_equal(store_of(world, "unnamed"), world->store);
    struct store *ci = store_of(world, "CI");
    assert_ptr_not_equal(ci, world->store);
    assert_ptr_equal(store_of(world, "nightly"), ci);
    assert_ptr_equal(store_of(world, "CI"), ci);
    assert_int_equal(world->stores.count, 4);
}

static void the_store_of_another_environment_is_never_written(void **state)
{
    struct run_world *world = *state;

    configure(world, "CI", run_path(world, "ci"));
    struct store *ci = store_of(world, "CI");
    assert_error(store_write(ci, STR("a"), STR("x"), "text/plain",
                             (struct precondition){.kind = STORE_ALWAYS}, &world->err),
                 ERROR_NOT_ALLOWED, "may only be read");
    assert_nothing_at(world, "ci");
}

static void a_store_that_cannot_be_opened_names_its_environment(void **state)
{
    struct run_world *world = *state;
    struct store *store = NULL;

    configure(world, "CI", "ftp://host/x");
    for (int i = 0; i < 2; i++) {
        assert_error(stores_get(&world->stores, STR("CI"), &store, &world->err), ERROR_USAGE,
                     "the store of environment 'CI' (from jobrun.yaml)");
    }
    assert_int_equal(world->stores.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(environments_with_one_address_share_a_store),
        world_test(the_store_of_another_environment_is_never_written),
        world_test(a_store_that_cannot_be_opened_names_its_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
