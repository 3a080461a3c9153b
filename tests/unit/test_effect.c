#include "run_world.h"

#include "run/effect.h"

#define DIRTY "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

#define SHIP                                                         \
    "job: ship\nhelp: A job for tests.\n"                            \
    "params:\n  jobs: {type: int, default: 4, variant: false}\n"     \
    "vars: {many: \"${params.jobs}\", one: x}\n"                     \
    "steps:\n  - {name: build, command: [make, \"${vars.many}\"]}\n" \
    "  - {name: push, effect: true, command: [push, \"${job.root}/dist\"]}\n"

/* --- the world --- */

static const struct plan *plan_ship(struct run_world *world, const char *text,
                                    const char *const *given)
{
    struct workspace *w = &world->w;
    w->catalog = catalog_make(&w->arena, &w->context);
    write_manifest(w, "ship", text);
    const struct plan *plan = plan_make(&w->arena, bind_good(w, "ship", given), NULL, 0, &w->diags);
    assert_non_null(plan);
    return plan;
}

static struct effects look_up(struct run_world *world, const struct plan *plan, bool force)
{
    struct effects effects = effects_make(&world->w.arena, plan->job, world->store, force);
    assert_ok(effects_look_up(&effects, plan, STR(""), &world->err));
    assert_int_equal(effects.count, 1);
    return effects;
}

static struct effects ship(struct run_world *world, bool force)
{
    return look_up(world, plan_ship(world, SHIP, NULL), force);
}

static enum effect_state state_now(struct run_world *world)
{
    return ship(world, false).items[0].state;
}

static void begin(struct run_world *world, struct effects *effects)
{
    bool skip = true;
    assert_ok(effect_begin(effects, effects->items, &skip, &world->err));
    assert_false(skip);
}

static void end(struct run_world *world, struct effects *effects, enum effect_fate fate)
{
    assert_ok(effect_end(effects, effects->items, fate, &world->err));
}

/* --- the life of a marker --- */

static void an_effect_is_begun_and_then_done(void **state)
{
    struct run_world *world = *state;
    struct effects effects = ship(world, false);
    assert_int_equal(effects.items[0].state, EFFECT_NEW);
    assert_true(effect_is_due(&effects, effects.items));
    begin(world, &effects);
    assert_int_equal(state_now(world), EFFECT_BEGUN);
    end(world, &effects, EFFECT_HAPPENED);
    effects = ship(world, false);
    assert_int_equal(effects.items[0].state, EFFECT_DONE);
    assert_false(effect_is_due(&effects, effects.items));
    assert_false(effect_is_barred(&effects, effects.items));
    const struct marker *marker = &effects.items[0].marker;
    assert_str(marker->step, "push");
    assert_int_equal(marker->pid, getpid());
    assert_true(marker->started_ms > 0 && marker->finished_ms >= marker->started_ms);
    assert_true(str_starts(marker->command, STR("push ")));
}

static void only_steps_that_are_effects_are(void **state)
{
    struct run_world *world = *state;
    const struct plan *plan = plan_ship(world, SHIP, NULL);
    struct effects effects = look_up(world, plan, false);
    assert_null(effects_find(&effects, &plan->commands[0]));
    assert_ptr_equal(effects_find(&effects, &plan->commands[1]), effects.items);
}

static void a_failure_takes_the_marker_back(void **state)
{
    struct run_world *world = *state;
    struct effects effects = ship(world, false);
    begin(world, &effects);
    end(world, &effects, EFFECT_FAILED);
    assert_int_equal(memory_store_count(world->store), 0);
}

static void what_was_cut_off_stays_begun_and_bars_the_way(void **state)
{
    struct run_world *world = *state;
    struct effects effects = ship(world, false);
    begin(world, &effects);
    end(world, &effects, EFFECT_UNKNOWN);
    effects = ship(world, false);
    assert_int_equal(effects.items[0].state, EFFECT_BEGUN);
    assert_true(effect_is_due(&effects, effects.items));
    assert_true(effect_is_barred(&effects, effects.items));
    effects = ship(world, true);
    assert_false(effect_is_barred(&effects, effects.items));
    begin(world, &effects);
    end(world, &effects, EFFECT_FAILED);
    assert_int_equal(state_now(world), EFFECT_NEW);
}

