/* Params on the command line. */
#include "base/arena.h"
#include "job/given.h"
#include "job/shown.h"
#include "manifest/manifest.h"

static const struct span NOWHERE;

static bool is_flag_form(const struct raw_argument *raw)
{
    return !raw->is_assignment && raw->text.n > 2 && str_starts(raw->text, STR("--"));
}

/* Whether a text behind `--name` is more likely the next flag than a value: it
 * is one of the job's or of jobrun's, or near to one of the job's. */
static bool is_flag(const struct givens *givens, const struct raw_argument *raw)
{
    struct str flag, value;

    if (!is_flag_form(raw)) {
        return false;
    }
    str_cut(raw->text, '=', &flag, &value);
    return name_is_reserved(str_after(flag, 2)) ||
           str_nearest(flag, givens->flags, givens->flag_count) >= 0;
}

static void give(const struct givens *givens, struct given *given, struct str text)
{
    struct str name = given->param->name;
    bool is_list = given->param->domain.type == TYPE_LIST;

    given->origin = ORIGIN_COMMAND_LINE;
    if (!given->is_given || is_list) {
        given_add(givens, given, text, NOWHERE);
    } else if (!given->failed) {
        struct diag *d =
            diag_error(givens->diags, STATUS_USAGE, "param", NOWHERE,
                       "param '%.*s' is given twice, as '%.*s' and as '%.*s'", STR_ARG(name),
                       STR_ARG(shown_text(givens->arena, given->texts[0].text)),
                       STR_ARG(shown_text(givens->arena, text)));
        diag_help(d, "give it once; only lists are repeated");
        given->failed = true;
    }
}

static void report_no_value(const struct givens *givens, struct given *given,
                            const struct raw_argument *next)
{
    struct str name = given->param->name;
    struct diag *d = diag_error(givens->diags, STATUS_USAGE, "param", NOWHERE,
                                "param '%.*s' needs a value", STR_ARG(name));

    if (next != NULL && !next->is_assignment) {
        struct str text = shown_text(givens->arena, next->text);
        diag_help(d, "where '%.*s' is meant as the value, write --%.*s=%.*s", STR_ARG(text),
                  STR_ARG(name), STR_ARG(str_shell_quote(givens->arena, text)));
    } else {
        diag_help(d, "write --%.*s VALUE", STR_ARG(name));
    }
    given->is_given = true;
    given->failed = true;
}

/* "--no-name"; false where it is none. */
static bool take_negation(struct givens *givens, struct str name, bool has_value)
{
    struct given *given = NULL;

    if (str_starts(name, STR("no-"))) {
        given = given_find(givens, str_after(name, 3));
    }
    if (given == NULL) {
        return false;
    }
    struct str param = given->param->name;
    if (given->param->domain.type == TYPE_BOOL && !has_value) {
        give(givens, given, STR("false"));
        return true;
    }
    struct diag *d = diag_error(givens->diags, STATUS_USAGE, "param", NOWHERE,
                                has_value ? "--no-%.*s takes no value"
                                          : "--no-%.*s is no flag: the param is not a bool",
                                STR_ARG(param));
    if (has_value) {
        diag_help(d, "write --%.*s=true or --%.*s=false", STR_ARG(param), STR_ARG(param));
    }
    given->is_given = true;
    given->failed = true;
    return true;
}

/* Returns how many of the raw arguments it took. */
static size_t take_flag(struct givens *givens, const struct raw_argument *raw, size_t left)
{
    struct str flag, name, value;
    bool has_value = str_cut(raw->text, '=', &flag, &value);
    const struct raw_argument *next = left > 1 && !raw[1].is_apart ? raw + 1 : NULL;

    name = str_after(flag, 2);
    struct given *given = given_find(givens, name);
    if (given == NULL) {
        if (take_negation(givens, name, has_value)) {
            return 1;
        }
        givens_report_unknown_flag(givens, flag);
        /* What stands behind it is most likely its value, and no second problem. */
        return next != NULL && !has_value && !next->is_assignment && !is_flag_form(next) ? 2 : 1;
    }
    if (has_value || given->param->domain.type == TYPE_BOOL) {
        give(givens, given, has_value ? value : STR("true"));
        return 1;
    }
    if (next == NULL || next->is_assignment || is_flag(givens, next)) {
        report_no_value(givens, given, next);
        return 1;
    }
    give(givens, given, next->text);
    return 2;
}

