#include "job_workspace.h"

#define JOB_HEAD(name) "job: " name "\nhelp: A job for tests.\n"
#define HEX            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

/* What a producer with one output and one param is called in these tests. */
#define MAKER(name)                                                 \
    JOB_HEAD(name)                                                  \
    "params: {part: {type: enum, values: [a, b, c], default: a}}\n" \
    "command: [make, \"${params.part}\"]\n"                         \
    "outputs: {out: out/}\n"

static const char NASTY[] = "-$(id)`id`'\"\\\n* ${HOME} $${x} \xc3\xa4;&|<>!~# ";

static struct entry entry(enum entry_kind kind, const char *path)
{
    return (struct entry){
        .kind = kind,
        .output = STR("out"),
        .path = str_from(path),
        .mode = 0644,
        .size_bytes = 4,
        .sha256 = STR(HEX),
        .target = STR("x"),
    };
}

/* One supply for each element, all of them absent. */
static struct supply *make_supplies(struct workspace *w, const struct job *job, size_t *count)
{
    struct supply *supplies = arena_array(&w->arena, 100, sizeof *supplies);

    *count = 0;
    for (size_t i = 0; i < job->manifest->input_count; i++) {
        for (size_t j = 0; j < job->inputs[i].element_count; j++) {
            const struct element *element = &job->inputs[i].elements[j];
            supplies[(*count)++] = (struct supply){.input = &job->inputs[i],
                                                   .element = element,
                                                   .state = SUPPLY_ABSENT,
                                                   .address = element->address};
        }
    }
    return supplies;
}

/* Files at these paths; a path that ends in '@' is a link, in '/' a folder. */
static void fill(struct workspace *w, struct supply *supply, const char *const *paths)
{
    supply->state = SUPPLY_THERE;
    supply->entries = arena_array(&w->arena, 100, sizeof *supply->entries);
    supply->entry_count = 0;
    for (size_t i = 0; paths[i]; i++) {
        struct str path = str_copy(&w->arena, str_from(paths[i]));
        char last = path.s[path.n - 1];
        enum entry_kind kind = last == '@' ? ENTRY_LINK : (last == '/' ? ENTRY_FOLDER : ENTRY_FILE);
        struct entry *made = &supply->entries[supply->entry_count++];
        *made = entry(kind, path.s);
        made->path = str_slice(path, 0, kind == ENTRY_FILE ? path.n : path.n - 1);
    }
}

#define PATHS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct plan *plan_good(struct workspace *w, const struct job *job,
                                    const struct supply *supplies, size_t count)
{
    const struct plan *plan = plan_make(&w->arena, job, supplies, count, &w->diags);

    if (!plan) {
        show_diags(&w->diags);
        fail_msg("the plan could not be made");
    }
    return plan;
}

/* A job without inputs. */
static const struct plan *plan_of(struct workspace *w, const char *manifest,
                                  const char *const *given)
{
    write_manifest(w, "a", manifest);
    return plan_good(w, bind_good(w, "a", given), NULL, 0);
}

static const char *variable(const struct plan *plan, const char *name)
{
    struct variables variables = {plan->commands[0].envp};

    return variables_get(&variables, name).s;
}

static struct str below_root(struct workspace *w, const char *path)
{
    return str_format(&w->arena, "%s/%s", w->context.root.s, path);
}

static void assert_argv(const struct plan *plan, const char *const *expected)
{
    const struct command *command = &plan->commands[0];
    size_t i = 0;

    for (; expected[i]; i++) {
        if (i >= command->argc) {
            fail_msg("item %zu '%s' is missing", i, expected[i]);
        }
        assert_string_equal(command->argv[i], expected[i]);
    }
    assert_int_equal(command->argc, i);
    assert_null(command->argv[i]);
}

