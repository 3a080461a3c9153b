#include "cli/options.h"

#include "base/arena.h"
#include "job/shown.h"
#include "manifest/rule.h"

static const struct span NOWHERE = {0};

/* Where the options are read to, and what for. */
struct splitting {
    struct options *options;
    struct arena *arena;
    struct diags *diags;
    unsigned command;
    bool is_apart; /* an option was taken since the last argument that is not one */
};

static void add_rest(struct splitting *s, struct str text, bool is_assignment)
{
    struct options *options = s->options;
    *ARENA_PUSH(s->arena, options->rest, options->rest_count, options->rest_capacity) =
        (struct raw_argument){
            .text = text, .is_assignment = is_assignment, .is_apart = s->is_apart};
    s->is_apart = false;
}

static const char *shown_name(const struct option *option, char short_name[3])
{
    short_name[0] = '-';
    short_name[1] = option->letter;
    short_name[2] = '\0';
    return option->name != NULL ? option->name : short_name;
}

static void report_no_value(struct splitting *s, const struct option *option, struct str next)
{
    char short_name[3];
    const char *name = shown_name(option, short_name);
    if (next.n == 0) {
        diag_error(s->diags, STATUS_USAGE, rule_id(RULE_USAGE), NOWHERE, "%s needs a value: %s %s",
                   name, name, option->argument);
        return;
    }
    struct str shown = shown_text(s->arena, next);
    struct diag *diag =
        diag_error(s->diags, STATUS_USAGE, rule_id(RULE_USAGE), NOWHERE, "%s needs a value", name);
    diag_help(diag, "where '%.*s' is meant as the value, write %s%s%.*s", STR_ARG(shown), name,
              option->name != NULL ? "=" : "", STR_ARG(str_shell_quote(s->arena, shown)));
}

static void take(struct splitting *s, int number, struct str value)
{
    const struct option *option = &OPTIONS[number];
    struct options *options = s->options;
    char short_name[3];
    const char *name = shown_name(option, short_name);
    if (number == OPTION_P) {
        add_rest(s, value, true);
        return;
    }
    s->is_apart = true;
    if (option->argument != NULL && value.n == 0) {
        report_no_value(s, option, (struct str){0});
        return;
    }
    if (number == OPTION_INPUT) {
        if (options->input_count >= OPTION_REPEATS_MAX) {
            diag_error(s->diags, STATUS_USAGE, rule_id(RULE_USAGE), NOWHERE,
                       "more than %d %s options", OPTION_REPEATS_MAX, name);
            return;
        }
        *ARENA_PUSH(s->arena, options->inputs, options->input_count, options->input_capacity) =
            value;
    } else if (options->given[number] && option->argument != NULL &&
               !str_equal(options->value[number], value)) {
        diag_error(s->diags, STATUS_USAGE, rule_id(RULE_USAGE), NOWHERE,
                   "%s is given twice: '%.*s' and '%.*s'", name,
                   STR_ARG(shown_text(s->arena, options->value[number])),
                   STR_ARG(shown_text(s->arena, value)));
    }
    options->given[number] = true;
    options->value[number] = value;
}

/* Takes an option whose value, where it has one, is the next argument: `next` is
 * NULL where there is none. One that begins with '-' is the next option, and the
 * value was forgotten. True where the next argument was taken. */
static bool take_with_next(struct splitting *s, int number, const struct str *next)
{
    if (OPTIONS[number].argument == NULL) {
        take(s, number, (struct str){0});
        return false;
    }
    if (next == NULL || str_starts(*next, STR("-"))) {
        report_no_value(s, &OPTIONS[number], next != NULL ? *next : (struct str){0});
        s->is_apart = true;
        return false;
    }
    take(s, number, *next);
    return true;
}

/* Takes a long option with its value from arguments[i]: how many arguments that
 * are, 0 where it is no option. */
