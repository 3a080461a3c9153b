#include "test.h"

#include "base/diag.h"
#include "job/arguments.h"
#include "job/context.h"
#include "manifest/manifest.h"

static const char MANIFEST[] =
    "job: build\n"
    "help: x\n"
    "params:\n"
    "  platform: {type: enum, values: [linux-x64, macos-arm64], default: host}\n"
    "  release: {type: string, pattern: '\\d+\\.\\d+', required: true, env: RELEASE,\n"
    "            help: The version to build}\n"
    "  features: {type: list, of: {type: string}, min-length: 0, default: [base]}\n"
    "  targets: {type: list, of: {type: enum, values: [a, b, c]}, default: all, env: TARGETS}\n"
    "  jobs: {type: int, min: 1, max: 64, default: 4}\n"
    "  ratio: {type: number, default: 0.5}\n"
    "  verbose: {type: bool, default: false}\n"
    "  note: {type: string, min-length: 0, default: ''}\n"
    "command: [echo, \"${params.release}\"]\n";

enum { PLATFORM, RELEASE, FEATURES, TARGETS, JOBS, RATIO, VERBOSE, NOTE, PARAM_COUNT };

#define WORDS_MAX 16

struct fixture {
    struct arena arena;
    struct diags diags;
    const struct manifest *manifest;
    struct str host;
    const char *variables[4];
    const char *file; /* of "params.yaml", or "params.json" where file_is_json */
    bool file_is_json;
    size_t apart; /* the word that an option of jobrun stood before; 0: none */
    struct argument *arguments;
};

static struct fixture begin(void)
{
    return (struct fixture){.host = STR("linux-x64")};
}

static void end(struct fixture *f)
{
    arena_free(&f->arena);
}

/* A word "-P" makes the next one an assignment. */
static void bind_words(struct fixture *f, const char *const *words)
{
    struct raw_argument raw[WORDS_MAX];
    const struct variables variables = {f->variables};
    size_t count = 0;

    f->diags = diags_make(&f->arena);
    const struct source *text = source_make(&f->arena, STR("build.yaml"), STR(MANIFEST));
    f->manifest = manifest_parse(&f->arena, text, STR("build"), NULL, &f->diags);
    if (f->diags.error_count > 0) {
        fail_msg("%.*s", STR_ARG(f->diags.items[0]->message));
    }
    f->diags = diags_make(&f->arena);
    assert_int_equal(f->manifest->param_count, PARAM_COUNT);
    for (; *words != NULL; words++) {
        bool is_assignment = strcmp(*words, "-P") == 0;
        assert_true(count < WORDS_MAX);
        words += is_assignment ? 1 : 0;
        raw[count++] =
            (struct raw_argument){.text = str_from(*words), .is_assignment = is_assignment};
    }
    if (f->apart > 0) {
        raw[f->apart].is_apart = true;
    }
    const struct source *file = NULL;
    if (f->file != NULL) {
        file = source_make(&f->arena, f->file_is_json ? STR("params.json") : STR("params.yaml"),
                           str_from(f->file));
    }
    const struct str options[] = {STR("--force"), STR("--dry-run")};
    const struct raw_arguments all = {raw, count, options, ARRAY_COUNT(options)};
    f->arguments = arguments_bind(&f->arena, f->manifest, &all, file, f->file_is_json, &variables,
                                  f->host, &f->diags);
}
#define BIND(f, ...) bind_words((f), (const char *const[]){__VA_ARGS__, NULL})

static void assert_value(struct fixture *f, size_t param, const char *shown,
                         enum value_origin origin)
{
    if (f->diags.count > 0) {
        fail_msg("unexpected: %.*s", STR_ARG(f->diags.items[0]->message));
    }
    assert_str(value_show(&f->arguments[param].value, &f->arena), shown);
    assert_int_equal(f->arguments[param].origin, origin);
}

