#include "manifest_lines.h"

static void a_condition_asks_of_a_param_or_a_var(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
                 "  fast: {type: bool, default: false}\n"
                 "  list: {type: list, of: {type: string}, default: [a]}\n"
                 "  text: {required: true}\n"
                 "  n: {type: int, min: 1, max: 9, default: 1}\n"
                 "vars: {mode: x}\n"
                 "outputs:\n"
                 "  a: {path: a, when: {mode: pypi}}\n"
                 "  b: {path: b, when: {list: a}}\n"
                 "  c: {path: c, when: {txet: a}}\n"
                 "command: [x, \"${params.mode}${params.text}${params.n}${params.fast}\", {each: "
                 "\"${params.list}\", args: [b]}]\n",
                 "11:23 when: 'mode' is a param and a var\n"
                 "  @ 4:3 the param\n"
                 "  @ 9:8 the var\n"
                 "  ? give one of them another name\n"
                 "12:23 when: param 'list' is a list, and no condition can ask for its value\n"
                 "  @ 6:3 declared here\n"
                 "13:23 reference: there is no param or var 'txet'\n"
                 "  ? did you mean 'text'?\n");
}

static void a_value_is_one_that_the_param_can_have(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
                 "  fast: {type: bool, default: false}\n"
                 "  list: {type: list, of: {type: string}, default: [a]}\n"
                 "  text: {required: true}\n"
                 "  n: {type: int, min: 1, max: 9, default: 1}\n"
                 "outputs:\n"
                 "  a: {path: a, when: {mode: [pypy, pr]}}\n"
                 "  b: {path: b, when: {fast: yes}}\n"
                 "  c: {path: c, when: {n: 10}}\n"
                 "  d: {path: d, when: {n: {not: 04}}}\n"
                 "  e: {path: e, when: {text: ''}}\n"
                 "  f: {path: f, when: {text: whatever}}\n"
                 "command: [x, \"${params.mode}${params.text}${params.n}${params.fast}\", {each: "
                 "\"${params.list}\", args: [b]}]\n",
                 "10:30 when: value 'pypy' of param 'mode' is not one of pypi, pr\n"
                 "  @ 4:3 declared here\n"
                 "  ? did you mean 'pypi'?\n"
                 "11:29 when: value 'yes' of param 'fast' is not true or false\n"
                 "  @ 5:3 declared here\n"
                 "  ? write true\n"
                 "12:26 when: value '10' of param 'n' is more than 9\n"
                 "  @ 8:3 declared here\n"
                 "13:32 when: value '04' of param 'n' is not a whole number in its shortest form\n"
                 "  @ 8:3 declared here\n"
                 "  ? write 4\n"
                 "14:29 when: value '' of param 'text' is empty\n"
                 "  @ 7:3 declared here\n");
}

static void a_value_is_written_as_the_param_writes_it(void **state)
{
    (void)state;
    expect_lines("params: {f: {type: number, default: 1.5}}\n"
                 "outputs: {a: {path: a, when: {f: 1.50}}}\n"
                 "command: [x, '${params.f}']\n",
                 "4:34 when: value '1.50' of param 'f' is not a number in its shortest form\n"
                 "  @ 3:10 declared here\n"
                 "  ? write 1.5\n");
}

static void a_value_is_one_that_the_table_gives(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
                 "  fast: {type: bool, default: false}\n"
                 "  list: {type: list, of: {type: string}, default: [a]}\n"
                 "  text: {required: true}\n"
                 "  n: {type: int, min: 1, max: 9, default: 1}\n"
                 "vars: {lit: a, dyn: '${params.n}'}\n"
                 "select: {fast: {true: {col: a, any: '${params.n}'}, false: {col: bb, any: x}}}\n"
                 "outputs:\n"
                 "  a: {path: a, when: {col: [a, b]}}\n"
                 "  b: {path: b, when: {lit: b}}\n"
                 "  c: {path: c, when: {dyn: whatever, any: whatever}}\n"
                 "command: [x, \"${params.mode}${params.text}${params.n}${params.fast}\", {each: "
                 "\"${params.list}\", args: [b]}]\n",
                 "12:32 when: var 'col' is never 'b'\n"
                 "  @ 10:24 defined here\n"
                 "  ? did you mean 'bb'?\n"
                 "13:28 when: var 'lit' is never 'b'\n"
                 "  @ 9:8 defined here\n");
}

static void a_condition_can_hold(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
                 "  fast: {type: bool, default: false}\n"
                 "  list: {type: list, of: {type: string}, default: [a]}\n"
                 "  text: {required: true}\n"
                 "  n: {type: int, min: 1, max: 9, default: 1}\n"
                 "vars: {lit: a}\n"
                 "select: {fast: {true: {col: a, nul: null}, false: {col: b, nul: b}}}\n"
                 "outputs:\n"
                 "  a: {path: a, when: {mode: {not: [pr, pypi]}}}\n"
                 "  b: {path: b, when: {fast: {not: [true, false]}}}\n"
                 "  c: {path: c, when: {col: {not: [a, b]}}}\n"
                 "  d: {path: d, when: {lit: {not: a}}}\n"
                 "  e: {path: e, when: {nul: {not: b}}}\n"
                 "  f: {path: f, when: {mode: [pr, pypi]}}\n"
                 "command: [x, \"${params.mode}${params.text}${params.n}${params.fast}\", {each: "
                 "\"${params.list}\", args: [b]}]\n",
                 "12:23 when: the condition on 'mode' can never hold\n"
                 "  ? it excludes every value that 'mode' can have\n"
                 "13:23 when: the condition on 'fast' can never hold\n"
                 "  ? it excludes every value that 'fast' can have\n"
                 "14:23 when: the condition on 'col' can never hold\n"
                 "  ? it excludes every value that 'col' can have\n"
                 "15:23 when: the condition on 'lit' can never hold\n"
                 "  ? it excludes every value that 'lit' can have\n");
}

static void a_pattern_that_takes_too_long_is_asked_once(void **state)
{
    (void)state;
    expect_lines("params: {p: {pattern: '(a|aa)+$', required: true}}\n"
                 "outputs: {o: {path: x, when: {p: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!, "
                 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!]}}}\n"
                 "command: [x]\n",
                 "3:23 ~slow-pattern: the pattern takes too long with some texts\n"
                 "  = such as 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\x01'\n"
                 "  ? let there be one way to match each text: a repetition inside of a "
                 "repetition, like (a+)+, and alternatives that overlap inside of one are the "
                 "usual cause\n"
                 "4:35 when: value 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' of param 'p' cannot "
                 "be compared with the pattern '(a|aa)+$': the pattern takes too long to match\n"
                 "  @ 3:10 declared here\n"
                 "  ? repetitions inside of repetitions, like (a+)+, are the usual cause\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_condition_asks_of_a_param_or_a_var),
        cmocka_unit_test(a_value_is_one_that_the_param_can_have),
        cmocka_unit_test(a_value_is_written_as_the_param_writes_it),
        cmocka_unit_test(a_value_is_one_that_the_table_gives),
        cmocka_unit_test(a_condition_can_hold),
        cmocka_unit_test(a_pattern_that_takes_too_long_is_asked_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