static void bytes_arrive_unchanged_in_argv_and_environment(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    const char *given = str_format(&w.arena, "text=%s", NASTY).s;
    /* An element of a list has no line end. */
    char *one_line = arena_copy(&w.arena, NASTY, sizeof NASTY);
    *strchr(one_line, '\n') = '+';
    const char *item = str_format(&w.arena, "list=%s", one_line).s;
    const struct plan *plan =
        plan_of(&w,
                JOB_HEAD("a") "params: {text: {type: string, required: true},\n"
                              "  list: {type: list, of: {type: string}, required: true}}\n"
                              "vars: {copy: \"<${params.text}>\"}\n"
                              "env: {MINE: \"${vars.copy}\"}\n"
                              "command: [prog, \"${params.text}\", \"--x=${vars.copy}\",\n"
                              "  {each: \"${params.list}\", args: [\"${each}\", \"[${each}]\"]}]\n",
                GIVEN(given, item, "list=2"));
    const char *copy = str_format(&w.arena, "<%s>", NASTY).s;

    assert_argv(plan, PATHS("prog", NASTY, str_format(&w.arena, "--x=%s", copy).s, one_line,
                            str_format(&w.arena, "[%s]", one_line).s, "2", "[2]"));
    assert_string_equal(variable(plan, "PARAM_TEXT"), NASTY);
    assert_string_equal(variable(plan, "PARAM_LIST"), str_format(&w.arena, "%s\n2", one_line).s);
    assert_string_equal(variable(plan, "VAR_COPY"), copy);
    assert_string_equal(variable(plan, "MINE"), copy);
}

static void items_are_there_when_they_hold_and_left_out_when_they_are_null(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    const char *manifest =
        JOB_HEAD("a") "params:\n"
                      "  mode: {type: enum, values: [x, y], default: x}\n"
                      "  v: {type: bool, default: false}\n"
                      "  f: {type: list, of: {type: string}, min-length: 0, default: []}\n"
                      "select: {mode: {x: {flag: null}, y: {flag: --y}}}\n"
                      "command: [prog, \"${vars.flag}\", \"\", {when: {v: true}, args: [-v, "
                      "\"${vars.flag}\"]},\n"
                      "  {each: \"${params.f}\", args: [-f, \"${each}\"]},\n"
                      "  {each: \"${params.f}\", when: {mode: y}, args: [\"${each}\"]}]\n";

    assert_argv(plan_of(&w, manifest, NULL), PATHS("prog", ""));
    assert_argv(plan_of(&w, manifest, GIVEN("v=true", "f=1")), PATHS("prog", "", "-v", "-f", "1"));
    assert_argv(plan_of(&w, manifest, GIVEN("mode=y", "v=true", "f=1", "f=2")),
                PATHS("prog", "--y", "", "-v", "--y", "-f", "1", "-f", "2", "1", "2"));
}

static void a_script_is_given_to_its_shell_as_it_is_written(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    const struct plan *plan =
        plan_of(&w, JOB_HEAD("a") "script: |\n  echo \"$PARAM_X ${HOME} $(id)\"\n  exit 3\n", NULL);
    assert_str(plan->commands[0].script, "echo \"$PARAM_X ${HOME} $(id)\"\nexit 3\n");
    assert_argv(plan, PATHS("bash", "--noprofile", "--norc", "-euo", "pipefail"));
    assert_str(plan->commands[0].workdir, w.context.root.s);
    assert_int_equal(plan->timeout_ms, 0);
    assert_int_equal(plan->kill_after_ms, MANIFEST_KILL_AFTER_MS);
}

static void a_shell_a_workdir_and_a_timeout_are_as_declared(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    const struct plan *plan = plan_of(&w,
                                      JOB_HEAD("a") "params: {p: {type: string, default: x}}\n"
                                                    "shell: [python3, -I, \"${params.p}\"]\n"
                                                    "script: print()\n"
                                                    "workdir: \"sub/${params.p}\"\n"
                                                    "timeout: 90s\nkill-after: 2s\n",
                                      NULL);
    assert_argv(plan, PATHS("python3", "-I", "x"));
    assert_str(plan->commands[0].workdir, below_root(&w, "sub/x").s);
    assert_int_equal(plan->timeout_ms, 90000);
    assert_int_equal(plan->kill_after_ms, 2000);

    assert_null(bind_job(&w, "a", GIVEN("p=..")));
    assert_int_equal(
        find_diag(&w, "value '..' of param 'p' cannot stand in a path: it is '..'")->status,
        STATUS_USAGE);
}

