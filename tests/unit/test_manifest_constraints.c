#include "manifest_lines.h"

#define PARAMS                                           \
    "command: [x, '${params.mode}', '${params.on}']\n"   \
    "params:\n"                                          \
    "  mode: {type: enum, values: [a, b], default: a}\n" \
    "  on: {type: bool, default: true}\n"

static void constraints_are_read_in_their_order(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    struct diags diags = diags_make(&arena);
    const struct manifest *m = manifest_parse(
        &arena,
        source_make(&arena, STR("t.yaml"),
                    STR("job: t\nhelp: h\n" PARAMS "constraints:\n"
                        "  - {when: {mode: [a, b]}, require: {on: true}, message: first}\n"
                        "  - require: {mode: {not: b}, on: true}\n"
                        "    message: |\n"
                        "      second\n")),
        STR("t"), NULL, &diags);

    assert_str(lines_of(&arena, &diags), "");
    assert_int_equal(m->constraint_count, 2);
    assert_true(when_asks(m->constraints[0].when, STR("mode")));
    assert_false(when_asks(m->constraints[0].when, STR("on")));
    assert_str(m->constraints[0].message, "first");
    assert_null(m->constraints[1].when);
    assert_false(when_asks(m->constraints[1].when, STR("mode")));
    assert_int_equal(m->constraints[1].require->count, 2);
    assert_str(m->constraints[1].message, "second");
}

static void a_constraint_has_exactly_its_keys(void **state)
{
    (void)state;
    expect_lines(PARAMS "constraints:\n"
                        "  - {require: {on: true}, message: m, help: x}\n"
                        "  - text\n"
                        "  - {require: {}, message: ''}\n"
                        "  - {require: {on: true}, message: null}\n",
                 "8:39 unknown-key: unknown key 'help' in a constraint\n"
                 "  ? known keys are: when, require, message\n"
                 "9:5 type: a constraint must be a mapping, not text\n"
                 "10:15 value: 'require' must not be empty\n"
                 "10:28 value: 'message' must not be empty\n"
                 "11:36 type: 'message' must be text, not null\n");
}

static void a_message_is_one_line(void **state)
{
    (void)state;
    expect_lines(PARAMS "constraints:\n"
                        "  - require: {on: true}\n"
                        "    message: \"a\\nb\"\n"
                        "  - require: {on: true}\n"
                        "    message: '  '\n",
                 "9:14 value: 'message' must be one line\n"
                 "  ? fold it with >- in place of |\n"
                 "11:14 value: 'message' must not be empty\n");
}

static void constraints_are_a_list_of_limited_length(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    struct buf buf = buf_make(&arena, BUF_MAX_DEFAULT);

    expect_lines(PARAMS "constraints: x\n",
                 "7:14 type: 'constraints' must be a list, not text\n"
                 "  ? a list of one is written in brackets too: [...]\n");
    buf_add(&buf, STR(PARAMS "constraints:\n"));
    for (int i = 0; i <= MANIFEST_NAMES_MAX; i++) {
        buf_add(&buf, STR("- {require: {on: true}, message: m}\n"));
    }
    expect_lines(buf_str(&buf).s, "1008:3 limit: 'constraints' has more than 1000 entries\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(constraints_are_read_in_their_order),
        cmocka_unit_test(a_constraint_has_exactly_its_keys),
        cmocka_unit_test(a_message_is_one_line),
        cmocka_unit_test(constraints_are_a_list_of_limited_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
