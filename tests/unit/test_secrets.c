#include "run_world.h"

#include "run/effect.h"
#include "run/mask.h"
#include "run/secrets.h"

#define HEAD "job: build\nhelp: x\n"

static const struct job *job_of(struct run_world *world, const char *keys)
{
    write_manifest(&world->w, "build", str_format(&world->w.arena, HEAD "%s", keys).s);
    return bind_good(&world->w, "build", NULL);
}

static const struct secrets *secrets_of(struct run_world *world, const struct job *job)
{
    return secrets_make(&world->w.arena, job->manifest, &world->w.context.variables);
}

static void values_of_all_steps_are_known(void **state)
{
    static const char *const VARIABLES[] = {"A=aaaa\n", "B=bbbb", "SHORT=abc", "EMPTY=", NULL};
    struct run_world *world = *state;
    world->w.context.variables.list = VARIABLES;
    const struct secrets *secrets = secrets_of(
        world, job_of(world, "steps:\n"
                             "  - {name: a, command: [x], secrets: [B, SHORT, EMPTY, GONE]}\n"
                             "  - {name: b, command: [x], secrets: [A, B]}\n"));
    assert_int_equal(secrets->count, 2);
    assert_int_equal(secrets->total_bytes, 9);
    assert_str(secrets_find(secrets, STR("x aaaa x")), "A");
    assert_str(secrets_find(secrets, STR("bbbb")), "B");
    assert_null(secrets_find(secrets, STR("aaa bbb abc")).s);
    assert_str(mask_text(secrets->mask, &world->w.arena, STR("aaaa abc")), "*** abc");
}

static void nothing_is_made_where_nothing_is_set(void **state)
{
    static const char *const VARIABLES[] = {NULL};
    struct run_world *world = *state;
    world->w.context.variables.list = VARIABLES;
    const struct secrets *secrets =
        secrets_of(world, job_of(world, "command: [x]\nsecrets: [A]\n"));
    assert_null(secrets->mask);
    assert_null(secrets->raw);
    assert_null(secrets_find(secrets, STR("A")).s);
}

static void a_step_gets_those_that_it_lists(void **state)
{
    static const char *const VARIABLES[] = {"A=aaaa", "B=bbbb", "EMPTY=", "OTHER=x", NULL};
    struct run_world *world = *state;
    world->w.context.variables.list = VARIABLES;
    const struct job *job =
        job_of(world, "inherit-env: false\nsteps:\n"
                      "  - {name: a, command: [x], secrets: [A, {name: EMPTY, optional: true}]}\n"
                      "  - {name: b, command: [x]}\n");
    const struct plan *plan = plan_make(&world->w.arena, job, NULL, 0, &world->w.diags);
    for (size_t i = 0; i < 2; i++) {
        const char *const *envp =
            secrets_envp(&world->w.arena, &plan->commands[i], &world->w.context.variables);
        size_t count = 0, own = plan->commands[i].own_env_count;
        while (envp[count] != NULL) {
            count++;
        }
        assert_int_equal(count, own + (i == 0 ? 1 : 0));
        if (i == 0) {
            assert_string_equal(envp[own], "A=aaaa");
        }
    }
}

/* One value of `bytes` bytes, which take another form when they are encoded. */
static const struct secrets *large(struct run_world *world, size_t bytes)
{
    static const char *variables[2];
    struct buf value = buf_make(&world->w.arena, BUF_MAX_DEFAULT);
    buf_add(&value, STR("A="));
    buf_add_repeat(&value, '%', bytes);
    variables[0] = buf_str(&value).s;
    world->w.context.variables.list = variables;
    const struct job *job = job_of(world, "command: [x]\nsecrets: [A]\n");
    const struct secrets *secrets = secrets_of(world, job);
    const struct plan *plan = plan_make(&world->w.arena, job, NULL, 0, &world->w.diags);
    struct effects effects = {0};
    secrets_check(secrets, &world->w.arena, plan, &effects, true, &world->w.diags);
    return secrets;
}

static void what_is_too_large_is_refused_and_masked_as_it_is(void **state)
{
    struct run_world *world = *state;
    const struct secrets *secrets = large(world, SECRETS_BYTES_MAX);
    assert_int_equal(world->w.diags.error_count, 0);
    struct buf encoded = buf_make(&world->w.arena, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < SECRETS_BYTES_MAX; i++) {
        buf_add(&encoded, STR("%25"));
    }
    assert_str(mask_text(secrets->mask, &world->w.arena, buf_str(&encoded)), "***");

    secrets = large(world, SECRETS_BYTES_MAX + 1);
    const struct diag *diag = only_diag(world, STATUS_NOT_ALLOWED, "65537 bytes together");
    assert_int_equal(diag->help_count, 1);
    buf_add(&encoded, STR("%25"));
    assert_int_equal(mask_text(secrets->mask, &world->w.arena, buf_str(&encoded)).n, encoded.n);
    struct buf raw = buf_make(&world->w.arena, BUF_MAX_DEFAULT);
    buf_add_repeat(&raw, '%', SECRETS_BYTES_MAX + 1);
    assert_str(mask_text(secrets->mask, &world->w.arena, buf_str(&raw)), "***");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(values_of_all_steps_are_known),
        world_test(nothing_is_made_where_nothing_is_set),
        world_test(a_step_gets_those_that_it_lists),
        world_test(what_is_too_large_is_refused_and_masked_as_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
