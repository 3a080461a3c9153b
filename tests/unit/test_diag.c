#include "test.h"

#include "base/diag.h"

#include <time.h>

static struct arena arena;

static int free_arena(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static const struct source *make(const char *name, const char *text)
{
    return source_make(&arena, str_from(name), str_from(text));
}

/* The place of `part` in the source. */
static struct span find(const struct source *source, const char *part)
{
    const char *found = strstr(source->text.s, part);

    assert_non_null(found);
    return span_make(source, (size_t)(found - source->text.s), strlen(part));
}

static struct str format(const struct diag *diag, bool color)
{
    struct buf buf = buf_make(&arena, BUF_MAX_DEFAULT);

    diag_format(&buf, diag, &(struct diag_style){.color = color});
    return buf_str(&buf);
}

static void a_problem_is_shown_with_line_caret_and_help(void **state)
{
    (void)state;
    const struct source *source = make("m/build.yaml", "1\n2\n3\n4\n5\n6\n7\n8\n9\nouptuts: {}\n");
    static const struct str names[] = {{"inputs", 6}, {"outputs", 7}};
    struct diags diags = diags_make(&arena);
    struct str key = STR("ouptuts");
    struct diag *d = diag_error(&diags, STATUS_MANIFEST, "unknown-key", find(source, "ouptuts"),
                                "unknown key '%.*s'", STR_ARG(key));

    diag_note(d, "looked at %d keys", 2);
    assert_true(diag_help_nearest(d, key, names, 2));
    assert_false(diag_help_nearest(d, STR("zzz"), names, 2));
    assert_str(format(d, false), "error[unknown-key]: unknown key 'ouptuts'\n"
                                 "  --> m/build.yaml:10:1\n"
                                 "   |\n"
                                 "10 | ouptuts: {}\n"
                                 "   | ^^^^^^^\n"
                                 "   = note: looked at 2 keys\n"
                                 "   = help: did you mean 'outputs'?\n");
}

static void colours_mark_severity_and_frame(void **state)
{
    (void)state;
    const struct source *source = make("f", "ab\n");
    struct diags diags = diags_make(&arena);
    struct diag *d = diag_warning(&diags, "r", find(source, "b"), "text");

    assert_str(format(d, true), "\x1b[1;33mwarning[r]\x1b[0m\x1b[1m: text\x1b[0m\n"
                                " \x1b[1;34m-->\x1b[0m f:1:2\n"
                                "\x1b[1;34m  |\x1b[0m\n"
                                "\x1b[1;34m1 |\x1b[0m ab\n"
                                "\x1b[1;34m  |\x1b[0m  \x1b[1;33m^\x1b[0m\n");
    d = diag_error(&diags, STATUS_USAGE, "r", (struct span){0}, "text");
    assert_true(str_starts(format(d, true), STR("\x1b[1;31merror[r]\x1b[0m")));
}

static void a_problem_without_a_place_has_no_frame(void **state)
{
    (void)state;
    struct diags diags = diags_make(&arena);
    struct diag *d =
        diag_error(&diags, STATUS_USAGE, "unknown-option", (struct span){0}, "unknown option");

    diag_help(d, "run 'jobrun --help'");
    assert_str(format(d, false), "error[unknown-option]: unknown option\n"
                                 "  = help: run 'jobrun --help'\n");
}

static void labels_of_the_same_file_stand_in_line_order(void **state)
{
    (void)state;
    const struct source *source = make("f", "first: 1\nx: 2\ny: 3\nsecond: 4\nthird: 5\n");
    struct diags diags = diags_make(&arena);
    struct diag *d =
        diag_error(&diags, STATUS_MANIFEST, "clash", find(source, "second"), "they clash");

    diag_label(d, find(source, "third"), "and with this");
    diag_label(d, find(source, "4"), "its value");
    diag_label(d, find(source, "first"), "with %s", "this");
    assert_str(format(d, false), "error[clash]: they clash\n"
                                 " --> f:4:1\n"
                                 "  |\n"
                                 "1 | first: 1\n"
                                 "  | ----- with this\n"
                                 "...\n"
                                 "4 | second: 4\n"
                                 "  | ^^^^^^\n"
                                 "  |         - its value\n"
                                 "5 | third: 5\n"
                                 "  | ----- and with this\n");
}

static void labels_of_another_file_have_a_frame_of_their_own(void **state)
{
    (void)state;
    const struct source *source = make("a", "one: 1\n");
    const struct source *other = make("b", "zero: 0\n  two: 2\n");
    struct diags diags = diags_make(&arena);
    struct diag *d = diag_error(&diags, STATUS_MANIFEST, "clash", find(source, "one"), "clash");

    diag_label(d, find(other, "two"), "here too");
    diag_label(d, find(source, "1"), "value");
    diag_label(d, (struct span){0}, "nowhere");
    assert_str(format(d, false), "error[clash]: clash\n"
                                 " --> a:1:1\n"
                                 "  |\n"
                                 "1 | one: 1\n"
                                 "  | ^^^\n"
                                 "  |      - value\n"
                                 "  |\n"
                                 " ::: b:2:3\n"
                                 "  |\n"
                                 "2 |   two: 2\n"
                                 "  |   --- here too\n");
}

static void the_caret_stays_under_what_it_marks(void **state)
{
    (void)state;
    const struct source *source =
        make("f", "\t\x1b[0m\xe6\xbc\xa2\xc3\xa9\xff\xe2\x80\xaez: here\n");
    struct diags diags = diags_make(&arena);
    struct diag *d = diag_error(&diags, STATUS_MANIFEST, "r", find(source, "z"), "text");

    assert_str(format(d, false), "error[r]: text\n"
                                 " --> f:1:10\n"
                                 "  |\n"
                                 "1 |     \\x1b[0m\xe6\xbc\xa2\xc3\xa9\\xff\\u{202e}z: here\n"
                                 "  |                           ^\n");
}

static void a_span_over_lines_is_marked_on_the_first(void **state)
{
    (void)state;
    const struct source *source = make("f", "a: [1,\n  2]\n");
    struct diags diags = diags_make(&arena);
    struct diag *d = diag_error(&diags, STATUS_MANIFEST, "r", find(source, "[1,\n  2]"), "text");

    assert_true(str_ends(format(d, false), STR("1 | a: [1,\n  |    ^^^\n")));
}

static void the_end_of_the_text_is_a_place(void **state)
{
    (void)state;
    const struct source *source = make("f", "a\n");
    struct diags diags = diags_make(&arena);
    struct diag *d =
        diag_error(&diags, STATUS_MANIFEST, "r", span_make(source, 2, 0), "ends early");

    assert_str(format(d, false), "error[r]: ends early\n --> f:2:1\n  |\n2 |\n  | ^\n");
}

static void a_long_line_is_shown_in_part(void **state)
{
    (void)state;
    struct buf text = buf_make(&arena, BUF_MAX_DEFAULT);

    buf_add_repeat(&text, 'a', 500);
    buf_add(&text, STR("BAD"));
    buf_add_repeat(&text, 'c', 500);
    const struct source *source = make("f", buf_str(&text).s);
    struct diags diags = diags_make(&arena);
    struct diag *d = diag_error(&diags, STATUS_MANIFEST, "r", find(source, "BAD"), "text");

    struct buf expected = buf_make(&arena, BUF_MAX_DEFAULT);
    buf_add(&expected, STR("error[r]: text\n --> f:1:501\n  |\n1 | ..."));
    buf_add_repeat(&expected, 'a', 40);
    buf_add(&expected, STR("BAD"));
    buf_add_repeat(&expected, 'c', 160 - 43);
    buf_add(&expected, STR("...\n  | "));
    buf_add_repeat(&expected, ' ', 43);
    buf_add(&expected, STR("^^^\n"));
    assert_str(format(d, false), buf_str(&expected).s);

    /* A label far away gets a part of its own. */
    diag_label(d, span_make(source, 0, 2), "start");
    struct str both = format(d, false);
    assert_true(str_starts(both, buf_str(&expected)));
    assert_true(str_contains(both, STR("\n1 | aaaa")));
    assert_true(str_ends(both, STR("...\n  | -- start\n")));
}

static void marks_end_with_the_part_that_is_shown(void **state)
{
    (void)state;
    struct buf text = buf_make(&arena, BUF_MAX_DEFAULT);

    buf_add_repeat(&text, 'a', 1000);
    const struct source *source = make("f", buf_str(&text).s);
    struct diags diags = diags_make(&arena);
    struct diag *d = diag_error(&diags, STATUS_MANIFEST, "r", span_make(source, 0, 1000), "text");
    struct buf marks = buf_make(&arena, BUF_MAX_DEFAULT);

    buf_add(&marks, STR("\n  | "));
    buf_add_repeat(&marks, '^', 160);
    buf_add(&marks, STR("\n"));
    assert_true(str_ends(format(d, false), buf_str(&marks)));
}

static void lines_of_a_note_keep_their_indentation(void **state)
{
    (void)state;
    const struct source *source = make("f", "a\n");
    struct diags diags = diags_make(&arena);
    struct diag *d = diag_error(&diags, STATUS_MANIFEST, "r", find(source, "a"), "text");

    diag_help(d, "either\n  %s\nor\n", "a");
    assert_true(str_ends(format(d, false), STR("  = help: either\n"
                                               "            a\n"
                                               "          or\n")));
}

static void what_an_argument_brings_is_made_printable(void **state)
{
    (void)state;
    const struct source *source = make("f\n", "a\n");
    struct diags diags = diags_make(&arena);
    struct diag *d =
        diag_error(&diags, STATUS_MANIFEST, "r", find(source, "a"), "bad '%s'", "\n\x1b[1m");

    diag_label(d, find(source, "a"), "%s", "x\ny");
    diag_note(d, "value '%s'", "v\n::error::");
    assert_str(format(d, false), "error[r]: bad '\\n\\x1b[1m'\n"
                                 " --> f\\n:1:1\n"
                                 "  |\n"
                                 "1 | a\n"
                                 "  | ^\n"
                                 "  | - x\\ny\n"
                                 "  = note: value 'v\\n::error::'\n");
}

static void an_overlong_text_is_cut_between_characters(void **state)
{
    (void)state;
    struct diags diags = diags_make(&arena);
    struct buf text = buf_make(&arena, BUF_MAX_DEFAULT);

    while (text.n < 2 * DIAG_TEXT_MAX) {
        buf_add(&text, STR("\xe2\x82\xac"));
    }
    struct diag *d =
        diag_error(&diags, STATUS_USAGE, "r", (struct span){0}, "%s", buf_str(&text).s);
    assert_true(d->message.n <= DIAG_TEXT_MAX + 3);
    assert_true(d->message.n > DIAG_TEXT_MAX - 10);
    assert_true(str_ends(d->message, STR("\xe2\x82\xac...")));
}

static void an_error_value_becomes_a_problem_with_its_help(void **state)
{
    (void)state;
    struct diags diags = diags_make(&arena);
    struct error err = {0};

    error_set(&err, ERROR_MANIFEST, "it is wrong");
    error_help(&err, "change it:\n  so");
    struct diag *d = diag_from_error(&diags, STATUS_MANIFEST, "r", (struct span){0}, &err);
    assert_str(format(d, false), "error[r]: it is wrong\n"
                                 "  = help: change it:\n"
                                 "            so\n");
    err.help[0] = '\0';
    d = diag_from_error(&diags, STATUS_MANIFEST, "r", (struct span){0}, &err);
    assert_int_equal(d->help_count, 0);
}

static void the_status_is_the_worst_of_all_errors(void **state)
{
    (void)state;
    struct diags diags = diags_make(&arena);

    assert_int_equal(diags_status(&diags), STATUS_OK);
    diag_warning(&diags, "w", (struct span){0}, "text");
    assert_int_equal(diags_status(&diags), STATUS_OK);
    assert_int_equal(diags.error_count, 0);
    diag_error(&diags, STATUS_STORE, "r", (struct span){0}, "text");
    diag_error(&diags, STATUS_MANIFEST, "r", (struct span){0}, "text");
    assert_int_equal(diags_status(&diags), STATUS_MANIFEST);
    assert_int_equal(diags.error_count, 2);
}

static void problems_are_sorted_by_place_and_said_once(void **state)
{
    (void)state;
    const struct source *a = make("a", "xyz\n");
    const struct source *b = make("b", "xyz\n");
    struct diags diags = diags_make(&arena);

    diag_error(&diags, STATUS_USAGE, "r", (struct span){0}, "nowhere");
    diag_error(&diags, STATUS_MANIFEST, "r", find(b, "x"), "in b");
    diag_error(&diags, STATUS_MANIFEST, "r", find(a, "z"), "late");
    diag_error(&diags, STATUS_MANIFEST, "r", find(a, "x"), "second rule comes second");
    diag_error(&diags, STATUS_MANIFEST, "r", find(a, "x"), "another");
    diag_error(&diags, STATUS_MANIFEST, "r", find(a, "x"), "second rule comes second");
    diag_error(&diags, STATUS_MANIFEST, "q", find(a, "x"), "another");
    diag_error(&diags, STATUS_USAGE, "r", (struct span){0}, "nowhere");
    diags_sort(&diags);

    static const char *const expected[] = {
        "second rule comes second", "another", "another", "late", "in b", "nowhere"};
    assert_int_equal(diags.count, ARRAY_COUNT(expected));
    assert_int_equal(diags.error_count, ARRAY_COUNT(expected));
    for (size_t i = 0; i < diags.count; i++) {
        assert_str(diags.items[i]->message, expected[i]);
    }
}

static void what_is_too_much_is_counted_only(void **state)
{
    (void)state;
    struct arena own CLEANUP(arena_free) = {0};
    struct diags diags = diags_make(&own);

    for (size_t i = 0; i < DIAGS_MAX; i++) {
        diag_warning(&diags, "w", (struct span){0}, "warning %zu", i);
    }
    assert_int_equal(diags.dropped, 0);
    size_t before = own.total_bytes;
    for (size_t i = 0; i < 10000; i++) {
        struct diag *d = diag_error(&diags, STATUS_MANIFEST, "r", (struct span){0}, "error");
        diag_label(d, (struct span){0}, "label");
        diag_note(d, "note");
        diag_help(d, "help");
    }
    assert_true(own.total_bytes - before < 1000);
    assert_int_equal(diags.count, DIAGS_MAX);
    assert_int_equal(diags.dropped, 10000);
    assert_int_equal(diags.error_count, 10000);
    assert_int_equal(diags_status(&diags), STATUS_MANIFEST);
}

static void the_details_of_a_problem_are_limited(void **state)
{
    (void)state;
    const struct source *source = make("f", "a\n");
    struct diags diags = diags_make(&arena);
    struct diag *d = diag_error(&diags, STATUS_MANIFEST, "r", find(source, "a"), "text");

    for (size_t i = 0; i < DIAG_DETAILS_MAX + 10; i++) {
        diag_label(d, find(source, "a"), "label");
        diag_note(d, "note");
        diag_help(d, "help");
    }
    assert_int_equal(d->label_count, DIAG_DETAILS_MAX);
    assert_int_equal(d->note_count, DIAG_DETAILS_MAX);
    assert_int_equal(d->help_count, DIAG_DETAILS_MAX);
    assert_true(str_ends(format(d, false), STR("= help: help\n")));
}

static void a_long_line_costs_no_more_than_what_is_shown(void **state)
{
    (void)state;
    struct arena own CLEANUP(arena_free) = {0};
    struct buf text = buf_make(&own, (size_t)2 << 20);

    while (text.n < (size_t)1 << 20) {
        buf_add(&text, STR("\x01\xe2\x82\xac"));
    }
    buf_add(&text, STR("BAD"));
    const struct source *source = source_make(&own, STR("f"), buf_str(&text));
    struct diags diags = diags_make(&own);
    struct span end = span_make(source, text.n - 3, 3);
    struct diag *d = diag_error(&diags, STATUS_MANIFEST, "r", end, "text");
    for (size_t i = 0; i < DIAG_DETAILS_MAX; i++) {
        diag_label(d, end, "label");
    }
    /* 65 parts of a line: passing over all of it each time takes half a minute. */
    struct timespec before, after;
    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before), 0);
    struct str shown = format(d, false);
    assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after), 0);
    assert_true(after.tv_sec - before.tv_sec < 5);
    assert_true(str_contains(shown, STR("\xe2\x82\xac"
                                        "BAD\n")));
}