static void force_repeats_and_a_failure_brings_the_old_record_back(void **state)
{
    struct run_world *world = *state;
    struct effects effects = ship(world, false);
    begin(world, &effects);
    end(world, &effects, EFFECT_HAPPENED);
    struct str first = effects.run;
    effects = ship(world, true);
    assert_true(effect_is_due(&effects, effects.items));
    begin(world, &effects);
    assert_int_equal(state_now(world), EFFECT_BEGUN);
    end(world, &effects, EFFECT_FAILED);
    effects = ship(world, false);
    assert_int_equal(effects.items[0].state, EFFECT_DONE);
    assert_str(effects.items[0].marker.run, first.s);
}

/* --- two runs --- */

static void of_two_runs_one_begins(void **state)
{
    struct run_world *world = *state;
    struct effects one = ship(world, false);
    struct effects other = ship(world, false);
    bool skip = false;
    begin(world, &one);
    assert_error(effect_begin(&other, other.items, &skip, &world->err), ERROR_CONFLICT,
                 "effect 'push' is not begun: its marker was changed meanwhile, by ");
    assert_non_null(strstr(world->err.help, "look at what that run did"));
    end(world, &one, EFFECT_HAPPENED);
    assert_int_equal(effect_begin(&other, other.items, &skip, &world->err), 0);
    assert_true(skip);
    assert_int_equal(other.items[0].state, EFFECT_DONE);
}

static void an_answer_that_was_lost_is_no_other_run(void **state)
{
    struct run_world *world = *state;
    struct effects effects = ship(world, false);
    begin(world, &effects);
    begin(world, &effects);
    end(world, &effects, EFFECT_HAPPENED);
    end(world, &effects, EFFECT_HAPPENED);
    assert_int_equal(state_now(world), EFFECT_DONE);
}

static void who_insists_on_repeating_does_not_skip_what_was_done_meanwhile(void **state)
{
    struct run_world *world = *state;
    struct effects one = ship(world, true);
    struct effects other = ship(world, true);
    bool skip = false;
    begin(world, &one);
    end(world, &one, EFFECT_HAPPENED);
    assert_error(effect_begin(&other, other.items, &skip, &world->err), ERROR_CONFLICT,
                 "changed meanwhile");
}

static void a_marker_that_was_taken_over_is_left_alone(void **state)
{
    static const enum effect_fate FATES[] = {EFFECT_HAPPENED, EFFECT_FAILED};
    struct run_world *world = *state;
    for (size_t i = 0; i < ARRAY_COUNT(FATES); i++) {
        struct effects one = ship(world, true);
        begin(world, &one);
        struct effects other = ship(world, true);
        begin(world, &other);
        assert_error(effect_end(&one, one.items, FATES[i], &world->err), ERROR_CONFLICT,
                     "another run has taken it over");
        assert_int_equal(state_now(world), EFFECT_BEGUN);
        end(world, &other, EFFECT_HAPPENED);
        assert_int_equal(state_now(world), EFFECT_DONE);
    }
}

/* --- a store that fails --- */

static void without_a_durable_marker_nothing_begins(void **state)
{
    struct run_world *world = *state;
    struct effects effects = ship(world, false);
    bool skip = false;
    memory_store_fail(world->store, 0, ERROR_UNREACHABLE);
    assert_error(effect_begin(&effects, effects.items, &skip, &world->err), ERROR_UNREACHABLE,
                 "effect 'push' is not begun: its marker cannot be written");
    assert_false(skip);
}

static void an_end_that_cannot_be_written_is_told(void **state)
{
    struct run_world *world = *state;
    /* The two calls of an end: what is there, and the new marker. */
    for (size_t after = 0; after < 2; after++) {
        struct effects effects = ship(world, true);
        begin(world, &effects);
        memory_store_fail(world->store, after, ERROR_UNREACHABLE);
        assert_error(effect_end(&effects, effects.items, EFFECT_HAPPENED, &world->err),
                     ERROR_UNREACHABLE, "effect 'push' happened, but its marker does not say so");
        assert_int_equal(state_now(world), EFFECT_BEGUN);
        memory_store_fail(world->store, after, ERROR_UNREACHABLE);
        assert_error(effect_end(&effects, effects.items, EFFECT_FAILED, &world->err),
                     ERROR_UNREACHABLE, "did not happen, but its marker cannot be taken back");
        assert_int_equal(state_now(world), EFFECT_BEGUN);
    }
}

