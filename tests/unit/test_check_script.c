#include "manifest_lines.h"

static void a_placeholder_in_a_script_names_the_variable(void **state)
{
    (void)state;
    expect_lines(
        "params:\n"
        "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
        "  fast: {type: bool, default: false}\n"
        "  list: {type: list, of: {type: string}, default: [a]}\n"
        "  text: {required: true}\n"
        "  n: {type: int, min: 1, max: 9, default: 1}\n"
        "vars: {v: a}\n"
        "script: |\n"
        "  echo ${params.mode} \"${vars.v}\"\n"
        "  x=${inputs.a-b.path}; ${outputs.b.c.path}\n"
        "  ${job.short-commit} ${job.name}\n"
        "  ${with.q} ${params.\n"
        "  $PARAM_FAST $PARAM_LIST $PARAM_TEXT $PARAM_N\n",
        "11:8 shell-placeholder: a script has no placeholders, but here is '${params.mode}'\n"
        "  ? use \"$PARAM_MODE\" instead\n"
        "11:24 shell-placeholder: a script has no placeholders, but here is '${vars.v}'\n"
        "  ? use \"$VAR_V\" instead\n"
        "12:5 shell-placeholder: a script has no placeholders, but here is '${inputs.a-b.path}'\n"
        "  ? use \"$INPUT_A_B\" instead\n"
        "12:25 shell-placeholder: a script has no placeholders, but here is '${outputs.b.c.path}'\n"
        "  ? use \"$OUTPUT_B_C\" instead\n"
        "13:3 shell-placeholder: a script has no placeholders, but here is '${job.short-commit}'\n"
        "  ? use \"$(printf %.7s \"$JOB_COMMIT\")\" instead\n"
        "13:23 shell-placeholder: a script has no placeholders, but here is '${job.name}'\n"
        "  ? use \"$JOB_NAME\" instead\n"
        "14:3 shell-placeholder: a script has no placeholders, but here is '${with.q}'\n"
        "  ? the values of 'with' are known in 'to', 'commit' and 'else' of their input only\n"
        "14:13 shell-placeholder: a script has no placeholders, but here is '${params.'\n");
}

static void a_variable_of_a_param_is_a_use(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
                 "  fast: {type: bool, default: false}\n"
                 "  list: {type: list, of: {type: string}, default: [a]}\n"
                 "  text: {required: true}\n"
                 "  n: {type: int, min: 1, max: 9, default: 1}\n"
                 "vars: {v: a, w: b, x-y: c}\n"
                 "script: |\n"
                 "  echo $PARAM_MODE ${PARAM_FAST:-1} \"$PARAM_N\"\n"
                 "  env | grep PARAM_LIST\n"
                 "  echo $VAR_V $VAR_X_Y $MY_VAR_W $PARAM_TEXT\n",
                 "9:14 ~unused: var 'w' is not used\n");
}

static void a_variable_that_nothing_gives_is_a_warning(void **state)
{
    (void)state;
    expect_lines("params:\n"
                 "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
                 "  fast: {type: bool, default: false}\n"
                 "  list: {type: list, of: {type: string}, default: [a]}\n"
                 "  text: {required: true}\n"
                 "  n: {type: int, min: 1, max: 9, default: 1}\n"
                 "script: |\n"
                 "  echo $PARAM_MODE $PARAM_FSAT $PARAM_LIST $PARAM_TEXT $PARAM_N ${VAR_Q}\n"
                 "  PARAM_TMP=1\n",
                 "10:21 ~unset-variable: nothing gives the variable PARAM_FSAT\n"
                 "  ? did you mean 'PARAM_FAST'?\n"
                 "10:67 ~unset-variable: nothing gives the variable VAR_Q\n");
}

static void a_variable_that_may_be_unset_or_is_set_elsewhere_is_fine(void **state)
{
    (void)state;
    expect_lines(
        "env: {OUTPUT_DIR: dist}\n"
        "script: |\n"
        "  echo \"$OUTPUT_DIR\" \"${INPUT_TAG:-latest}\" \"${VAR_X-}\" \"${PARAM_Z:+x}\"\n",
        "");
}

static void a_shell_script_may_have_dollars(void **state)
{
    (void)state;
    expect_lines("script: |\n"
                 "  echo ${x} $1 $$ ${each} ${params} $(y)\n",
                 "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_placeholder_in_a_script_names_the_variable),
        cmocka_unit_test(a_variable_of_a_param_is_a_use),
        cmocka_unit_test(a_variable_that_nothing_gives_is_a_warning),
        cmocka_unit_test(a_variable_that_may_be_unset_or_is_set_elsewhere_is_fine),
        cmocka_unit_test(a_shell_script_may_have_dollars),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
