#include "cli/options.h"

#include "base/arena.h"

const struct option OPTIONS[OPTION_COUNT] = {
    [OPTION_FORCE] = {"--force", 0, NULL, FOR_RUN,
                      "run and publish again, even if it is published already"},
    [OPTION_DRY_RUN] = {"--dry-run", 0, NULL, FOR_RUN,
                        "print the plan: what would be fetched, run and published; touch nothing"},
    [OPTION_EXPLAIN] = {"--explain", 0, NULL, FOR_RUN,
                        "say in full why the job is skipped or runs"},
    [OPTION_ENV] = {"--env", 0, "KEY", FOR_RUN,
                    "the environment to publish under (default: CI on a CI system, else dev)"},
    [OPTION_COMMIT] = {"--commit", 0, "REV", FOR_RUN,
                       "the commit of the artifacts (default: HEAD)"},
    [OPTION_STORE] = {"--store", 0, "URL", FOR_RUN,
                      "where artifacts live (default: JOBRUN_STORE, jobrun.yaml, .jobrun/store)"},
    [OPTION_INPUTS_FROM] = {"--inputs-from", 0, "ENV", FOR_RUN,
                            "read the inputs from this environment; nothing is written there"},
    [OPTION_INPUT] = {"--input", 0, "NAME=PATH", FOR_RUN,
                      "take an input from a local path, for this run; NAME[label]=PATH for one "
                      "element of a fan-in"},
    [OPTION_PARAMS_FILE] = {"--params-file", 0, "FILE", FOR_RUN,
                            "read params from a YAML or JSON file; flags win over it"},
    [OPTION_P] = {NULL, 'P', "NAME=VALUE", FOR_RUN, "one param, as --NAME VALUE"},
    [OPTION_NO_FETCH] = {"--no-fetch", 0, NULL, FOR_RUN,
                         "use the inputs as they lie in the workspace"},
    [OPTION_NO_PUBLISH] = {"--no-publish", 0, NULL, FOR_RUN, "run, but publish nothing"},
    [OPTION_TIMEOUT] = {"--timeout", 0, "TIME", FOR_RUN,
                        "another timeout than the manifest's: 90s, 60m, 2h"},
    [OPTION_LOG] = {"--log", 0, "FILE", FOR_RUN, "write the job's output here too"},
    [OPTION_QUIET] = {NULL, 'q', NULL, FOR_ALL, "say only what went wrong"},
    [OPTION_VERBOSE] = {NULL, 'v', NULL, FOR_ALL, "say more: where inputs come from, commands"},
    [OPTION_COLOR] = {"--color", 0, "WHEN", FOR_ALL, "auto, always or never"},
    [OPTION_HELP] = {"--help", 'h', NULL, FOR_ALL, "this help"},
};

static const struct span NOWHERE = {0};

static bool option_applies(const struct option *option, unsigned command)
{
    return (option->commands & command) != 0;
}

static int find_long(struct str name, unsigned command)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (OPTIONS[i].name != NULL && option_applies(&OPTIONS[i], command) &&
            str_is(name, OPTIONS[i].name)) {
            return i;
        }
    }
    return -1;
}

static int find_short(struct str text, unsigned command)
{
    for (int i = 0; text.n >= 2 && text.s[0] == '-' && i < OPTION_COUNT; i++) {
        if (OPTIONS[i].letter != 0 && option_applies(&OPTIONS[i], command) &&
            text.s[1] == OPTIONS[i].letter && (text.n == 2 || OPTIONS[i].argument != NULL)) {
            return i;
        }
    }
    return -1;
}

static void add_rest(struct options *options, struct arena *arena, struct str text,
                     bool is_assignment)
{
    *ARENA_PUSH(arena, options->rest, options->rest_count, options->rest_capacity) =
        (struct raw_argument){.text = text, .is_assignment = is_assignment};
}

static const char *shown_name(const struct option *option, char short_name[3])
{
    short_name[0] = '-';
    short_name[1] = option->letter;
    short_name[2] = '\0';
    return option->name != NULL ? option->name : short_name;
}