static void the_environment_is_the_callers_with_the_jobs_on_top(void **state)
{
    static const char *const VARIABLES[] = {"PATH=/bin",
                                            "TWICE=1",
                                            "TWICE=2",
                                            "GONE=1",
                                            "NULLED=1",
                                            "KEPT=as it was",
                                            "VAR_FLAG=stale",
                                            "EMPTY=",
                                            "JOBRUN_ENV=CI",
                                            "JOB_ENV=stale",
                                            "no equals",
                                            "AWS_PROFILE=work",
                                            "GOOGLE_APPLICATION_CREDENTIALS=/x",
                                            NULL};
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    w.context.variables.list = VARIABLES;
    const struct plan *plan =
        plan_of(&w,
                JOB_HEAD("a") "params:\n"
                              "  mode: {type: enum, values: [x, y], default: x}\n"
                              "  build-type: {type: string, default: t}\n"
                              "select: {mode: {x: {flag: null}, y: {flag: --y}}}\n"
                              "vars: {out-dir: o}\n"
                              "env:\n"
                              "  GONE: null\n"
                              "  NULLED: \"${vars.flag}\"\n"
                              "  KEPT: {when: {mode: y}, value: changed}\n"
                              "  SET: {when: {mode: x}, value: \"${params.build-type}\"}\n"
                              "  BLANK: \"\"\n"
                              "command: [prog, \"${vars.out-dir}\"]\n"
                              "outputs:\n"
                              "  wheel: \"dist/x/*.whl\"\n"
                              "  tree: tree/\n"
                              "  one-file: f.txt\n"
                              "  top: \"*.log\"\n"
                              "  off: {path: off/, when: {mode: y}}\n",
                NULL);
    assert_string_equal(variable(plan, "PATH"), "/bin");
    size_t twice = 0;
    for (size_t i = 0; plan->commands[0].envp[i]; i++) {
        twice += str_starts(str_from(plan->commands[0].envp[i]), STR("TWICE="));
    }
    assert_int_equal(twice, 1);
    assert_string_equal(variable(plan, "TWICE"), "1");
    assert_null(variable(plan, "GONE"));
    assert_null(variable(plan, "NULLED"));
    assert_null(variable(plan, "VAR_FLAG"));
    assert_string_equal(variable(plan, "KEPT"), "as it was");
    assert_string_equal(variable(plan, "EMPTY"), "");
    assert_string_equal(variable(plan, "BLANK"), "");
    assert_string_equal(variable(plan, "SET"), "t");
    assert_string_equal(variable(plan, "JOBRUN_ENV"), "CI");
    /* The store is a folder: it has no credentials. */
    assert_string_equal(variable(plan, "AWS_PROFILE"), "work");
    assert_string_equal(variable(plan, "PARAM_BUILD_TYPE"), "t");
    assert_string_equal(variable(plan, "VAR_OUT_DIR"), "o");
    assert_string_equal(variable(plan, "OUTPUT_WHEEL"), below_root(&w, "dist/x").s);
    assert_string_equal(variable(plan, "OUTPUT_TREE"), below_root(&w, "tree").s);
    assert_string_equal(variable(plan, "OUTPUT_ONE_FILE"), below_root(&w, "f.txt").s);
    assert_string_equal(variable(plan, "OUTPUT_TOP"), w.context.root.s);
    assert_string_equal(variable(plan, "OUTPUT_OFF"), "");
    assert_string_equal(variable(plan, "JOB_NAME"), "a");
    assert_string_equal(variable(plan, "JOB_COMMIT"), COMMIT);
    assert_string_equal(variable(plan, "JOB_ENV"), "dev");
    assert_string_equal(variable(plan, "JOB_ROOT"), w.context.root.s);
    assert_string_equal(variable(plan, "JOB_URL"), plan->job->url.s);

    static const char *const OWN[] = {
        "BLANK",      "GONE",        "JOB_COMMIT",   "JOB_ENV",          "JOB_NAME",
        "JOB_ROOT",   "JOB_URL",     "NULLED",       "OUTPUT_OFF",       "OUTPUT_ONE_FILE",
        "OUTPUT_TOP", "OUTPUT_TREE", "OUTPUT_WHEEL", "PARAM_BUILD_TYPE", "PARAM_MODE",
        "SET",        "VAR_FLAG",    "VAR_OUT_DIR"};
    assert_int_equal(plan->commands[0].own_env_count, ARRAY_COUNT(OWN));
    for (size_t i = 0; i < ARRAY_COUNT(OWN); i++) {
        assert_str(plan->commands[0].own_env[i], OWN[i]);
    }
}

