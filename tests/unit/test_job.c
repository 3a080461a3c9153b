#include "job_workspace.h"

#include "base/digest.h"

#define JOB_HEAD(name) "job: " name "\nhelp: A job for tests.\n"

/* A producer with one of everything. */
#define BUILD                                                                                  \
    JOB_HEAD("build")                                                                          \
    "params:\n"                                                                                \
    "  platform: {type: enum, values: [linux-x64, macos-arm64, windows-x64], default: host}\n" \
    "  mode: {type: enum, values: [pypi, pr], default: pr}\n"                                  \
    "  features: {type: list, of: {type: string}, min-length: 0, default: []}\n"               \
    "  jobs: {type: int, default: 4, variant: false}\n"                                        \
    "command: [make, \"${params.platform}\", \"${params.mode}\", \"${params.jobs}\",\n"        \
    "  {each: \"${params.features}\", args: [\"${each}\"]}]\n"                                 \
    "outputs:\n"                                                                               \
    "  bin: out/bin/\n"                                                                        \
    "  wheel: {path: \"dist/*.whl\", when: {mode: pypi}}\n"

static struct str var_of(const struct job *job, const char *name)
{
    for (size_t i = 0; i < job->manifest->var_count; i++) {
        if (str_is(job->manifest->vars[i].name, name)) {
            return job->vars[i];
        }
    }
    fail_msg("there is no var '%s'", name);
    return STR("");
}

static void vars_are_expanded_whatever_their_order(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(
        &w, "a",
        JOB_HEAD("a") "params:\n"
                      "  platform: {type: enum, values: [linux-x64, macos-arm64], default: host}\n"
                      "select:\n"
                      "  platform:\n"
                      "    linux-x64: {target: \"x86_64-${vars.suffix}\", flag: null}\n"
                      "    macos-arm64: {target: aarch64, flag: --mac}\n"
                      "vars:\n"
                      "  out: ${vars.dist}/${job.name}-${job.short-commit}\n"
                      "  dist: dist/${vars.target}\n"
                      "  suffix: unknown-linux-gnu\n"
                      "  same: ${vars.flag}\n"
                      "  money: 5$ $${vars.x} $\n"
                      "  where: \"${job.env} ${job.root} ${job.commit} ${job.url}\"\n"
                      "command: [make, \"${vars.out}\", \"${vars.same}\", \"${vars.money}\",\n"
                      "  \"${vars.where}\"]\n"
                      "outputs: {x: \"${vars.dist}/\"}\n");

    const struct job *job = bind_good(&w, "a", NULL);
    assert_str(var_of(job, "out"), "dist/x86_64-unknown-linux-gnu/a-0123456");
    assert_str(var_of(job, "money"), "5$ ${vars.x} $");
    assert_null(var_of(job, "flag").s);
    assert_null(var_of(job, "same").s);
    assert_str(var_of(job, "where"),
               str_format(&w.arena,
                          "dev %s " COMMIT " %s/.jobrun/store/dev/" COMMIT "/a/platform=linux-x64",
                          w.context.root.s, w.context.root.s)
                   .s);
    assert_str(job->outputs[0].patterns[0], "dist/x86_64-unknown-linux-gnu/");

    job = bind_good(&w, "a", GIVEN("platform=macos-arm64"));
    assert_str(var_of(job, "same"), "--mac");
    assert_str(var_of(job, "dist"), "dist/aarch64");
}

static void the_address_and_url_follow_from_names_and_values(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "build", BUILD);
    w.context.store_url = STR("gs://bucket/prefix/");

    const struct job *job = bind_good(&w, "build", GIVEN("mode=pypi", "jobs=9"));
    assert_str(job->address.variant, "features=,mode=pypi,platform=linux-x64");
    assert_str(job->url,
               "gs://bucket/prefix/dev/" COMMIT "/build/features=,mode=pypi,platform=linux-x64");
    assert_str(job->manifest_path, "manifests/build.yaml");
    assert_str(job->manifest_digest, sha256_hex(&w.arena, STR(BUILD)).s);
    assert_true(job_has_outputs(job));
}

