#include "test.h"

#include "base/error.h"

#include <errno.h>

static void an_error_has_a_kind_and_a_message(void **state)
{
    (void)state;
    struct error err = {.sys_errno = 5, .help = "stale"};

    assert_int_equal(error_set(&err, ERROR_LIMIT, "'%s' has %d bytes", "a", 3), -1);
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_int_equal(err.sys_errno, 0);
    assert_string_equal(err.message, "'a' has 3 bytes");
    assert_string_equal(err.help, "");
}

static void the_kind_follows_from_errno(void **state)
{
    (void)state;
    static const struct {
        int errnum;
        enum error_kind kind;
    } rows[] = {
        {ENOENT, ERROR_NOT_FOUND},  {EACCES, ERROR_NOT_ALLOWED}, {EPERM, ERROR_NOT_ALLOWED},
        {EROFS, ERROR_NOT_ALLOWED}, {EEXIST, ERROR_CONFLICT},    {EIO, ERROR_FAILED},
        {ENOTDIR, ERROR_FAILED},
    };
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct error err = {0};
        assert_int_equal(error_errno(&err, rows[i].errnum, "cannot open '%s'", "f"), -1);
        assert_int_equal(err.kind, rows[i].kind);
        assert_int_equal(err.sys_errno, rows[i].errnum);
        assert_true(str_starts(str_from(err.message), STR("cannot open 'f': ")));
        assert_true(str_ends(str_from(err.message), str_from(strerror(rows[i].errnum))));
    }
}

static void a_prefix_keeps_kind_and_help(void **state)
{
    (void)state;
    struct error err = {0};

    error_errno(&err, ENOENT, "cannot open 'f'");
    error_help(&err, "create %s", "it");
    assert_int_equal(error_prefix(&err, "cannot fetch '%s'", "cli"), -1);
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_int_equal(err.sys_errno, ENOENT);
    assert_true(str_starts(str_from(err.message), STR("cannot fetch 'cli': cannot open 'f': ")));
    assert_string_equal(err.help, "create it");
}

static void an_error_may_be_made_from_its_own_text(void **state)
{
    (void)state;
    struct error err = {0};

    error_set(&err, ERROR_FAILED, "inner");
    error_set(&err, ERROR_DAMAGED, "outer (%s)", err.message);
    assert_string_equal(err.message, "outer (inner)");
    error_prefix(&err, "again %s", err.message);
    assert_string_equal(err.message, "again outer (inner): outer (inner)");
}

static void what_does_not_fit_is_cut_and_says_so(void **state)
{
    (void)state;
    struct error err = {0};
    char text[4000];

    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    error_set(&err, ERROR_FAILED, "%s", text);
    assert_int_equal(strlen(err.message), sizeof err.message - 1);
    assert_true(str_ends(str_from(err.message), STR("xxx...")));
    error_help(&err, "%s", text);
    assert_int_equal(strlen(err.help), sizeof err.help - 1);
    assert_true(str_ends(str_from(err.help), STR("xxx...")));
    error_prefix(&err, "prefix");
    assert_true(str_starts(str_from(err.message), STR("prefix: xxx")));
    assert_true(str_ends(str_from(err.message), STR("xxx...")));
    error_errno(&err, ENOENT, "%s", text);
    assert_true(str_ends(str_from(err.message), STR("...")));
}

static void no_character_is_cut_in_half(void **state)
{
    (void)state;
    struct error err = {0};
    char text[2001];

    for (size_t shift = 0; shift < 3; shift++) {
        memset(text, 'x', shift);
        for (size_t i = shift; i + 3 < sizeof text; i += 3) {
            memcpy(text + i, "\xe2\x82\xac", 4);
        }
        error_set(&err, ERROR_FAILED, "%s", text);
        struct str message = str_from(err.message);
        assert_int_equal(str_utf8_invalid_at(message), message.n);
        assert_true(str_ends(message, STR("\xe2\x82\xac...")));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_has_a_kind_and_a_message),
        cmocka_unit_test(the_kind_follows_from_errno),
        cmocka_unit_test(a_prefix_keeps_kind_and_help),
        cmocka_unit_test(an_error_may_be_made_from_its_own_text),
        cmocka_unit_test(what_does_not_fit_is_cut_and_says_so),
        cmocka_unit_test(no_character_is_cut_in_half),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
