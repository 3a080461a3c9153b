#include "manifest_lines.h"

static void a_job_runs_a_command_or_a_script(void **state)
{
    (void)state;
    expect_lines("outputs: {a: b}\n",
                 "1:6 missing-key: the job has no 'command', 'script' or 'steps'\n"
                 "  ? write command: [program, argument]\n");
}

static void a_misspelt_command_is_not_missing_as_well(void **state)
{
    (void)state;
    expect_lines("commnad: [x]\n", "3:1 unknown-key: unknown key 'commnad' in the manifest\n"
                                   "  ? did you mean 'command'?\n");
}

static void a_script_excludes_a_command(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "script: |\n"
                 "  true\n",
                 "4:1 conflict: 'script' excludes 'command'\n"
                 "  @ 3:1 the command is given here\n");
}

static void a_shell_goes_with_a_script_alone(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "shell: [bash]\n",
                 "4:1 conflict: 'shell' goes with 'script' alone\n"
                 "  @ 3:1 a command is run without a shell\n");
}

static void a_shell_is_a_list(void **state)
{
    (void)state;
    expect_lines("script: a\n"
                 "shell: bash\n",
                 "4:8 type: 'shell' must be a list, not text\n"
                 "  ? a list of one is written in brackets too: [...]\n");
}

static void a_shell_is_not_empty(void **state)
{
    (void)state;
    expect_lines("script: a\n"
                 "shell: []\n",
                 "4:8 value: 'shell' must not be empty\n");
}

static void a_command_is_a_list(void **state)
{
    (void)state;
    expect_lines("command: make all\n",
                 "3:10 type: 'command' must be a list, not text\n"
                 "  ? write the program and each argument as an item: [make, all]\n"
                 "  ? for what a shell does (> | &&), use \'script\' in its place\n");
}

static void a_command_is_not_empty(void **state)
{
    (void)state;
    expect_lines("command: []\n", "3:10 value: 'command' does not name a program\n");
}

static void a_command_names_a_program(void **state)
{
    (void)state;
    expect_lines("command: ['', a]\n", "3:11 value: 'command' does not name a program\n");
}

static void a_script_is_text(void **state)
{
    (void)state;
    expect_lines("script: [a]\n", "3:9 type: 'script' must be text, not a list\n");
}

static void a_script_is_not_empty(void **state)
{
    (void)state;
    expect_lines("script: ' '\n", "3:9 value: 'script' must not be empty\n");
}

static void an_item_is_text(void **state)
{
    (void)state;
    expect_lines("command: [x, [y], null]\n",
                 "3:14 type: an item of 'command' must be text, not a list\n"
                 "3:19 type: an item of 'command' must be text, not null\n");
}

static void an_item_has_arguments_or_files(void **state)
{
    (void)state;
    expect_lines("command:\n"
                 "  - x\n"
                 "  - {}\n"
                 "  - {argz: [a]}\n"
                 "  - {args: [a]}\n"
                 "  - {when: {}, args: [b]}\n",
                 "5:5 missing-key: an item that is a mapping has no 'args'\n"
                 "  ? write {when: {...}, args: [...]}, {each: \"${params.x}\", args: "
                 "[\"${each}\"]}, {files: input} or {urls: input}\n"
                 "6:6 unknown-key: unknown key 'argz' in an item of 'command'\n"
                 "  ? did you mean 'args'?\n"
                 "7:6 missing-key: 'args' needs 'when' or 'each' beside it\n"
                 "  ? write what is always there as items of its own\n"
                 "8:12 value: 'when' must not be empty\n");
}

static void files_stand_alone(void **state)
{
    (void)state;
    expect_lines("inputs: {a: {from: a, to: a/}}\n"
                 "command: [x, {files: a, args: [b]}, {when: {a: b}, files: a}]\n",
                 "4:25 conflict: 'args' excludes 'files'\n"
                 "  @ 4:15 given here\n"
                 "4:38 conflict: 'when' excludes 'files'\n"
                 "  @ 4:52 given here\n");
}

static void what_is_inherited_is_a_truth_or_a_list_of_names(void **state)
{
    (void)state;
    expect_lines("command: [x]\ninherit-env: true\n", "");
    expect_lines("command: [x]\ninherit-env: [PATH, \"CARGO_*\", \"*_x9\", \"*\"]\n", "");
    expect_lines("command: [x]\ninherit-env: null\n",
                 "4:14 type: 'inherit-env' must be true or false, not null\n");
    expect_lines("command: [x]\ninherit-env: \"A*\"\n",
                 "4:14 type: 'inherit-env' must be true, false or a list of names, not 'A*'\n"
                 "  ? write inherit-env: [\"A*\"]\n");
    expect_lines("command: [x]\ninherit-env: []\n",
                 "4:14 value: 'inherit-env' must not be empty\n"
                 "  ? write inherit-env: false to pass nothing on\n");
    expect_lines("command: [x]\ninherit-env: [9A, A?, \"\", A, null, A]\n",
                 "4:15 name: '9A' is neither the name of a variable nor a pattern of names\n"
                 "  ? use letters, digits and '_', not beginning with a digit; '*' stands for any "
                 "of them\n"
                 "4:19 name: 'A?' is neither the name of a variable nor a pattern of names\n"
                 "  ? use letters, digits and '_', not beginning with a digit; '*' stands for any "
                 "of them\n"
                 "4:23 name: '' is neither the name of a variable nor a pattern of names\n"
                 "  ? use letters, digits and '_', not beginning with a digit; '*' stands for any "
                 "of them\n"
                 "4:30 type: an item of 'inherit-env' must be text, not null\n"
                 "4:36 conflict: 'A' is listed twice\n"
                 "  @ 4:27 the first time\n");
}