static void a_command_sees_what_is_inherited_by_name(void **state)
{
    static const char *const VARIABLES[] = {"PATH=/bin", "CARGO_HOME=/c",    "CARGO=x",
                                            "HOME=/h",   "AWS_PROFILE=work", "JOB_NAME=other",
                                            NULL};
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    w.context.variables.list = VARIABLES;
    w.context.store_url = STR("s3://b");
    const struct plan *plan =
        plan_of(&w,
                JOB_HEAD("a") "inherit-env: [PATH, \"CARGO_*\", \"AWS*\", NOT_THERE, HOME]\n"
                              "env: {HOME: /elsewhere}\ncommand: [prog]\n",
                NULL);
    assert_string_equal(variable(plan, "PATH"), "/bin");
    assert_string_equal(variable(plan, "CARGO_HOME"), "/c");
    assert_string_equal(variable(plan, "HOME"), "/elsewhere");
    assert_string_equal(variable(plan, "JOB_NAME"), "a");
    assert_null(variable(plan, "CARGO"));
    assert_null(variable(plan, "NOT_THERE"));
    assert_null(variable(plan, "AWS_PROFILE")); /* a credential of the store */
    const struct command *command = &plan->commands[0];
    assert_false(command->inherits_all);
    assert_int_equal(command->inherited_count, 2);
    assert_str(command->inherited[0], "CARGO_HOME");
    assert_str(command->inherited[1], "PATH");
    assert_null(command->search_path);
}

static void a_program_is_found_by_the_callers_path_that_it_does_not_see(void **state)
{
    static const char *const VARIABLES[] = {"PATH=/bin", NULL};
    static const struct {
        const char *keys, *search_path, *path;
    } CASES[] = {
        {"inherit-env: false\n", "/bin", NULL},
        {"inherit-env: [HOME]\n", "/bin", NULL},
        {"inherit-env: false\nenv: {PATH: /own}\n", NULL, "/own"},
        {"inherit-env: false\nenv: {PATH: null}\n", NULL, NULL},
        {"inherit-env: true\n", NULL, "/bin"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(CASES); i++) {
        struct workspace w CLEANUP(workspace_close);
        workspace_open(&w);
        w.context.variables.list = VARIABLES;
        struct str text = str_format(&w.arena, JOB_HEAD("a") "command: [prog]\n%s", CASES[i].keys);
        const struct plan *plan = plan_of(&w, text.s, NULL);
        const char *search_path = plan->commands[0].search_path;
        const char *path = variable(plan, "PATH");
        assert_string_equal(search_path ? search_path : "-",
                            CASES[i].search_path ? CASES[i].search_path : "-");
        assert_string_equal(path ? path : "-", CASES[i].path ? CASES[i].path : "-");
    }
}

static void a_command_does_not_see_the_credentials_of_the_store(void **state)
{
    static const struct {
        const char *store;
        bool google, aws;
    } CASES[] = {{"gs://b/p", false, true}, {"s3://b", true, false}, {"/folder", true, true}};
    static const char *const VARIABLES[] = {"GOOGLE_APPLICATION_CREDENTIALS=x",
                                            "ACTIONS_ID_TOKEN_REQUEST_TOKEN=x",
                                            "AWS_SECRET_ACCESS_KEY=x", "AWS_SESSION_TOKEN=x", NULL};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(CASES); i++) {
        struct workspace w CLEANUP(workspace_close);
        workspace_open(&w);
        w.context.variables.list = VARIABLES;
        w.context.store_url = str_from(CASES[i].store);
        const struct plan *plan = plan_of(&w, JOB_HEAD("a") "command: [prog]\n", NULL);
        assert_int_equal(variable(plan, "GOOGLE_APPLICATION_CREDENTIALS") != NULL, CASES[i].google);
        assert_int_equal(variable(plan, "ACTIONS_ID_TOKEN_REQUEST_TOKEN") != NULL, CASES[i].google);
        assert_int_equal(variable(plan, "AWS_SECRET_ACCESS_KEY") != NULL, CASES[i].aws);
        assert_int_equal(variable(plan, "AWS_SESSION_TOKEN") != NULL, CASES[i].aws);
    }
}