/* Problem number `index` is this; its first help begins so, unless NULL. */
static const struct diag *assert_problem(const struct fixture *f, size_t index, const char *message,
                                         const char *help)
{
    if (index >= f->diags.count) {
        fail_msg("no problem number %zu, expected '%s'", index, message);
    }
    const struct diag *d = f->diags.items[index];
    assert_str(d->message, message);
    assert_int_equal(d->status, STATUS_USAGE);
    if (help != NULL) {
        assert_true(d->help_count > 0);
        assert_str(d->helps[0], help);
    }
    return d;
}

static void assert_only_problem(const struct fixture *f, const char *message, const char *help)
{
    assert_problem(f, 0, message, help);
    if (f->diags.count > 1) {
        fail_msg("another problem: %.*s", STR_ARG(f->diags.items[1]->message));
    }
    assert_string_equal(f->diags.items[0]->rule, "param");
}

/* --- the command line --- */

static void what_is_not_given_has_its_default(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    BIND(&f, "--release", "1.2");
    assert_value(&f, PLATFORM, "linux-x64", ORIGIN_DEFAULT);
    assert_value(&f, RELEASE, "1.2", ORIGIN_COMMAND_LINE);
    assert_value(&f, FEATURES, "base", ORIGIN_DEFAULT);
    assert_value(&f, TARGETS, "a, b, c", ORIGIN_DEFAULT);
    assert_value(&f, JOBS, "4", ORIGIN_DEFAULT);
    assert_value(&f, VERBOSE, "false", ORIGIN_DEFAULT);
    assert_ptr_equal(f.arguments[JOBS].param, f.manifest->params[JOBS]);
}

static void every_form_of_a_flag_is_read(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    BIND(&f, "--", "--release=1.2", "--jobs", "8", "--verbose", "-P", "platform=macos-arm64", "-P",
         "note=a=b");
    assert_value(&f, RELEASE, "1.2", ORIGIN_COMMAND_LINE);
    assert_value(&f, JOBS, "8", ORIGIN_COMMAND_LINE);
    assert_value(&f, VERBOSE, "true", ORIGIN_COMMAND_LINE);
    assert_value(&f, PLATFORM, "macos-arm64", ORIGIN_COMMAND_LINE);
    assert_value(&f, NOTE, "a=b", ORIGIN_COMMAND_LINE);
    BIND(&f, "--release=1.2", "--no-verbose", "--note=");
    assert_value(&f, VERBOSE, "false", ORIGIN_COMMAND_LINE);
    assert_value(&f, NOTE, "", ORIGIN_COMMAND_LINE);
    BIND(&f, "--release=1.2", "--verbose=true");
    assert_value(&f, VERBOSE, "true", ORIGIN_COMMAND_LINE);
}

static void a_value_may_begin_with_a_dash(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    BIND(&f, "--release=1.2", "--ratio", "-1", "--note", "-x");
    assert_value(&f, RATIO, "-1", ORIGIN_COMMAND_LINE);
    assert_value(&f, NOTE, "-x", ORIGIN_COMMAND_LINE);
    BIND(&f, "--release=1.2", "--note", "--deny warnings");
    assert_value(&f, NOTE, "--deny warnings", ORIGIN_COMMAND_LINE);
    BIND(&f, "--release=1.2", "--note", "--");
    assert_value(&f, NOTE, "--", ORIGIN_COMMAND_LINE);
}

static void a_flag_in_the_place_of_a_value_is_not_taken_for_it(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    BIND(&f, "--release=1.2", "--note", "--jobs", "3");
    assert_only_problem(&f, "param 'note' needs a value",
                        "where '--jobs' is meant as the value, write --note=--jobs");
    assert_str(f.arguments[JOBS].value.text, "3");
    BIND(&f, "--release=1.2", "--note", "--no-verbose");
    assert_only_problem(&f, "param 'note' needs a value", NULL);
    BIND(&f, "--release=1.2", "--note", "--force");
    assert_problem(&f, 0, "param 'note' needs a value", NULL);
    BIND(&f, "--release=1.2", "--note", "--platfrom=x");
    assert_problem(&f, 0, "param 'note' needs a value", NULL);
    assert_problem(&f, 1, "job 'build' has no param '--platfrom', and jobrun has no such option",
                   "did you mean '--platform'?");
    BIND(&f, "--release");
    assert_only_problem(&f, "param 'release' needs a value", "write --release VALUE");
}

