#include "test.h"

#include "manifest/manifest.h"

static struct str letters(struct arena *arena, size_t n)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);

    buf_add_repeat(&buf, 'a', n);
    return buf_str(&buf);
}

static void an_environment_is_a_short_plain_name(void **state)
{
    char bytes[65];

    (void)state;
    memset(bytes, 'e', sizeof bytes);
    assert_true(name_is_environment(STR("CI")));
    assert_true(name_is_environment(STR("pr-12_a.b")));
    assert_true(name_is_environment((struct str){bytes, 64}));
    assert_false(name_is_environment((struct str){bytes, 65}));
    assert_false(name_is_environment(STR("")));
    assert_false(name_is_environment(STR(".")));
    assert_false(name_is_environment(STR("..")));
    assert_false(name_is_environment(STR("a/b")));
    assert_false(name_is_environment(STR("a b")));
    assert_false(name_is_environment(STR("\xc3\xa4")));
}

static void jobs_and_outputs_are_named_like_files(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    static const char *const good[] = {"a", "0", "build-wheel", "a.b_c-d", "9.9", "a--b"};
    static const char *const bad[] = {"",  "-a", "a-",  ".a",  "a.",
                                      "_", "A",  "a b", "a/b", "\xc3\xa9"};

    for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
        assert_true(name_is_job(str_from(good[i])));
    }
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        assert_false(name_is_job(str_from(bad[i])));
    }
    assert_true(name_is_job(letters(&arena, 100)));
    assert_false(name_is_job(letters(&arena, 101)));
}

static void params_begin_with_a_letter(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    static const char *const good[] = {"a", "build-type", "x2", "a-"};
    static const char *const bad[] = {"", "2x", "-a", "A", "a_b", "a.b", "a b"};

    for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
        assert_true(name_is_param(str_from(good[i])));
    }
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        assert_false(name_is_param(str_from(bad[i])));
    }
    assert_true(name_is_param(letters(&arena, 100)));
    assert_false(name_is_param(letters(&arena, 101)));
}

static void variables_are_what_a_shell_takes(void **state)
{
    (void)state;
    static const char *const good[] = {"A", "_", "a_B9"};
    static const char *const bad[] = {"", "9A", "A-B", "A B", "A=B", "\xc3\x84"};

    for (size_t i = 0; i < ARRAY_COUNT(good); i++) {
        assert_true(name_is_env(str_from(good[i])));
    }
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        assert_false(name_is_env(str_from(bad[i])));
    }
}

static void a_name_gives_a_variable(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};

    assert_str(name_to_env(&arena, "PARAM_", STR("build-type")), "PARAM_BUILD_TYPE");
    assert_str(name_to_env(&arena, "OUTPUT_", STR("a.b_c9")), "OUTPUT_A_B_C9");
    assert_str(name_to_env(&arena, "", STR("")), "");
}

static void the_options_of_a_run_are_reserved(void **state)
{
    (void)state;
    static const char *const reserved[] = {
        "force",    "dry-run",        "explain",  "env",         "commit",  "store",
        "input",    "inputs-from",    "no-fetch", "params-file", "timeout", "allow-effects",
        "log",      "format",         "color",    "progress",    "help",    "no-publish",
        "no-force", "no-inputs-from", "no-help",  "fetch",       "publish", "no-color",
    };
    static const char *const left[] = {"version", "verbose", "quiet", "no-version",
                                       "forced",  "no-",     ""};

    for (size_t i = 0; i < ARRAY_COUNT(reserved); i++) {
        assert_true(name_is_reserved(str_from(reserved[i])));
    }
    for (size_t i = 0; i < ARRAY_COUNT(left); i++) {
        assert_false(name_is_reserved(str_from(left[i])));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_and_outputs_are_named_like_files),
        cmocka_unit_test(an_environment_is_a_short_plain_name),
        cmocka_unit_test(params_begin_with_a_letter),
        cmocka_unit_test(variables_are_what_a_shell_takes),
        cmocka_unit_test(a_name_gives_a_variable),
        cmocka_unit_test(the_options_of_a_run_are_reserved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
