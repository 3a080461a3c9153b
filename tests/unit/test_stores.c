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

static void what_is_kept_here_follows_the_configuration(void **state)
{
    struct run_world *world = *state;
    struct arena *arena = &world->w.arena;
    struct context *context = &world->w.context;
    static const int64_t sizes[] = {-1, 1, (int64_t)10 << 30, 0};

    assert_str(stores_settings(arena, context).state_folder, run_path(world, ".jobrun/uploads"));
    for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
        context->config.cache_size_bytes = sizes[i];
        struct store_settings settings = stores_settings(arena, context);
        assert_int_equal(settings.cache != NULL, sizes[i] != 0);
        cache_close(&settings.cache);
    }
    assert_nothing_at(world, ".jobrun");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(environments_with_one_address_share_a_store),
        world_test(the_store_of_another_environment_is_never_written),
        world_test(a_store_that_cannot_be_opened_names_its_environment),
        world_test(what_is_kept_here_follows_the_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