static void a_list_is_made_of_repeated_flags_and_replaces_its_default(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    BIND(&f, "--release=1.2", "--features", "x", "-P", "features=y", "--features=x");
    assert_value(&f, FEATURES, "x, y, x", ORIGIN_COMMAND_LINE);
    BIND(&f, "--release=1.2", "--targets=c", "--targets=a");
    assert_value(&f, TARGETS, "a, c", ORIGIN_COMMAND_LINE);
    BIND(&f, "--release=1.2", "--features=");
    assert_value(&f, FEATURES, "", ORIGIN_COMMAND_LINE);
    assert_int_equal(f.arguments[FEATURES].value.count, 0);
    BIND(&f, "--release=1.2", "--targets=");
    assert_only_problem(&f, "value '' of param 'targets' is not one of a, b, c", NULL);
    BIND(&f, "--release=1.2", "--targets=a", "--targets=a");
    assert_only_problem(&f, "value 'a, a' of param 'targets' has the element 'a' twice", NULL);
}

static void a_flag_that_is_no_list_is_given_once(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    BIND(&f, "--release=1.2", "--jobs=1", "-P", "jobs=2", "--jobs=3");
    assert_only_problem(&f, "param 'jobs' is given twice, as '1' and as '2'", NULL);
    BIND(&f, "--release=1.2", "--verbose", "--no-verbose");
    assert_only_problem(&f, "param 'verbose' is given twice, as 'true' and as 'false'", NULL);
}

static void an_unknown_flag_is_told_with_the_nearest(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    BIND(&f, "--release=1.2", "--plaform", "linux-x64");
    assert_only_problem(&f, "job 'build' has no param '--plaform', and jobrun has no such option",
                        "did you mean '--platform'?");
    BIND(&f, "--release=1.2", "--no-verbos");
    assert_only_problem(&f, "job 'build' has no param '--no-verbos', and jobrun has no such option",
                        "names are not abbreviated: write '--no-verbose'");
    BIND(&f, "--release=1.2", "--plat=linux-x64");
    assert_only_problem(&f, "job 'build' has no param '--plat', and jobrun has no such option",
                        "names are not abbreviated: write '--platform'");
    BIND(&f, "--release=1.2", "-P", "job=1");
    assert_only_problem(&f, "job 'build' has no param 'job'", NULL);
    BIND(&f, "--release=1.2", "--zzzzzz=1");
    assert_only_problem(&f, "job 'build' has no param '--zzzzzz', and jobrun has no such option",
                        "it has: --platform, --release, --features, --targets, --jobs, --ratio, "
                        "--verbose, --no-verbose, --note");
}

static void an_unknown_flag_may_have_been_meant_for_jobrun(void **state)
{
    struct fixture f CLEANUP(end) = begin();
    char flag[1000] = "--";

    (void)state;
    BIND(&f, "--release=1.2", "--forse");
    assert_only_problem(&f, "job 'build' has no param '--forse', and jobrun has no such option",
                        "did you mean '--force'?");
    BIND(&f, "--release=1.2", "--dry");
    assert_only_problem(&f, "job 'build' has no param '--dry', and jobrun has no such option",
                        "names are not abbreviated: write '--dry-run'");
    memset(flag + 2, 'x', sizeof flag - 3);
    BIND(&f, "--release=1.2", flag);
    assert_int_equal(f.diags.count, 1);
    assert_true(f.diags.items[0]->message.n < 300);
}

static void what_stands_behind_an_option_of_jobrun_is_no_value_of_the_flag_before_it(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    f.apart = 2; /* --release=1.2 --note --force x */
    BIND(&f, "--release=1.2", "--note", "x");
    assert_problem(&f, 0, "param 'note' needs a value", "write --note VALUE");
    assert_problem(&f, 1, "'x' is not expected here", NULL);
}

