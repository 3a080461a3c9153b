#include "manifest_lines.h"

static void what_a_step_names_must_be_there(void **state)
{
    (void)state;
    expect_lines("steps:\n"
                 "  - {name: a, command: [x], when: {fast: true}}\n",
                 "4:36 reference: there is no param or var 'fast'\n"
                 "  ? the manifest declares no param or var\n");
    expect_lines("steps:\n"
                 "  - {name: a, command: [x], env: {A: \"${params.x}\"}}\n",
                 "4:39 reference: there is no param 'x'\n"
                 "  ? the manifest declares no param\n");
    expect_lines("steps:\n"
                 "  - {name: a, command: [x], workdir: \"${params.x}\"}\n",
                 "4:39 reference: there is no param 'x'\n"
                 "  ? the manifest declares no param\n");
}

static void a_variable_of_a_step_is_not_jobruns_own(void **state)
{
    (void)state;
    expect_lines("params: {x: {default: a}}\n"
                 "steps:\n"
                 "  - {name: a, command: [x, \"=${params.x}\"], env: {PARAM_X: b}}\n",
                 "5:51 env-clash: 'env' cannot set PARAM_X, which jobrun sets itself\n"
                 "  @ 3:10 for param 'x'\n");
}

static void two_steps_do_not_write_one_file(void **state)
{
    (void)state;
    expect_lines("steps:\n"
                 "  - {name: a, command: [x], stdout: o}\n"
                 "  - {name: b, command: [x], stdout: o}\n",
                 "5:37 conflict: steps 'a' and 'b' both write their standard output to 'o'\n"
                 "  @ 4:37 of step 'a'\n"
                 "  ? give them different files, or conditions that exclude one another\n");
    expect_lines("params: {fast: {type: bool, default: false}}\n"
                 "steps:\n"
                 "  - {name: a, command: [x], stdout: o, when: {fast: true}}\n"
                 "  - {name: b, command: [x], stdout: o, when: {fast: false}}\n",
                 "");
}

static void places_of_a_step_are_inside_the_workspace(void **state)
{
    (void)state;
    expect_lines("steps:\n"
                 "  - {name: a, command: [x], stdout: o/}\n",
                 "4:37 path: 'stdout' of step 'a' names a folder\n"
                 "  ? name the file that the standard output goes to\n");
    expect_lines("steps:\n"
                 "  - {name: a, command: [x], workdir: ../x}\n",
                 "4:38 path: 'workdir' of step 'a' holds '..'\n"
                 "  ? paths stay inside of the workspace\n");
}

static void a_cell_that_is_null_is_left_out_by_the_condition_of_the_step(void **state)
{
    (void)state;
    expect_lines("params: {p: {type: enum, values: [a, b], default: a}}\n"
                 "select: {p: {a: {c: null}, b: {c: x}}}\n"
                 "steps:\n"
                 "  - {name: a, command: [x, \"-${vars.c}\"], when: {p: b}}\n",
                 "");
    expect_lines("params: {p: {type: enum, values: [a, b], default: a}}\n"
                 "select: {p: {a: {c: null}, b: {c: x}}}\n"
                 "steps:\n"
                 "  - {name: a, script: x, env: {A: {when: {p: b}, value: \"-${vars.c}\"}}}\n",
                 "");
    expect_lines("params: {p: {type: enum, values: [a, b], default: a}}\n"
                 "select: {p: {a: {c: null}, b: {c: x}}}\n"
                 "steps:\n"
                 "  - {name: a, command: [x, \"-${vars.c}\"]}\n",
                 "6:30 select: '${vars.c}' is null where p=a, and stands in other text\n"
                 "  @ 4:18 null here\n"
                 "  ? let it stand alone, or move the other text into the cells\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_step_names_must_be_there),
        cmocka_unit_test(a_variable_of_a_step_is_not_jobruns_own),
        cmocka_unit_test(two_steps_do_not_write_one_file),
        cmocka_unit_test(places_of_a_step_are_inside_the_workspace),
        cmocka_unit_test(a_cell_that_is_null_is_left_out_by_the_condition_of_the_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
