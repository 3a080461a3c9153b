#include "manifest_lines.h"

#include "manifest/document.h"

static const char GOOD[] =
    "# yaml-language-server: $schema=../schema/job.schema.json\n"
    "job: build-wheel\n"
    "help: The Python wheel for one platform.\n"
    "version: 1\n"
    "params:\n"
    "  platform: {type: enum, values: [linux-x64, linux-arm64, macos-arm64], default: host, help: "
    "Platform to build for}\n"
    "  mode:     {type: enum, values: [pypi, pr], default: pr, help: pypi embeds the web viewer}\n"
    "  release:  {type: string, pattern: '\\d+\\.\\d+\\.\\d+(-(alpha|rc)\\.\\d+)?', required: "
    "true}\n"
    "  features: {type: list, of: {type: string}, min-length: 0, default: []}\n"
    "  jobs:     {type: int, min: 1, default: 4, variant: false}\n"
    "  verbose:  {type: bool, default: false}\n"
    "select:\n"
    "  platform:\n"
    "    linux-x64:   {target: x86_64-unknown-linux-gnu,  lib: librerun_c.a, linker: lld}\n"
    "    linux-arm64: {target: aarch64-unknown-linux-gnu, lib: librerun_c.a, linker: null}\n"
    "    macos-arm64: {target: aarch64-apple-darwin,      lib: librerun_c.a, linker: \"null\"}\n"
    "vars:\n"
    "  dist: dist/${vars.target}\n"
    "inputs:\n"
    "  cli:\n"
    "    from: build-cli\n"
    "    output: bin\n"
    "    with: {platform: \"${params.platform}\", web: [on, off]}\n"
    "    to: rerun_py/cli/\n"
    "  notes: {from: release-notes, to: dist/NOTES.md, optional: true, when: {mode: pypi}}\n"
    "env:\n"
    "  RUSTFLAGS: --deny warnings\n"
    "  CARGO_PROFILE: {when: {mode: {not: [pr]}}, value: dist}\n"
    "  LINKER: \"${vars.linker}\"\n"
    "  PYTHONHOME: null\n"
    "  NOTHING: \"null\"\n"
    "timeout: 60m\n"
    "kill-after: 5s\n"
    "workdir: rerun_py\n"
    "command:\n"
    "  - maturin\n"
    "  - --target=${vars.target}\n"
    "  - --release=${params.release},${params.jobs},${vars.lib}\n"
    "  - {when: {verbose: true}, args: [-v, -v]}\n"
    "  - {each: \"${params.features}\", args: [--features, \"${each}\"]}\n"
    "  - {files: cli}\n"
    "  - --out=${vars.dist}\n"
    "outputs:\n"
    "  wheel: {path: \"${vars.dist}/*.whl\", count: 1, help: The wheel}\n"
    "  logs: {path: logs/, min: 1, max: 20, optional: true, when: {verbose: true, mode: [pr]}}\n"
    "  notes.txt: dist/notes.txt\n";

struct parsed {
    struct arena arena;
    const struct manifest *m;
};

static int parse_good(void **state)
{
    static struct parsed only;
    struct parsed *parsed = &only;
    struct diags diags = diags_make(&parsed->arena);

    parsed->m = manifest_parse(&parsed->arena,
                               source_make(&parsed->arena, STR("build-wheel.yaml"), STR(GOOD)),
                               STR("build-wheel"), NULL, &diags);
    *state = parsed;
    assert_str(lines_of(&parsed->arena, &diags), "");
    assert_non_null(parsed->m);
    return 0;
}

static int forget_good(void **state)
{
    struct parsed *parsed = *state;

    arena_free(&parsed->arena);
    return 0;
}

static const struct manifest *good(void **state)
{
    return ((struct parsed *)*state)->m;
}

/* The scalar that a template was made from. */
static struct str written(const struct template *template)
{
    return template->node->text;
}

static void the_head_of_a_manifest_is_read(void **state)
{
    const struct manifest *m = good(state);

    assert_str(m->source->name, "build-wheel.yaml");
    assert_str(m->name, "build-wheel");
    assert_int_equal(source_place(m->source, m->name_span.start).line, 2);
    assert_int_equal(source_place(m->source, m->name_span.start).column, 6);
    assert_str(m->help, "The Python wheel for one platform.");
    assert_int_equal(m->timeout_ms, 3600000);
    assert_int_equal(m->kill_after_ms, 5000);
    assert_str(written(m->workdir), "rerun_py");
    assert_int_equal(m->unread, 0);
    assert_false(m->is_broken);
}

