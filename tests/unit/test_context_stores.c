#include "context_fixture.h"

#include "job/context_stores.h"

#define CONFIG                                                         \
    "store: whole\n"                                                   \
    "environments:\n"                                                  \
    "  dev: {store: \"file:///d%20v\", fallback: [CI, nightly, CI]}\n" \
    "  CI: {store: gs://bucket/ci}\n"                                  \
    "  nightly: {}\n"

static struct str url_of(struct fixture *f, const char *environment)
{
    return context_store_of(&f->context, f->arena, str_from(environment)).url;
}

static void every_environment_has_its_store(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    temp_write(&f.tree, "jobrun.yaml", CONFIG);
    open_at(&f, "");
    assert_no_problem(&f);
    assert_str(url_of(&f, "dev"), "file:///d%20v");
    assert_str(url_of(&f, "CI"), "gs://bucket/ci");
    assert_str(url_of(&f, "nightly"), temp_path(&f.tree, "whole"));
    assert_str(url_of(&f, "never-named"), temp_path(&f.tree, "whole"));
    temp_write(&f.tree, "jobrun.yaml", "{}\n");
    open_at(&f, "");
    assert_str(url_of(&f, "CI"), temp_path(&f.tree, ".jobrun/store"));
}

static void a_store_that_is_given_holds_for_all_environments(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    temp_write(&f.tree, "jobrun.yaml", CONFIG);
    set(&f, "JOBRUN_STORE=/given");
    open_at(&f, "");
    assert_str(url_of(&f, "CI"), "/given");
    f.wishes.store = STR("/option");
    open_at(&f, "");
    assert_str(url_of(&f, "CI"), "/option");
}

static void inputs_are_read_from_the_own_environment_and_what_it_falls_back_to(void **state)
{
    struct fixture f CLEANUP(end) = begin();
    size_t count;

    (void)state;
    temp_write(&f.tree, "jobrun.yaml", CONFIG);
    open_at(&f, "");
    struct str *names = context_input_environments(&f.context, f.arena, &count);
    assert_int_equal(count, 3);
    assert_str(names[0], "dev");
    assert_str(names[1], "CI");
    assert_str(names[2], "nightly");
    f.wishes.inputs_from = STR("other");
    open_at(&f, "");
    names = context_input_environments(&f.context, f.arena, &count);
    assert_int_equal(count, 1);
    assert_str(names[0], "other");
}

static void an_environment_to_read_from_must_be_a_name(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    f.wishes.inputs_from = STR("../x");
    open_at(&f, "");
    assert_problem(&f, STATUS_USAGE, "--inputs-from: '../x' is not a name");
}

static void the_folders_of_all_stores_are_known(void **state)
{
    struct fixture f CLEANUP(end) = begin();
    size_t count;

    (void)state;
    temp_write(&f.tree, "jobrun.yaml", CONFIG);
    open_at(&f, "");
    struct str *folders = context_store_folders(&f.context, f.arena, &count);
    assert_int_equal(count, 2);
    assert_str(folders[0], "/d v");
    assert_str(folders[1], temp_path(&f.tree, "whole"));
    f.wishes.store = STR("gs://b");
    open_at(&f, "");
    context_store_folders(&f.context, f.arena, &count);
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_environment_has_its_store),
        cmocka_unit_test(a_store_that_is_given_holds_for_all_environments),
        cmocka_unit_test(inputs_are_read_from_the_own_environment_and_what_it_falls_back_to),
        cmocka_unit_test(an_environment_to_read_from_must_be_a_name),
        cmocka_unit_test(the_folders_of_all_stores_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
