#include "manifest_lines.h"

static void a_var_made_of_itself_prints_the_circle(void **state)
{
    (void)state;
    expect_lines("vars:\n"
                 "  a: ${vars.b}\n"
                 "  b: x${vars.c}\n"
                 "  c: ${vars.a}\n"
                 "  d: ${vars.d}\n"
                 "  e: ${vars.a}\n"
                 "env: {E: '${vars.e}'}\n"
                 "command: [x]\n",
                 "4:3 cycle: var 'a' is made of itself: a -> b -> c -> a\n"
                 "  @ 6:6 the circle closes here\n"
                 "7:3 cycle: var 'd' is made of itself: d -> d\n"
                 "  @ 7:6 the circle closes here\n");
}

static void a_circle_may_go_through_a_column(void **state)
{
    (void)state;
    expect_lines("params: {p: {type: bool, default: true}}\n"
                 "vars: {a: '${vars.b}'}\n"
                 "select: {p: {true: {b: '${vars.a}'}, false: {b: x}}}\n"
                 "command: [x]\n",
                 "4:8 cycle: var 'a' is made of itself: a -> b -> a\n"
                 "  @ 5:25 the circle closes here\n");
}

static void vars_that_share_a_part_are_no_circle(void **state)
{
    (void)state;
    expect_lines("vars: {a: '${vars.b}${vars.c}', b: '${vars.d}', c: '${vars.d}', d: x}\n"
                 "command: [x, '${vars.a}']\n",
                 "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_var_made_of_itself_prints_the_circle),
        cmocka_unit_test(a_circle_may_go_through_a_column),
        cmocka_unit_test(vars_that_share_a_part_are_no_circle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