static void conditions_compare_params_and_vars(void **state)
{
    static const struct {
        const char *when;
        bool holds;
    } CASES[] = {
        {"{mode: pr}", true},
        {"{mode: pypi}", false},
        {"{mode: [pypi, pr]}", true},
        {"{mode: {not: pr}}", false},
        {"{mode: {not: [pypi]}}", true},
        {"{mode: pr, fast: true}", false},
        {"{mode: pr, fast: false}", true},
        {"{label: pr-x}", true},
        {"{label: {not: pr-x}}", false},
        {"{cell: a}", false},
        {"{cell: {not: a}}", true},
        {"{count: 7}", true},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(CASES); i++) {
        struct workspace w CLEANUP(workspace_close);
        workspace_open(&w);
        struct str text = str_format(
            &w.arena,
            JOB_HEAD(
                "a") "params:\n"
                     "  mode: {type: enum, values: [pypi, pr], default: pr}\n"
                     "  fast: {type: bool, default: false}\n"
                     "  count: {type: int, default: 7}\n"
                     "vars: {label: \"${params.mode}-x\"}\n"
                     "select: {mode: {pypi: {cell: a}, pr: {cell: null}}}\n"
                     "command: [make, \"${params.fast}\", \"${params.count}\", \"${vars.cell}\"]\n"
                     "outputs: {x: {path: out/, when: %s}}\n",
            CASES[i].when);
        write_manifest(&w, "a", text.s);
        const struct job *job = bind_good(&w, "a", NULL);
        if (job->outputs[0].wanted != CASES[i].holds) {
            fail_msg("when: %s", CASES[i].when);
        }
        assert_int_equal(job_has_outputs(job), CASES[i].holds);
    }
}

static void a_value_that_changes_a_path_is_refused_with_the_params_name(void **state)
{
    static const struct {
        const char *value;
        const char *problem;
    } CASES[] = {
        {"", "it is empty"},
        {"a/b", "it holds '/'"},
        {"..", "it is '..'"},
        {"*", "it holds a character that is special in a pattern"},
        {"[a]", "it holds a character that is special in a pattern"},
        {"a\\b", "it holds a backslash"},
    };
    static const char *const TEMPLATES[] = {"dist/${params.tag}/x", "dist/${vars.inner}/x",
                                            "dist/${vars.outer}"};
    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(CASES) * ARRAY_COUNT(TEMPLATES); i++) {
        struct workspace w CLEANUP(workspace_close);
        workspace_open(&w);
        const char *value = CASES[i / ARRAY_COUNT(TEMPLATES)].value;
        const char *problem = CASES[i / ARRAY_COUNT(TEMPLATES)].problem;
        struct str text = str_format(
            &w.arena,
            JOB_HEAD("a") "params: {tag: {type: string, min-length: 0, required: true}}\n"
                          "vars: {inner: \"v${params.tag}\", outer: \"a/${vars.inner}/b\"}\n"
                          "command: [make, \"${vars.outer}\"]\n"
                          "outputs: {x: \"%s\"}\n",
            TEMPLATES[i % ARRAY_COUNT(TEMPLATES)]);
        write_manifest(&w, "a", text.s);
        const struct job *job = bind_job(&w, "a", GIVEN(str_format(&w.arena, "tag=%s", value).s));
        assert_null(job);
        const struct diag *diag = find_diag(
            &w, str_format(&w.arena, "value '%.*s' of param 'tag' cannot stand in a path: %s",
                           STR_ARG(str_printable(&w.arena, str_from(value))), problem)
                    .s);
        assert_int_equal(diag->status, STATUS_USAGE);
        assert_int_equal(w.diags.error_count, 1);
    }
}