static void params_are_read_in_their_order(void **state)
{
    const struct manifest *m = good(state);

    assert_int_equal(m->param_count, 6);
    assert_str(m->params[0]->name, "platform");
    assert_int_equal(m->params[0]->default_kind, DEFAULT_HOST);
    assert_str(m->params[2]->name, "release");
    assert_int_equal(m->params[2]->default_kind, DEFAULT_NONE);
    assert_int_equal(m->params[3]->domain.type, TYPE_LIST);
    assert_false(m->params[4]->variant);
    assert_ptr_equal(manifest_param(m, STR("verbose")), m->params[5]);
    assert_null(manifest_param(m, STR("verbos")));
}

static void a_table_gives_rows_and_vars(void **state)
{
    const struct manifest *m = good(state);
    const struct var *linker = manifest_var(m, STR("linker"));

    assert_int_equal(m->select_count, 1);
    assert_str(m->selects[0].param, "platform");
    assert_int_equal(m->selects[0].row_count, 3);
    assert_str(m->selects[0].rows[1].value, "linux-arm64");
    assert_int_equal(m->selects[0].rows[1].column_count, 3);
    assert_str(m->selects[0].rows[1].columns[0], "target");

    assert_int_equal(m->var_count, 4);
    assert_str(m->vars[0].name, "dist");
    assert_str(written(m->vars[0].text), "dist/${vars.target}");
    assert_null(m->vars[0].by.s);
    assert_non_null(linker);
    assert_null(linker->text);
    assert_str(linker->by, "platform");
    assert_int_equal(linker->row_count, 3);
    assert_str(linker->rows[2], "macos-arm64");
    assert_str(written(linker->cells[0]), "lld");
    assert_null(linker->cells[1]);
    assert_str(written(linker->cells[2]), "null");
    assert_null(manifest_var(m, STR("platform")));
}

static void inputs_are_read(void **state)
{
    const struct manifest *m = good(state);
    const struct input *cli = manifest_input(m, STR("cli"));
    const struct input *notes = manifest_input(m, STR("notes"));

    assert_int_equal(m->input_count, 2);
    assert_str(cli->from, "build-cli");
    assert_str(cli->output, "bin");
    assert_str(written(cli->to), "rerun_py/cli/");
    assert_null(cli->when);
    assert_false(cli->optional);
    assert_int_equal(cli->with_count, 2);
    assert_str(cli->with[0].name, "platform");
    assert_false(cli->with[0].is_list);
    assert_int_equal(cli->with[0].value_count, 1);
    assert_str(written(cli->with[0].values[0]), "${params.platform}");
    assert_true(cli->with[1].is_list);
    assert_int_equal(cli->with[1].value_count, 2);
    assert_str(written(cli->with[1].values[1]), "off");

    assert_null(notes->output.s);
    assert_true(notes->optional);
    assert_int_equal(notes->when->count, 1);
    assert_str(notes->when->terms[0].subject, "mode");
    assert_false(notes->when->terms[0].negated);
    assert_str(notes->when->terms[0].values[0], "pypi");
    assert_null(manifest_input(m, STR("wheel")));
}

static void outputs_are_read(void **state)
{
    const struct manifest *m = good(state);
    const struct output *wheel = manifest_output(m, STR("wheel"));
    const struct output *logs = manifest_output(m, STR("logs"));
    const struct output *notes = manifest_output(m, STR("notes.txt"));

    assert_int_equal(m->output_count, 3);
    assert_int_equal(wheel->path_count, 1);
    assert_str(written(wheel->paths[0]), "${vars.dist}/*.whl");
    assert_int_equal(wheel->count, 1);
    assert_int_equal(wheel->min, OUTPUT_NO_COUNT);
    assert_int_equal(wheel->max, OUTPUT_NO_COUNT);
    assert_str(wheel->help, "The wheel");
    assert_false(wheel->optional);
    assert_null(wheel->when);

    assert_int_equal(logs->count, OUTPUT_NO_COUNT);
    assert_int_equal(logs->min, 1);
    assert_int_equal(logs->max, 20);
    assert_true(logs->optional);
    assert_int_equal(logs->when->count, 2);
    assert_str(logs->when->terms[1].subject, "mode");
    assert_int_equal(logs->when->terms[1].value_count, 1);

    assert_str(written(notes->paths[0]), "dist/notes.txt");
    assert_str(notes->help, "");
    assert_null(manifest_output(m, STR("cli")));
}

