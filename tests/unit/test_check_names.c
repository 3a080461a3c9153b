#include "manifest_lines.h"

static void an_option_of_jobrun_is_no_name_of_a_param(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  force: {default: x}\n"
                 "  no-fetch: {default: x}\n"
                 "  no-explain: {default: x}\n"
                 "  version: {default: x}\n"
                 "  quiet: {default: x}\n"
                 "command: "
                 "['${params.force}${params.no-fetch}${params.no-explain}${params.version}${params."
                 "quiet}']\n",
                 "4:3 reserved: a param cannot be named 'force'\n"
                 "  ? --force is an option of jobrun\n"
                 "5:3 reserved: a param cannot be named 'no-fetch'\n"
                 "  ? --no-fetch is an option of jobrun\n"
                 "6:3 reserved: a param cannot be named 'no-explain'\n"
                 "  ? --no-explain is an option of jobrun\n");
}

static void a_param_does_not_switch_off_another(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  web: {type: bool, default: true}\n"
                 "  no-web: {default: x}\n"
                 "  text: {default: x}\n"
                 "  no-text: {default: x}\n"
                 "command: ['${params.web}${params.no-web}${params.text}${params.no-text}']\n",
                 "5:3 conflict: --no-web would also switch off param 'web'\n"
                 "  @ 4:3 a bool\n");
}

static void two_names_do_not_give_one_variable(void **state)
{
    (void)state;
    expect_lines("outputs: {a.b: a, a-b: b, a_c: c}\n"
                 "command: [x]\n",
                 "3:19 env-clash: output 'a.b' and output 'a-b' both give the variable OUTPUT_A_B\n"
                 "  @ 3:11 the other one\n");
}

static void variables_that_jobrun_sets_are_left_alone(void **state)
{
    (void)state;
    expect_lines("params: {mode: {default: x}}\n"
                 "vars: {v: '${params.mode}'}\n"
                 "inputs: {i: {from: a, to: b/}}\n"
                 "outputs: {a.b: c}\n"
                 "env:\n"
                 "  PARAM_MODE: x\n"
                 "  PARAM_OTHER: ${vars.v}\n"
                 "  VAR_V: x\n"
                 "  INPUT_I: x\n"
                 "  OUTPUT_A_B: x\n"
                 "  JOB_NAME: x\n"
                 "  JOB_COMMIT: x\n"
                 "  JOB_ENV: x\n"
                 "  JOB_ROOT: x\n"
                 "  JOB_URL: x\n"
                 "  JOB_OTHER: x\n"
                 "command: [x]\n",
                 "8:3 env-clash: 'env' cannot set PARAM_MODE, which jobrun sets itself\n"
                 "  @ 3:10 for param 'mode'\n"
                 "10:3 env-clash: 'env' cannot set VAR_V, which jobrun sets itself\n"
                 "  @ 4:8 for var 'v'\n"
                 "11:3 env-clash: 'env' cannot set INPUT_I, which jobrun sets itself\n"
                 "  @ 5:10 for input 'i'\n"
                 "12:3 env-clash: 'env' cannot set OUTPUT_A_B, which jobrun sets itself\n"
                 "  @ 6:11 for output 'a.b'\n"
                 "13:3 env-clash: 'env' cannot set JOB_NAME, which jobrun sets itself\n"
                 "14:3 env-clash: 'env' cannot set JOB_COMMIT, which jobrun sets itself\n"
                 "15:3 env-clash: 'env' cannot set JOB_ENV, which jobrun sets itself\n"
                 "16:3 env-clash: 'env' cannot set JOB_ROOT, which jobrun sets itself\n"
                 "17:3 env-clash: 'env' cannot set JOB_URL, which jobrun sets itself\n");
}

static void variables_of_params_are_not_shared(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  a: {default: x, env: MINE}\n"
                 "  b: {default: x, env: MINE}\n"
                 "  c: {default: x, env: PARAM_A}\n"
                 "  d: {default: x, env: JOB_URL}\n"
                 "  e: {default: x, env: JOBRUN_STORE}\n"
                 "  f: {default: x, env: JOB_URLS}\n"
                 "  g: {default: x, env: VAR_X}\n"
                 "command: "
                 "['${params.a}${params.b}${params.c}${params.d}${params.e}${params.f}${params.g}']"
                 "\n",
                 "5:24 env-clash: params 'a' and 'b' both take their value from MINE\n"
                 "  @ 4:24 the other one\n"
                 "6:24 env-clash: param 'c' cannot take its value from PARAM_A, which is jobrun's "
                 "own\n"
                 "  @ 4:3 it is set for param 'a'\n"
                 "  ? choose another name\n"
                 "7:24 env-clash: param 'd' cannot take its value from JOB_URL, which is jobrun's "
                 "own\n"
                 "  ? choose another name\n"
                 "8:24 env-clash: param 'e' cannot take its value from JOBRUN_STORE, which is "
                 "jobrun's own\n"
                 "  ? choose another name\n"
                 "10:24 env-clash: param 'g' cannot take its value from VAR_X, which is jobrun's "
                 "own\n"
                 "  ? choose another name\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_option_of_jobrun_is_no_name_of_a_param),
        cmocka_unit_test(a_param_does_not_switch_off_another),
        cmocka_unit_test(two_names_do_not_give_one_variable),
        cmocka_unit_test(variables_that_jobrun_sets_are_left_alone),
        cmocka_unit_test(variables_of_params_are_not_shared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
