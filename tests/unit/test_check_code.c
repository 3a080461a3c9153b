#include "manifest_lines.h"

static void expect_refused(const char *command, const char *expected)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct str text =
        str_format(&arena, "params: {p: {pattern: '[a-z]+', default: a}}\ncommand: %s\n", command);

    expect_lines(text.s, expected);
}

#define SHELL(place, program)                                                                 \
    place " shell-placeholder: '" program "' would read the value of '${params.p}' as shell " \
          "text\n"
#define PROGRAM(place, program)                                                              \
    place " code-placeholder: '" program "' would read the value of '${params.p}' as code\n" \
          "  ? let the code read the variable PARAM_P, or give the value as an argument of " \
          "its own, behind the text\n"
#define USE "  ? use \"$PARAM_P\" instead\n"

static void a_value_in_the_text_of_a_shell_is_refused(void **state)
{
    (void)state;
    expect_refused("[sh, -c, 'echo ${params.p}']", SHELL("4:25", "sh -c") USE);
    expect_refused("[/bin/bash, -euo, pipefail, -c, 'x ${params.p}']",
                   SHELL("4:45", "/bin/bash -c") USE);
    expect_refused("[bash, -lc, '${params.p}']", SHELL("4:23", "bash -lc") USE);
    expect_refused("[env, A=b, sh, -ec, '${params.p}']", SHELL("4:31", "sh -ec") USE);
    expect_refused("[xargs, -n1, sh, -c, '${params.p}']", SHELL("4:32", "sh -c") USE);
    expect_refused("[su, user, -c, '${params.p}']", SHELL("4:26", "su -c") USE);
    expect_refused("[cmd.exe, /C, echo, '${params.p}']",
                   SHELL("4:31", "cmd.exe /C") "  ? run the program itself: 'cmd.exe' is not "
                                               "needed to start one\n");
    expect_refused("[{when: {p: a}, args: [sh, -c]}, '${params.p}']", SHELL("4:44", "sh -c") USE);
}

static void a_value_in_the_code_of_a_program_is_refused(void **state)
{
    (void)state;
    expect_refused("[python3.11, -W, ignore, -c, \"x('${params.p}')\"]",
                   PROGRAM("4:43", "python3.11 -c"));
    expect_refused("[node, --eval, 'x(${params.p})']", PROGRAM("4:28", "node --eval"));
    expect_refused("[perl, -ne, 'x(${params.p})']", PROGRAM("4:25", "perl -ne"));
    expect_refused("[ruby, '-ex(${params.p})']", PROGRAM("4:22", "ruby -ex("));
}

static void an_element_has_no_variable(void **state)
{
    (void)state;
    expect_lines("params: {p: {type: list, of: {pattern: '[a-z]+'}, default: [a]}}\n"
                 "command: [x, {each: '${params.p}', args: [sh, -c, 'echo ${each}']}]\n",
                 "4:57 shell-placeholder: 'sh -c' would read the value of '${each}' as shell "
                 "text\n"
                 "  ? give the value as an argument of its own, behind the text\n");
}

static void values_behind_the_text_are_fine(void **state)
{
    (void)state;
    expect_refused("[sh, -c, 'echo \"$1\"', sh, '${params.p}']", "");
    expect_refused("[python3, -c, 'import sys', '${params.p}']", "");
    expect_refused("[python3, build.py, -c, '${params.p}']", "");
    expect_refused("[sh, build.sh, -c, '${params.p}']", "");
    expect_refused("[cc, -c, '${params.p}']", "");
    expect_refused("[echo, sh, -c, '${params.p}']", "");
}

static void a_name_that_starts_no_program_is_fine(void **state)
{
    (void)state;
    expect_refused("[nix, eval, '.#${params.p}']", "");
    expect_refused("[conda, create, -n, x, python, -c, '${params.p}']", "");
    expect_refused("[docker, run, --name, node, -e, 'A=${params.p}', image]", "");
    expect_refused("[conda, run, -n, x, python, -c, 'f(${params.p})']",
                   PROGRAM("4:45", "python -c"));
}

static void the_variables_of_all_code_are_uses(void **state)
{
    (void)state;
    expect_refused("[python3, -c, 'os.environ[\"PARAM_P\"]']", "");
    expect_refused("[env, sh, -c, 'echo $PARAM_P $PARAM_Q']",
                   "4:40 ~unset-variable: nothing gives the variable PARAM_Q\n"
                   "  ? did you mean 'PARAM_P'?\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_in_the_text_of_a_shell_is_refused),
        cmocka_unit_test(a_value_in_the_code_of_a_program_is_refused),
        cmocka_unit_test(an_element_has_no_variable),
        cmocka_unit_test(values_behind_the_text_are_fine),
        cmocka_unit_test(a_name_that_starts_no_program_is_fine),
        cmocka_unit_test(the_variables_of_all_code_are_uses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