static void characters_at_the_ends_of_a_part_are_whole(void **state)
{
    (void)state;
    struct buf text = buf_make(&arena, BUF_MAX_DEFAULT);

    buf_add_repeat(&text, 'a', 60);
    for (size_t i = 0; i < 100; i++) {
        buf_add(&text, STR("\xe5\xad\x97")); /* two columns */
    }
    const struct source *source = make("f", buf_str(&text).s);
    struct diags diags = diags_make(&arena);
    struct diag *d =
        diag_error(&diags, STATUS_MANIFEST, "r", span_make(source, 60 + 3 * 21, 3), "text");

    /* 40 columns before the mark are 20 characters, 160 are 80 of them. */
    struct buf expected = buf_make(&arena, BUF_MAX_DEFAULT);
    buf_add(&expected, STR("error[r]: text\n --> f:1:82\n  |\n1 | ..."));
    for (size_t i = 1; i < 81; i++) {
        buf_add(&expected, STR("\xe5\xad\x97"));
    }
    buf_add(&expected, STR("...\n  | "));
    buf_add_repeat(&expected, ' ', 43);
    buf_add(&expected, STR("^^\n"));
    assert_str(format(d, false), buf_str(&expected).s);

    /* At the end of the line there is more of it before the mark. */
    d = diag_error(&diags, STATUS_MANIFEST, "r", span_make(source, text.n - 3, 3), "text");
    expected.n = 0;
    buf_add(&expected, STR("error[r]: text\n --> f:1:160\n  |\n1 | ..."));
    for (size_t i = 0; i < 80; i++) {
        buf_add(&expected, STR("\xe5\xad\x97"));
    }
    buf_add(&expected, STR("\n  | "));
    buf_add_repeat(&expected, ' ', 161);
    buf_add(&expected, STR("^^\n"));
    assert_str(format(d, false), buf_str(&expected).s);
}