static void addresses_stand_alone_in_their_item(void **state)
{
    (void)state;
    expect_lines("command: [x, {urls: [a]}, {urls: a, files: b}, {urls: c, args: [d]}]\n"
                 "inputs: {a: {from: a}, b: {from: b, to: b/}, c: {from: c}}\n",
                 "3:21 type: 'urls' must be text, not a list\n"
                 "3:28 conflict: 'urls' excludes 'files'\n"
                 "  @ 3:37 given here\n"
                 "3:58 conflict: 'args' excludes 'urls'\n"
                 "  @ 3:49 given here\n");
}

static void each_is_one_param(void **state)
{
    (void)state;
    expect_lines("command:\n"
                 "  - x\n"
                 "  - {each: y, args: ['${each}']}\n"
                 "  - {each: '${each}', args: [a]}\n"
                 "  - {each: 'a${params.x}', args: [a]}\n"
                 "  - {each: [a], args: [a]}\n",
                 "5:12 placeholder: 'each' must be one list param and nothing else\n"
                 "  ? write each: \"${params.<name>}\"\n"
                 "6:12 placeholder: 'each' must be one list param and nothing else\n"
                 "  ? write each: \"${params.<name>}\"\n"
                 "7:12 placeholder: 'each' must be one list param and nothing else\n"
                 "  ? write each: \"${params.<name>}\"\n"
                 "8:12 type: 'each' must be text, not a list\n");
}

static void arguments_are_text(void **state)
{
    (void)state;
    expect_lines("command: [x, {when: {a: b}, args: [[c]]}, {when: {a: b}, args: []}, {when: {a: "
                 "b}, args: c}]\n",
                 "3:22 reference: there is no param or var 'a'\n"
                 "  @ 3:51 used here too\n"
                 "  ? the manifest declares no param or var\n"
                 "3:36 type: an item of 'args' must be text, not a list\n"
                 "3:64 value: 'args' must not be empty\n"
                 "3:90 type: 'args' must be a list, not text\n"
                 "  ? a list of one is written in brackets too: [...]\n");
}

static void a_variable_is_text_or_null_or_conditional(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "env:\n"
                 "  A: x\n"
                 "  1B: y\n"
                 "  C: [z]\n"
                 "  D: {when: {}, value: q}\n"
                 "  E: {value: a}\n"
                 "  F: ~\n"
                 "  G:\n"
                 "  H: {wehn: {a: b}, value: x}\n"
                 "  I: {}\n"
                 "  J: null\n",
                 "6:3 name: '1B' cannot be the name of a variable\n"
                 "  ? use letters, digits and '_', not beginning with a digit\n"
                 "7:6 type: variable 'C' must be text, not a list\n"
                 "8:13 value: 'when' must not be empty\n"
                 "9:3 missing-key: variable 'E' has no 'when'\n"
                 "  ? write {when: {...}, value: ...}, or the value alone\n"
                 "10:6 type: variable 'F' must be text or null, not ~\n"
                 "  ? write null where null is meant, \"~\" where the text is\n"
                 "11:5 type: the value of variable 'G' is missing\n"
                 "12:7 unknown-key: unknown key 'wehn' in variable 'H'\n"
                 "  ? did you mean 'when'?\n"
                 "13:3 missing-key: variable 'I' has no 'when'\n"
                 "  ? write {when: {...}, value: ...}, or the value alone\n"
                 "13:3 missing-key: variable 'I' has no 'value'\n"
                 "  ? write {when: {...}, value: ...}, or the value alone\n");
}

static void variables_are_a_mapping(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "env: [A]\n",
                 "4:6 type: 'env' must be a mapping, not a list\n");
}

static void an_unknown_key_of_an_item_is_all_that_is_said(void **state)
{
    (void)state;
    expect_lines("command: [x, {if: a}, {}]\n",
                 "3:15 unknown-key: unknown key 'if' in an item of 'command'\n"
                 "  ? known keys are: when, args, each, files, urls\n"
                 "3:23 missing-key: an item that is a mapping has no 'args'\n"
                 "  ? write {when: {...}, args: [...]}, {each: \"${params.x}\", args: "
                 "[\"${each}\"]}, {files: input} or {urls: input}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_runs_a_command_or_a_script),
        cmocka_unit_test(a_misspelt_command_is_not_missing_as_well),
        cmocka_unit_test(a_script_excludes_a_command),
        cmocka_unit_test(a_shell_goes_with_a_script_alone),
        cmocka_unit_test(a_shell_is_a_list),
        cmocka_unit_test(a_shell_is_not_empty),
        cmocka_unit_test(a_command_is_a_list),
        cmocka_unit_test(a_command_is_not_empty),
        cmocka_unit_test(a_command_names_a_program),
        cmocka_unit_test(a_script_is_text),
        cmocka_unit_test(a_script_is_not_empty),
        cmocka_unit_test(an_item_is_text),
        cmocka_unit_test(an_item_has_arguments_or_files),
        cmocka_unit_test(files_stand_alone),
        cmocka_unit_test(what_is_inherited_is_a_truth_or_a_list_of_names),
        cmocka_unit_test(addresses_stand_alone_in_their_item),
        cmocka_unit_test(each_is_one_param),
        cmocka_unit_test(arguments_are_text),
        cmocka_unit_test(a_variable_is_text_or_null_or_conditional),
        cmocka_unit_test(variables_are_a_mapping),
        cmocka_unit_test(an_unknown_key_of_an_item_is_all_that_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
