#include "test.h"

#include <math.h>

static struct arena arena;

static int free_arena(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void views_compare_bytewise_with_the_prefix_first(void **state)
{
    (void)state;
    assert_true(str_compare(STR("a"), STR("ab")) < 0);
    assert_true(str_compare(STR("b"), STR("ab")) > 0);
    assert_true(str_compare(STR("\xff"), STR("a")) > 0);
    assert_int_equal(str_compare(STR("x"), STR("x")), 0);
    assert_int_equal(str_compare((struct str){0}, STR("")), 0);
    assert_true(str_equal((struct str){0}, STR("")));
    assert_false(str_equal(STR("ab"), STR("a")));
    assert_true(str_is(STR("ab"), "ab"));
}

static void prefixes_suffixes_and_parts_are_found(void **state)
{
    (void)state;
    assert_true(str_starts(STR("gs://x"), STR("gs://")));
    assert_false(str_starts(STR("gs"), STR("gs://")));
    assert_true(str_ends(STR("a.whl"), STR(".whl")));
    assert_false(str_ends(STR("hl"), STR(".whl")));
    assert_true(str_contains(STR("aaab"), STR("aab")));
    assert_true(str_contains(STR("x"), STR("")));
    assert_false(str_contains(STR("aaa"), STR("ab")));
    assert_false(str_contains((struct str){0}, STR("a")));
    assert_int_equal(str_index(STR("a=b"), '='), 1);
    assert_int_equal(str_index(STR("abc"), '='), 3);
}

static void slices_are_clipped_to_the_text(void **state)
{
    (void)state;
    assert_str(str_slice(STR("abcdef"), 2, 3), "cde");
    assert_str(str_slice(STR("abc"), 2, SIZE_MAX), "c");
    assert_str(str_slice(STR("abc"), 9, 1), "");
    assert_str(str_after(STR("abc"), 1), "bc");
    assert_str(str_after((struct str){0}, 1), "");
    assert_str(str_trim(STR(" \t a b\r\n")), "a b");
    assert_str(str_trim(STR(" \n ")), "");
}

static void a_cut_takes_the_first_separator(void **state)
{
    (void)state;
    struct str head;
    struct str tail;

    assert_true(str_cut(STR("k=v=w"), '=', &head, &tail));
    assert_str(head, "k");
    assert_str(tail, "v=w");
    assert_false(str_cut(STR("k"), '=', &head, &tail));
    assert_str(head, "k");
    assert_str(tail, "");
    assert_true(str_cut(STR("k="), '=', &head, &tail));
    assert_str(tail, "");
}

static void integers_are_whole_and_fit(void **state)
{
    (void)state;
    int64_t number = 7;

    assert_true(str_to_int64(STR("9223372036854775807"), &number));
    assert_true(number == INT64_MAX);
    assert_true(str_to_int64(STR("-9223372036854775808"), &number));
    assert_true(number == INT64_MIN);
    assert_true(str_to_int64(STR("-0"), &number));
    assert_int_equal(number, 0);
    assert_true(str_to_int64(STR("-12"), &number));
    assert_int_equal(number, -12);
    static const char *const wrong[] = {
        "", "-", "+1", " 1", "1 ", "1.0", "0x10", "9223372036854775808", "-9223372036854775809",
    };
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        assert_false(str_to_int64(str_from(wrong[i]), &number));
    }
    assert_int_equal(number, -12);
}

static void doubles_are_decimal_and_finite(void **state)
{
    (void)state;
    double number = 0;

    assert_true(str_to_double(STR("-1.5e3"), &number));
    assert_true(fabs(number + 1500) < 1e-9);
    assert_true(str_to_double(STR("0"), &number));
    assert_true(str_to_double(STR("1E-2"), &number));
    assert_true(fabs(number - 0.01) < 1e-12);
    static const char *const wrong[] = {
        "", "-", ".5", "1.", "1e", "1e+", "inf", "nan", "0x1p3", "1e999", "1 ", "+1",
    };
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        if (str_to_double(str_from(wrong[i]), &number)) {
            fail_msg("'%s' was taken as a number", wrong[i]);
        }
    }
}

