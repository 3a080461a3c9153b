#include "test.h"

#include "base/source.h"

static struct arena arena;

static int free_arena(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static const struct source *make(const char *text)
{
    return source_make(&arena, STR("f.yaml"), str_from(text));
}

static void assert_place(const struct source *source, size_t offset, size_t line, size_t column)
{
    struct place place = source_place(source, offset);

    assert_int_equal(place.line, line);
    assert_int_equal(place.column, column);
}

static void lines_end_in_lf_crlf_or_cr(void **state)
{
    (void)state;
    const struct source *source = make("a\nbc\r\n\rd");

    assert_int_equal(source->line_count, 4);
    assert_str(source_line(source, 1), "a");
    assert_str(source_line(source, 2), "bc");
    assert_str(source_line(source, 3), "");
    assert_str(source_line(source, 4), "d");
    assert_str(source_line(source, 5), "");
    assert_str(source_line(source, 0), "");
}

static void an_offset_has_a_place_and_back(void **state)
{
    (void)state;
    const struct source *source = make("ab\n\ncd: ef\n");

    assert_place(source, 0, 1, 1);
    assert_place(source, 2, 1, 3);
    assert_place(source, 3, 2, 1);
    assert_place(source, 4, 3, 1);
    assert_place(source, 8, 3, 5);
    assert_place(source, 11, 4, 1);
    assert_place(source, 99, 4, 1);
    for (size_t offset = 0; offset <= source->text.n; offset++) {
        struct place place = source_place(source, offset);
        assert_int_equal(source_offset(source, place.line, place.column), offset);
    }
}

static void columns_count_characters(void **state)
{
    (void)state;
    const struct source *source = make("\xe2\x82\xac\xc3\xa9\xffx");

    assert_place(source, 0, 1, 1);
    assert_place(source, 1, 1, 1);
    assert_place(source, 3, 1, 2);
    assert_place(source, 5, 1, 3);
    assert_place(source, 6, 1, 4);
    assert_int_equal(source_offset(source, 1, 3), 5);
    assert_int_equal(source_offset(source, 1, 4), 6);
}

static void a_place_past_the_end_is_the_end(void **state)
{
    (void)state;
    const struct source *source = make("ab\ncd");

    assert_int_equal(source_offset(source, 1, 99), 2);
    assert_int_equal(source_offset(source, 2, 99), 5);
    assert_int_equal(source_offset(source, 9, 1), 5);
    assert_int_equal(source_offset(source, 0, 0), 0);
}

static void an_empty_text_has_one_line(void **state)
{
    (void)state;
    const struct source *source = source_make(&arena, STR("f"), (struct str){0});

    assert_int_equal(source->line_count, 1);
    assert_str(source_line(source, 1), "");
    assert_place(source, 0, 1, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_end_in_lf_crlf_or_cr),
        cmocka_unit_test(an_offset_has_a_place_and_back),
        cmocka_unit_test(columns_count_characters),
        cmocka_unit_test(a_place_past_the_end_is_the_end),
        cmocka_unit_test(an_empty_text_has_one_line),
    };
    return cmocka_run_group_tests(tests, NULL, free_arena);
}