static void a_value_may_stand_in_a_path_that_the_author_wrote(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(
        &w, "a",
        JOB_HEAD("a") "params:\n"
                      "  tag: {type: string, default: \"1.2 $(id)\"}\n"
                      "  folder: {type: path, default: some/where}\n"
                      "vars: {dist: \"dist/x/${params.tag}\"}\n"
                      "command: [make, \"${params.tag}\"]\n"
                      "outputs: {x: \"${vars.dist}/*.zip\", y: \"${params.folder}/y\"}\n");

    const struct job *job = bind_good(&w, "a", NULL);
    assert_str(job->outputs[0].patterns[0], "dist/x/1.2 $(id)/*.zip");
    assert_str(job->outputs[1].patterns[0], "some/where/y");
    assert_null(bind_job(&w, "a", GIVEN("folder=/etc")));
    find_diag(&w, "value '/etc' of param 'folder' cannot stand in a path: it is absolute");
}

static void values_that_only_together_leave_the_workspace_are_refused(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "a",
                   JOB_HEAD("a") "params: {a: {type: string, required: true},\n"
                                 "  b: {type: string, required: true}}\n"
                                 "command: [make]\n"
                                 "outputs: {x: \"x/${params.a}${params.b}/y\"}\n");

    assert_null(bind_job(&w, "a", GIVEN("a=.", "b=.")));
    assert_int_equal(find_diag(&w, "path 'x/../y' of output 'x' has a '..' segment")->status,
                     STATUS_USAGE);
    assert_non_null(bind_job(&w, "a", GIVEN("a=.", "b=x")));
}

static void a_value_cannot_name_the_folder_of_git(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "a",
                   JOB_HEAD("a") "params: {a: {type: string, required: true}}\n"
                                 "command: [make]\n"
                                 "outputs: {x: \"${params.a}/y\"}\n");

    assert_null(bind_job(&w, "a", GIVEN("a=.git")));
    assert_int_equal(
        find_diag(&w, "path '.git/y' of output 'x' leads into a folder that jobrun does not touch")
            ->status,
        STATUS_USAGE);
}

static void an_output_that_is_not_made_may_have_an_impossible_path(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(
        &w, "a",
        JOB_HEAD("a") "params:\n"
                      "  release: {type: bool, default: false}\n"
                      "  tag: {type: string, min-length: 0, default: \"\"}\n"
                      "command: [make]\n"
                      "outputs: {x: {path: \"dist/${params.tag}/x\", when: {release: true}}}\n");

    assert_false(bind_good(&w, "a", NULL)->outputs[0].wanted);
    assert_null(bind_job(&w, "a", GIVEN("release=true")));
    find_diag(&w, "value '' of param 'tag' cannot stand in a path: it is empty");
}

/* v0 is v1 twice, v1 is v2 twice, and so on. */
static struct str doubling(struct workspace *w, int depth, const char *leaf)
{
    struct buf buf = buf_make(&w->arena, BUF_MAX_DEFAULT);

    buf_add(&buf, STR(JOB_HEAD("a") "vars:\n"));
    for (int i = 0; i < depth; i++) {
        buf_addf(&buf, "  v%d: ${vars.v%d}${vars.v%d}\n", i, i + 1, i + 1);
    }
    buf_addf(&buf, "  v%d: \"%s\"\ncommand: [make]\noutputs: {o: \"x${vars.v0}/\"}\n", depth, leaf);
    return buf_str(&buf);
}

static void vars_that_double_cost_no_more_than_their_number(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "a", doubling(&w, 200, "").s);
    assert_str(bind_good(&w, "a", NULL)->outputs[0].patterns[0], "x/");
}

static void vars_that_double_without_end_are_stopped_at_the_limit(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "a", doubling(&w, 30, "y").s);
    assert_null(bind_job(&w, "a", NULL));
    assert_int_equal(w.diags.error_count, 1);
    assert_true(str_starts(w.diags.items[w.diags.count - 1]->message, STR("a text grows over ")));
}

