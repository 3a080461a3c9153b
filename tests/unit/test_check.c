#include "manifest_lines.h"

static void two_outputs_have_two_paths(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
                 "  fast: {type: bool, default: false}\n"
                 "  list: {type: list, of: {type: string}, default: [a]}\n"
                 "  text: {required: true}\n"
                 "  n: {type: int, min: 1, max: 9, default: 1}\n"
                 "outputs:\n"
                 "  a: x/y\n"
                 "  b: {path: x/y}\n"
                 "  c: {path: z, when: {mode: pr}}\n"
                 "  d: {path: z, when: {mode: pypi}}\n"
                 "  e: {path: z, when: {mode: {not: [pr]}}}\n"
                 "  f: ${params.mode}\n"
                 "  g: {path: '${params.mode}', when: {fast: true}}\n"
                 "command: [x, \"${params.mode}${params.text}${params.n}${params.fast}\", {each: "
                 "\"${params.list}\", args: [b]}]\n",
                 "11:13 conflict: output 'b' has the path of output 'a'\n"
                 "  @ 10:6 the same path\n"
                 "  ? a file can belong to one output only\n"
                 "14:13 conflict: output 'e' has the path of output 'd'\n"
                 "  @ 13:13 the same path\n"
                 "  ? a file can belong to one output only\n"
                 "16:13 conflict: output 'g' has the path of output 'f'\n"
                 "  @ 15:6 the same path\n"
                 "  ? a file can belong to one output only\n");
}

static void what_is_not_used_is_a_warning(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
                 "  fast: {type: bool, default: false}\n"
                 "  list: {type: list, of: {type: string}, default: [a]}\n"
                 "  text: {required: true}\n"
                 "  n: {type: int, min: 1, max: 9, default: 1}\n"
                 "vars: {v: a, w: '${params.text}'}\n"
                 "select: {mode: {pypi: {c: a}, pr: {c: b}}}\n"
                 "inputs: {i: {from: a, to: b/}}\n"
                 "command: [x, {when: {fast: true}, args: [y]}]\n",
                 "6:3 ~unused: param 'list' is not used\n"
                 "  ? only a program that reads its variable can know of it\n"
                 "8:3 ~unused: param 'n' is not used\n"
                 "  ? only a program that reads its variable can know of it\n"
                 "9:8 ~unused: var 'v' is not used\n"
                 "9:14 ~unused: var 'w' is not used\n"
                 "10:24 ~unused: column 'c' is not used\n");
}

static void with_broken_keys_nothing_is_called_unused(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
                 "  fast: {type: bool, default: false}\n"
                 "  list: {type: list, of: {type: string}, default: [a]}\n"
                 "  text: {required: true}\n"
                 "  n: {type: int, min: 1, max: 9, default: 1}\n"
                 "command: x\n",
                 "9:10 type: 'command' must be a list, not text\n"
                 "  ? write the program and each argument as an item: [make, all]\n"
                 "  ? for what a shell does (> | &&), use \'script\' in its place\n");
}

static void what_was_meant_is_not_called_unused(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
                 "  fast: {type: bool, default: false}\n"
                 "  list: {type: list, of: {type: string}, default: [a]}\n"
                 "  text: {required: true}\n"
                 "  n: {type: int, min: 1, max: 9, default: 1}\n"
                 "vars: {thing: a}\n"
                 "command: [x, '${params.mdoe}${vars.thnig}${params.text}${params.n}', {when: "
                 "{fsat: true}, args: [a]}, {each: '${params.lsit}', args: [b]}]\n",
                 "10:15 reference: there is no param 'mdoe'\n"
                 "  ? did you mean 'mode'?\n"
                 "10:29 reference: there is no var 'thnig'\n"
                 "  ? did you mean 'thing'?\n"
                 "10:78 reference: there is no param or var 'fsat'\n"
                 "  ? did you mean 'fast'?\n"
                 "10:111 reference: there is no param 'lsit'\n"
                 "  ? did you mean 'list'?\n");
}

static void keys_that_are_given_twice_are_one_problem(void **state)
{
    (void)state;
    expect_lines("params: {p: {default: a}, p: {default: b}}\n"
                 "outputs: {a: b, a: c}\n"
                 "command: ['${params.p}']\n",
                 "3:27 duplicate-key: key 'p' is given twice\n"
                 "  @ 3:10 first given here\n"
                 "4:17 duplicate-key: key 'a' is given twice\n"
                 "  @ 4:11 first given here\n");
}

static void all_problems_are_found_in_one_pass(void **state)
{
    (void)state;
    expect_lines("version: 1\n"
                 "params: {p: {type: enum, values: [a], default: b}}\n"
                 "vars: {v: '${vars.w}'}\n"
                 "outputs: {o: ../x, q: {path: y, count: x}}\n"
                 "timeout: 1\n"
                 "command: [x, '${vars.v}', '${inputs.i.path}']\n"
                 "once: x\n",
                 "4:48 default: default 'b' of param 'p' is not one of a\n"
                 "5:12 reference: there is no var 'w'\n"
                 "  ? declared: v\n"
                 "6:14 path: the path of output 'o' holds '..'\n"
                 "  ? paths stay inside of the workspace\n"
                 "6:40 type: 'count' must be a whole number, not 'x'\n"
                 "7:10 value: '1' is not a duration\n"
                 "  ? write a number and s, m or h, at most 30 days: 90s, 60m, 2h\n"
                 "8:28 reference: there is no input 'i'\n"
                 "  ? the manifest declares no input\n"
                 "9:7 type: 'once' must be true or false, not 'x'\n");
}

static void two_inputs_are_not_one_file(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
                 "inputs:\n"
                 "  a: {from: x, to: in/f}\n"
                 "  b: {from: y, to: in/f}\n"
                 "  c: {from: x, to: g, when: {mode: pr}}\n"
                 "  d: {from: y, to: g, when: {mode: pypi}}\n"
                 "  e: {from: x, to: h/}\n"
                 "  f: {from: y, to: h/}\n"
                 "  g: {from: x, to: '${with.k}', with: {k: 1}}\n"
                 "  h: {from: y, to: '${with.k}', with: {k: 2}}\n"
                 "  i: {from: x, to: i, optional: true}\n"
                 "  j: {from: y, to: i, optional: true}\n"
                 "  k: {from: x, to: 'k/${params.mode}'}\n"
                 "  l: {from: y, to: 'k/${params.mode}'}\n"
                 "command: [x]\n",
                 "7:20 conflict: inputs 'a' and 'b' both land at 'in/f'\n"
                 "  @ 6:20 of input 'a'\n"
                 "  ? give them different files, or conditions that exclude one another\n"
                 "17:20 conflict: inputs 'k' and 'l' both land at 'k/${params.mode}'\n"
                 "  @ 16:20 of input 'k'\n"
                 "  ? give them different files, or conditions that exclude one another\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_outputs_have_two_paths),
        cmocka_unit_test(what_is_not_used_is_a_warning),
        cmocka_unit_test(with_broken_keys_nothing_is_called_unused),
        cmocka_unit_test(what_was_meant_is_not_called_unused),
        cmocka_unit_test(keys_that_are_given_twice_are_one_problem),
        cmocka_unit_test(all_problems_are_found_in_one_pass),
        cmocka_unit_test(two_inputs_are_not_one_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