static void only_utf8_of_rfc_3629_is_valid(void **state)
{
    (void)state;
    assert_int_equal(str_utf8_length(STR("a")), 1);
    assert_int_equal(str_utf8_length(STR("\xc3\xa9")), 2);
    assert_int_equal(str_utf8_length(STR("\xe2\x82\xac")), 3);
    assert_int_equal(str_utf8_length(STR("\xf0\x9f\x98\x80")), 4);
    assert_int_equal(str_utf8_length(STR("\xf4\x8f\xbf\xbf")), 4);
    static const char *const wrong[] = {
        "\x80", /* no start */
        "\xc0\x80",
        "\xe0\x80\x80", /* overlong */
        "\xf0\x80\x80\x80",
        "\xed\xa0\x80", /* overlong, a surrogate */
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", /* past U+10FFFF */
        "\xe2\x82",
        "\xe2\x28\xa1",
        "", /* cut off, a wrong tail */
    };
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        assert_int_equal(str_utf8_length(str_from(wrong[i])), 0);
    }
    assert_int_equal(str_utf8_invalid_at(STR("a\xc3\xa9\xff")), 3);
    assert_int_equal(str_utf8_invalid_at(STR("a\xc3\xa9")), 3);
    assert_int_equal(str_utf8_invalid_at(STR("0123456789abcdef\xc3\xa9 0123456789\x80")), 29);
    assert_int_equal(str_ascii_length(STR("")), 0);
    assert_int_equal(str_ascii_length(STR("0123456789abcdefg")), 17);
    assert_int_equal(str_ascii_length(STR("0123456789\x80"
                                          "bcdefg")),
                     10);
}

static void what_is_not_printable_becomes_visible(void **state)
{
    (void)state;
    assert_str(str_printable(&arena, STR("a\n\t\x1b[1m\x7f")), "a\\n\\t\\x1b[1m\\x7f");
    assert_str(str_printable(&arena, STR("x\xe2\x80\xaey")), "x\\u{202e}y");
    assert_str(str_printable(&arena, STR("\xc2\x85\xff")), "\\u{85}\\xff");
    assert_str(str_printable(&arena, STR("gr\xc3\xbc\xc3\x9f")), "gr\xc3\xbc\xc3\x9f");
    assert_true(str_equal(str_printable(&arena, STR("\0")), STR("\\x00")));
}

static void a_shell_reads_back_what_was_quoted(void **state)
{
    (void)state;
    assert_str(str_shell_quote(&arena, STR("a/b-c_d=1.2,x@y:z%+")), "a/b-c_d=1.2,x@y:z%+");
    assert_str(str_shell_quote(&arena, STR("")), "''");
    assert_str(str_shell_quote(&arena, STR("a b")), "'a b'");
    assert_str(str_shell_quote(&arena, STR("it's")), "'it'\\''s'");
    assert_str(str_shell_quote(&arena, STR("~")), "'~'");
    assert_str(str_shell_quote(&arena, STR("$x")), "'$x'");
    assert_str(str_shell_quote(&arena, STR("\n")), "'\n'");
}

static void all_but_unreserved_bytes_are_percent_encoded(void **state)
{
    (void)state;
    assert_str(str_percent_encode(&arena, STR("aZ09._-")), "aZ09._-");
    assert_str(str_percent_encode(&arena, STR("a/b ~%\xff")), "a%2Fb%20%7E%25%FF");
    assert_str(str_percent_encode_except(&arena, STR("aZ09/.~"), STR("/~")), "aZ09/%2E~");
}

static ptrdiff_t nearest(const char *text)
{
    static const struct str names[] = {
        {"outputs", 7}, {"inputs", 6}, {"Image", 5}, {"images", 6}, {"env", 3}, {"x", 1},
    };
    return str_nearest(str_from(text), names, ARRAY_COUNT(names));
}

static void the_nearest_name_is_within_a_third_of_the_length(void **state)
{
    (void)state;
    assert_int_equal(nearest("outptus"), 0); /* a transposition is one edit */
    assert_int_equal(nearest("OUTPUTS"), 0);
    assert_int_equal(nearest("input"), 1);
    assert_int_equal(nearest("image"), 2); /* case only, rather than one more letter */
    assert_int_equal(nearest("emv"), 4);
    assert_int_equal(nearest("evn"), 4);
    assert_int_equal(nearest("emw"), -1);
    assert_int_equal(nearest("steps"), -1);
    assert_int_equal(nearest("y"), -1); /* nothing of it would remain */
    assert_int_equal(nearest(""), -1);
}