static void an_input_is_bound_to_its_producers_address(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "build", BUILD);
    write_manifest(&w, "a",
                   JOB_HEAD("a") "params: {fast: {type: bool, default: true}}\n"
                                 "select: {fast: {true: {mode: null}, false: {mode: pypi}}}\n"
                                 "inputs:\n"
                                 "  cli: {from: build, output: bin, to: lib/cli/,\n"
                                 "    with: {features: [b, a], mode: \"${vars.mode}\"}}\n"
                                 "  off: {from: nowhere, to: off/, when: {fast: false}}\n"
                                 "command: [make]\n");

    const struct job *job = bind_good(&w, "a", NULL);
    const struct element *element = &job->inputs[0].elements[0];
    assert_true(job->inputs[0].wanted);
    assert_int_equal(job->inputs[0].element_count, 1);
    assert_str(element->label, "");
    assert_str(element->to, "lib/cli/");
    assert_str(element->output->name, "bin");
    assert_str(address_key(&w.arena, &element->address),
               "dev/" COMMIT "/build/features=b+a,mode=pr,platform=linux-x64");
    assert_str(spanned(element->span), "build");
    assert_false(job->inputs[1].wanted);
    assert_int_equal(job->inputs[1].element_count, 0);
    assert_false(job_has_outputs(job));
}

static void a_literal_list_fans_in(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "build", BUILD);
    write_manifest(
        &w, "a",
        JOB_HEAD(
            "a") "inputs:\n"
                 "  cli: {from: build, output: bin, to: \"lib/${with.platform}/${with.mode}/\",\n"
                 "    with: {platform: [macos-arm64, linux-x64], mode: [pypi, pr], features: "
                 "[x]}}\n"
                 "command: [make]\n");

    const struct bound_input *input = &bind_good(&w, "a", NULL)->inputs[0];
    static const char *const LABELS[] = {
        "platform=macos-arm64,mode=pypi", "platform=macos-arm64,mode=pr",
        "platform=linux-x64,mode=pypi", "platform=linux-x64,mode=pr"};
    assert_int_equal(input->element_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_str(input->elements[i].label, LABELS[i]);
    }
    assert_str(input->elements[1].to, "lib/macos-arm64/pr/");
    assert_str(input->elements[2].address.variant, "features=x,mode=pypi,platform=linux-x64");
    assert_str(spanned(input->elements[3].span), "pr");
}

static void a_list_param_alone_fans_in_or_is_one_list(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "build", BUILD);
    write_manifest(
        &w, "a",
        JOB_HEAD(
            "a") "params:\n"
                 "  platforms: {type: list, of: {type: enum, values: [linux-x64, macos-arm64]},\n"
                 "    default: all, min-length: 0}\n"
                 "  features: {type: list, of: {type: string}, default: [\"a+b\", c]}\n"
                 "inputs:\n"
                 "  cli: {from: build, output: bin, to: \"lib/${with.platform}/\",\n"
                 "    with: {platform: \"${params.platforms}\", features: "
                 "\"${params.features}\"}}\n"
                 "command: [make]\n");

    const struct bound_input *input = &bind_good(&w, "a", NULL)->inputs[0];
    assert_int_equal(input->element_count, 2);
    assert_str(input->elements[1].label, "platform=macos-arm64");
    assert_str(input->elements[1].address.variant, "features=a%2Bb+c,mode=pr,platform=macos-arm64");
    assert_int_equal(bind_good(&w, "a", GIVEN("platforms=macos-arm64"))->inputs[0].element_count,
                     1);
}