static void a_plan_has_no_value_of_a_secret(void **state)
{
    static const char *const VARIABLES[] = {"TOKEN=x", "OTHER=x", "AWS_SESSION_TOKEN=x", NULL};
    (void)state;
    struct workspace w CLEANUP(workspace_close);
    workspace_open(&w);
    w.context.variables.list = VARIABLES;
    w.context.store_url = STR("s3://b");
    const struct plan *plan =
        plan_of(&w,
                JOB_HEAD("a") "inherit-env: [TOKEN, OTHER]\n"
                              "steps:\n"
                              "  - {name: one, command: [x], secrets: [TOKEN]}\n"
                              "  - {name: two, command: [x], secrets: [AWS_SESSION_TOKEN]}\n",
                NULL);
    for (size_t i = 0; i < plan->command_count; i++) {
        const struct command *command = &plan->commands[i];
        assert_int_equal(command->inherited_count, 1);
        assert_str(command->inherited[0], "OTHER");
        for (size_t j = 0; command->envp[j] != NULL; j++) {
            assert_null(strstr(command->envp[j], "TOKEN"));
        }
    }
}

/* A job with three inputs: a file by name, a folder, an optional one. */
static const struct job *consumer(struct workspace *w)
{
    write_manifest(w, "one", MAKER("one"));
    write_manifest(w, "two", MAKER("two"));
    write_manifest(
        w, "a",
        JOB_HEAD(
            "a") "inputs:\n"
                 "  tool: {from: one, to: bin/tool.exe}\n"
                 "  tree: {from: two, to: lib/tree/}\n"
                 "  note: {from: two, with: {part: b}, to: notes/n.md, optional: true}\n"
                 "vars: {where: \"${inputs.tree.path}/x\", out: \"${outputs.o.path}/y\"}\n"
                 "command: [prog, \"${inputs.tool.path}\", \"${vars.where}\", \"${vars.out}\",\n"
                 "  {files: tree}, \"n=${inputs.note.path}\", {files: note}]\n"
                 "outputs: {o: out/}\n");
    return bind_good(w, "a", NULL);
}

static void inputs_land_and_their_paths_are_absolute(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    size_t count;
    (void)state;
    workspace_open(&w);
    const struct job *job = consumer(&w);
    struct supply *supplies = make_supplies(&w, job, &count);
    fill(&w, &supplies[0], PATHS("deep/tool-1.2"));
    fill(&w, &supplies[1], PATHS("b", "a/z", "empty/", "l@", "a-b"));

    const struct plan *plan = plan_good(&w, job, supplies, count);
    assert_int_equal(plan->landing_count, 6);
    assert_str(plan->landings[0].destination, "bin/tool.exe");
    assert_str(plan->landings[1].destination, "lib/tree/a-b");
    assert_str(plan->landings[2].destination, "lib/tree/a/z");
    assert_ptr_equal(plan->landings[2].supply, &supplies[1]);
    assert_str(plan->landings[2].entry->path, "a/z");
    assert_argv(plan, PATHS("prog", below_root(&w, "bin/tool.exe").s,
                            below_root(&w, "lib/tree/x").s, below_root(&w, "out/y").s,
                            below_root(&w, "lib/tree/a-b").s, below_root(&w, "lib/tree/a/z").s,
                            below_root(&w, "lib/tree/b").s, below_root(&w, "lib/tree/l").s, "n="));
    assert_string_equal(variable(plan, "INPUT_TOOL"), below_root(&w, "bin/tool.exe").s);
    assert_string_equal(variable(plan, "INPUT_TREE"), below_root(&w, "lib/tree").s);
    assert_string_equal(variable(plan, "INPUT_NOTE"), "");
    assert_string_equal(variable(plan, "VAR_WHERE"), below_root(&w, "lib/tree/x").s);
}

static void a_folder_with_one_file_in_it_is_that_file(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    size_t count;
    (void)state;
    workspace_open(&w);
    const struct job *job = consumer(&w);
    struct supply *supplies = make_supplies(&w, job, &count);
    fill(&w, &supplies[0], PATHS("t"));
    fill(&w, &supplies[1], PATHS("sub/only"));
    fill(&w, &supplies[2], PATHS("n"));

    const struct plan *plan = plan_good(&w, job, supplies, count);
    assert_string_equal(variable(plan, "INPUT_TREE"), below_root(&w, "lib/tree/sub/only").s);
    assert_string_equal(variable(plan, "INPUT_NOTE"), below_root(&w, "notes/n.md").s);

    fill(&w, &supplies[1], PATHS("sub/only/"));
    plan = plan_good(&w, job, supplies, count);
    assert_string_equal(variable(plan, "INPUT_TREE"), below_root(&w, "lib/tree").s);
}