static void take(struct options *options, struct arena *arena, int number, struct str value,
                 struct diags *diags)
{
    const struct option *option = &OPTIONS[number];
    char short_name[3];
    const char *name = shown_name(option, short_name);
    if (number == OPTION_P) {
        add_rest(options, arena, value, true);
        return;
    }
    if (number == OPTION_INPUT) {
        if (options->input_count >= OPTION_REPEATS_MAX) {
            diag_error(diags, STATUS_USAGE, "usage", NOWHERE, "more than %d %s options",
                       OPTION_REPEATS_MAX, name);
            return;
        }
        *ARENA_PUSH(arena, options->inputs, options->input_count, options->input_capacity) = value;
    } else if (options->given[number] && option->argument != NULL &&
               !str_equal(options->value[number], value)) {
        diag_error(diags, STATUS_USAGE, "usage", NOWHERE, "%s is given twice: '%.*s' and '%.*s'",
                   name, STR_ARG(options->value[number]), STR_ARG(value));
    }
    if (option->argument != NULL && value.n == 0) {
        diag_error(diags, STATUS_USAGE, "usage", NOWHERE, "%s needs a value: %s %s", name, name,
                   option->argument);
    }
    options->given[number] = true;
    options->value[number] = value;
}

/* Takes a long option with its value from arguments[i]; the index of the last
 * argument that belongs to it, or `count` where it is none. */
static size_t take_long(struct options *options, struct arena *arena, unsigned command,
                        const char *const *arguments, size_t count, size_t i, struct diags *diags)
{
    struct str name;
    struct str value = {0};
    bool has_value = str_cut(str_from(arguments[i]), '=', &name, &value);
    int number = find_long(name, command);
    if (number < 0) {
        return count;
    }
    if (OPTIONS[number].argument == NULL) {
        if (has_value) {
            diag_error(diags, STATUS_USAGE, "usage", NOWHERE,
                       "%s takes no value, but is given '%.*s'", OPTIONS[number].name,
                       STR_ARG(value));
        }
        take(options, arena, number, (struct str){0}, diags);
        return i;
    }
    if (!has_value && i + 1 < count) {
        value = str_from(arguments[++i]);
    }
    take(options, arena, number, value, diags);
    return i;
}

/* The same for a short option that stands before the job. */
static size_t take_short_at(struct options *options, struct arena *arena, unsigned command,
                            const char *const *arguments, size_t count, size_t i,
                            struct diags *diags)
{
    struct str text = str_from(arguments[i]);
    int number = find_short(text, command);
    if (number < 0) {
        return count;
    }
    struct str value = str_after(text, 2);
    if (OPTIONS[number].argument != NULL && value.n == 0 && i + 1 < count) {
        value = str_from(arguments[++i]);
    }
    take(options, arena, number, value, diags);
    return i;
}

void options_split(struct options *options, struct arena *arena, unsigned command, bool has_job,
                   const char *const *arguments, size_t count, struct diags *diags)
{
    for (size_t i = 0; i < count; i++) {
        struct str text = str_from(arguments[i]);
        size_t last = count;
        if (str_starts(text, STR("--"))) {
            last = take_long(options, arena, command, arguments, count, i, diags);
        } else if (text.n > 1 && text.s[0] == '-' && (!has_job || options->subject.s == NULL)) {
            last = take_short_at(options, arena, command, arguments, count, i, diags);
        }
        if (last < count) {
            i = last;
        } else if (has_job && options->subject.s == NULL && !(text.n > 0 && text.s[0] == '-')) {
            options->subject = text;
        } else {
            add_rest(options, arena, text, false);
        }
    }
}

void options_take_short(struct options *options, struct arena *arena,
                        bool (*takes_value)(const void *context, struct str name),
                        const void *context, struct diags *diags)
{
    const struct raw_argument *all = options->rest;
    size_t count = options->rest_count;
    options->rest = NULL;
    options->rest_count = options->rest_capacity = 0;
    bool is_value = false; /* of the flag before it */
    for (size_t i = 0; i < count; i++) {
        struct str text = all[i].text;
        int number = all[i].is_assignment || is_value ? -1 : find_short(text, FOR_RUN);
        if (number >= 0) {
            struct str value = str_after(text, 2);
            if (OPTIONS[number].argument != NULL && value.n == 0 && i + 1 < count) {
                value = all[++i].text;
            }
            take(options, arena, number, value, diags);
            continue;
        }
        bool is_flag =
            !is_value && str_starts(text, STR("--")) && text.n > 2 && !str_contains(text, STR("="));
        is_value = is_flag && takes_value(context, str_after(text, 2));
        add_rest(options, arena, text, all[i].is_assignment);
    }
}

void options_format(struct buf *buf, unsigned command)
{
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &OPTIONS[i];
        if (!option_applies(option, command)) {
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
        buf_add_repeat(buf, ' ', width < 24 ? 24 - width : 2);
        buf_addf(buf, "%s\n", option->help);
    }
}
