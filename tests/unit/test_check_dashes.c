#include "manifest_lines.h"

#define SAYS(place, what, param)                                                            \
    place " ~leading-dash: " what " of param '" param "' may begin with '-', and be taken " \
          "for an option\n"
#define HELP(name)                                                                     \
    "  ? write the option and its value as one item ('--name=" name "'), put '--' in " \
    "front, or give the param a pattern such as '[^-].*'\n"

static void a_text_that_is_an_argument_may_begin_with_a_dash(void **state)
{
    (void)state;
    expect_lines("params: {p: {default: a}}\ncommand: [x, '${params.p}', y, '${params.p}']\n",
                 SAYS("4:15", "the value", "p") "  @ 3:10 any text is allowed\n"
                                                "  @ 4:33 here too\n" HELP("${params.p}"));
    expect_lines(
        "params: {p: {type: path, pattern: '[a-z-]+', default: a}}\n"
        "command: [rm, -rf, '${params.p}']\n",
        SAYS("4:21", "the value", "p") "  @ 3:10 its pattern allows that\n" HELP("${params.p}"));
    expect_lines("params: {p: {type: list, of: {type: string}, default: [a]}}\n"
                 "command: [x, {each: '${params.p}', args: ['${each}']}]\n",
                 SAYS("4:44", "an element", "p") "  @ 3:10 any text is allowed\n" HELP("${each}"));
}

static void a_var_that_is_the_param_is_the_same(void **state)
{
    (void)state;
    expect_lines("params: {p: {default: a}}\nvars: {v: '${vars.w}', w: '${params.p}'}\n"
                 "command: [x, '${vars.v}']\n",
                 SAYS("5:15", "the value", "p") "  @ 3:10 any text is allowed\n" HELP("${vars.v}"));
    expect_lines("params: {p: {default: a}}\nvars: {v: 'x/${params.p}'}\n"
                 "command: [x, '${vars.v}']\n",
                 "");
}

static void what_cannot_be_taken_for_an_option_is_fine(void **state)
{
    static const char *const PARAMS[] = {
        "pattern: '[^-].*', default: a",  "pattern: '\\d+\\.\\d+(-rc)?', default: '1.0'",
        "pattern: '(?!-).+', default: a", "type: enum, values: [-a, b], default: b",
        "type: int, default: 1",          "type: bool, default: true",
    };
    static const char *const COMMANDS[] = {
        "[x, '--p=${params.p}']",
        "[x, --, '${params.p}']",
        "[x, --p, '${params.p}']",
        "[x, -p, '${params.p}']",
        "[go, test, -run, '${params.p}']",
        "[tar, -xzf, '${params.p}']",
        "['${params.p}']",
        "[echo, '${params.p}']",
        "[sh, -c, 'echo \"$1\"', sh, '${params.p}']",
        "[python3, -c, 'import sys', '${params.p}']",
        "[x, {when: {p: a}, args: [--, '${params.p}']}]",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(PARAMS); i++) {
        struct arena arena CLEANUP(arena_free) = {0};
        expect_lines(
            str_format(&arena, "params: {p: {%s}}\ncommand: [x, '${params.p}']\n", PARAMS[i]).s,
            "");
    }
    for (size_t i = 0; i < ARRAY_COUNT(COMMANDS); i++) {
        struct arena arena CLEANUP(arena_free) = {0};
        expect_lines(str_format(&arena, "params: {p: {default: a}}\ncommand: %s\n", COMMANDS[i]).s,
                     "");
    }
}

static void an_option_that_takes_no_value_protects_nothing(void **state)
{
    (void)state;
    expect_lines(
        "params: {p: {default: a}}\ncommand: [x, --all=1, '${params.p}']\n",
        SAYS("4:24", "the value", "p") "  @ 3:10 any text is allowed\n" HELP("${params.p}"));
}

/* Were each cell followed, these were 4^30 ways to one text. */
static void each_var_is_looked_into_once(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct buf buf = buf_make(&arena, BUF_MAX_DEFAULT);

    (void)state;
    buf_add(&buf, STR("params: {p: {type: enum, values: [a, b, c, d], default: a}}\n"
                      "select:\n  p:\n"));
    for (char row = 'a'; row <= 'd'; row++) {
        buf_addf(&buf, "    %c: {", row);
        for (int i = 0; i < 30; i++) {
            buf_addf(&buf, "c%d: '${vars.c%d}', ", i, i + 1);
        }
        buf_add(&buf, STR("c30: x}\n"));
    }
    buf_add(&buf, STR("command: [x, '${vars.c0}']\n"));
    expect_lines(buf_str(&buf).s, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_that_is_an_argument_may_begin_with_a_dash),
        cmocka_unit_test(a_var_that_is_the_param_is_the_same),
        cmocka_unit_test(what_cannot_be_taken_for_an_option_is_fine),
        cmocka_unit_test(an_option_that_takes_no_value_protects_nothing),
        cmocka_unit_test(each_var_is_looked_into_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