static void variables_are_read(void **state)
{
    const struct manifest *m = good(state);

    assert_int_equal(m->env_count, 5);
    assert_str(m->env[0].name, "RUSTFLAGS");
    assert_str(written(m->env[0].text), "--deny warnings");
    assert_null(m->env[0].when);
    assert_str(written(m->env[1].text), "dist");
    assert_true(m->env[1].when->terms[0].negated);
    assert_str(m->env[1].when->terms[0].values[0], "pr");
    assert_null(m->env[3].text);
    assert_str(written(m->env[4].text), "null");
}

static void the_command_is_read_item_by_item(void **state)
{
    const struct manifest *m = good(state);
    const struct item *items = m->steps[0].command;

    assert_int_equal(m->step_count, 1);
    assert_null(m->steps[0].script);
    assert_int_equal(m->steps[0].command_count, 7);
    assert_int_equal(items[0].kind, ITEM_TEXT);
    assert_str(written(items[0].text), "maturin");
    assert_int_equal(items[3].kind, ITEM_ARGS);
    assert_str(items[3].when->terms[0].subject, "verbose");
    assert_null(items[3].each.s);
    assert_int_equal(items[3].arg_count, 2);
    assert_str(items[4].each, "features");
    assert_null(items[4].when);
    assert_str(written(items[4].args[1]), "${each}");
    assert_int_equal(items[5].kind, ITEM_FILES);
    assert_str(items[5].input, "cli");
}

static void a_script_has_a_shell(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    struct diags diags = diags_make(&arena);
    const struct manifest *m =
        manifest_parse(&arena,
                       source_make(&arena, STR("-"),
                                   STR("job: t\nhelp: h\nscript: |\n  a\n  b\nshell: [sh, -e]\n")),
                       STR(""), NULL, &diags);

    assert_int_equal(diags.count, 0);
    assert_int_equal(m->step_count, 1);
    assert_null(m->steps[0].command);
    assert_str(m->steps[0].script->text, "a\nb\n");
    assert_int_equal(m->steps[0].shell_count, 2);
    assert_str(written(m->steps[0].shell[1]), "-e");
    assert_int_equal(m->timeout_ms, 0);
    assert_int_equal(m->kill_after_ms, MANIFEST_KILL_AFTER_MS);
    assert_null(m->workdir);
}

static void expect_whole(const char *text, const char *expected)
{
    struct arena arena CLEANUP(arena_free) = {0};

    assert_string_equal(lines_of_manifest(&arena, text).s, expected);
}

static void a_manifest_is_a_mapping(void **state)
{
    (void)state;
    expect_whole("- a\n", "1:1 type: the manifest must be a mapping, not a list\n");
}

static void a_job_has_the_name_of_its_file(void **state)
{
    (void)state;
    expect_whole("job: other\nhelp: h\ncommand: [x]\n",
                 "1:6 job-name: job 'other' stands in the file 't.yaml'\n"
                 "  ? name the job 't', or the file 'other.yaml'\n");
    expect_whole("help: h\ncommand: [x]\n", "1:1 missing-key: the manifest has no 'job'\n"
                                            "  ? write job: and the file's name without .yaml\n");
    expect_whole("job: T x\nhelp: h\ncommand: [x]\n",
                 "1:6 name: 'T x' cannot be the name of a job\n"
                 "  ? use lower-case letters, digits and, between them, '.', '_' and '-', at most "
                 "100 of them\n");
    expect_whole("jbo: t\nhelp: h\ncommand: [x]\n", "1:1 unknown-key: unknown key 'jbo' in the "
                                                    "manifest\n  ? did you mean 'job'?\n");
}

static void a_job_without_help_is_a_warning(void **state)
{
    (void)state;
    expect_whole("job: t\ncommand: [x]\n", "1:6 ~help: the job has no 'help'\n"
                                           "  ? say in one line what it makes\n");
    expect_whole("job: t\nhelp: ' '\ncommand: [x]\n", "2:7 ~help: 'help' is empty\n");
}

static void of_another_language_version_nothing_else_is_judged(void **state)
{
    (void)state;
    expect_whole("job: T\nversion: 2\nfoo: 1\n",
                 "2:10 value: this is language version 2; this jobrun knows version 1\n"
                 "  ? run it with a newer jobrun\n");
    expect_lines("version: one\ncommand: [x]\n",
                 "3:10 type: 'version' must be a whole number, not 'one'\n");
    expect_lines("version: 0\ncommand: [x]\n", "3:10 value: 'version' must be at least 1\n");
}