static void a_store_that_cannot_be_asked_is_no_answer(void **state)
{
    struct run_world *world = *state;
    const struct plan *plan = plan_ship(world, SHIP, NULL);
    struct effects effects = effects_make(&world->w.arena, plan->job, world->store, false);
    memory_store_fail(world->store, 0, ERROR_NOT_ALLOWED);
    assert_error(effects_look_up(&effects, plan, STR(""), &world->err), ERROR_NOT_ALLOWED,
                 "cannot tell whether effect 'push' was done");
}

static void write_at(struct run_world *world, struct str key, struct str text)
{
    assert_ok(store_write(world->store, key, text, MARKER_CONTENT_TYPE,
                          (struct precondition){.kind = STORE_ALWAYS}, &world->err));
}

static void what_is_no_marker_of_it_is_damage(void **state)
{
    struct run_world *world = *state;
    struct effects effects = ship(world, false);
    struct str key = effects.items[0].key;
    begin(world, &effects);
    end(world, &effects, EFFECT_HAPPENED);
    effects = ship(world, false);
    struct marker marker = effects.items[0].marker;
    marker.step = STR("build");
    write_at(world, key, marker_format(&marker, &world->w.arena));
    effects = ship(world, false);
    assert_int_equal(effects.items[0].state, EFFECT_DAMAGED);
    assert_str(effects.items[0].damage, "it is the marker of another effect");
    assert_true(effect_is_barred(&effects, effects.items));
    write_at(world, key, STR("{}"));
    effects = ship(world, true);
    assert_int_equal(effects.items[0].state, EFFECT_DAMAGED);
    assert_false(effect_is_barred(&effects, effects.items));
}

/* --- the digest --- */

static struct str digest_in(struct run_world *world, const char *text, const char *const *given,
                            const char *dirty)
{
    const struct plan *plan = plan_ship(world, text, given);
    return effect_digest(&world->w.arena, plan, &plan->commands[plan->command_count - 1],
                         str_from(dirty));
}

#define HEAD "job: ship\nhelp: H\n"

static void what_an_effect_is_made_of_is_in_its_digest(void **state)
{
    static const char *const DIFFERENT[] = {
        HEAD "effect: true\ncommand: [push, ab, c]\n",
        HEAD "effect: true\ncommand: [push, a, bc]\n",
        HEAD "effect: true\ncommand: [push, ab, c, '']\n",
        HEAD "effect: true\ncommand: [push, ab, c]\nworkdir: x\n",
        HEAD "effect: true\ncommand: [push, ab, c]\nstdout: x\n",
        HEAD "effect: true\ncommand: [push, ab, c]\nenv: {A: b}\n",
        HEAD "effect: true\ncommand: [push, ab, c]\nenv: {A: \"b\\nvalue 1:c\"}\n",
        HEAD "effect: true\ncommand: [push, ab, c]\nenv: {AB: ''}\n",
        HEAD "effect: true\ncommand: [push, ab, c]\nvars: {a: b}\n",
        HEAD "effect: true\nscript: push\n",
        HEAD "effect: true\nscript: 'push '\n",
        HEAD "effect: true\nshell: [sh]\nscript: push\n",
    };
    struct run_world *world = *state;
    struct str digests[ARRAY_COUNT(DIFFERENT)];
    for (size_t i = 0; i < ARRAY_COUNT(DIFFERENT); i++) {
        digests[i] = digest_in(world, DIFFERENT[i], NULL, "");
        assert_int_equal(digests[i].n, 64);
        for (size_t j = 0; j < i; j++) {
            if (str_equal(digests[i], digests[j])) {
                fail_msg("%zu and %zu are one effect", j, i);
            }
        }
    }
    assert_false(str_equal(digests[0], digest_in(world, DIFFERENT[0], NULL, DIRTY)));
    assert_true(str_equal(digests[0], digest_in(world, DIFFERENT[0], NULL, "")));
}

