#include "manifest_lines.h"

static void a_table_is_by_an_enum_or_a_bool(void **state)
{
    (void)state;
    expect_lines(
        "params:\n"
        "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
        "  fast: {type: bool, default: false}\n"
        "  list: {type: list, of: {type: string}, default: [a]}\n"
        "  text: {required: true}\n"
        "  n: {type: int, min: 1, max: 9, default: 1}\n"
        "select:\n"
        "  text: {q: {r: s}}\n"
        "  list: {q: {r2: s}}\n"
        "  nope: {a: {b: c}}\n"
        "env: {A: '${vars.r}${vars.r2}${vars.b}'}\n"
        "command: [x, \"${params.mode}${params.text}${params.n}${params.fast}\", {each: "
        "\"${params.list}\", args: [b]}]\n",
        "10:3 select: a table needs an enum or a bool, and param 'text' is of type string\n"
        "  @ 7:3 declared here\n"
        "11:3 select: a table needs an enum or a bool, and param 'list' is of type list\n"
        "  @ 6:3 declared here\n"
        "12:3 reference: there is no param 'nope'\n"
        "  ? declared: mode, fast, list, text, n\n");
}

static void a_table_has_a_row_for_every_value(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
                 "  fast: {type: bool, default: false}\n"
                 "  list: {type: list, of: {type: string}, default: [a]}\n"
                 "  text: {required: true}\n"
                 "  n: {type: int, min: 1, max: 9, default: 1}\n"
                 "select:\n"
                 "  mode: {pr: {a: x}}\n"
                 "  fast: {}\n"
                 "env: {A: '${vars.a}'}\n"
                 "command: [x, \"${params.mode}${params.text}${params.n}${params.fast}\", {each: "
                 "\"${params.list}\", args: [b]}]\n",
                 "10:3 select: the table of 'mode' has no row for 'pypi'\n"
                 "  @ 4:3 declared here\n"
                 "11:3 select: the table of 'fast' has no row for 'true', 'false'\n"
                 "  @ 5:3 declared here\n");
}

static void a_row_is_for_a_value(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
                 "  fast: {type: bool, default: false}\n"
                 "  list: {type: list, of: {type: string}, default: [a]}\n"
                 "  text: {required: true}\n"
                 "  n: {type: int, min: 1, max: 9, default: 1}\n"
                 "select:\n"
                 "  mode: {pypi: {a: x}, rp: {a: x}}\n"
                 "  fast: {true: {b: x}, false: {b: x}, sometimes: {b: x}}\n"
                 "env: {A: '${vars.a}${vars.b}'}\n"
                 "command: [x, \"${params.mode}${params.text}${params.n}${params.fast}\", {each: "
                 "\"${params.list}\", args: [b]}]\n",
                 "10:24 select: param 'mode' has no value 'rp'\n"
                 "  @ 4:3 declared here\n"
                 "  ? did you mean 'pr'?\n"
                 "11:39 select: param 'fast' has no value 'sometimes'\n"
                 "  @ 5:3 declared here\n");
}

static void every_row_has_the_same_columns(void **state)
{
    (void)state;
    expect_lines("params: {p: {type: enum, values: [a, b, c], default: a}}\n"
                 "select:\n"
                 "  p:\n"
                 "    a: {x: 1, y: 1, z: 1}\n"
                 "    b: {x: 1, z: 1}\n"
                 "    c: {x: 1}\n"
                 "command: [x, '${vars.x}${vars.y}${vars.z}']\n",
                 "7:5 select: row 'b' has no column 'y'\n"
                 "  @ 8:5 nor has this row\n"
                 "  @ 6:15 row 'a' has it\n"
                 "  ? every row has the same columns; null is a value too\n"
                 "8:5 select: row 'c' has no column 'z'\n"
                 "  @ 6:21 row 'a' has it\n"
                 "  ? every row has the same columns; null is a value too\n");
}

static void a_misspelt_column_is_one_problem(void **state)
{
    (void)state;
    expect_lines("params: {p: {type: enum, values: [a, b, c], default: a}}\n"
                 "select:\n"
                 "  p:\n"
                 "    a: {lib: 1}\n"
                 "    b: {libb: 1}\n"
                 "    c: {lib: 2}\n"
                 "command: [x, '${vars.lib}']\n",
                 "7:9 select: no other row has column 'libb'\n"
                 "  @ 6:9 the others have 'lib'\n"
                 "  ? did you mean 'lib'?\n");
}

static void a_table_has_columns(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
                 "  fast: {type: bool, default: false}\n"
                 "  list: {type: list, of: {type: string}, default: [a]}\n"
                 "  text: {required: true}\n"
                 "  n: {type: int, min: 1, max: 9, default: 1}\n"
                 "select: {fast: {true: {}, false: {}}}\n"
                 "command: [x, \"${params.mode}${params.text}${params.n}${params.fast}\", {each: "
                 "\"${params.list}\", args: [b]}]\n",
                 "9:10 select: the table of 'fast' has no columns\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_is_by_an_enum_or_a_bool),
        cmocka_unit_test(a_table_has_a_row_for_every_value),
        cmocka_unit_test(a_row_is_for_a_value),
        cmocka_unit_test(every_row_has_the_same_columns),
        cmocka_unit_test(a_misspelt_column_is_one_problem),
        cmocka_unit_test(a_table_has_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
