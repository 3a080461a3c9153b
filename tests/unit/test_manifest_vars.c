#include "manifest_lines.h"

static void vars_are_texts(void **state)
{
    (void)state;
    expect_lines(
        "vars:\n"
        "  A: x\n"
        "  b: null\n"
        "  c: [x]\n"
        "command: [x]\n",
        "4:3 name: 'A' cannot be the name of a var\n"
        "  ? use lower-case letters, digits and '-', beginning with a letter, at most 100 of them\n"
        "5:6 type: var 'b' must be text, not null\n"
        "6:6 type: var 'c' must be text, not a list\n");
}

static void a_table_is_a_mapping_of_mappings(void **state)
{
    (void)state;
    expect_lines("params: {p: {type: bool, default: true}, q: {type: bool, default: true}}\n"
                 "select:\n"
                 "  p: [a]\n"
                 "  q:\n"
                 "    true: [a]\n"
                 "    false: {c: [a], d: ~}\n"
                 "command: [x]\n",
                 "5:6 type: the table of 'p' must be a mapping, not a list\n"
                 "7:11 type: row 'true' must be a mapping, not a list\n"
                 "8:16 type: column 'c' must be text, not a list\n"
                 "8:24 type: column 'd' must be text or null, not ~\n"
                 "  ? write null where null is meant, \"~\" where the text is\n");
}

static void a_column_has_the_name_of_a_var(void **state)
{
    (void)state;
    expect_lines("params: {p: {type: bool, default: true}}\n"
                 "select: {p: {true: {A_b: x}, false: {A_b: x}}}\n"
                 "env: {A: x}\n"
                 "command: [x]\n",
                 "4:21 name: 'A_b' cannot be the name of a column\n"
                 "  ? use lower-case letters, digits and '-', beginning with a letter, at most 100 "
                 "of them\n");
}

static void a_column_is_defined_once(void **state)
{
    (void)state;
    expect_lines("params: {p: {type: bool, default: true}, q: {type: bool, default: true}}\n"
                 "vars: {a: x}\n"
                 "select:\n"
                 "  p: {true: {a: y, b: y}, false: {a: y, b: y}}\n"
                 "  q: {true: {b: z}, false: {b: z}}\n"
                 "env: {A: '${vars.a}${vars.b}'}\n"
                 "command: [x]\n",
                 "6:14 conflict: 'a' is defined twice\n"
                 "  @ 4:8 first defined here\n"
                 "7:14 conflict: 'b' is defined twice\n"
                 "  @ 6:20 first defined here\n");
}

static void what_cannot_be_read_is_not_missing_as_well(void **state)
{
    (void)state;
    expect_lines("params: []\n"
                 "vars: null\n"
                 "inputs: 3\n"
                 "outputs: [a]\n"
                 "select: x\n"
                 "command:\n"
                 "  - ${params.a}\n"
                 "  - ${vars.b}\n"
                 "  - ${inputs.c.path}\n"
                 "  - ${outputs.d.path}\n"
                 "  - {when: {q: 1}, args: [x]}\n",
                 "3:9 type: 'params' must be a mapping, not a list\n"
                 "4:7 type: 'vars' must be a mapping, not null\n"
                 "5:9 type: 'inputs' must be a mapping, not text\n"
                 "6:10 type: 'outputs' must be a mapping, not a list\n"
                 "7:9 type: 'select' must be a mapping, not text\n");
}

static void a_broken_declaration_has_no_further_effects(void **state)
{
    (void)state;
    expect_lines("params: {p: {type: enmu, values: [a], default: a}, q: 3}\n"
                 "select: {p: {a: {c: x}}}\n"
                 "command: [x, '${vars.c}', {when: {p: b}, args: [x]}, {each: '${params.q}', args: "
                 "['${each}']}]\n",
                 "3:20 value: unknown type 'enmu'\n"
                 "  ? did you mean 'enum'?\n"
                 "3:55 type: param 'q' must be a mapping, not text\n");
}

static void a_list_takes_the_values_of_another_param(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    struct diags diags = diags_make(&arena);
    const struct manifest *m = manifest_parse(
        &arena,
        source_make(
            &arena, STR("t.yaml"),
            STR("job: t\nhelp: h\ncommand: [{each: \"${params.some}\", args: [a]}]\n"
                "params:\n"
                "  some: {type: list, of: {values-of: all}, default: [c, a]}\n"
                "  every: {type: list, of: {values-of: all}, default: all, variant: false}\n"
                "  all: {type: enum, values: [a, b, c], default: a}\n"
                "inputs: {i: {from: x, to: i/, with: {p: \"${params.every}\"}}}\n")),
        STR("t"), NULL, &diags);

    assert_str(lines_of(&arena, &diags), "");
    assert_int_equal(m->params[0]->domain.of->value_count, 3);
    assert_str(value_show(&m->params[0]->default_value, &arena), "a, c");
    assert_int_equal(m->params[1]->default_kind, DEFAULT_ALL);
}

static void values_of_what_has_no_values_are_refused(void **state)
{
    (void)state;
#define COMMAND "command: [{each: \"${params.p}\", args: [a]}]\n"
#define LIST    "  p: {type: list, of: {values-of: "
    expect_lines(COMMAND "params:\n" LIST "platfrom}, default: [x]}\n"
                         "  platform: {type: enum, values: [a], default: a}\n",
                 "5:35 reference: there is no param 'platfrom'\n  ? did you mean 'platform'?\n");
    expect_lines(COMMAND "params:\n" LIST "q}, default: [x]}\n  q: {type: int, default: 1}\n",
                 "5:35 conflict: 'values-of' needs an enum, and param 'q' is of type int\n"
                 "  @ 6:3 declared here\n");
    expect_lines(COMMAND "params:\n" LIST "p}, default: [x]}\n",
                 "5:35 conflict: 'values-of' needs an enum, and param 'p' is of type list\n"
                 "  @ 5:3 declared here\n");
    expect_lines(COMMAND "params:\n" LIST "q}, default: [x]}\n  q: {type: enmu, default: 1}\n",
                 "6:13 value: unknown type 'enmu'\n  ? did you mean 'enum'?\n");
    expect_lines(COMMAND "params:\n" LIST "q}, default: [aa]}\n"
                         "  q: {type: enum, values: [ab, b], default: b}\n",
                 "5:49 default: default element 'aa' of param 'p' is not one of ab, b\n"
                 "  ? did you mean 'ab'?\n");
    expect_lines(COMMAND "params:\n" LIST "[q]}, required: true}\n",
                 "5:35 type: 'values-of' of param 'p' must be text, not a list\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_takes_the_values_of_another_param),
        cmocka_unit_test(values_of_what_has_no_values_are_refused),
        cmocka_unit_test(vars_are_texts),
        cmocka_unit_test(a_table_is_a_mapping_of_mappings),
        cmocka_unit_test(a_column_has_the_name_of_a_var),
        cmocka_unit_test(a_column_is_defined_once),
        cmocka_unit_test(what_cannot_be_read_is_not_missing_as_well),
        cmocka_unit_test(a_broken_declaration_has_no_further_effects),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