static struct str format_linked(const struct source *source)
{
    struct diags diags = diags_make(&arena);
    const struct diag_style style = {.host = STR("a host"), .folder = STR("/work dir")};
    struct buf buf = buf_make(&arena, BUF_MAX_DEFAULT);

    diag_format(&buf, diag_error(&diags, STATUS_MANIFEST, "r", find(source, "y"), "m"), &style);
    return buf_str(&buf);
}

static void a_place_is_a_hyperlink_to_its_line(void **state)
{
    (void)state;
    assert_true(str_contains(format_linked(make("m/a#1.yaml", "x\ny\n")),
                             STR(" --> \x1b]8;;file://a%20host/work%20dir/m/a%231.yaml#2\x1b\\"
                                 "m/a#1.yaml:2:1\x1b]8;;\x1b\\\n")));
    assert_true(str_contains(format_linked(make("/e/a.yaml", "y")),
                             STR("\x1b]8;;file://a%20host/e/a.yaml#1\x1b\\")));
    assert_false(str_contains(format_linked(make(SOURCE_STDIN, "y")), STR("\x1b")));
}

static bool is_second(void *context, struct diag *diag)
{
    return diag == context;
}

static void some_can_be_taken_out_and_only_errors_stop_a_run(void **state)
{
    (void)state;
    const struct span nowhere = {0};
    struct diags diags = diags_make(&arena);
    struct diag *first = diag_error(&diags, STATUS_MANIFEST, "r", nowhere, "first");
    struct diag *second = diag_error(&diags, STATUS_MANIFEST, "r", nowhere, "second");
    struct diag *third = diag_warning(&diags, "r", nowhere, "third");

    diags_stop_run(&diags, 1);
    assert_false(first->stops_run);
    assert_true(second->stops_run);
    assert_false(third->stops_run);
    diags_take(&diags, is_second, second);
    assert_int_equal(diags.count, 2);
    assert_int_equal(diags.error_count, 1);
    assert_ptr_equal(diags.items[0], first);
    assert_ptr_equal(diags.items[1], third);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_problem_is_shown_with_line_caret_and_help),
        cmocka_unit_test(colours_mark_severity_and_frame),
        cmocka_unit_test(a_problem_without_a_place_has_no_frame),
        cmocka_unit_test(labels_of_the_same_file_stand_in_line_order),
        cmocka_unit_test(labels_of_another_file_have_a_frame_of_their_own),
        cmocka_unit_test(the_caret_stays_under_what_it_marks),
        cmocka_unit_test(a_span_over_lines_is_marked_on_the_first),
        cmocka_unit_test(the_end_of_the_text_is_a_place),
        cmocka_unit_test(a_long_line_is_shown_in_part),
        cmocka_unit_test(marks_end_with_the_part_that_is_shown),
        cmocka_unit_test(lines_of_a_note_keep_their_indentation),
        cmocka_unit_test(what_an_argument_brings_is_made_printable),
        cmocka_unit_test(an_overlong_text_is_cut_between_characters),
        cmocka_unit_test(an_error_value_becomes_a_problem_with_its_help),
        cmocka_unit_test(the_status_is_the_worst_of_all_errors),
        cmocka_unit_test(problems_are_sorted_by_place_and_said_once),
        cmocka_unit_test(what_is_too_much_is_counted_only),
        cmocka_unit_test(the_details_of_a_problem_are_limited),
        cmocka_unit_test(a_long_line_costs_no_more_than_what_is_shown),
        cmocka_unit_test(characters_at_the_ends_of_a_part_are_whole),
        cmocka_unit_test(a_place_is_a_hyperlink_to_its_line),
        cmocka_unit_test(some_can_be_taken_out_and_only_errors_stop_a_run),
    };
    return cmocka_run_group_tests(tests, NULL, free_arena);
}
