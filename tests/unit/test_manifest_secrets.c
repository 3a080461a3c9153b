#include "manifest_lines.h"

#include "base/error.h"

static const struct manifest *manifest_of(struct arena *arena, const char *text)
{
    struct diags diags = diags_make(arena);
    struct str whole = str_format(arena, "job: t\nhelp: T.\n%s", text);
    const struct manifest *m =
        manifest_parse(arena, source_make(arena, STR("t.yaml"), whole), STR("t"), NULL, &diags);
    assert_int_equal(diags.error_count, 0);
    return m;
}

static void a_secret_is_a_name_and_may_be_optional(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    const struct manifest *m = manifest_of(
        &arena,
        "command: [x]\n"
        "secrets: [A, {name: B}, {name: _c1, optional: true}, {name: D, optional: false}]\n");
    const struct step *step = &m->steps[0];
    static const char *const NAMES[] = {"A", "B", "_c1", "D"};
    assert_int_equal(step->secret_count, ARRAY_COUNT(NAMES));
    for (size_t i = 0; i < ARRAY_COUNT(NAMES); i++) {
        assert_str(step->secrets[i].name, NAMES[i]);
        assert_int_equal(step->secrets[i].optional, i == 2);
    }
    assert_int_equal(source_line_number(m->source, step->secrets[2].span.start), 4);
}

static void each_step_has_its_own(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    const struct manifest *m = manifest_of(
        &arena, "steps:\n"
                "  - {name: a, command: [x], secrets: [T]}\n"
                "  - {name: b, command: [x]}\n"
                "  - {name: c, command: [x], secrets: [{name: T, optional: true}, U]}\n");
    assert_int_equal(m->steps[0].secret_count, 1);
    assert_int_equal(m->steps[1].secret_count, 0);
    assert_int_equal(m->steps[2].secret_count, 2);
    assert_true(m->steps[2].secrets[0].optional);
}

static void what_is_no_secret_is_refused_in_its_place(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "secrets: [A, A, B-C, {optional: true}, 1]\n",
                 "4:14 conflict: secret 'A' is listed twice\n"
                 "  @ 4:11 the first time\n"
                 "4:17 name: 'B-C' cannot be the name of a secret\n"
                 "  ? use letters, digits and '_', not beginning with a digit\n"
                 "4:22 missing-key: a secret has no 'name'\n"
                 "  ? write the variable's name, or {name: NAME, optional: true}\n"
                 "4:40 name: '1' cannot be the name of a secret\n"
                 "  ? use letters, digits and '_', not beginning with a digit\n");
}

/* `steps` lists of `each` secrets. */
static struct str many(struct arena *arena, size_t steps, size_t each)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);
    buf_add(&buf, STR("steps:\n"));
    for (size_t i = 0; i < steps; i++) {
        buf_addf(&buf, "  - {name: s%zu, command: [x], secrets: [", i);
        for (size_t j = 0; j < each; j++) {
            buf_addf(&buf, "%sS%zu", j > 0 ? ", " : "", j);
        }
        buf_add(&buf, STR("]}\n"));
    }
    return buf_str(&buf);
}

static void there_is_a_limit_to_them(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    expect_lines(many(&arena, 1, 1000).s, "");
    expect_lines(many(&arena, 2, 500).s, "");
    expect_lines(many(&arena, 1, 1001).s, "4:5930 limit: 'secrets' has more than 1000 entries\n");
    expect_lines(many(&arena, 3, 400).s,
                 "6:40 limit: the steps have more than 1000 secrets together\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_a_name_and_may_be_optional),
        cmocka_unit_test(each_step_has_its_own),
        cmocka_unit_test(what_is_no_secret_is_refused_in_its_place),
        cmocka_unit_test(there_is_a_limit_to_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