static void what_is_missing_in_a_dry_run_is_named_in_its_place(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    size_t count;
    (void)state;
    workspace_open(&w);
    const struct job *job = consumer(&w);
    struct supply *supplies = make_supplies(&w, job, &count);

    const struct plan *plan = plan_good(&w, job, supplies, count);
    assert_int_equal(plan->landing_count, 0);
    assert_argv(plan,
                PATHS("prog", below_root(&w, "bin/tool.exe").s, below_root(&w, "lib/tree/x").s,
                      below_root(&w, "out/y").s, "<files of input 'tree'>", "n="));
}

static void a_fan_in_is_the_folder_that_all_of_it_lies_in(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    size_t count;
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "one", MAKER("one"));
    write_manifest(
        &w, "a",
        JOB_HEAD(
            "a") "inputs:\n"
                 "  libs: {from: one, to: \"lib/x/${with.part}/l.so\", with: {part: [c, a, b]}}\n"
                 "  tops: {from: one, to: \"${with.part}/\", with: {part: [a, b]}, optional: "
                 "true}\n"
                 "command: [prog, {files: libs}, {files: tops}, \"${inputs.libs.path}\"]\n");
    const struct job *job = bind_good(&w, "a", NULL);
    struct supply *supplies = make_supplies(&w, job, &count);
    for (size_t i = 0; i < 3; i++) {
        fill(&w, &supplies[i], PATHS("lib.so"));
    }
    fill(&w, &supplies[4], PATHS("z", "y"));

    const struct plan *plan = plan_good(&w, job, supplies, count);
    assert_argv(plan,
                PATHS("prog", below_root(&w, "lib/x/c/l.so").s, below_root(&w, "lib/x/a/l.so").s,
                      below_root(&w, "lib/x/b/l.so").s, below_root(&w, "b/y").s,
                      below_root(&w, "b/z").s, below_root(&w, "lib/x").s));
    assert_string_equal(variable(plan, "INPUT_TOPS"), w.context.root.s);
}

static void an_input_that_is_not_wanted_is_empty(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "one", MAKER("one"));
    const struct plan *plan =
        plan_of(&w,
                JOB_HEAD("a") "params: {p: {type: bool, default: false}}\n"
                              "inputs: {x: {from: one, to: x/, when: {p: true}}}\n"
                              "command: [prog, {files: x},\n"
                              "  {when: {p: true}, args: [\"${inputs.x.path}\"]}]\n",
                NULL);
    assert_argv(plan, PATHS("prog"));
    assert_string_equal(variable(plan, "INPUT_X"), "");
}

static void the_name_of_one_file_takes_exactly_one_file(void **state)
{
    static const struct {
        const char *paths[4];
        const char *has;
    } CASES[] = {{{"a", "b", "c"}, "3 files"},
                 {{"a@"}, "a link"},
                 {{"a/"}, "a folder"},
                 {{NULL}, "no file"}};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(CASES); i++) {
        struct workspace w CLEANUP(workspace_close);
        size_t count;
        workspace_open(&w);
        const struct job *job = consumer(&w);
        struct supply *supplies = make_supplies(&w, job, &count);
        fill(&w, &supplies[0], CASES[i].paths);
        assert_null(plan_make(&w.arena, job, supplies, count, &w.diags));
        const struct diag *diag = find_diag(
            &w,
            str_format(&w.arena, "input 'tool' has %s, and 'bin/tool.exe' is the name of one file",
                       CASES[i].has)
                .s);
        assert_int_equal(diag->status, STATUS_MANIFEST);
        assert_str(spanned(diag->span), "bin/tool.exe");
        assert_str(diag->helps[0], "end 'to' with '/' to name a folder");
    }
}

static void an_optional_output_that_matched_nothing_names_no_file(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    size_t count;
    (void)state;
    workspace_open(&w);
    const struct job *job = consumer(&w);
    struct supply *supplies = make_supplies(&w, job, &count);
    supplies[2].state = SUPPLY_THERE;

    const struct plan *plan = plan_good(&w, job, supplies, count);
    assert_string_equal(variable(plan, "INPUT_NOTE"), "");
}