static void a_param_with_one_dash_is_told_to_have_two(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    BIND(&f, "-release", "1.2");
    assert_only_problem(&f, "'-release' is not expected here",
                        "a param has two dashes: write --release VALUE");
    BIND(&f, "-release=1.2");
    assert_only_problem(&f, "'-release' is not expected here",
                        "a param has two dashes: write --release VALUE");
    BIND(&f, "--release=1.2", "-verbose", "--jobs=2");
    assert_only_problem(&f, "'-verbose' is not expected here",
                        "a param has two dashes: write --verbose");
    assert_str(f.arguments[JOBS].value.text, "2");
}

static void a_no_form_is_for_bools_alone_and_takes_no_value(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    BIND(&f, "--release=1.2", "--no-verbose=true");
    assert_only_problem(&f, "--no-verbose takes no value",
                        "write --verbose=true or --verbose=false");
    BIND(&f, "--release=1.2", "--no-jobs");
    assert_only_problem(&f, "--no-jobs is no flag: the param is not a bool", NULL);
}

static void a_word_without_a_flag_is_refused_with_the_way_to_write_it(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    BIND(&f, "--release=1.2", "linux-x64");
    assert_only_problem(&f, "'linux-x64' is not expected here",
                        "params are given by name, as in --platform=linux-x64");
    BIND(&f, "--release=1.2", "--verbose", "false");
    assert_only_problem(&f, "'false' is not expected here", "write --verbose=false");
    BIND(&f, "--release=1.2", "--");
    assert_only_problem(
        &f, "'--' is not expected here",
        "a '--' may only stand before all params, and changes nothing: leave it out");
    BIND(&f, "--release=1.2", "--features", "x", "y z");
    assert_only_problem(&f, "'y z' is not expected here",
                        "repeat the flag for each element: --features 'y z'");
    BIND(&f, "--release=1.2", "-x");
    assert_only_problem(&f, "'-x' is not expected here", NULL);
    BIND(&f, "--release=1.2", "-P", "jobs");
    assert_only_problem(&f, "-P 'jobs' gives no value", "write -P name=value");
}

static void a_bad_value_is_told_with_what_is_allowed_and_the_nearest(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    BIND(&f, "--release=1.2", "--platform=linux-x46");
    assert_only_problem(
        &f, "value 'linux-x46' of param 'platform' is not one of linux-x64, macos-arm64",
        "did you mean 'linux-x64'?");
    BIND(&f, "--release=1.2", "--jobs=99");
    assert_only_problem(&f, "value '99' of param 'jobs' is more than 64", NULL);
    assert_true(f.diags.items[0]->note_count == 1);
    assert_str(f.arguments[JOBS].value.text, "");
    BIND(&f, "--release=1.2", "--verbose=yes");
    assert_only_problem(&f, "value 'yes' of param 'verbose' is not true or false", "write true");
    BIND(&f, "--release=1.2", "--note=a\xff");
    assert_only_problem(&f, "value 'a\\xff' of param 'note' is not UTF-8", NULL);
}

static void every_problem_comes_in_one_pass(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    BIND(&f, "--jobs=x", "--targets=d", "--targets=a", "--targets=e", "--unknown=1", "stray");
    assert_int_equal(f.diags.count, 6);
    assert_problem(&f, 0, "job 'build' has no param '--unknown', and jobrun has no such option",
                   NULL);
    assert_problem(&f, 1, "'stray' is not expected here", NULL);
    const struct diag *missing = assert_problem(&f, 2, "param 'release' is required",
                                                "give --release VALUE, or set RELEASE");
    assert_str(missing->notes[0], "'release': The version to build");
    assert_problem(&f, 3, "value 'd' of param 'targets' is not one of a, b, c", NULL);
    assert_problem(&f, 4, "value 'e' of param 'targets' is not one of a, b, c", NULL);
    assert_problem(&f, 5, "value 'x' of param 'jobs' is not a whole number", NULL);
}

static void a_default_that_this_machine_cannot_have_is_told(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    f.host = STR("windows-x64");
    BIND(&f, "--release=1.2");
    assert_int_equal(f.diags.count, 1);
    assert_true(str_contains(f.diags.items[0]->message, STR("platform")));
    BIND(&f, "--release=1.2", "--platform=linux-x64");
    assert_value(&f, PLATFORM, "linux-x64", ORIGIN_COMMAND_LINE);
}

