#include "lint/ignore.h"

#include "base/source.h"
#include "test.h"

#define TOP "job: build\nhelp: x\n"

struct fixture {
    struct arena arena;
    struct diags diags;
    const struct source *source;
    struct ignores ignores;
    bool unchecked[RULE_COUNT];
};

static void fixture_free(struct fixture *f)
{
    arena_free(&f->arena);
}

static void begin(struct fixture *f, const char *text)
{
    f->diags = diags_make(&f->arena);
    f->source = source_make(&f->arena, STR("m.yaml"), str_from(text));
    f->ignores = ignores_make(&f->arena);
}

/* The place of `part` in the text. */
static struct span find(const struct fixture *f, const char *part)
{
    const char *found = strstr(f->source->text.s, part);

    assert_non_null(found);
    return span_make(f->source, (size_t)(found - f->source->text.s), strlen(part));
}

static struct diag *warn(struct fixture *f, enum rule_number rule, const char *part)
{
    return diag_warning(&f->diags, rule_id(rule), find(f, part), "at %s", part);
}

static void lint(struct fixture *f)
{
    ignores_add(&f->ignores, f->source, true, &f->diags);
    ignores_apply(&f->ignores, &f->diags);
    ignores_report_unused(&f->ignores, f->unchecked, &f->diags);
    diags_sort(&f->diags);
}

/* What is left, a line for each: "2:3 rule: message". */
static void assert_left(struct fixture *f, const char *expected)
{
    struct buf buf = buf_make(&f->arena, BUF_MAX_DEFAULT);

    for (size_t i = 0; i < f->diags.count; i++) {
        const struct diag *diag = f->diags.items[i];
        struct place place = source_place(f->source, diag->span.start);
        buf_addf(&buf, "%zu:%zu %s: %.*s\n", place.line, place.column, diag->rule,
                 STR_ARG(diag->message));
    }
    assert_str(buf_str(&buf), expected);
}

static void a_comment_hides_what_is_found_on_its_line_or_below_it(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    begin(&f, TOP "# jobrun: ignore[unused] above\n"
                  "a: 1\n"
                  "k: 2 # jobrun: ignore[unused] beside\n"
                  "c: 3\n");
    warn(&f, RULE_UNUSED, "a:");
    warn(&f, RULE_UNUSED, "k:");
    warn(&f, RULE_UNUSED, "c:");
    warn(&f, RULE_ABSENT, "a:");
    lint(&f);
    assert_left(&f, "4:1 absent: at a:\n"
                    "6:1 unused: at c:\n");
    assert_int_equal(f.ignores.hidden_count, 2);
    assert_str(f.ignores.hidden[0].reason, "above");
    assert_str(f.ignores.hidden[0].diag->message, "at a:");
    assert_str(f.ignores.hidden[1].reason, "beside");
    assert_int_equal(f.ignores.hidden[1].comment.start,
                     find(&f, "# jobrun: ignore[unused] b").start);
}

static void comments_above_one_another_are_for_the_same_line(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    begin(&f, TOP "# jobrun: ignore[unused] one\n"
                  "  # for people\n"
                  "# jobrun: ignore[absent, help]: two\n"
                  "a: 1\n"
                  "# jobrun: ignore[unused] an empty line is the first line below\n"
                  "\n"
                  "k: 2\n");
    warn(&f, RULE_UNUSED, "a:");
    warn(&f, RULE_ABSENT, "a:");
    warn(&f, RULE_HELP, "a:");
    warn(&f, RULE_UNUSED, "k:");
    lint(&f);
    assert_left(&f, "7:18 ignore-unused: there is nothing to ignore of the rule 'unused'\n"
                    "9:1 unused: at k:\n");
    assert_str(f.ignores.hidden[1].reason, "two");
}

static void in_a_script_the_line_is_where_it_begins(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    begin(&f, TOP "# jobrun: ignore[unused] above the key\n"
                  "script: | # jobrun: ignore[absent] behind the key\n"
                  "  one\n"
                  "  two # jobrun: ignore[help] no comment\n"
                  "other: three\n");
    warn(&f, RULE_UNUSED, "one");
    warn(&f, RULE_ABSENT, "two");
    warn(&f, RULE_HELP, "two");
    warn(&f, RULE_UNUSED, "three");
    lint(&f);
    assert_left(&f, "6:3 help: at two\n"
                    "7:8 unused: at three\n");
}

