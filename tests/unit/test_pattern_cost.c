#include "test.h"

#include "base/error.h"
#include "base/pattern.h"
#include "base/pattern_cost.h"

static void what_can_be_matched_in_many_ways_is_slow(void **state)
{
    static const char *const SLOW[] = {
        "(a+)+",         "(a*)*b",      "(a|a)*",         "(a|aa)+$",           "(\\d+\\.?)+",
        "x(\\w+\\s?)+y", "([a-z]+)*",   "(?<n>(.*a)+)",   "v(1+){2,}",          "(([a-z])+.)+x",
        "(a?b?a?)*c",    "(\\w|\\d)+-", "(x+x+)+y",       "[[:alpha:]](\\d*)*", "(a|[ab])+",
        "(b|c(d+)+)",    "^(\\w+)*$",   "(a+b?){1,100}c",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(SLOW); i++) {
        struct arena arena CLEANUP(arena_free) = {0};
        struct pattern *pattern CLEANUP(pattern_close) = NULL;
        struct error err = {0};
        struct str with = {0};
        size_t offset;

        if (!pattern_is_slow(&arena, str_from(SLOW[i]), &with)) {
            fail_msg("'%s' is not found to be slow", SLOW[i]);
        }
        assert_int_equal(pattern_open(str_from(SLOW[i]), &pattern, &offset, &err), 0);
        assert_int_equal(pattern_match(pattern, with, &err), -1);
        assert_int_equal(err.kind, ERROR_LIMIT);
    }
}

static void what_can_be_matched_in_one_way_is_not(void **state)
{
    static const char *const FINE[] = {
        "\\d+\\.\\d+\\.\\d+(-(alpha|rc)\\.\\d+)?",
        "[a-z0-9]+(-[a-z0-9]+)*",
        "(a|b)+",
        "([a-z]+,)*[a-z]+",
        "(\\d{1,3}\\.){3}\\d{1,3}",
        "(a++)+",
        "(foo|bar|baz)*",
        "[a-z]([a-z0-9._-]*[a-z0-9])?",
        "((a|b)c)*",
        "(ab)+",
        "(a{1,3}){1,3}",
        "",
        "(",
        "(a)\\1+",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(FINE); i++) {
        struct arena arena CLEANUP(arena_free) = {0};
        struct str with;

        if (pattern_is_slow(&arena, str_from(FINE[i]), &with)) {
            fail_msg("'%s' is found to be slow with '%.*s'", FINE[i], STR_ARG(with));
        }
    }
}

static void a_pattern_that_is_too_large_is_not_looked_at(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    struct buf buf = buf_make(&arena, BUF_MAX_DEFAULT);
    struct str with;

    buf_add_repeat(&buf, '(', 2000);
    buf_add(&buf, STR("a+"));
    for (size_t i = 0; i < 1000; i++) {
        buf_add(&buf, STR(")+"));
    }
    assert_false(pattern_is_slow(&arena, buf_str(&buf), &with));
}

static void a_start_is_told_by_the_pattern(void **state)
{
    static const char *const MAY[] = {".*", "-", "[a-z-]+", "(a|-)b", "-?x", "\\S{3}", "x*-"};
    static const char *const MAY_NOT[] = {"[a-z].*", "(?!-).*", "a|b", "", "\\w+", "[^-]+", "x+-"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(MAY); i++) {
        assert_true(pattern_may_begin(str_from(MAY[i]), STR("-")));
    }
    for (size_t i = 0; i < ARRAY_COUNT(MAY_NOT); i++) {
        assert_false(pattern_may_begin(str_from(MAY_NOT[i]), STR("-")));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_can_be_matched_in_many_ways_is_slow),
        cmocka_unit_test(what_can_be_matched_in_one_way_is_not),
        cmocka_unit_test(a_pattern_that_is_too_large_is_not_looked_at),
        cmocka_unit_test(a_start_is_told_by_the_pattern),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
