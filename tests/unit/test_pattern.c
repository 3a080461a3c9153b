#include "test.h"

#include "base/error.h"
#include "base/pattern.h"

static int match_once(const char *text, struct str subject, struct error *err)
{
    struct pattern *pattern CLEANUP(pattern_close) = NULL;
    size_t offset;

    assert_int_equal(pattern_open(str_from(text), &pattern, &offset, err), 0);
    return pattern_match(pattern, subject, err);
}

static void the_whole_subject_must_match(void **state)
{
    (void)state;
    struct error err = {0};

    assert_int_equal(match_once("\\d+\\.\\d+", STR("1.20"), &err), 1);
    assert_int_equal(match_once("\\d+\\.\\d+", STR("1.20x"), &err), 0);
    assert_int_equal(match_once("\\d+\\.\\d+", STR("v1.20"), &err), 0);
    assert_int_equal(match_once("a|ab", STR("ab"), &err), 1);
    assert_int_equal(match_once("a$", STR("a\n"), &err), 0);
    assert_int_equal(match_once("", STR(""), &err), 1);
    assert_int_equal(match_once("", (struct str){0}, &err), 1);
    assert_int_equal(match_once("(a)(b)(c)", STR("abc"), &err), 1);
    assert_int_equal(err.kind, ERROR_NONE);
}

static void a_dot_is_one_character(void **state)
{
    (void)state;
    struct error err = {0};

    assert_int_equal(match_once(".", STR("\xe2\x82\xac"), &err), 1);
    assert_int_equal(match_once("\\d", STR("\xd9\xa3"), &err), 0); /* ASCII digits only */
}

static void assert_refused(struct str text, size_t at)
{
    struct error err = {0};
    struct pattern *pattern = NULL;
    size_t offset = 999;

    assert_int_equal(pattern_open(text, &pattern, &offset, &err), -1);
    assert_int_equal(err.kind, ERROR_MANIFEST);
    assert_null(pattern);
    assert_int_equal(offset, at);
}

static void a_wrong_pattern_is_refused_with_its_offset(void **state)
{
    (void)state;
    assert_refused(STR("ab(c"), 4);
    assert_refused(STR("a+++"), 3);
    assert_refused(STR("[z-a]"), 3);
    assert_refused(STR("a\\Cb"), 3);
    assert_refused(STR("ab\xff"), 2);
}

static void an_overlong_pattern_is_refused(void **state)
{
    (void)state;
    char text[PATTERN_MAX_BYTES + 1];
    struct error err = {0};
    struct pattern *pattern = NULL;
    size_t offset;

    memset(text, 'a', sizeof text);
    assert_refused((struct str){text, sizeof text}, 0);
    assert_int_equal(pattern_open((struct str){text, PATTERN_MAX_BYTES}, &pattern, &offset, &err),
                     0);
    pattern_close(&pattern);
    assert_null(pattern);
    pattern_close(&pattern);
}

/* With twenty letters our limit is hit and the default one of PCRE2 is not. */
static void a_pattern_that_explodes_hits_a_limit(void **state)
{
    (void)state;
    struct error err = {0};

    assert_int_equal(match_once("(a+)+[bc]", STR("aaaaaaaaaaaaaaaaaaaad"), &err), -1);
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_true(err.help[0] != '\0');
}

static void a_limit_in_the_pattern_cannot_raise_ours(void **state)
{
    (void)state;
    struct error err = {0};

    assert_int_equal(
        match_once("(*LIMIT_MATCH=4000000000)(a+)+[bc]", STR("aaaaaaaaaaaaaaaaaaaad"), &err), -1);
    assert_int_equal(err.kind, ERROR_LIMIT);
}

static void a_subject_that_is_not_utf8_is_an_error(void **state)
{
    (void)state;
    struct error err = {0};

    assert_int_equal(match_once(".*", STR("a\xff"), &err), -1);
    assert_int_equal(err.kind, ERROR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_subject_must_match),
        cmocka_unit_test(a_dot_is_one_character),
        cmocka_unit_test(a_wrong_pattern_is_refused_with_its_offset),
        cmocka_unit_test(an_overlong_pattern_is_refused),
        cmocka_unit_test(a_pattern_that_explodes_hits_a_limit),
        cmocka_unit_test(a_limit_in_the_pattern_cannot_raise_ours),
        cmocka_unit_test(a_subject_that_is_not_utf8_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