static void params_that_are_no_variants_are_not(void **state)
{
    struct run_world *world = *state;
    struct str digest = digest_in(world, SHIP, NULL, "");
    assert_true(str_equal(digest, digest_in(world, SHIP, GIVEN("jobs=9"), "")));
    world->w.context.variables.list = GIVEN("INHERITED=1", "PATH=/bin");
    assert_true(str_equal(digest, digest_in(world, SHIP, NULL, "")));
}

/* The same manifest, as if the workspace were elsewhere. */
static struct str digest_at(struct run_world *world, struct str item, struct str root)
{
    const struct plan *made = plan_ship(world, HEAD "effect: true\ncommand: [push, x]\n", NULL);
    struct plan plan = *made;
    struct job job = *made->job;
    struct context context = *made->job->context;
    struct command command = made->commands[0];
    const char *argv[] = {"push", item.s, NULL};
    context.root = root;
    job.context = &context;
    plan.job = &job;
    command.argv = argv;
    command.workdir = root;
    command.own_env_count = 0;
    return effect_digest(&world->w.arena, &plan, &command, STR(""));
}

static void the_workspace_root_is_a_dot(void **state)
{
    static const struct {
        const char *a, *b;
        bool same;
    } CASES[] = {
        {"/w/a", "/elsewhere", true},
        {"/w/a/dist", "/elsewhere/dist", true},
        {"-I/w/a/x:/w/a/y", "-I/elsewhere/x:/elsewhere/y", true},
        {"/w/ab/dist", "/elsewhereb/dist", false},
        {"/w/a.txt", "/elsewhere.txt", false},
        {"/w/a-b", "/elsewhere-b", false},
        {"dist", "dist", true},
    };
    struct run_world *world = *state;
    for (size_t i = 0; i < ARRAY_COUNT(CASES); i++) {
        struct str a = digest_at(world, str_from(CASES[i].a), STR("/w/a"));
        struct str b = digest_at(world, str_from(CASES[i].b), STR("/elsewhere"));
        if (str_equal(a, b) != CASES[i].same) {
            fail_msg("%s and %s", CASES[i].a, CASES[i].b);
        }
    }
    /* The file system's own root is in every path, and says nothing. */
    assert_false(
        str_equal(digest_at(world, STR("/a"), STR("/")), digest_at(world, STR(".a"), STR("/"))));
}

static void secrets_are_not_in_it(void **state)
{
    struct run_world *world = *state;
    const struct plan *plan =
        plan_ship(world, HEAD "effect: true\ncommand: [push]\nenv: {TOKEN: a}\n", NULL);
    struct command command = plan->commands[0];
    struct bound_step bound = *command.step;
    struct step step = *bound.step;
    struct secret secret = {.name = STR("TOKEN")};
    struct str with_value = effect_digest(&world->w.arena, plan, &command, STR(""));
    step.secrets = &secret;
    step.secret_count = 1;
    bound.step = &step;
    command.step = &bound;
    struct str without = effect_digest(&world->w.arena, plan, &command, STR(""));
    assert_false(str_equal(with_value, without));
    assert_true(
        str_equal(without, digest_in(world, HEAD "effect: true\ncommand: [push]\n", NULL, "")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(an_effect_is_begun_and_then_done),
        world_test(only_steps_that_are_effects_are),
        world_test(a_failure_takes_the_marker_back),
        world_test(what_was_cut_off_stays_begun_and_bars_the_way),
        world_test(force_repeats_and_a_failure_brings_the_old_record_back),
        world_test(of_two_runs_one_begins),
        world_test(an_answer_that_was_lost_is_no_other_run),
        world_test(who_insists_on_repeating_does_not_skip_what_was_done_meanwhile),
        world_test(a_marker_that_was_taken_over_is_left_alone),
        world_test(without_a_durable_marker_nothing_begins),
        world_test(an_end_that_cannot_be_written_is_told),
        world_test(a_store_that_cannot_be_asked_is_no_answer),
        world_test(what_is_no_marker_of_it_is_damage),
        world_test(what_an_effect_is_made_of_is_in_its_digest),
        world_test(params_that_are_no_variants_are_not),
        world_test(the_workspace_root_is_a_dot),
        world_test(secrets_are_not_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