static void a_message_shows_no_control_characters_and_no_endless_value(void **state)
{
    struct fixture f CLEANUP(end) = begin();
    char text[1000];

    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[0] = '\x1b';
    text[sizeof text - 1] = '\0';
    BIND(&f, "--release=1.2", "--jobs", text);
    assert_int_equal(f.diags.count, 1);
    assert_true(f.diags.items[0]->message.n < 300);
    assert_true(str_starts(f.diags.items[0]->message, STR("value '\\x1bxxx")));
}

/* --- variables --- */

static void a_variable_gives_the_value_unless_it_is_empty(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    f.variables[0] = "RELEASE=3.4";
    f.variables[1] = "TARGETS=c\nb\n";
    BIND(&f, "--jobs=1");
    assert_value(&f, RELEASE, "3.4", ORIGIN_VARIABLE);
    assert_value(&f, TARGETS, "b, c", ORIGIN_VARIABLE);
    BIND(&f, "--release=1.2");
    assert_value(&f, RELEASE, "1.2", ORIGIN_COMMAND_LINE);
    f.variables[0] = "RELEASE=";
    BIND(&f, "--jobs=1");
    assert_only_problem(&f, "param 'release' is required", NULL);
}

static void a_bad_value_of_a_variable_names_the_variable(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    f.variables[0] = "RELEASE=x";
    BIND(&f, "--jobs=1");
    assert_only_problem(&f,
                        "value 'x' of param 'release', from the variable 'RELEASE', does not match "
                        "the pattern '\\d+\\.\\d+'",
                        NULL);
}

/* --- files --- */

static void assert_place(const struct diag *d, size_t line, size_t column, size_t length)
{
    assert_non_null(d->span.source);
    struct place place = source_place(d->span.source, d->span.start);
    assert_int_equal(place.line, line);
    assert_int_equal(place.column, column);
    assert_int_equal(d->span.length, length);
}

static void a_yaml_file_gives_values_and_the_command_line_wins(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    f.variables[0] = "RELEASE=9.9";
    f.file = "release: 1.10\njobs: 2\nverbose: true\nfeatures: [x, y]\n";
    BIND(&f, "--jobs=3", "--features=z");
    assert_value(&f, RELEASE, "1.10", ORIGIN_FILE);
    assert_value(&f, JOBS, "3", ORIGIN_COMMAND_LINE);
    assert_value(&f, VERBOSE, "true", ORIGIN_FILE);
    assert_value(&f, FEATURES, "z", ORIGIN_COMMAND_LINE);
    f.file = "release: 1.1\nfeatures: []\n";
    BIND(&f, "--jobs=3");
    assert_value(&f, FEATURES, "", ORIGIN_FILE);
    assert_int_equal(f.arguments[FEATURES].value.count, 0);
}

static void problems_of_a_yaml_file_are_told_at_their_place(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    f.file = "release: [1.1]\n"
             "jobz: 2\n"
             "jobs: 99\n"
             "targets: [a, d]\n"
             "features: x\n"
             "note: null\n"
             "verbose: {a: b}\n";
    BIND(&f, "--ratio=1");
    assert_int_equal(f.diags.count, 7);
    assert_place(assert_problem(&f, 0, "param 'release' takes one value, not a list", NULL), 1, 10,
                 5);
    assert_place(assert_problem(&f, 1, "job 'build' has no param 'jobz'", "did you mean 'jobs'?"),
                 2, 1, 4);
    assert_place(assert_problem(&f, 2, "param 'features' takes a list, not text", NULL), 5, 11, 1);
    assert_place(assert_problem(&f, 3, "param 'note' takes one value, not null", NULL), 6, 7, 4);
    assert_problem(&f, 4, "param 'verbose' takes one value, not a mapping", NULL);
    assert_place(assert_problem(&f, 5,
                                "value 'd' of param 'targets', from 'params.yaml', is not one of "
                                "a, b, c",
                                NULL),
                 4, 14, 1);
    assert_place(assert_problem(&f, 6,
                                "value '99' of param 'jobs', from 'params.yaml', is more than 64",
                                NULL),
                 3, 7, 2);
}

