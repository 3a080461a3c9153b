#include "run_world.h"

#include "run/stored.h"

#define DIRTY_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define DIRTY_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

#define BUILD(command)                                            \
    "job: build\nhelp: A job for tests.\n"                        \
    "params:\n  mode: {type: enum, values: [a, b], default: a}\n" \
    "  jobs: {type: int, default: 4, variant: false}\n"           \
    "inputs: {lib: {from: lib, to: in/, optional: true}}\n"       \
    "command: [" command ", \"${params.mode}\", \"${params.jobs}\"]\noutputs: {out: out/}\n"

static const struct job *bind_build(struct run_world *world, const char *text,
                                    const char *const *given)
{
    struct workspace *w = &world->w;
    w->catalog = catalog_make(&w->arena, &w->context);
    write_manifest(w, "lib",
                   "job: lib\nhelp: A job for tests.\ncommand: [make]\noutputs: {lib: lib/}\n");
    write_manifest(w, "build", text);
    return bind_good(w, "build", given);
}

struct supplied {
    struct supply *supplies;
    size_t count;
};

static struct supplied look_up(struct run_world *world, const struct job *job)
{
    struct supplied supplied = {0};
    struct fetch_wishes wishes = {0};
    assert_ok(fetch_look_up(&world->w.arena, job, &world->stores, &wishes, &world->listener,
                            &supplied.supplies, &supplied.count, &world->w.diags, &world->err));
    assert_no_problems();
    return supplied;
}

static void publish_build(struct run_world *world, const struct job *job, const char *dirty)
{
    struct supplied in = look_up(world, job);
    run_write(world, "out/app", "hello");
    struct outputs outputs = run_outputs(world, job);
    struct receipt receipt = run_receipt(world, job, &outputs, "1");
    struct published published;
    receipt.dirty = str_from(dirty);
    receipt_inputs(&world->w.arena, in.supplies, in.count, &receipt.inputs, &receipt.input_count);
    assert_ok(publish(&world->w.arena, job, world->store, &receipt, &outputs, (struct str){0}, NULL,
                      &published, &world->err));
}

static struct freshness freshness_of(struct run_world *world, const struct job *job,
                                     const char *dirty)
{
    struct supplied in = look_up(world, job);
    struct freshness freshness;
    assert_ok(freshness_read(&world->w.arena, job, world->store, &freshness, &world->err));
    freshness_compare(&freshness, &world->w.arena, job, in.supplies, in.count, str_from(dirty));
    return freshness;
}

static void assert_changed(const struct freshness *freshness, const char *reason)
{
    assert_int_equal(freshness->state, FRESH_CHANGED);
    assert_true(freshness->has_receipt);
    assert_int_equal(freshness->reason_count, 1);
    if (!str_contains(freshness->reasons[0], str_from(reason))) {
        fail_msg("'%s' is not in '%.*s'", reason, STR_ARG(freshness->reasons[0]));
    }
}

static void publish_lib(struct run_world *world, const char *text)
{
    run_write(world, "lib/a", text);
    run_publish(world, bind_good(&world->w, "lib", NULL));
}

static void a_job_without_a_receipt_is_not_done(void **state)
{
    struct run_world *world = *state;
    struct freshness freshness = freshness_of(world, bind_build(world, BUILD("make"), NULL), "");
    assert_int_equal(freshness.state, FRESH_NONE);
    assert_false(freshness.has_receipt);
    assert_int_equal(freshness.version.n, 0);
    assert_int_equal(freshness.reason_count, 0);
}

static void a_job_with_everything_equal_is_done(void **state)
{
    struct run_world *world = *state;
    const struct job *job = bind_build(world, BUILD("make"), NULL);
    publish_lib(world, "1");
    publish_build(world, job, "");
    struct freshness freshness = freshness_of(world, job, "");
    assert_int_equal(freshness.state, FRESH);
    assert_str(freshness.receipt.user, "login");
    assert_true(freshness.version.n > 0);
    assert_int_equal(freshness.reason_count, 0);
    assert_true(texts_contain(freshness.equal, freshness.equal_count, "the manifest (sha256"));
    assert_true(texts_contain(freshness.equal, freshness.equal_count, "param 'mode' (a)"));
    assert_true(texts_contain(freshness.equal, freshness.equal_count, "input 'lib'"));
    assert_true(texts_contain(freshness.equal, freshness.equal_count, "tree (clean)"));
    assert_false(texts_contain(freshness.equal, freshness.equal_count, "jobs"));
}