static void an_error_that_stops_a_run_stays(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    begin(&f, TOP "a: 1 # jobrun: ignore[value, path, unused] no\n");
    diag_error(&f.diags, STATUS_MANIFEST, rule_id(RULE_VALUE), find(&f, "1"), "stops");
    diags_stop_run(&f.diags, 0);
    diag_error(&f.diags, STATUS_MANIFEST, rule_id(RULE_PATH), find(&f, "a"), "does not");
    lint(&f);
    /* Nor is it said that the others hide nothing: what would they have found? */
    assert_left(&f, "3:4 value: stops\n");
    assert_int_equal(f.diags.error_count, 1);
    assert_str(f.diags.items[0]->labels[0].text, "this cannot hide an error that stops a run");
    assert_int_equal(f.ignores.hidden_count, 1);
}

static void check_comment(const char *comment, const char *expected)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    begin(&f, str_format(&f.arena, TOP "a: 1 # %s\n", comment).s);
    lint(&f);
    assert_left(&f, expected);
}

static void what_is_wrong_with_a_comment_is_told(void **state)
{
    (void)state;
    check_comment("jobrun: ignroe[unused] x",
                  "3:16 ignore-syntax: a comment for jobrun begins with 'ignore', not 'ignroe'\n");
    check_comment("jobrun: ignore unused",
                  "3:6 ignore-syntax: an ignore names its rules in brackets\n");
    check_comment("jobrun: ignore[unused",
                  "3:6 ignore-syntax: an ignore names its rules in brackets\n");
    check_comment("jobrun: ignore[] x",
                  "3:6 ignore-syntax: an ignore without the name of a rule\n");
    check_comment("jobrun: ignore[unused,] x",
                  "3:6 ignore-syntax: an ignore without the name of a rule\n"
                  "3:23 ignore-unused: there is nothing to ignore of the rule 'unused'\n");
    check_comment("jobrun: ignore[unusde] x",
                  "3:23 ignore-rule: there is no rule 'unusde' to ignore\n");
    check_comment("jobrun: ignore[unused]",
                  "3:6 ignore-reason: an ignore without a reason\n"
                  "3:23 ignore-unused: there is nothing to ignore of the rule 'unused'\n");
    check_comment("jobrun: ignore[ignore-unused] x",
                  "3:23 ignore-unused: there is nothing to ignore of the rule 'ignore-unused'\n");
}

static void prose_is_no_comment_for_jobrun(void **state)
{
    (void)state;
    check_comment("jobrun: runs this at night", "");
    check_comment("jobrun:", "");
    check_comment("see jobrun: ignore[unused]", "");
    check_comment("# jobrun: ignore[unused] that was commented out", "");
}

static void of_a_rule_that_was_not_looked_for_nothing_is_unused(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    begin(&f, TOP "a: 1 # jobrun: ignore[unused, absent] x\n");
    f.unchecked[RULE_UNUSED] = true;
    lint(&f);
    assert_left(&f, "3:31 ignore-unused: there is nothing to ignore of the rule 'absent'\n");
}

static void comments_of_other_texts_hide_and_are_not_judged(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    begin(&f, TOP "a: 1 # jobrun: ignore[unused]\nb: 1 # jobrun: ignore[unused]\n");
    warn(&f, RULE_UNUSED, "a:");
    ignores_apply(&f.ignores, &f.diags);
    ignores_report_unused(&f.ignores, f.unchecked, &f.diags);
    assert_left(&f, "");
    assert_int_equal(f.ignores.hidden_count, 1);
    assert_str(f.ignores.hidden[0].reason, "");
}

static void rules_behind_the_limit_are_not_read(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    struct buf text = buf_make(&f.arena, BUF_MAX_DEFAULT);

    (void)state;
    buf_addf(&text, "a: 1 # jobrun: ignore[unused");
    for (int i = 1; i < IGNORES_MAX; i++) {
        buf_addf(&text, ",unused");
    }
    buf_addf(&text, ",absent,help] x\nb: 1 # jobrun: ignore[help] x\n");
    begin(&f, buf_str(&text).s);
    warn(&f, RULE_ABSENT, "a:");
    warn(&f, RULE_HELP, "b:");
    ignores_add(&f.ignores, f.source, false, &f.diags);
    ignores_apply(&f.ignores, &f.diags);
    assert_left(&f, "1:1 absent: at a:\n2:1 help: at b:\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_comment_hides_what_is_found_on_its_line_or_below_it),
        cmocka_unit_test(comments_above_one_another_are_for_the_same_line),
        cmocka_unit_test(in_a_script_the_line_is_where_it_begins),
        cmocka_unit_test(an_error_that_stops_a_run_stays),
        cmocka_unit_test(what_is_wrong_with_a_comment_is_told),
        cmocka_unit_test(prose_is_no_comment_for_jobrun),
        cmocka_unit_test(of_a_rule_that_was_not_looked_for_nothing_is_unused),
        cmocka_unit_test(comments_of_other_texts_hide_and_are_not_judged),
        cmocka_unit_test(rules_behind_the_limit_are_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
