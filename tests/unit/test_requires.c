#include "run_world.h"

#include "job/dirty.h"
#include "run/clean.h"
#include "run/requires.h"

#define POINTER "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"

/* The number of requirements that are not met; *met is that of the first one. */
static size_t unmet(struct run_world *world, const char *requires, bool *met)
{
    struct workspace *w = &world->w;
    struct dirty dirty = {.fingerprint = STR("")};
    w->catalog = catalog_make(&w->arena, &w->context);
    write_manifest(
        w, "a", str_format(&w->arena, "job: a\nhelp: h\ncommand: [x]\nrequires: %s\n", requires).s);
    const struct job *job = bind_good(w, "a", NULL);
    bool all[20] = {false};
    w->diags = diags_make(&w->arena);
    const struct plan *plan = plan_make_unsupplied(&w->arena, job, &w->diags);
    assert_non_null(plan);
    requires_check(&w->arena, job, plan, &(struct cleaning){0}, &dirty, all, &w->diags);
    *met = all[0];
    for (size_t i = 0; i < w->diags.count; i++) {
        assert_int_equal(w->diags.items[i]->status, STATUS_NOT_ALLOWED);
    }
    return w->diags.error_count;
}

static void the_machine_is_compared_by_any_of_its_names(void **state)
{
    struct run_world *world = *state;
    bool met;
    assert_int_equal(unmet(world, "{platform: [macos-x64, linux-64]}", &met), 0);
    assert_true(met);
    assert_int_equal(unmet(world, "{platform: osx-64, tools: [sh]}", &met), 1);
    assert_false(met);
    world->w.context.host_platform = STR("");
    assert_int_equal(unmet(world, "{platform: linux-x64}", &met), 1);
    assert_true(str_ends(world->w.diags.items[0]->message, STR("this machine is none of them")));
}

static void each_file_of_a_pattern_is_looked_at(void **state)
{
    struct run_world *world = *state;
    bool met;
    run_write(world, "d/a", POINTER);
    run_write(world, "d/e/b", "whole");
    run_write(world, "d/f", "");
    assert_int_equal(unmet(world, "{lfs: [\"d/[be]*/*\", d/f, d/e/]}", &met), 0);
    assert_int_equal(unmet(world, "{lfs: [d/, \"**\", d/a, d/none, none/x]}", &met), 5);
    assert_true(str_contains(world->w.diags.items[0]->message, STR("1 of 3 is a git-lfs pointer")));
}

static void a_link_is_no_file_and_a_way_through_one_is_told(void **state)
{
    struct run_world *world = *state;
    bool met;
    run_write(world, "real/a", "whole");
    assert_int_equal(symlink("real", run_path(world, "link")), 0);
    assert_int_equal(symlink("a", run_path(world, "real/b")), 0);
    assert_int_equal(unmet(world, "{lfs: [real/b]}", &met), 1);
    assert_int_equal(unmet(world, "{lfs: [link/a]}", &met), 1);
    assert_int_equal(unmet(world, "{lfs: [\"*/a\"]}", &met), 0);
}

static void without_a_plan_tools_are_not_judged(void **state)
{
    struct run_world *world = *state;
    struct workspace *w = &world->w;
    struct dirty dirty = {.fingerprint = STR("")};
    bool met = false;
    write_manifest(w, "a", "job: a\nhelp: h\ncommand: [x]\nrequires: {tools: [no-such-tool]}\n");
    const struct job *job = bind_good(w, "a", NULL);
    w->diags = diags_make(&w->arena);
    requires_check(&w->arena, job, NULL, &(struct cleaning){0}, &dirty, &met, &w->diags);
    assert_true(met);
    assert_int_equal(w->diags.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(the_machine_is_compared_by_any_of_its_names),
        world_test(each_file_of_a_pattern_is_looked_at),
        world_test(a_link_is_no_file_and_a_way_through_one_is_told),
        world_test(without_a_plan_tools_are_not_judged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
