#include "manifest_lines.h"

static void a_condition_is_a_mapping(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "outputs: {a: {path: a, when: x}, b: {path: b, when: {}}}\n",
                 "4:30 type: 'when' must be a mapping, not text\n"
                 "4:53 value: 'when' must not be empty\n");
}

static void a_condition_has_values(void **state)
{
    (void)state;
    expect_lines("params: {p: {type: bool, default: true}}\n"
                 "outputs:\n"
                 "  a: {path: a, when: {p: []}}\n"
                 "  b: {path: b, when: {p: {not: []}}}\n"
                 "  c: {path: c, when: {p: {nto: true}}}\n"
                 "  d: {path: d, when: {p: {}}}\n"
                 "  e: {path: e, when: {p: null}}\n"
                 "  f: {path: f, when: {p: [[true]]}}\n"
                 "command: [x]\n",
                 "5:26 value: condition 'p' must not be an empty list\n"
                 "6:32 value: condition 'p' must not be an empty list\n"
                 "7:27 unknown-key: unknown key 'nto' in condition 'p'\n"
                 "  ? did you mean 'not'?\n"
                 "8:26 missing-key: condition 'p' has no value\n"
                 "  ? write a value, a list of values, or {not: ...}\n"
                 "9:26 type: condition 'p' must be text, not null\n"
                 "10:27 type: condition 'p' must be text, not a list\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_condition_is_a_mapping),
        cmocka_unit_test(a_condition_has_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
