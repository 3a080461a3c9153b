#include "run_world.h"

#include "run/stored.h"

static const struct job *bind_build(struct run_world *world)
{
    write_manifest(&world->w, "build",
                   "job: build\nhelp: A job for tests.\ncommand: [make]\noutputs: {out: out/}\n");
    return bind_good(&world->w, "build", NULL);
}

/* A second attempt, with other files where `text` differs. */
struct attempt {
    const struct job *job;
    struct outputs outputs;
    struct receipt receipt;
    struct published published;
};

static struct attempt prepare(struct run_world *world, const char *text, const char *publish_id)
{
    struct attempt attempt = {.job = bind_build(world)};
    run_write(world, "out/app", text);
    attempt.outputs = run_outputs(world, attempt.job);
    attempt.receipt = run_receipt(world, attempt.job, &attempt.outputs, publish_id);
    return attempt;
}

static int try_publish(struct run_world *world, struct attempt *attempt, struct str replaces)
{
    return publish(&world->w.arena, attempt->job, world->store, &attempt->receipt,
                   &attempt->outputs, replaces, &world->listener, &attempt->published, &world->err);
}

static struct stored read_stored(struct run_world *world, const struct job *job)
{
    struct stored stored = {0};
    assert_ok(stored_read(&world->w.arena, world->store, &job->address, &stored, &world->err));
    return stored;
}

static void the_files_and_the_receipt_are_there_afterwards(void **state)
{
    struct run_world *world = *state;
    struct attempt attempt = prepare(world, "hello", "1");
    run_write(world, "out/sub/x", "");
    run_mkdir(world, "out/empty");
    attempt.outputs = run_outputs(world, attempt.job);
    attempt.receipt.artifact = attempt.outputs.artifact;
    assert_ok(try_publish(world, &attempt, (struct str){0}));
    assert_int_equal(attempt.published.sent_bytes, 5);
    assert_int_equal(world->progress, 5);
    assert_false(attempt.published.was_there);
    assert_false(attempt.published.kept_winner);
    assert_int_equal(memory_store_count(world->store), 3);
    struct object object;
    struct str key = address_file_key(&world->w.arena, &attempt.job->address,
                                      attempt.outputs.artifact.content, STR("out"), STR("app"));
    assert_ok(store_read(world->store, &world->w.arena, key, 100, &object, &world->err));
    assert_str(object.bytes, "hello");
    struct stored stored = read_stored(world, attempt.job);
    assert_int_equal(stored.receipt.artifact.count, 3);
    assert_ok(stored_check_files(&world->w.arena, world->store, &attempt.job->address,
                                 &stored.receipt.artifact, (struct str){0}, &world->err));
}

static void files_that_are_there_already_are_not_sent_again(void **state)
{
    struct run_world *world = *state;
    struct attempt attempt = prepare(world, "hello", "1");
    memory_store_fail(world->store, 1, ERROR_UNREACHABLE);
    assert_error(try_publish(world, &attempt, (struct str){0}), ERROR_UNREACHABLE,
                 "cannot write the receipt of job 'build'");
    assert_int_equal(attempt.published.sent_bytes, 5);
    assert_int_equal(memory_store_count(world->store), 1);
    assert_ok(try_publish(world, &attempt, (struct str){0}));
    assert_int_equal(attempt.published.sent_bytes, 0);
    assert_int_equal(memory_store_count(world->store), 2);
}

static void no_receipt_is_written_when_a_file_cannot_be_sent(void **state)
{
    struct run_world *world = *state;
    struct attempt attempt = prepare(world, "hello", "1");
    memory_store_fail(world->store, 0, ERROR_NOT_ALLOWED);
    assert_error(try_publish(world, &attempt, (struct str){0}), ERROR_NOT_ALLOWED,
                 "cannot publish job 'build'");
    assert_int_equal(memory_store_count(world->store), 0);
}

static void a_file_that_changes_before_it_is_sent_is_an_error(void **state)
{
    struct run_world *world = *state;
    struct attempt attempt = prepare(world, "hello", "1");
    run_write(world, "out/app", "HELLO");
    assert_error(try_publish(world, &attempt, (struct str){0}), ERROR_DAMAGED, "cannot publish");
    assert_int_equal(memory_store_count(world->store), 0);
}