static const struct job *clashing(struct workspace *w, struct supply **supplies, size_t *count)
{
    write_manifest(w, "one", MAKER("one"));
    write_manifest(w, "two", MAKER("two"));
    write_manifest(w, "a",
                   JOB_HEAD("a") "inputs: {x: {from: one, to: lib/}, y: {from: two, to: lib/,\n"
                                 "  with: {part: [b]}}}\n"
                                 "command: [prog]\n");
    const struct job *job = bind_good(w, "a", NULL);
    *supplies = make_supplies(w, job, count);
    return job;
}

static void two_files_for_one_destination_name_both_producers(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    struct supply *supplies;
    size_t count;
    (void)state;
    workspace_open(&w);
    const struct job *job = clashing(&w, &supplies, &count);
    fill(&w, &supplies[0], PATHS("a", "b/c"));
    fill(&w, &supplies[1], PATHS("b/c", "b/d"));

    assert_null(plan_make(&w.arena, job, supplies, count, &w.diags));
    const struct diag *diag =
        find_diag(&w, "output 'out' of job 'one' and output 'out' of job 'two' (part=b) both land "
                      "at 'lib/b/c'");
    assert_int_equal(diag->status, STATUS_MANIFEST);
    assert_str(spanned(diag->span), "one");
    assert_str(spanned(diag->labels[0].span), "b");
    assert_int_equal(w.diags.error_count, 1);
}

static void a_destination_below_anothers_file_is_a_clash_too(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    struct supply *supplies;
    size_t count;
    (void)state;
    workspace_open(&w);
    const struct job *job = clashing(&w, &supplies, &count);
    fill(&w, &supplies[0], PATHS("d/e/f", "d-x", "d.y"));
    fill(&w, &supplies[1], PATHS("d", "d-z"));

    assert_null(plan_make(&w.arena, job, supplies, count, &w.diags));
    find_diag(&w, "output 'out' of job 'one' lands at 'lib/d/e/f', which is below the file 'lib/d' "
                  "of output 'out' of job 'two' (part=b)");
    assert_int_equal(w.diags.error_count, 1);
}

static void folders_of_two_inputs_may_be_one(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    struct supply *supplies;
    size_t count;
    (void)state;
    workspace_open(&w);
    const struct job *job = clashing(&w, &supplies, &count);
    fill(&w, &supplies[0], PATHS("d/", "e/"));
    fill(&w, &supplies[1], PATHS("d/", "e/f"));
    assert_non_null(plan_good(&w, job, supplies, count));

    fill(&w, &supplies[1], PATHS("d"));
    assert_null(plan_make(&w.arena, job, supplies, count, &w.diags));
}

static void nothing_lands_in_git_in_jobrun_or_in_the_store(void **state)
{
    static const struct {
        const char *path;
        const char *problem;
    } CASES[] = {
        {".git/config", "leads into a folder that jobrun does not touch"},
        {"sub/.Git/hooks/x", "leads into a folder that jobrun does not touch"},
        {"store/x", "leads into the store"},
        {"../x", "has a '..' segment"},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(CASES); i++) {
        struct workspace w CLEANUP(workspace_close);
        struct supply *supplies;
        size_t count;
        workspace_open(&w);
        w.context.store_url = below_root(&w, "lib/store");
        const struct job *job = clashing(&w, &supplies, &count);
        fill(&w, &supplies[0], PATHS("fine", CASES[i].path));
        assert_null(plan_make(&w.arena, job, supplies, count, &w.diags));
        find_diag(&w, str_format(&w.arena, "'lib/%s', where input 'x' lands, %s", CASES[i].path,
                                 CASES[i].problem)
                          .s);
    }
}

static void more_files_than_the_limit_are_refused(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    struct supply *supplies;
    size_t count;
    (void)state;
    workspace_open(&w);
    const struct job *job = clashing(&w, &supplies, &count);
    fill(&w, &supplies[0], PATHS("a"));
    supplies[1].state = SUPPLY_THERE;
    supplies[1].entry_count = PLAN_LANDINGS_MAX;
    assert_null(plan_make(&w.arena, job, supplies, count, &w.diags));
    find_diag(&w, "the inputs have more than 1000000 files");
}

