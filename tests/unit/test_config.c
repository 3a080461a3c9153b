#include "test.h"

#include "base/diag.h"
#include "job/config.h"

struct fixture {
    struct arena arena;
    struct diags diags;
    struct config config;
};

static void decode(struct fixture *f, const char *text)
{
    f->diags = diags_make(&f->arena);
    config_default(&f->config);
    config_decode(&f->config, &f->arena, source_make(&f->arena, STR("jobrun.yaml"), str_from(text)),
                  &f->diags);
}

static void end(struct fixture *f)
{
    arena_free(&f->arena);
}

static void assert_no_problem(const struct fixture *f)
{
    if (f->diags.count > 0) {
        fail_msg("unexpected: %.*s", STR_ARG(f->diags.items[0]->message));
    }
}

/* One problem, with this text, on this line. */
static void assert_problem(const char *text, const char *message, size_t line)
{
    struct fixture f CLEANUP(end) = {0};

    decode(&f, text);
    assert_int_equal(f.diags.count, 1);
    const struct diag *d = f.diags.items[0];
    if (!str_contains(d->message, str_from(message))) {
        fail_msg("got '%.*s', expected '%s'", STR_ARG(d->message), message);
    }
    assert_int_equal(d->status, STATUS_MANIFEST);
    assert_int_equal(source_place(d->span.source, d->span.start).line, line);
}

static void a_file_of_comments_alone_gives_the_defaults(void **state)
{
    struct fixture f CLEANUP(end) = {0};

    (void)state;
    decode(&f, "# the workspace is here\n\n");
    assert_no_problem(&f);
    assert_non_null(f.config.source);
    assert_null(f.config.store.s);
    assert_str(f.config.manifests, "manifests");
    assert_str(f.config.run_prefix, "pixi run");
    assert_false(f.config.has_run_prefix);
    assert_int_equal(f.config.cache_size_bytes, -1);
}

static void every_key_is_read(void **state)
{
    struct fixture f CLEANUP(end) = {0};

    (void)state;
    decode(&f, "store: gs://bucket/x\n"
               "manifests: ci/jobs/\n"
               "run-prefix: ''\n"
               "environments:\n"
               "  CI: {store: s3://b, protected: false, fallback: [dev, old], keep-days: 30,\n"
               "       keep-last: 5}\n"
               "  release: {protected: true}\n"
               "recognised-ci: [MY_RUN_ID]\n"
               "cache: {size: 10GiB}\n");
    assert_no_problem(&f);
    assert_str(f.config.store, "gs://bucket/x");
    assert_str(f.config.manifests, "ci/jobs");
    assert_true(f.config.has_run_prefix);
    assert_str(f.config.run_prefix, "");
    assert_int_equal(f.config.environment_count, 2);
    const struct config_environment *ci = config_environment(&f.config, STR("CI"));
    assert_non_null(ci);
    assert_str(ci->store, "s3://b");
    assert_int_equal(ci->fallback_count, 2);
    assert_str(ci->fallback[1], "old");
    assert_int_equal(ci->keep_days, 30);
    assert_int_equal(ci->keep_last, 5);
    const struct config_environment *release = config_environment(&f.config, STR("release"));
    assert_null(release->store.s);
    assert_int_equal(release->keep_days, -1);
    assert_int_equal(f.config.recognised_ci_count, 1);
    assert_str(f.config.recognised_ci[0], "MY_RUN_ID");
    assert_int_equal(f.config.cache_size_bytes, INT64_C(10) << 30);
}

static void ci_is_protected_unless_the_file_says_otherwise(void **state)
{
    struct fixture f CLEANUP(end) = {0};

    (void)state;
    decode(&f, "environments: {CI: {keep-days: 3}, release: {protected: true}}\n");
    assert_true(config_is_protected(&f.config, STR("CI")));
    assert_true(config_is_protected(&f.config, STR("release")));
    assert_false(config_is_protected(&f.config, STR("dev")));
    decode(&f, "environments: {CI: {protected: false}}\n");
    assert_false(config_is_protected(&f.config, STR("CI")));
}

static void an_unknown_key_is_told_with_the_nearest(void **state)
{
    struct fixture f CLEANUP(end) = {0};

    (void)state;
    decode(&f, "stor: x\n");
    assert_int_equal(f.diags.count, 1);
    assert_str(f.diags.items[0]->message, "unknown key 'stor' in jobrun.yaml");
    assert_str(f.diags.items[0]->helps[0], "did you mean 'store'?");
    assert_problem("environments:\n  CI: {protect: true}\n", "unknown key 'protect'", 2);
    assert_problem("cache: {path: x}\n", "unknown key 'path' in 'cache'", 1);
}

static void every_bad_value_is_told_at_its_place(void **state)
{
    (void)state;
    assert_problem("store: ''\n", "'store' must not be empty", 1);
    assert_problem("manifests: ../x\n", "'manifests' has a '..' segment", 1);
    assert_problem("manifests: /x\n", "'manifests' is absolute", 1);
    assert_problem("manifests: .git/x\n", "git's", 1);
    assert_problem("\nenvironments:\n  a/b: {}\n", "'a/b' is not a name for an environment", 3);
    assert_problem("environments:\n  a: {fallback: [b, 'c d']}\n", "'c d' is not a name", 2);
    assert_problem("environments:\n  a: {fallback: [a]}\n", "cannot fall back to itself", 2);
    assert_problem("environments:\n  a: {keep-days: -1}\n", "'keep-days'", 2);
    assert_problem("environments:\n  a: {keep-last: many}\n", "'keep-last'", 2);
    assert_problem("environments:\n  a: {protected: yes}\n", "'protected'", 2);
    assert_problem("environments: [a]\n", "'environments' must be a mapping", 1);
    assert_problem("recognised-ci:\n  - A-B\n", "'A-B'", 2);
    assert_problem("cache: {size: 10GB}\n", "'10GB' is not a size", 1);
    assert_problem("cache: {size: 99999999999TiB}\n", "is not a size", 1);
    assert_problem("cache: {size: GiB}\n", "is not a size", 1);
}

static void all_problems_come_in_one_pass_and_the_rest_is_read(void **state)
{
    struct fixture f CLEANUP(end) = {0};

    (void)state;
    decode(&f, "store: gs://b\nmanifests: ..\ncache: {size: big}\nrun-prefix: make\n");
    assert_int_equal(f.diags.error_count, 2);
    assert_str(f.config.store, "gs://b");
    assert_str(f.config.manifests, "manifests");
    assert_str(f.config.run_prefix, "make");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_of_comments_alone_gives_the_defaults),
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(ci_is_protected_unless_the_file_says_otherwise),
        cmocka_unit_test(an_unknown_key_is_told_with_the_nearest),
        cmocka_unit_test(every_bad_value_is_told_at_its_place),
        cmocka_unit_test(all_problems_come_in_one_pass_and_the_rest_is_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