static void a_lost_race_with_the_same_files_is_success(void **state)
{
    struct run_world *world = *state;
    struct attempt one = prepare(world, "hello", "1");
    struct attempt two = prepare(world, "hello", "2");
    assert_ok(try_publish(world, &one, (struct str){0}));
    assert_ok(try_publish(world, &two, (struct str){0}));
    assert_true(two.published.was_there);
    assert_false(two.published.kept_winner);
    assert_str(read_stored(world, one.job).receipt.publish_id, "1");
}

static void the_answer_to_an_own_write_may_be_lost(void **state)
{
    struct run_world *world = *state;
    struct attempt attempt = prepare(world, "hello", "1");
    assert_ok(try_publish(world, &attempt, (struct str){0}));
    assert_ok(try_publish(world, &attempt, (struct str){0}));
    assert_false(attempt.published.was_there);
    assert_false(attempt.published.kept_winner);
}

static void a_lost_race_with_other_files_keeps_the_winners(void **state)
{
    struct run_world *world = *state;
    struct attempt one = prepare(world, "hello", "1");
    assert_ok(try_publish(world, &one, (struct str){0}));
    struct attempt two = prepare(world, "other", "2");
    assert_error(try_publish(world, &two, (struct str){0}), ERROR_CONFLICT, "theirs stay");
    assert_true(two.published.kept_winner);
    assert_str(two.published.winner.publish_id, "1");
    assert_str(read_stored(world, one.job).receipt.publish_id, "1");
}

static void replacing_swaps_from_the_old_receipt_to_the_new_one(void **state)
{
    struct run_world *world = *state;
    struct attempt one = prepare(world, "hello", "1");
    assert_ok(try_publish(world, &one, (struct str){0}));
    struct str version = read_stored(world, one.job).version;
    struct attempt two = prepare(world, "other", "2");
    assert_ok(try_publish(world, &two, version));
    assert_false(two.published.kept_winner);
    assert_str(read_stored(world, one.job).receipt.publish_id, "2");
    /* The old files stay. */
    assert_int_equal(memory_store_count(world->store), 3);
}

static void replacing_what_somebody_else_replaced_is_a_conflict(void **state)
{
    struct run_world *world = *state;
    struct attempt one = prepare(world, "hello", "1");
    assert_ok(try_publish(world, &one, (struct str){0}));
    struct str version = read_stored(world, one.job).version;
    struct attempt two = prepare(world, "other", "2");
    assert_ok(try_publish(world, &two, version));
    struct attempt three = prepare(world, "third", "3");
    assert_error(try_publish(world, &three, version), ERROR_CONFLICT, "(login@laptop)");
    assert_true(three.published.kept_winner);
    assert_str(three.published.winner.publish_id, "2");
    struct attempt four = prepare(world, "other", "4");
    assert_ok(try_publish(world, &four, version));
    assert_true(four.published.was_there);
}

static void a_winner_that_cannot_be_read_is_an_error(void **state)
{
    struct run_world *world = *state;
    struct attempt attempt = prepare(world, "hello", "1");
    write_receipt_text(world, attempt.job, STR("{}"));
    assert_error(try_publish(world, &attempt, (struct str){0}), ERROR_DAMAGED,
                 "its receipt cannot be read");
}

static void a_winner_that_is_gone_again_is_a_conflict(void **state)
{
    struct run_world *world = *state;
    struct attempt attempt = prepare(world, "hello", "1");
    assert_error(try_publish(world, &attempt, STR("17")), ERROR_CONFLICT, "receipt.json");
}

int main(void)
{
    umask(022);
    const struct CMUnitTest tests[] = {
        world_test(the_files_and_the_receipt_are_there_afterwards),
        world_test(files_that_are_there_already_are_not_sent_again),
        world_test(no_receipt_is_written_when_a_file_cannot_be_sent),
        world_test(a_file_that_changes_before_it_is_sent_is_an_error),
        world_test(a_lost_race_with_the_same_files_is_success),
        world_test(the_answer_to_an_own_write_may_be_lost),
        world_test(a_lost_race_with_other_files_keeps_the_winners),
        world_test(replacing_swaps_from_the_old_receipt_to_the_new_one),
        world_test(replacing_what_somebody_else_replaced_is_a_conflict),
        world_test(a_winner_that_cannot_be_read_is_an_error),
        world_test(a_winner_that_is_gone_again_is_a_conflict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
