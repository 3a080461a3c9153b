#include "manifest_lines.h"

#define HELP                                                                                      \
    "  ? its value is no part of what says that the effect is done: let the param be a variant, " \
    "or keep it out of the effect\n"
#define USES(place, who, param)                                                           \
    place " effect: " who " is an effect and uses param '" param "', which is 'variant: " \
          "false'\n"
#define PARAMS                                                         \
    "params:\n"                                                        \
    "  a: {type: path, pattern: '[xy]', default: x, variant: false}\n" \
    "  b: {type: path, pattern: '[xy]', default: x}\n"

static void every_place_of_an_effect_is_looked_at(void **state)
{
    static const struct {
        const char *text, *place;
    } CASES[] = {
        {"command: [x, '${params.a}', '${params.b}']\n", "7:15"},
        {"command: [x, {when: {b: x}, args: ['${params.a}', '${params.b}']}]\n", "7:37"},
        {"command: [x, '${params.b}']\nenv: {A: '${params.a}'}\n", "8:11"},
        {"command: [x, '${params.b}']\nenv: {A: {when: {a: y}, value: v}}\n", "8:18"},
        {"command: [x, '${params.b}']\nworkdir: '${params.a}'\n", "8:11"},
        {"command: [x, '${params.b}']\nstdout: 'y/${params.a}'\n", "8:12"},
        {"shell: ['${params.a}']\nscript: y $PARAM_B\n", "7:10"},
        {"script: y \"$PARAM_B\" ${PARAM_A}\n", "7:24"},
        {"command: [sh, -c, 'y $PARAM_A $PARAM_B']\n", "7:23"},
        {"command: [x, '${params.b}', {files: i}]\ninputs: {i: {from: m, to: 'in/${params.a}/'}}\n",
         "7:37"},
        {"script: y $INPUT_I $PARAM_B\ninputs: {i: {from: m, to: 'in/${params.a}/'}}\n", "7:12"},
        {"script: y $OUTPUT_O $PARAM_B\noutputs: {o: 'in/${params.a}/'}\n", "7:12"},
        {"command: [x, '${params.b}', '${vars.v}']\nvars: {v: '${vars.w}', w: '${params.a}'}\n",
         "7:30"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(CASES); i++) {
        struct arena arena CLEANUP(arena_free) = {0};
        struct str text = str_format(&arena, PARAMS "effect: true\n%s", CASES[i].text);
        struct str expected = str_format(
            &arena, "%s" USES("", "the job", "a") "  @ 4:3 declared here\n" HELP, CASES[i].place);
        expect_lines(text.s, expected.s);
    }
}

static void only_effects_are_looked_at(void **state)
{
    (void)state;
    expect_lines(PARAMS "command: [x, '${params.a}', '${params.b}']\n", "");
    expect_lines(PARAMS "effect: false\ncommand: [x, '${params.a}', '${params.b}']\n", "");
    expect_lines(PARAMS "steps:\n"
                        "  - {name: s, command: [x, '${params.a}'], workdir: '${params.a}'}\n"
                        "  - {name: t, effect: true, command: [x, '${params.b}']}\n",
                 "");
}

static void whether_an_effect_happens_may_be_asked(void **state)
{
    (void)state;
    expect_lines("params: {real: {type: bool, default: false, variant: false}}\n"
                 "steps:\n"
                 "  - {name: s, when: {real: true}, effect: true, command: [x]}\n",
                 "");
}

static void each_step_and_param_is_reported_once(void **state)
{
    (void)state;
    expect_lines(PARAMS "  c: {type: path, default: x, variant: false}\n"
                        "steps:\n"
                        "  - {name: s, effect: true, command: ['${params.a}${params.c}', "
                        "'${params.a}']}\n"
                        "  - {name: t, effect: true, command: ['${params.a}${params.b}']}\n",
                 USES("8:40", "step 's'", "a") "  @ 4:3 declared here\n" HELP USES(
                     "8:51", "step 's'",
                     "c") "  @ 6:3 declared here\n" HELP USES("9:40", "step 't'",
                                                              "a") "  @ 4:3 declared here\n" HELP);
}

static void once_is_for_jobs_that_would_not_skip_else(void **state)
{
    (void)state;
    expect_lines("once: true\ncommand: [x]\n", "");
    expect_lines("once: true\neffect: true\ncommand: [x]\noutputs: {o: x}\n", "");
    expect_lines("once: false\ncommand: [x]\noutputs: {o: x}\n", "");
    expect_lines("params: {b: {type: bool, default: false}}\nonce: true\ncommand: [x]\n"
                 "outputs: {o: {path: x, when: {b: true}}}\n",
                 "");
    expect_lines("once: true\ncommand: [x]\noutputs: {o: x}\n",
                 "3:1 ~once: 'once' changes nothing: a job with outputs skips anyway when they are "
                 "published\n"
                 "  @ 5:11 the job has this output for all params\n"
                 "  ? remove it\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_place_of_an_effect_is_looked_at),
        cmocka_unit_test(only_effects_are_looked_at),
        cmocka_unit_test(whether_an_effect_happens_may_be_asked),
        cmocka_unit_test(each_step_and_param_is_reported_once),
        cmocka_unit_test(once_is_for_jobs_that_would_not_skip_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