static void a_command_has_a_limited_number_of_arguments(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    struct buf buf = buf_make(&w.arena, BUF_MAX_DEFAULT);
    buf_add(&buf, STR(JOB_HEAD("a") "params:\n  l: {type: list, of: {type: int}, default: ["));
    for (int i = 0; i < 1000; i++) {
        buf_addf(&buf, "%s%d", i > 0 ? ", " : "", i);
    }
    buf_add(&buf, STR("]}\ncommand: [prog, {each: \"${params.l}\", args: ["));
    for (int i = 0; i < 100; i++) {
        buf_add(&buf, i > 0 ? STR(", x") : STR("x"));
    }
    buf_add(&buf, STR("]}]\n"));
    write_manifest(&w, "a", buf_str(&buf).s);

    const struct job *job = bind_good(&w, "a", NULL);
    assert_null(plan_make(&w.arena, job, NULL, 0, &w.diags));
    find_diag(&w, "the command has more than 100000 arguments");
    assert_int_equal(w.diags.error_count, 1);
}

static void a_command_without_a_program_is_refused(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "a",
                   JOB_HEAD("a") "params: {p: {type: string, min-length: 0, default: \"\"},\n"
                                 "  v: {type: bool, default: false}}\n"
                                 "command: [{when: {v: true}, args: [x]}, \"${params.p}\"]\n");

    const struct job *job = bind_good(&w, "a", NULL);
    assert_null(plan_make(&w.arena, job, NULL, 0, &w.diags));
    find_diag(&w, "the command names no program with these params");
}

static void a_program_of_a_failed_var_is_not_missed_too(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    struct buf buf = buf_make(&w.arena, BUF_MAX_DEFAULT);
    buf_add(&buf, STR(JOB_HEAD("a") "inputs: {i: {from: maker, to: in/}}\n"
                                    "command: [\"${vars.v0}\"]\nvars:\n"));
    for (int i = 0; i < 30; i++) {
        buf_addf(&buf, "  v%d: ${vars.v%d}${vars.v%d}\n", i, i + 1, i + 1);
    }
    buf_add(&buf, STR("  v30: ${inputs.i.path}\n"));
    write_manifest(&w, "maker", JOB_HEAD("maker") "command: [make]\noutputs: {x: out/}\n");
    write_manifest(&w, "a", buf_str(&buf).s);

    const struct job *job = bind_good(&w, "a", NULL);
    assert_null(plan_make(&w.arena, job, NULL, 0, &w.diags));
    assert_int_equal(w.diags.error_count, 1);
    assert_true(str_starts(w.diags.items[w.diags.count - 1]->message, STR("a text grows over ")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_arrive_unchanged_in_argv_and_environment),
        cmocka_unit_test(items_are_there_when_they_hold_and_left_out_when_they_are_null),
        cmocka_unit_test(a_script_is_given_to_its_shell_as_it_is_written),
        cmocka_unit_test(a_shell_a_workdir_and_a_timeout_are_as_declared),
        cmocka_unit_test(the_environment_is_the_callers_with_the_jobs_on_top),
        cmocka_unit_test(a_command_sees_what_is_inherited_by_name),
        cmocka_unit_test(a_program_is_found_by_the_callers_path_that_it_does_not_see),
        cmocka_unit_test(a_command_does_not_see_the_credentials_of_the_store),
        cmocka_unit_test(a_plan_has_no_value_of_a_secret),
        cmocka_unit_test(inputs_land_and_their_paths_are_absolute),
        cmocka_unit_test(a_folder_with_one_file_in_it_is_that_file),
        cmocka_unit_test(what_is_missing_in_a_dry_run_is_named_in_its_place),
        cmocka_unit_test(a_fan_in_is_the_folder_that_all_of_it_lies_in),
        cmocka_unit_test(an_input_that_is_not_wanted_is_empty),
        cmocka_unit_test(the_name_of_one_file_takes_exactly_one_file),
        cmocka_unit_test(an_optional_output_that_matched_nothing_names_no_file),
        cmocka_unit_test(two_files_for_one_destination_name_both_producers),
        cmocka_unit_test(a_destination_below_anothers_file_is_a_clash_too),
        cmocka_unit_test(folders_of_two_inputs_may_be_one),
        cmocka_unit_test(nothing_lands_in_git_in_jobrun_or_in_the_store),
        cmocka_unit_test(more_files_than_the_limit_are_refused),
        cmocka_unit_test(a_command_has_a_limited_number_of_arguments),
        cmocka_unit_test(a_command_without_a_program_is_refused),
        cmocka_unit_test(a_program_of_a_failed_var_is_not_missed_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