static void every_problem_of_every_input_is_reported_at_once(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "build", BUILD);
    write_manifest(&w, "strict",
                   JOB_HEAD("strict") "params: {tag: {type: string, required: true}}\n"
                                      "command: [make]\n"
                                      "outputs: {x: out/}\n");
    write_manifest(&w, "nothing", JOB_HEAD("nothing") "command: [make]\n");
    write_manifest(
        &w, "a",
        JOB_HEAD(
            "a") "inputs:\n"
                 "  misspelt: {from: biuld, to: a/}\n"
                 "  self: {from: a, to: b/}\n"
                 "  no-output: {from: build, output: bun, to: c/}\n"
                 "  several: {from: build, to: d/}\n"
                 "  none: {from: nothing, to: e/}\n"
                 "  no-param: {from: build, output: bin, to: f/, with: {platfrom: linux-x64}}\n"
                 "  no-variant: {from: build, output: bin, to: g/, with: {jobs: 3}}\n"
                 "  no-value: {from: build, output: bin, to: h/, with: {mode: pyp}}\n"
                 "  left-out: {from: strict, to: i/}\n"
                 "  not-made: {from: build, output: wheel, to: j/, with: {mode: pr}}\n"
                 "  twice: {from: build, output: bin, to: k/, with: {mode: [pr, pr]}}\n"
                 "  no-list: {from: build, output: bin, to: l/, with: {features: x}}\n"
                 "command: [make]\n");

    assert_null(bind_job(&w, "a", NULL));
    const struct diag *diag = find_diag(&w, "there is no job 'biuld'");
    assert_str(diag->helps[0], "did you mean 'build'?");
    assert_str(spanned(diag->span), "biuld");
    assert_string_equal(diag->rule, "producer");
    assert_int_equal(diag->status, STATUS_MANIFEST);
    find_diag(&w, "input 'self' is made by this job itself");
    diag = find_diag(&w, "job 'build' has no output 'bun'");
    assert_str(diag->helps[0], "did you mean 'bin'?");
    assert_str(diag->labels[0].text, "its outputs: bin, wheel");
    find_diag(&w, "job 'build' has several outputs; 'output' must name one");
    find_diag(&w, "job 'nothing' has no outputs");
    diag = find_diag(&w, "job 'build' has no param 'platfrom'");
    assert_str(diag->helps[0], "did you mean 'platform'?");
    diag = find_diag(&w, "param 'jobs' of job 'build' is not part of the address");
    assert_str(diag->helps[0], "leave it out");
    diag = find_diag(&w, "value 'pyp' of param 'mode' of job 'build' is not one of pypi, pr");
    assert_string_equal(diag->rule, "with");
    assert_str(spanned(diag->span), "pyp");
    assert_str(spanned(diag->labels[0].span), "[pypi, pr]");
    assert_true(diag->labels[0].span.source != diag->span.source);
    assert_str(diag->helps[0], "did you mean 'pypi'?");
    find_diag(&w, "input 'left-out' does not give 'tag', which job 'strict' requires");
    find_diag(&w, "job 'build' does not make output 'wheel' when mode=pr");
    find_diag(&w, "value 'pr' of param 'mode' is given twice");
    find_diag(&w, "value 'x' of param 'features' of job 'build' is not a list");
    assert_int_equal(w.diags.error_count, 12);
}

static void an_output_with_a_condition_on_a_var_is_judged_with_the_given_values(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "maker",
                   JOB_HEAD("maker") "params: {mode: {type: enum, values: [a, b], default: a}}\n"
                                     "select: {mode: {a: {kind: x}, b: {kind: y}}}\n"
                                     "command: [make]\n"
                                     "outputs: {x: {path: out/, when: {kind: y}}}\n");
    write_manifest(&w, "good",
                   JOB_HEAD("good") "inputs: {i: {from: maker, to: i/, with: {mode: b}}}\n"
                                    "command: [make]\n");
    write_manifest(&w, "bad",
                   JOB_HEAD("bad") "inputs: {i: {from: maker, to: i/}}\n"
                                   "command: [make]\n");

    assert_non_null(bind_good(&w, "good", NULL));
    assert_null(bind_job(&w, "bad", NULL));
    find_diag(&w, "job 'maker' does not make output 'x' when kind=x");
}

static void the_default_of_a_platform_that_is_not_there_is_an_error_at_the_input(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "build", BUILD);
    write_manifest(&w, "a",
                   JOB_HEAD("a") "inputs: {i: {from: build, output: bin, to: i/}}\n"
                                 "command: [make]\n");
    w.context.host_platform = STR("linux-arm64");

    assert_null(bind_job(&w, "a", NULL));
    assert_int_equal(w.diags.error_count, 1);
    assert_true(str_starts(w.diags.items[w.diags.count - 1]->message,
                           STR("input 'i' cannot use the default of param 'platform': ")));
}

