#include "manifest_lines.h"

#include "manifest/document.h"

static void a_step_has_what_a_job_has(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct diags diags = diags_make(&arena);
    struct str text = STR("job: a\n"
                          "help: h\n"
                          "params: {fast: {type: bool, default: false}}\n"
                          "shell: [sh, -e]\n"
                          "steps:\n"
                          "  - {name: one, command: [x, y], env: {A: b}, workdir: w, stdout: o}\n"
                          "  - {name: two, script: s, when: {fast: true}, always: true}\n"
                          "  - {name: three, script: s, shell: [zsh], continue-on-error: true}\n");
    const struct manifest *m =
        manifest_parse(&arena, source_make(&arena, STR("m.yaml"), text), STR("a"), NULL, &diags);

    (void)state;
    assert_int_equal(diags.error_count, 0);
    assert_int_equal(m->step_count, 3);
    assert_str(m->steps[0].name, "one");
    assert_int_equal(m->steps[0].command_count, 2);
    assert_int_equal(m->steps[0].shell_count, 0);
    assert_str(m->steps[0].env[0].name, "A");
    assert_str(m->steps[0].workdir->node->text, "w");
    assert_str(m->steps[0].stdout_path->node->text, "o");
    assert_false(m->steps[0].always);
    assert_int_equal(m->steps[1].when->count, 1);
    assert_true(m->steps[1].always);
    assert_false(m->steps[1].continue_on_error);
    assert_int_equal(m->steps[1].shell_count, 2);
    assert_int_equal(m->steps[2].shell_count, 1);
    assert_true(m->steps[2].continue_on_error);
}

static void steps_are_a_list_that_is_not_empty(void **state)
{
    (void)state;
    expect_lines("steps: {a: b}\n",
                 "3:8 type: 'steps' must be a list, not a mapping\n"
                 "  ? write each as an item: - {name: build, command: [make]}\n");
    expect_lines("steps: []\n", "3:8 value: 'steps' must not be empty\n");
    expect_lines("steps: [x]\n", "3:9 type: a step must be a mapping, not text\n");
}

static void a_step_has_a_name_of_its_own(void **state)
{
    (void)state;
    expect_lines("steps:\n"
                 "  - {command: [x]}\n",
                 "4:5 missing-key: a step has no 'name'\n"
                 "  ? messages and logs name it: write name: compile\n");
    expect_lines("steps:\n"
                 "  - {name: a, command: [x]}\n"
                 "  - {name: a, command: [x]}\n",
                 "5:12 conflict: two steps are named 'a'\n"
                 "  @ 4:12 the other one\n");
    expect_lines(
        "steps:\n"
        "  - {name: A b, command: [x]}\n",
        "4:12 name: 'A b' cannot be the name of a step\n"
        "  ? use lower-case letters, digits and, between them, '.', '_' and '-', at most 100 "
        "of them\n");
}

static void a_step_runs_one_thing(void **state)
{
    (void)state;
    expect_lines("steps:\n"
                 "  - {name: a}\n",
                 "4:12 missing-key: step 'a' has neither a 'command' nor a 'script'\n"
                 "  ? write command: [program, argument]\n");
    expect_lines("steps:\n"
                 "  - {name: a, comand: [x]}\n",
                 "4:15 unknown-key: unknown key 'comand' in a step\n"
                 "  ? did you mean 'command'?\n");
    expect_lines("steps:\n"
                 "  - {name: a, command: [x], script: y}\n",
                 "4:29 conflict: 'script' excludes 'command'\n"
                 "  @ 4:15 the command is given here\n");
    expect_lines("steps:\n"
                 "  - {name: a, command: [x], shell: [sh]}\n",
                 "4:29 conflict: 'shell' goes with 'script' alone\n"
                 "  @ 4:15 a command is run without a shell\n");
}

static void what_belongs_to_one_step_is_not_said_of_all(void **state)
{
    (void)state;
    expect_lines("command: [x]\n"
                 "stdout: o\n"
                 "steps:\n"
                 "  - {name: a, command: [x]}\n",
                 "3:1 conflict: 'command' excludes 'steps'\n"
                 "  @ 5:1 the steps are given here\n"
                 "  ? make it one of the steps\n"
                 "4:1 conflict: 'stdout' excludes 'steps'\n"
                 "  @ 5:1 the steps are given here\n"
                 "  ? write it in the step whose output is meant\n");
    expect_lines("shell: [sh]\n"
                 "steps:\n"
                 "  - {name: a, command: [x]}\n",
                 "3:8 conflict: 'shell' is for scripts, and no step is one\n");
}

static void truths_are_true_or_false(void **state)
{
    (void)state;
    expect_lines("steps:\n"
                 "  - {name: a, command: [x], always: yes}\n",
                 "4:37 type: 'always' must be true or false, not 'yes'\n");
    expect_lines("steps:\n"
                 "  - {name: a, command: [x], continue-on-error: 1}\n",
                 "4:48 type: 'continue-on-error' must be true or false, not '1'\n");
}

static void steps_have_a_limit(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct buf text = buf_make(&arena, BUF_MAX_DEFAULT);

    (void)state;
    buf_addf(&text, "steps:\n");
    for (int i = 0; i <= MANIFEST_NAMES_MAX; i++) {
        buf_addf(&text, "- {name: s%d, command: [x]}\n", i);
    }
    expect_lines(buf_str(&text).s, "1004:3 limit: 'steps' has more than 1000 entries\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_has_what_a_job_has),
        cmocka_unit_test(steps_are_a_list_that_is_not_empty),
        cmocka_unit_test(a_step_has_a_name_of_its_own),
        cmocka_unit_test(a_step_runs_one_thing),
        cmocka_unit_test(what_belongs_to_one_step_is_not_said_of_all),
        cmocka_unit_test(truths_are_true_or_false),
        cmocka_unit_test(steps_have_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