static size_t take_long(struct splitting *s, const char *const *arguments, size_t left)
{
    struct str name;
    struct str value = {0};
    struct str next = left > 1 ? str_from(arguments[1]) : (struct str){0};
    bool has_value = str_cut(str_from(arguments[0]), '=', &name, &value);
    int number = option_find_long(name, s->command);
    const struct option *planned = option_find_planned(name, s->command);
    if (planned != NULL && number < 0) {
        diag_error(s->diags, STATUS_USAGE, rule_id(RULE_USAGE), NOWHERE,
                   "%s is not in this version of jobrun", planned->name);
        s->is_apart = true;
        bool has_next = planned->argument != NULL && left > 1 && !str_starts(next, STR("-"));
        return !has_value && has_next ? 2 : 1;
    }
    if (number < 0) {
        return 0;
    }
    if (!has_value) {
        return take_with_next(s, number, left > 1 ? &next : NULL) ? 2 : 1;
    }
    if (OPTIONS[number].argument == NULL) {
        diag_error(s->diags, STATUS_USAGE, rule_id(RULE_USAGE), NOWHERE,
                   "%s takes no value, but is given '%.*s'", OPTIONS[number].name,
                   STR_ARG(shown_text(s->arena, value)));
    }
    take(s, number, value);
    return 1;
}

/* The same for a short option that stands before the job. */
static size_t take_short(struct splitting *s, const char *const *arguments, size_t left)
{
    struct str text = str_from(arguments[0]);
    struct str next = left > 1 ? str_from(arguments[1]) : (struct str){0};
    int number = option_find_short(text, s->command);
    if (number < 0) {
        return 0;
    }
    if (text.n > 2) {
        take(s, number, str_after(text, 2));
        return 1;
    }
    return take_with_next(s, number, left > 1 ? &next : NULL) ? 2 : 1;
}

/* A flag before the job: which job it is for is not known there, and neither is
 * whether the next argument is its value or the job. */
static void report_before_job(struct splitting *s, struct str text)
{
    struct str names[OPTION_COUNT];
    struct str flag, value;
    size_t count = options_names(s->command, names);
    str_cut(text, '=', &flag, &value);
    struct str shown = shown_text(s->arena, flag);
    struct diag *diag = diag_error(s->diags, STATUS_USAGE, rule_id(RULE_USAGE), NOWHERE,
                                   "jobrun has no option '%.*s'", STR_ARG(shown));
    diag_help_nearest(diag, flag, names, count);
    diag_help(diag, "where it is a param, the job comes first: jobrun JOB %.*s ...",
              STR_ARG(str_shell_quote(s->arena, shown)));
}

void options_split(struct options *options, struct arena *arena, unsigned command, bool has_job,
                   const char *const *arguments, size_t count, struct diags *diags)
{
    struct splitting s = {.options = options, .arena = arena, .diags = diags, .command = command};
    for (size_t i = 0; i < count;) {
        struct str text = str_from(arguments[i]);
        bool is_dashed = text.n > 1 && text.s[0] == '-';
        bool before_job = has_job && options->subject.s == NULL;
        size_t taken = 0;
        if (str_starts(text, STR("--"))) {
            taken = take_long(&s, &arguments[i], count - i);
        } else if (is_dashed && (!has_job || before_job)) {
            taken = take_short(&s, &arguments[i], count - i);
        }
        i += taken > 0 ? taken : 1;
        if (taken > 0) {
            continue;
        }
        if (before_job && is_dashed && !str_is(text, "--")) {
            report_before_job(&s, text);
        } else if (before_job && !str_starts(text, STR("-"))) {
            options->subject = text;
        } else {
            add_rest(&s, text, false);
        }
    }
}

void options_take_short(struct options *options, struct arena *arena, unsigned command,
                        bool (*takes_value)(const void *context, struct str name),
                        const void *context, struct diags *diags)
{
    struct splitting s = {.options = options, .arena = arena, .diags = diags, .command = command};
    const struct raw_argument *all = options->rest;
    size_t count = options->rest_count;
    options->rest = NULL;
    options->rest_count = options->rest_capacity = 0;
    bool is_value = false; /* of the flag before it */
    for (size_t i = 0; i < count; i++) {
        struct str text = all[i].text;
        s.is_apart |= all[i].is_apart;
        is_value = is_value && !s.is_apart;
        int number = all[i].is_assignment || is_value ? -1 : option_find_short(text, s.command);
        if (number >= 0 && text.n > 2) {
            take(&s, number, str_after(text, 2));
            continue;
        }
        if (number >= 0) {
            bool has_next = i + 1 < count && !all[i + 1].is_apart;
            i += take_with_next(&s, number, has_next ? &all[i + 1].text : NULL);
            continue;
        }
        bool is_flag =
            !is_value && str_starts(text, STR("--")) && text.n > 2 && !str_contains(text, STR("="));
        is_value = is_flag && takes_value(context, str_after(text, 2));
        add_rest(&s, text, all[i].is_assignment);
    }
}