static void unknown_keys_name_the_nearest(void **state)
{
    (void)state;
    expect_lines("command: [x]\noutptus: {}\n",
                 "4:1 unknown-key: unknown key 'outptus' in the manifest\n"
                 "  ? did you mean 'outputs'?\n");
}

static void times_are_durations(void **state)
{
    (void)state;
    expect_lines("command: [x]\ntimeout: 60\nkill-after: 0s\n",
                 "4:10 value: '60' is not a duration\n"
                 "  ? write a number and s, m or h, at most 30 days: 90s, 60m, 2h\n"
                 "5:13 value: 'kill-after' must be more than 0\n");
    expect_lines("command: [x]\ntimeout: [1s]\nworkdir: {}\n",
                 "4:10 type: 'timeout' must be text, not a list\n"
                 "5:10 type: 'workdir' must be text, not a mapping\n");
}

static void names_have_a_limit(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    struct buf vars = buf_make(&arena, BUF_MAX_DEFAULT);
    struct buf outputs = buf_make(&arena, BUF_MAX_DEFAULT);

    buf_add(&vars, STR("command: [x, '${vars.none}']\nparams: {p: {type: bool, default: true}}\n"
                       "select: {p: {true: {c: x, d: y}, false: {c: x, d: y}}}\nvars:\n"));
    buf_add(&outputs, STR("command: [x]\noutputs:\n"));
    for (int i = 0; i <= MANIFEST_NAMES_MAX; i++) {
        buf_addf(&outputs, "  o%d: a/%d\n", i, i);
        if (i < MANIFEST_NAMES_MAX) {
            buf_addf(&vars, "  v%d: x\n", i);
        }
    }
    expect_lines(buf_str(&vars).s, "5:21 limit: there are more than 1000 vars and columns\n");
    expect_lines(buf_str(&outputs).s, "1005:3 limit: 'outputs' has more than 1000 entries\n");
}

static void a_file_without_job_is_told_that_alone(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};

    (void)state;
    assert_string_equal(lines_of_manifest(&arena, "params: {a: {default: x}}\n").s,
                        "1:1 missing-key: the manifest has no 'job'\n"
                        "  ? write job: and the file's name without .yaml\n");
    assert_string_equal(lines_of_manifest(&arena, "command: [x]\n").s,
                        "1:1 missing-key: the manifest has no 'job'\n"
                        "  ? write job: and the file's name without .yaml\n");
}

static void what_a_merge_may_have_brought_is_not_missed(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};

    (void)state;
    assert_string_equal(lines_of_manifest(&arena, "job: t\n"
                                                  "params:\n"
                                                  "  a: &a {type: enum, values: [b], default: b}\n"
                                                  "  c: {<<: *a}\n"
                                                  "  d: {<<: *a, type: enum}\n"
                                                  "inputs: {i: {<<: *a}}\n"
                                                  "<<: *a\n")
                            .s,
                        "4:7 syntax: '<<' is not part of this language\n"
                        "  ? write the keys out\n"
                        "5:7 syntax: '<<' is not part of this language\n"
                        "  ? write the keys out\n"
                        "6:14 syntax: '<<' is not part of this language\n"
                        "  ? write the keys out\n"
                        "7:1 syntax: '<<' is not part of this language\n"
                        "  ? write the keys out\n");
}

int main(void)
{
    const struct CMUnitTest of_good[] = {
        cmocka_unit_test(the_head_of_a_manifest_is_read),
        cmocka_unit_test(params_are_read_in_their_order),
        cmocka_unit_test(a_table_gives_rows_and_vars),
        cmocka_unit_test(inputs_are_read),
        cmocka_unit_test(outputs_are_read),
        cmocka_unit_test(variables_are_read),
        cmocka_unit_test(the_command_is_read_item_by_item),
    };
    const struct CMUnitTest others[] = {
        cmocka_unit_test(a_script_has_a_shell),
        cmocka_unit_test(a_manifest_is_a_mapping),
        cmocka_unit_test(a_job_has_the_name_of_its_file),
        cmocka_unit_test(a_job_without_help_is_a_warning),
        cmocka_unit_test(of_another_language_version_nothing_else_is_judged),
        cmocka_unit_test(unknown_keys_name_the_nearest),
        cmocka_unit_test(times_are_durations),
        cmocka_unit_test(names_have_a_limit),
        cmocka_unit_test(a_file_without_job_is_told_that_alone),
        cmocka_unit_test(what_a_merge_may_have_brought_is_not_missed),
    };
    int failed = cmocka_run_group_tests(of_good, parse_good, forget_good);

    return failed + cmocka_run_group_tests(others, NULL, NULL);
}