static void a_value_in_to_is_judged_as_one_in_a_path(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "maker",
                   JOB_HEAD("maker") "params: {tag: {type: string, required: true}}\n"
                                     "command: [make]\n"
                                     "outputs: {x: out/}\n");
    write_manifest(
        &w, "a",
        JOB_HEAD("a") "params: {tags: {type: list, of: {type: string}, required: true}}\n"
                      "inputs: {i: {from: maker, to: \"i/${with.tag}/\",\n"
                      "  with: {tag: \"${params.tags}\"}}}\n"
                      "command: [make]\n");

    assert_null(bind_job(&w, "a", GIVEN("tags=ok", "tags=a/b")));
    assert_int_equal(
        find_diag(&w, "value 'a/b' of '${with.tag}' cannot stand in a path: it holds '/'")->status,
        STATUS_USAGE);
    assert_int_equal(w.diags.error_count, 1);
}

static void a_fan_in_has_a_limit(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "maker",
                   JOB_HEAD("maker") "params: {a: {type: int, required: true},\n"
                                     "  b: {type: int, required: true},\n"
                                     "  c: {type: int, required: true}}\n"
                                     "command: [make]\n"
                                     "outputs: {x: out/}\n");
    struct buf buf = buf_make(&w.arena, BUF_MAX_DEFAULT);
    buf_add(&buf, STR(JOB_HEAD("a") "params:\n"));
    for (char c = 'a'; c <= 'c'; c++) {
        buf_addf(&buf, "  %c: {type: list, of: {type: int}, default: [", c);
        for (int i = 0; i < 22; i++) {
            buf_addf(&buf, "%s%d", i > 0 ? ", " : "", i);
        }
        buf_add(&buf, STR("]}\n"));
    }
    buf_add(&buf, STR("inputs: {i: {from: maker, to: \"i/${with.a}/${with.b}/${with.c}/\",\n"
                      "  with: {a: \"${params.a}\", b: \"${params.b}\", c: \"${params.c}\"}}}\n"
                      "command: [make]\n"));
    write_manifest(&w, "a", buf_str(&buf).s);

    assert_null(bind_job(&w, "a", NULL));
    find_diag(&w, "input 'i' asks for more than 10000 artifacts");
    const struct job *job = bind_job(&w, "a", GIVEN("a=1", "b=1", "b=3"));
    assert_int_equal(job->inputs[0].element_count, 44);
    assert_str(job->inputs[0].elements[43].label, "a=1,b=3,c=21");
}

static void a_producer_with_problems_of_its_own_is_reported_as_that(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "broken", "job: broken\noutptus: {}\n");
    write_manifest(&w, "a",
                   JOB_HEAD("a") "inputs: {i: {from: broken, to: i/}}\n"
                                 "command: [make]\n");

    assert_null(bind_job(&w, "a", NULL));
    find_diag(&w, "unknown key 'outptus' in the manifest");
    for (size_t i = 0; i < w.diags.count; i++) {
        assert_string_not_equal(w.diags.items[i]->rule, "producer");
    }
}

static void a_command_that_makes_an_element_can_be_pasted_into_a_shell(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "maker",
                   JOB_HEAD("maker") "params:\n"
                                     "  tag: {type: string, default: x}\n"
                                     "  fast: {type: bool, default: false}\n"
                                     "  slow: {type: bool, default: false}\n"
                                     "  words: {type: list, of: {type: string}, default: [x]}\n"
                                     "  other: {type: string, default: y}\n"
                                     "command: [make]\n"
                                     "outputs: {x: out/}\n");
    write_manifest(
        &w, "a",
        JOB_HEAD("a") "inputs: {i: {from: maker, to: i/, with: {tag: \"it's $(id)\", fast: true,\n"
                      "  slow: false, words: [a b, -x]}}}\n"
                      "command: [make]\n");

    const struct element *element = &bind_good(&w, "a", NULL)->inputs[0].elements[0];
    assert_str(element_command(element, &w.context, &w.arena, STR("pixi run")),
               "pixi run maker --tag 'it'\\''s $(id)' --fast --no-slow --words 'a b' --words=-x");
    w.context.environment = STR("my-env");
    w.context.environment_why = STR("by --env");
    w.context.store_url = STR("/a store");
    w.context.store_url_why = STR("--store");
    assert_str(element_command(element, &w.context, &w.arena, STR("")),
               "maker --tag 'it'\\''s $(id)' --fast --no-slow --words 'a b' --words=-x"
               " --env my-env --store '/a store'");
}

