#include "test.h"

#include "job/shown.h"

static void a_long_text_is_cut_between_characters(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    char text[SHOWN_BYTES_MAX + 2];

    (void)state;
    memset(text, 'x', sizeof text);
    struct str whole = {text, SHOWN_BYTES_MAX};
    assert_true(str_equal(shown_text(&arena, whole), whole));
    memcpy(text + SHOWN_BYTES_MAX - 1, "\xe2\x82\xac", 3);
    struct str shown = shown_text(&arena, (struct str){text, sizeof text});
    assert_int_equal(shown.n, SHOWN_BYTES_MAX - 1 + 3);
    assert_true(str_ends(shown, STR("x...")));
}

static void the_first_line_has_no_blanks_around_it(void **state)
{
    (void)state;
    assert_str(shown_first_line(STR("\n  one \ntwo\n")), "one");
    assert_str(shown_first_line(STR("one")), "one");
    assert_str(shown_first_line(STR(" \n")), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_text_is_cut_between_characters),
        cmocka_unit_test(the_first_line_has_no_blanks_around_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