static void a_param_that_changes_no_output_is_not_compared(void **state)
{
    struct run_world *world = *state;
    publish_build(world, bind_build(world, BUILD("make"), NULL), "");
    const struct job *job = bind_build(world, BUILD("make"), GIVEN("jobs=9"));
    assert_int_equal(freshness_of(world, job, "").state, FRESH);
    job = bind_build(world, BUILD("make"), GIVEN("mode=b"));
    assert_int_equal(freshness_of(world, job, "").state, FRESH_NONE);
}

static void a_changed_manifest_is_a_reason(void **state)
{
    struct run_world *world = *state;
    publish_build(world, bind_build(world, BUILD("make"), NULL), "");
    struct freshness freshness = freshness_of(world, bind_build(world, BUILD("cmake"), NULL), "");
    assert_changed(&freshness, "the manifest changed (sha256 ");
}

static void a_changed_tree_is_a_reason_in_words_of_its_own(void **state)
{
    struct run_world *world = *state;
    const struct job *job = bind_build(world, BUILD("make"), NULL);
    publish_build(world, job, "");
    struct freshness freshness = freshness_of(world, job, DIRTY_A);
    assert_changed(&freshness, "was clean then and has changes now");
    write_receipt_text(world, job,
                       replaced(&world->w.arena, read_receipt_text(world, job), "\"dirty\": \"\"",
                                "\"dirty\": \"" DIRTY_A "\""));
    freshness = freshness_of(world, job, "");
    assert_changed(&freshness, "had changes then and is clean now");
    freshness = freshness_of(world, job, DIRTY_B);
    assert_changed(&freshness, "are others (sha256 aaaaaaaa... then, bbbbbbbb... now)");
    assert_int_equal(freshness_of(world, job, DIRTY_A).state, FRESH);
}

static void an_input_that_came_or_was_made_anew_is_a_reason(void **state)
{
    struct run_world *world = *state;
    const struct job *job = bind_build(world, BUILD("make"), NULL);
    publish_build(world, job, "");
    publish_lib(world, "1");
    struct freshness freshness = freshness_of(world, job, "");
    assert_changed(&freshness, "input 'lib' was absent then and is there now");
    assert_ok(store_remove(world->store, receipt_key(world, job),
                           (struct precondition){.kind = STORE_ALWAYS}, &world->err));
    publish_build(world, job, "");
    assert_int_equal(freshness_of(world, job, "").state, FRESH);
    const struct job *lib = bind_good(&world->w, "lib", NULL);
    write_receipt_text(
        world, lib,
        replaced(&world->w.arena, read_receipt_text(world, lib), "\"login\"", "\"other\""));
    freshness = freshness_of(world, job, "");
    assert_changed(&freshness, "input 'lib' was made anew (sha256 ");
}

static void an_input_from_another_place_is_a_reason(void **state)
{
    struct run_world *world = *state;
    const struct job *job = bind_build(world, BUILD("make"), NULL);
    publish_lib(world, "1");
    publish_build(world, job, "");
    struct supplied in = look_up(world, job);
    struct freshness freshness;
    in.supplies[0].state = SUPPLY_LOCAL;
    in.supplies[0].local_path = STR("/home/you/lib");
    assert_ok(freshness_read(&world->w.arena, job, world->store, &freshness, &world->err));
    freshness_compare(&freshness, &world->w.arena, job, in.supplies, in.count, STR(""));
    assert_changed(&freshness, "input 'lib' is another one: 'dev/");
    assert_true(str_contains(freshness.reasons[0], STR("'/home/you/lib' (sha256 ")));
    assert_ok(freshness_read(&world->w.arena, job, world->store, &freshness, &world->err));
    freshness_compare(&freshness, &world->w.arena, job, NULL, 0, STR(""));
    assert_changed(&freshness, "input 'lib' was used then and is not now");
}

