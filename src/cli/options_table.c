#include "cli/options.h"

const struct option OPTIONS[OPTION_COUNT] = {
    [OPTION_FORCE] = {"--force", 0, NULL, FOR_RUN,
                      "run and publish again, even if it is published already; repeat effects too"},
    [OPTION_DRY_RUN] = {"--dry-run", 0, NULL, FOR_RUN,
                        "print the plan: what would be fetched, run and published; touch nothing"},
    [OPTION_EXPLAIN] =
        {"--explain", 0, NULL, FOR_RUN,
         "say also, in full, why the job is skipped or runs (with --dry-run: only that)"},
    [OPTION_ENV] = {"--env", 0, "KEY", FOR_JOB,
                    "the environment to publish under (default: CI on a CI system, else dev)"},
    [OPTION_COMMIT] = {"--commit", 0, "REV", FOR_JOB,
                       "the commit of the artifacts (default: HEAD)"},
    [OPTION_STORE] = {"--store", 0, "URL", FOR_JOB,
                      "where artifacts live (default: JOBRUN_STORE, jobrun.yaml, .jobrun/store)"},
    [OPTION_INPUTS_FROM] = {"--inputs-from", 0, "ENV", FOR_RUN,
                            "read the inputs from this environment; nothing is written there"},
    [OPTION_INPUT] = {"--input", 0, "NAME=PATH", FOR_RUN,
                      "take an input from a local path, for this run; NAME[label]=PATH for one "
                      "element of a fan-in"},
    [OPTION_PARAMS_FILE] = {"--params-file", 0, "FILE", FOR_JOB,
                            "read params from a YAML or JSON file; flags win over it"},
    [OPTION_P] = {NULL, 'P', "NAME=VALUE", FOR_JOB, "one param, as --NAME VALUE"},
    [OPTION_NO_FETCH] = {"--no-fetch", 0, NULL, FOR_RUN,
                         "use the inputs as they lie in the workspace"},
    [OPTION_NO_PUBLISH] =
        {"--no-publish", 0, NULL, FOR_RUN,
         "run, but publish nothing; what is published already is skipped all the same"},
    [OPTION_ALLOW_EFFECTS] =
        {"--allow-effects", 0, NULL, FOR_RUN,
         "let the job do what cannot be undone also where the environment is not protected"},
    [OPTION_TIMEOUT] = {"--timeout", 0, "TIME", FOR_RUN,
                        "another timeout than the manifest's: 90s, 60m, 2h"},
    [OPTION_LOG] = {"--log", 0, "FILE", FOR_RUN, "write the job's output here too"},
    [OPTION_JSON] = {"--json", 0, NULL, FOR_SHOW, "print it as one JSON document"},
    [OPTION_EXPLAIN_RULE] = {"--explain", 0, "RULE", FOR_LINT,
                             "print what a rule is for, with examples; check nothing"},
    [OPTION_LIST_RULES] = {"--list-rules", 0, NULL, FOR_LINT,
                           "print the rules, a line each; check nothing"},
    [OPTION_FORMAT] =
        {"--format", 0, "FORMAT", FOR_LINT,
         "text, json, sarif or github (default: github in GitHub Actions, else text)"},
    [OPTION_STDIN_FILENAME] = {"--stdin-filename", 0, "FILE", FOR_LINT,
                               "the file that standard input stands for: its name, its folder"},
    [OPTION_QUIET] = {NULL, 'q', NULL, FOR_ALL, "say only what went wrong"},
    [OPTION_VERBOSE] = {NULL, 'v', NULL, FOR_ALL, "say more: where inputs come from, commands"},
    [OPTION_COLOR] = {"--color", 0, "WHEN", FOR_ALL, "auto, always or never"},
    [OPTION_HELP] = {"--help", 'h', NULL, FOR_ALL, "this help"},
};

/* Options that the command line keeps names for and that are still to come. */
static const struct option PLANNED[] = {
    {"--format", 0, "FORMAT", FOR_JOB, ""},
    {"--progress", 0, "WHEN", FOR_RUN, ""},
};

static bool option_applies(const struct option *option, unsigned command)
{
    return (option->commands & command) != 0;
}

int option_find_long(struct str name, unsigned command)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (OPTIONS[i].name != NULL && option_applies(&OPTIONS[i], command) &&
            str_is(name, OPTIONS[i].name)) {
            return i;
        }
    }
    return -1;
}

int option_find_short(struct str text, unsigned command)
{
    for (int i = 0; text.n >= 2 && text.s[0] == '-' && i < OPTION_COUNT; i++) {
        if (OPTIONS[i].letter != 0 && option_applies(&OPTIONS[i], command) &&
            text.s[1] == OPTIONS[i].letter && (text.n == 2 || OPTIONS[i].argument != NULL)) {
            return i;
        }
    }
    return -1;
}

const struct option *option_find_planned(struct str name, unsigned command)
{
    for (size_t i = 0; i < ARRAY_COUNT(PLANNED); i++) {
        if (option_applies(&PLANNED[i], command) && str_is(name, PLANNED[i].name)) {
            return &PLANNED[i];
        }
    }
    return NULL;
}

size_t options_names(unsigned command, struct str names[OPTION_COUNT])
{
    size_t count = 0;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        if (OPTIONS[i].name != NULL && option_applies(&OPTIONS[i], command)) {
            names[count++] = str_from(OPTIONS[i].name);
        }
    }
    return count;
}

void options_format(struct buf *buf, unsigned command, unsigned shared_with)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &OPTIONS[i];
        if (!option_applies(option, command) || option_applies(option, shared_with)) {
            continue;
        }
        size_t start = buf->n;
        if (option->letter != 0) {
            buf_addf(buf, "  -%c%s", option->letter, option->name != NULL ? ", " : "");
        } else {
            buf_addf(buf, "  ");
        }
        buf_addf(buf, "%s%s%s", option->name != NULL ? option->name : "",
                 option->argument != NULL ? " " : "",
                 option->argument != NULL ? option->argument : "");
        size_t width = buf->n - start;
        buf_add_repeat(buf, ' ', width < 23 ? 24 - width : 2);
        buf_addf(buf, "%s\n", option->help);
    }
}
