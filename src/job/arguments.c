#include "job/arguments.h"

#include "base/arena.h"
#include "base/error.h"
#include "job/context.h"
#include "job/given.h"
#include "job/shown.h"
#include "manifest/manifest.h"

static const struct span NOWHERE;

/* Where a value came from, for what the user did not just type. */
static struct str origin_text(const struct givens *givens, const struct given *given)
{
    if (given->origin == ORIGIN_VARIABLE) {
        return str_format(givens->arena, ", from the variable '%.*s',", STR_ARG(given->param->env));
    }
    if (given->origin == ORIGIN_FILE) {
        return str_format(givens->arena, ", from '%.*s',", STR_ARG(givens->file));
    }
    return STR("");
}

static void describe(const struct givens *givens, struct diag *d, const struct param *param)
{
    struct str allowed = domain_describe(&param->domain, givens->arena);

    /* An enum's values are in the message already. */
    if (!str_contains(d->message, allowed)) {
        diag_note(d, "'%.*s' takes %.*s", STR_ARG(param->name), STR_ARG(allowed));
    }
}

static void report_value(const struct givens *givens, struct given *given, struct str text,
                         struct span span, const struct error *problem)
{
    struct str origin = origin_text(givens, given);
    struct diag *d =
        diag_error(givens->diags, STATUS_USAGE, "param", span,
                   "value '%.*s' of param '%.*s'%.*s %s", STR_ARG(shown_text(givens->arena, text)),
                   STR_ARG(given->param->name), STR_ARG(origin), problem->message);

    describe(givens, d, given->param);
    if (problem->help[0] != '\0') {
        diag_help(d, "%s", problem->help);
    }
    given->failed = true;
}

/* Each element by itself first, so that every bad one is told, and where. */
static void check_elements(const struct givens *givens, struct given *given, struct str *items)
{
    for (size_t i = 0; i < given->count; i++) {
        struct error problem = {0};
        const struct given_text *item = &given->texts[i];
        if (domain_check(given->param->domain.of, givens->arena, item->text, &items[i], &problem) !=
            0) {
            report_value(givens, given, item->text, item->span, &problem);
        }
    }
}

/* "--features=": no other way on a command line says that there are none. */
static bool is_empty_list(const struct given *given)
{
    const struct domain *domain = &given->param->domain;

    return domain->type == TYPE_LIST && given->origin == ORIGIN_COMMAND_LINE && given->count == 1 &&
           given->texts[0].text.n == 0 && domain->has_min_length && domain->min_length == 0;
}

static void check_given(const struct givens *givens, struct given *given, struct value *value)
{
    const struct domain *domain = &given->param->domain;
    struct value written = {.is_list = domain->type == TYPE_LIST};
    struct error problem = {0};

    if (is_empty_list(given)) {
        given->count = 0;
    }
    if (written.is_list) {
        written.items = arena_array(givens->arena, given->count, sizeof *written.items);
        written.count = given->count;
        check_elements(givens, given, written.items);
    } else {
        written.text = given->texts[0].text;
    }
    if (given->failed) {
        return;
    }
    struct span span =
        given->span.source == NULL && given->count > 0 ? given->texts[0].span : given->span;
    if (domain_check_value(domain, givens->arena, &written, value, &problem) != 0) {
        *value = (struct value){.is_list = written.is_list};
        report_value(givens, given, value_show(&written, givens->arena), span, &problem);
    }
}

/* The param's variable; a list has one element on each line, as commands get it. */
static void take_variable(const struct givens *givens, struct given *given,
                          const struct variables *variables)
{
    struct str name = given->param->env;
    struct str text = {0};

    if (name.n > 0) {
        text = variables_get(variables, str_copy(givens->arena, name).s);
    }
    if (text.n == 0) {
        return;
    }
    given->origin = ORIGIN_VARIABLE;
    if (given->param->domain.type != TYPE_LIST) {
        given_add(givens, given, text, NOWHERE);
        return;
    }
    while (text.n > 0) {
        struct str line;
        str_cut(text, '\n', &line, &text);
        given_add(givens, given, line, NOWHERE);
    }
}

static void report_missing(const struct givens *givens, const struct param *param)
{
    struct str name = param->name;
    struct diag *d = diag_error(givens->diags, STATUS_USAGE, "param", NOWHERE,
                                "param '%.*s' is required", STR_ARG(name));

    if (param->help.n > 0) {
        diag_note(d, "'%.*s': %.*s", STR_ARG(name), STR_ARG(shown_first_line(param->help)));
    }
    describe(givens, d, param);
    if (param->domain.type == TYPE_BOOL) {
        diag_help(d, "give --%.*s or --no-%.*s", STR_ARG(name), STR_ARG(name));
    } else if (param->env.n > 0) {
        diag_help(d, "give --%.*s VALUE, or set %.*s", STR_ARG(name), STR_ARG(param->env));
    } else {
        diag_help(d, "give --%.*s VALUE", STR_ARG(name));
    }
}

static void take_default(const struct givens *givens, const struct param *param, struct str host,
                         struct value *value)
{
    struct error problem = {0};

    if (param->default_kind == DEFAULT_NONE && givens->file_failed) {
        return;
    }
    if (param->default_kind == DEFAULT_NONE) {
        report_missing(givens, param);
    } else if (param_default(param, givens->arena, host, value, &problem) != 0) {
        *value = (struct value){.is_list = param->domain.type == TYPE_LIST};
        describe(givens, diag_from_error(givens->diags, STATUS_USAGE, "param", NOWHERE, &problem),
                 param);
    }
}

struct argument *arguments_bind(struct arena *arena, const struct manifest *manifest,
                                const struct raw_arguments *raw, const struct source *file,
                                bool file_is_json, const struct variables *variables,
                                struct str host_platform, struct diags *diags)
{
    struct argument *arguments = arena_array(arena, manifest->param_count, sizeof *arguments);
    struct givens givens;

    givens_make(&givens, arena, manifest, raw, diags);
    givens_take_flags(&givens, raw->items, raw->count);
    if (file != NULL) {
        givens_take_file(&givens, file, file_is_json);
    }
    for (size_t i = 0; i < manifest->param_count; i++) {
        struct given *given = &givens.params[i];
        struct argument *argument = &arguments[i];
        argument->param = given->param;
        argument->value.is_list = given->param->domain.type == TYPE_LIST;
        if (!given->is_given && !given->failed) {
            take_variable(&givens, given, variables);
        }
        argument->origin = given->origin;
        if (given->failed) {
            continue;
        }
        if (given->is_given) {
            check_given(&givens, given, &argument->value);
        } else {
            take_default(&givens, given->param, host_platform, &argument->value);
        }
    }
    return arguments;
}