static void two_dots_within_a_value_are_a_name_like_others(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "a",
                   JOB_HEAD("a") "params:\n"
                                 "  tag: {type: string, required: true}\n"
                                 "  from: {type: path, default: c/d..e}\n"
                                 "command: [make]\n"
                                 "outputs: {x: \"dist/${params.tag}/\", y: \".${params.tag}/y\",\n"
                                 "  z: \"${params.from}/z\"}\n");

    const struct job *job = bind_good(&w, "a", GIVEN("tag=a..b"));
    assert_str(job->outputs[0].patterns[0], "dist/a..b/");
    assert_str(job->outputs[2].patterns[0], "c/d..e/z");
    /* A value that makes a segment ".." together with the text is found in the path. */
    assert_null(bind_job(&w, "a", GIVEN("tag=.")));
    assert_int_equal(find_diag(&w, "path '../y' of output 'y' has a '..' segment")->status,
                     STATUS_USAGE);
}

static void every_path_of_a_job_is_judged_at_once(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "maker", JOB_HEAD("maker") "command: [make]\noutputs: {x: out/}\n");
    write_manifest(&w, "a",
                   JOB_HEAD("a") "params: {tag: {type: string, required: true}}\n"
                                 "inputs: {i: {from: maker, to: \"i/${params.tag}/\"},\n"
                                 "  j: {from: maker, to: \"j/${params.tag}/\"}}\n"
                                 "workdir: w/${params.tag}\n"
                                 "command: [make]\n"
                                 "outputs: {x: \"x/${params.tag}/\", y: \"y/${params.tag}\"}\n");

    assert_str(bind_good(&w, "a", GIVEN("tag=b"))->steps[0].workdir, "w/b");
    assert_null(bind_job(&w, "a", GIVEN("tag=b/c")));
    assert_int_equal(w.diags.error_count, 5);
    for (size_t i = 0; i < w.diags.count; i++) {
        assert_true(str_starts(w.diags.items[i]->message, STR("value 'b/c' of param 'tag'")));
    }
}

static void elements_of_a_fan_in_do_not_share_a_file(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "maker",
                   JOB_HEAD("maker") "params: {a: {type: string, default: x},\n"
                                     "  b: {type: string, default: x},\n"
                                     "  l: {type: list, of: {type: string}, default: [x]}}\n"
                                     "command: [make]\n"
                                     "outputs: {x: \"out/*\"}\n");
    write_manifest(
        &w, "a",
        JOB_HEAD("a") "inputs:\n"
                      "  every: {from: maker, to: in/a, with: {a: [p, q]}}\n"
                      "  some: {from: maker, to: \"in/${with.a}\", with: {a: [p, q], b: [r, s]}}\n"
                      "  told: {from: maker, to: \"told/${with.a}\", with: {a: [p, q]}}\n"
                      "  folder: {from: maker, to: folder/, with: {a: [p, q]}}\n"
                      "  one: {from: maker, to: one, with: {a: [p]}}\n"
                      "  list: {from: maker, to: list, with: {l: [p, q]}}\n"
                      "  maybe: {from: maker, to: maybe, optional: true, with: {a: [p, q]}}\n"
                      "command: [make]\n");

    assert_null(bind_job(&w, "a", NULL));
    assert_int_equal(w.diags.error_count, 2);
    const struct diag *diag = find_diag(&w, "every element of input 'every' would land at 'in/a'");
    assert_string_equal(diag->rule, "conflict");
    assert_int_equal(diag->status, STATUS_MANIFEST);
    assert_str(spanned(diag->span), "in/a");
    assert_str(spanned(diag->labels[0].span), "q");
    find_diag(&w, "elements 'a=p,b=r' and 'a=p,b=s' of input 'some' would both land at 'in/p'");
}