static void a_missing_file_is_damage_and_other_reasons_are_given_too(void **state)
{
    struct run_world *world = *state;
    const struct job *job = bind_build(world, BUILD("make"), NULL);
    publish_build(world, job, "");
    struct freshness freshness = freshness_of(world, job, "");
    struct str key = address_file_key(&world->w.arena, &job->address,
                                      freshness.receipt.artifact.content, STR("out"), STR("app"));
    struct precondition always = {.kind = STORE_ALWAYS};
    assert_ok(store_write(world->store, key, STR("hell"), "text/plain", always, &world->err));
    freshness = freshness_of(world, job, DIRTY_A);
    assert_int_equal(freshness.state, FRESH_DAMAGED);
    assert_true(freshness.has_receipt);
    assert_true(freshness.version.n > 0);
    assert_int_equal(freshness.reason_count, 2);
    assert_true(texts_contain(freshness.reasons, 2, "out/app' is 4 bytes, its receipt says 5"));
    assert_ok(store_remove(world->store, key, always, &world->err));
    freshness = freshness_of(world, job, "");
    assert_int_equal(freshness.state, FRESH_DAMAGED);
    assert_true(texts_contain(freshness.reasons, 1, "out/app' is missing"));
}

static void a_receipt_that_cannot_be_used_is_damage_with_its_version(void **state)
{
    struct run_world *world = *state;
    const struct job *job = bind_build(world, BUILD("make"), NULL);
    write_receipt_text(world, job, STR("{}"));
    struct freshness freshness = freshness_of(world, job, "");
    assert_int_equal(freshness.state, FRESH_DAMAGED);
    assert_false(freshness.has_receipt);
    assert_true(freshness.version.n > 0);
    assert_true(texts_contain(freshness.reasons, 1, "the receipt cannot be used"));
}

static void the_receipt_of_another_job_is_damage(void **state)
{
    struct run_world *world = *state;
    const struct job *job = bind_build(world, BUILD("make"), NULL);
    publish_build(world, job, "");
    struct str text = read_receipt_text(world, job);
    const struct job *other = bind_build(world, BUILD("make"), GIVEN("mode=b"));
    write_receipt_text(world, other, text);
    struct freshness freshness = freshness_of(world, other, "");
    assert_int_equal(freshness.state, FRESH_DAMAGED);
    assert_true(texts_contain(freshness.reasons, 1, "it is the receipt of 'dev/"));
}

static void a_store_that_cannot_be_asked_is_an_error(void **state)
{
    struct run_world *world = *state;
    const struct job *job = bind_build(world, BUILD("make"), NULL);
    publish_build(world, job, "");
    struct freshness freshness;
    memory_store_fail(world->store, 0, ERROR_UNREACHABLE);
    assert_error(freshness_read(&world->w.arena, job, world->store, &freshness, &world->err),
                 ERROR_UNREACHABLE, "receipt.json");
    memory_store_fail(world->store, 1, ERROR_NOT_ALLOWED);
    assert_error(freshness_read(&world->w.arena, job, world->store, &freshness, &world->err),
                 ERROR_NOT_ALLOWED, "cannot list");
}

int main(void)
{
    umask(022);
    const struct CMUnitTest tests[] = {
        world_test(a_job_without_a_receipt_is_not_done),
        world_test(a_job_with_everything_equal_is_done),
        world_test(a_param_that_changes_no_output_is_not_compared),
        world_test(a_changed_manifest_is_a_reason),
        world_test(a_changed_tree_is_a_reason_in_words_of_its_own),
        world_test(an_input_that_came_or_was_made_anew_is_a_reason),
        world_test(an_input_from_another_place_is_a_reason),
        world_test(a_missing_file_is_damage_and_other_reasons_are_given_too),
        world_test(a_receipt_that_cannot_be_used_is_damage_with_its_version),
        world_test(the_receipt_of_another_job_is_damage),
        world_test(a_store_that_cannot_be_asked_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