static void a_yaml_file_that_is_no_mapping_is_a_usage_problem(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    f.file = "- a\n";
    BIND(&f, "--release=1.2");
    assert_only_problem(&f, "a params file must be a mapping of names to values, not a list", NULL);
    f.file = "a: [\n";
    BIND(&f, "--release=1.2");
    assert_true(f.diags.error_count > 0);
    assert_int_equal(diags_status(&f.diags), STATUS_USAGE);
}

static void a_json_file_gives_values_with_numbers_to_the_last_digit(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    f.file_is_json = true;
    f.file = "{\"release\": 1.10, \"verbose\": true,\n \"features\": [\"x\\\"]\", 1.50, false],"
             "\"note\": \"{\\u00e9\", \"jobs\":64, \"ratio\": 0.1}\n";
    BIND(&f, "--");
    assert_value(&f, RELEASE, "1.10", ORIGIN_FILE);
    assert_value(&f, VERBOSE, "true", ORIGIN_FILE);
    assert_value(&f, FEATURES, "x\"], 1.50, false", ORIGIN_FILE);
    assert_value(&f, NOTE, "{\xc3\xa9", ORIGIN_FILE);
    assert_value(&f, JOBS, "64", ORIGIN_FILE);
    assert_value(&f, RATIO, "0.1", ORIGIN_FILE);
}

static void problems_of_a_json_file_are_told_at_their_place(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    f.file_is_json = true;
    f.file = "{\"release\": \"1.1\",\n"
             " \"jobz\": {\"a\": [1, \"}\"]},\n"
             " \"note\": null,\n"
             " \"targets\": [\"a\", \"d\", [\"e\"]],\n"
             " \"jobs\": 1e3}\n";
    BIND(&f, "--ratio=1");
    assert_int_equal(f.diags.count, 4);
    assert_place(assert_problem(&f, 0, "job 'build' has no param 'jobz'", NULL), 2, 2, 6);
    assert_place(assert_problem(&f, 1, "param 'note' takes one value, not null", NULL), 3, 10, 4);
    assert_place(
        assert_problem(&f, 2, "an element of param 'targets' must be text, not a list", NULL), 4,
        24, 5);
    assert_place(assert_problem(&f, 3,
                                "value '1e3' of param 'jobs', from 'params.json', is not a whole "
                                "number",
                                NULL),
                 5, 10, 3);
}

static void a_json_file_that_is_no_object_is_a_usage_problem(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    f.file_is_json = true;
    f.file = " [1, 2]";
    BIND(&f, "--release=1.2");
    assert_only_problem(&f, "a params file must be a mapping of names to values, not a list", NULL);
    assert_place(f.diags.items[0], 1, 2, 6);
}