static void what_a_failed_var_is_in_is_not_reported_too(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    struct str vars = doubling(&w, 30, "y");
    struct str text = str_format(&w.arena,
                                 "%.*sworkdir: \"w/${vars.v0}\"\n"
                                 "inputs: {i: {from: maker, to: \"i/${vars.v0}/j/\"}}\n",
                                 STR_ARG(vars));
    write_manifest(&w, "maker", JOB_HEAD("maker") "command: [make]\noutputs: {x: out/}\n");
    write_manifest(&w, "a", text.s);
    assert_null(bind_job(&w, "a", NULL));
    assert_int_equal(w.diags.error_count, 1);
    assert_true(str_starts(w.diags.items[w.diags.count - 1]->message, STR("a text grows over ")));
}

static void a_pattern_that_takes_too_long_is_asked_for_one_value(void **state)
{
    struct workspace w CLEANUP(workspace_close);
    (void)state;
    workspace_open(&w);
    write_manifest(&w, "maker",
                   JOB_HEAD("maker") "params: {a: {pattern: '(a|aa)+$', required: true}}\n"
                                     "command: [make]\n"
                                     "outputs: {x: out/}\n");
    write_manifest(&w, "a",
                   JOB_HEAD("a") "inputs: {i: {from: maker, to: i/, with: {a: [\n"
                                 "  aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!,\n"
                                 "  aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!]}}}\n"
                                 "command: [make]\n");

    assert_null(bind_job(&w, "a", NULL));
    assert_int_equal(w.diags.error_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vars_are_expanded_whatever_their_order),
        cmocka_unit_test(the_address_and_url_follow_from_names_and_values),
        cmocka_unit_test(conditions_compare_params_and_vars),
        cmocka_unit_test(a_value_that_changes_a_path_is_refused_with_the_params_name),
        cmocka_unit_test(a_value_may_stand_in_a_path_that_the_author_wrote),
        cmocka_unit_test(values_that_only_together_leave_the_workspace_are_refused),
        cmocka_unit_test(a_value_cannot_name_the_folder_of_git),
        cmocka_unit_test(an_output_that_is_not_made_may_have_an_impossible_path),
        cmocka_unit_test(vars_that_double_cost_no_more_than_their_number),
        cmocka_unit_test(vars_that_double_without_end_are_stopped_at_the_limit),
        cmocka_unit_test(an_input_is_bound_to_its_producers_address),
        cmocka_unit_test(a_literal_list_fans_in),
        cmocka_unit_test(a_list_param_alone_fans_in_or_is_one_list),
        cmocka_unit_test(every_problem_of_every_input_is_reported_at_once),
        cmocka_unit_test(an_output_with_a_condition_on_a_var_is_judged_with_the_given_values),
        cmocka_unit_test(the_default_of_a_platform_that_is_not_there_is_an_error_at_the_input),
        cmocka_unit_test(a_value_in_to_is_judged_as_one_in_a_path),
        cmocka_unit_test(a_fan_in_has_a_limit),
        cmocka_unit_test(a_producer_with_problems_of_its_own_is_reported_as_that),
        cmocka_unit_test(a_command_that_makes_an_element_can_be_pasted_into_a_shell),
        cmocka_unit_test(two_dots_within_a_value_are_a_name_like_others),
        cmocka_unit_test(every_path_of_a_job_is_judged_at_once),
        cmocka_unit_test(elements_of_a_fan_in_do_not_share_a_file),
        cmocka_unit_test(what_a_failed_var_is_in_is_not_reported_too),
        cmocka_unit_test(a_pattern_that_takes_too_long_is_asked_for_one_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