static void of_names_as_near_the_one_in_the_same_case_is_taken(void **state)
{
    (void)state;
    static const struct str names[] = {{"IMAGE", 5}, {"image", 5}, {"imAGE", 5}};

    assert_int_equal(str_nearest(STR("Image"), names, ARRAY_COUNT(names)), 1);
    assert_int_equal(str_nearest(STR("IMAge"), names, ARRAY_COUNT(names)), 0);
}

static void overlong_names_are_not_compared(void **state)
{
    (void)state;
    struct buf buf = buf_make(&arena, 1000);

    buf_add_repeat(&buf, 'n', 128);
    struct str name = str_copy(&arena, buf_str(&buf));
    assert_int_equal(str_nearest(name, &name, 1), 0);
    buf_add_char(&buf, 'n');
    struct str longer = buf_str(&buf);
    assert_int_equal(str_nearest(longer, &name, 1), -1);
    assert_int_equal(str_nearest(name, &longer, 1), -1);
}

static void a_builder_grows_and_formats(void **state)
{
    (void)state;
    struct buf buf = buf_make(&arena, BUF_MAX_DEFAULT);

    assert_str(buf_str(&buf), "");
    for (int i = 0; i < 1000; i++) {
        buf_addf(&buf, "%d,", i);
    }
    buf_add(&buf, STR("end"));
    buf_add_repeat(&buf, '.', 3);
    struct str text = buf_str(&buf);
    assert_true(str_starts(text, STR("0,1,2,3,")));
    assert_true(str_ends(text, STR("998,999,end...")));
    assert_int_equal(text.n, 10 * 2 + 90 * 3 + 900 * 4 + 6);
    assert_int_equal(text.s[text.n], '\0');
    assert_false(buf.truncated);
}

static void a_builder_cuts_at_its_maximum(void **state)
{
    (void)state;
    struct buf buf = buf_make(&arena, 5);

    buf_add(&buf, STR("abcde"));
    assert_false(buf.truncated);
    buf_add(&buf, STR(""));
    assert_false(buf.truncated);
    buf_add_char(&buf, 'f');
    assert_true(buf.truncated);
    assert_str(buf_str(&buf), "abcde");

    buf = buf_make(&arena, 5);
    buf_addf(&buf, "%s", "abcdefgh");
    assert_true(buf.truncated);
    assert_str(buf_str(&buf), "abcde");
    buf_addf(&buf, "%s", "");
    assert_str(buf_str(&buf), "abcde");
}

static void a_formatted_text_ends_in_nul(void **state)
{
    (void)state;
    struct str text = str_format(&arena, "%.*s-%d", STR_ARG(STR("abc")), 7);

    assert_str(text, "abc-7");
    assert_int_equal(text.s[text.n], '\0');
    assert_str(str_format(&arena, "%.*s", STR_ARG((struct str){0})), "");
    assert_str(str_format(&arena, "100%% of %s, %.*s%%", "all", 2, "abc"), "100% of all, ab%");
    assert_str(str_format(&arena, "%.*s|%s%5s", STR_ARG(STR("a\0b")), "x", "y"), "a|x    y");
    assert_str(str_format(&arena, "%.*s|%s", STR_ARG(STR("a\0b")), "x"), "a|x");
    assert_string_equal(str_copy(&arena, str_slice(STR("abc"), 0, 2)).s, "ab");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views_compare_bytewise_with_the_prefix_first),
        cmocka_unit_test(prefixes_suffixes_and_parts_are_found),
        cmocka_unit_test(slices_are_clipped_to_the_text),
        cmocka_unit_test(a_cut_takes_the_first_separator),
        cmocka_unit_test(integers_are_whole_and_fit),
        cmocka_unit_test(doubles_are_decimal_and_finite),
        cmocka_unit_test(only_utf8_of_rfc_3629_is_valid),
        cmocka_unit_test(what_is_not_printable_becomes_visible),
        cmocka_unit_test(a_shell_reads_back_what_was_quoted),
        cmocka_unit_test(all_but_unreserved_bytes_are_percent_encoded),
        cmocka_unit_test(the_nearest_name_is_within_a_third_of_the_length),
        cmocka_unit_test(of_names_as_near_the_one_in_the_same_case_is_taken),
        cmocka_unit_test(overlong_names_are_not_compared),
        cmocka_unit_test(a_builder_grows_and_formats),
        cmocka_unit_test(a_builder_cuts_at_its_maximum),
        cmocka_unit_test(a_formatted_text_ends_in_nul),
    };
    return cmocka_run_group_tests(tests, NULL, free_arena);
}