static void take_assignment(struct givens *givens, struct str text)
{
    struct str name, value;

    if (!str_cut(text, '=', &name, &value)) {
        struct diag *d =
            diag_error(givens->diags, STATUS_USAGE, "param", NOWHERE, "-P '%.*s' gives no value",
                       STR_ARG(shown_text(givens->arena, text)));
        diag_help(d, "write -P name=value");
        return;
    }
    struct given *given = given_find(givens, name);
    if (given != NULL) {
        give(givens, given, value);
    } else {
        givens_report_unknown(givens, NOWHERE, name);
    }
}

/* "-name" or "-name=value" of a param. Returns how many of the raw arguments it
 * took; 0 where it is none. */
static size_t report_single_dash(struct givens *givens, const struct raw_argument *raw, size_t left)
{
    struct str flag, value;
    bool has_value = str_cut(raw->text, '=', &flag, &value);
    struct given *given =
        flag.n > 1 && flag.s[0] == '-' ? given_find(givens, str_after(flag, 1)) : NULL;

    if (given == NULL) {
        return 0;
    }
    struct str name = given->param->name;
    bool is_bool = given->param->domain.type == TYPE_BOOL;
    struct diag *d = diag_error(givens->diags, STATUS_USAGE, "param", NOWHERE,
                                "'%.*s' is not expected here", STR_ARG(flag));
    diag_help(d, "a param has two dashes: write --%.*s%s", STR_ARG(name), is_bool ? "" : " VALUE");
    given->is_given = true;
    given->failed = true;
    bool takes_next = !has_value && !is_bool && left > 1 && !raw[1].is_apart &&
                      !raw[1].is_assignment && !is_flag(givens, &raw[1]);
    return takes_next ? 2 : 1;
}

/* `before` is the param whose flag stands before it, or NULL. */
static void report_stray(const struct givens *givens, const struct raw_argument *raw,
                         const struct given *before)
{
    struct str text = shown_text(givens->arena, raw->text);
    struct str quoted = str_shell_quote(givens->arena, text);
    struct diag *d = diag_error(givens->diags, STATUS_USAGE, "param", NOWHERE,
                                "'%.*s' is not expected here", STR_ARG(text));
    enum param_type type = before != NULL ? before->param->domain.type : TYPE_STRING;

    if (str_is(text, "--")) {
        diag_help(d, "a '--' may only stand before all params, and changes nothing: leave it out");
    } else if (type == TYPE_BOOL && (str_is(text, "true") || str_is(text, "false"))) {
        diag_help(d, "write --%.*s=%.*s", STR_ARG(before->param->name), STR_ARG(text));
    } else if (type == TYPE_LIST) {
        diag_help(d, "repeat the flag for each element: --%.*s %.*s", STR_ARG(before->param->name),
                  STR_ARG(quoted));
    } else if (givens->flag_count == 0) {
        diag_help(d, "job '%.*s' takes no params", STR_ARG(givens->manifest->name));
    } else {
        diag_help(d, "params are given by name, as in %.*s=%.*s", STR_ARG(givens->flags[0]),
                  STR_ARG(quoted));
    }
}

/* The param of "--name" and "--name=value", or NULL. */
static const struct given *flag_given(const struct givens *givens, struct str text)
{
    struct str flag, value;

    str_cut(text, '=', &flag, &value);
    return given_find(givens, str_after(flag, 2));
}

void givens_take_flags(struct givens *givens, const struct raw_argument *raw, size_t count)
{
    /* pixi hands on the "--" that stands between its options and the job's. */
    size_t i = count > 0 && !raw[0].is_assignment && str_is(raw[0].text, "--") ? 1 : 0;
    const struct given *before = NULL;

    while (i < count) {
        if (raw[i].is_assignment) {
            take_assignment(givens, raw[i].text);
            before = NULL;
            i++;
            continue;
        }
        if (is_flag_form(&raw[i])) {
            before = flag_given(givens, raw[i].text);
            i += take_flag(givens, &raw[i], count - i);
            continue;
        }
        size_t taken = report_single_dash(givens, &raw[i], count - i);
        if (taken == 0) {
            report_stray(givens, &raw[i], raw[i].is_apart ? NULL : before);
            taken = 1;
        }
        i += taken;
    }
}