static void a_broken_json_file_is_told_in_words_at_its_place(void **state)
{
    static const struct {
        const char *text, *message;
        size_t line, column, length;
    } ROWS[] = {
        {"", "the file is empty", 1, 1, 0},
        {" \n", "the file is empty", 1, 1, 0},
        {"{\"note\": ", "the file ends where a value is expected", 1, 10, 0},
        {"{\n  \"note\": x1,", "this is no value of JSON: text stands in double quotes", 2, 11, 2},
        {"{\"note\": 'x'}", "this is no value of JSON: text stands in double quotes", 1, 10, 3},
        {"{\"note\" \"x\"}", "':' is expected here", 1, 9, 1},
        {"{\"note\": 1 \"jobs\": 2}", "',' or '}' is expected here", 1, 12, 1},
        {"{\"note\": \"1\",}", "a name in double quotes is expected here", 1, 14, 1},
        {"{note: 1}", "a name in double quotes is expected here", 1, 2, 4},
        {"{\"targets\": [1 2]}", "',' or ']' is expected here", 1, 16, 1},
        {"{\"targets\": [1,]}", "a value is expected here", 1, 16, 1},
        {"{\"note\": \"\\u0000\"}", "a NUL character cannot stand in a param", 1, 11, 6},
        {"{\"note\": \"\\ud800 \"}", "this is half a character: a surrogate without its pair", 1,
         11, 6},
        {"{\"note\": \"\\x\"}", "this is no escape of JSON: write \\\\ for a backslash", 1, 11, 2},
        {"{\"note\": \"x\n\"}", "the text that begins here does not end", 1, 10, 2},
        {"{\"note\": \"x", "the text that begins here does not end", 1, 10, 2},
        {"{\"note\": \"\xff\"}", "this byte is not UTF-8", 1, 11, 1},
        {"{\"note\": 1, \"note\": 2}", "the name 'note' stands here a second time", 1, 13, 6},
        {"{\"jobs\": 99999999999999999999}", "this number is too large", 1, 10, 20},
        {"{\"jobs\": 1e999}", "this number is too large", 1, 10, 5},
        {"{\"jobs\": 01}",
         "this is not a number as JSON has them: where it is text, write it in double quotes", 1,
         10, 2},
        {"{} {}", "nothing can stand behind the value that the file holds", 1, 4, 1},
        {"\xEF\xBB\xBF{}", "the file begins with a byte-order mark: save it without", 1, 1, 3},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(ROWS); i++) {
        struct fixture f CLEANUP(end) = begin();
        f.file_is_json = true;
        f.file = ROWS[i].text;
        BIND(&f, "--release=1.2");
        assert_only_problem(&f, ROWS[i].message, NULL);
        assert_place(f.diags.items[0], ROWS[i].line, ROWS[i].column, ROWS[i].length);
    }
}

static void a_json_file_that_is_nested_too_deep_is_refused(void **state)
{
    struct fixture f CLEANUP(end) = begin();
    char text[1000];

    (void)state;
    memset(text, '[', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    f.file_is_json = true;
    f.file = text;
    BIND(&f, "--release=1.2");
    assert_only_problem(&f, "this is nested too deep", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_given_has_its_default),
        cmocka_unit_test(every_form_of_a_flag_is_read),
        cmocka_unit_test(a_value_may_begin_with_a_dash),
        cmocka_unit_test(a_flag_in_the_place_of_a_value_is_not_taken_for_it),
        cmocka_unit_test(a_list_is_made_of_repeated_flags_and_replaces_its_default),
        cmocka_unit_test(a_flag_that_is_no_list_is_given_once),
        cmocka_unit_test(an_unknown_flag_is_told_with_the_nearest),
        cmocka_unit_test(an_unknown_flag_may_have_been_meant_for_jobrun),
        cmocka_unit_test(what_stands_behind_an_option_of_jobrun_is_no_value_of_the_flag_before_it),
        cmocka_unit_test(a_param_with_one_dash_is_told_to_have_two),
        cmocka_unit_test(a_no_form_is_for_bools_alone_and_takes_no_value),
        cmocka_unit_test(a_word_without_a_flag_is_refused_with_the_way_to_write_it),
        cmocka_unit_test(a_bad_value_is_told_with_what_is_allowed_and_the_nearest),
        cmocka_unit_test(every_problem_comes_in_one_pass),
        cmocka_unit_test(a_default_that_this_machine_cannot_have_is_told),
        cmocka_unit_test(a_message_shows_no_control_characters_and_no_endless_value),
        cmocka_unit_test(a_variable_gives_the_value_unless_it_is_empty),
        cmocka_unit_test(a_bad_value_of_a_variable_names_the_variable),
        cmocka_unit_test(a_yaml_file_gives_values_and_the_command_line_wins),
        cmocka_unit_test(problems_of_a_yaml_file_are_told_at_their_place),
        cmocka_unit_test(a_yaml_file_that_is_no_mapping_is_a_usage_problem),
        cmocka_unit_test(a_json_file_gives_values_with_numbers_to_the_last_digit),
        cmocka_unit_test(problems_of_a_json_file_are_told_at_their_place),
        cmocka_unit_test(a_json_file_that_is_no_object_is_a_usage_problem),
        cmocka_unit_test(a_broken_json_file_is_told_in_words_at_its_place),
        cmocka_unit_test(a_json_file_that_is_nested_too_deep_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
