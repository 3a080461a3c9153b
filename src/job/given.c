#include "job/given.h"

#include "base/arena.h"
#include "job/shown.h"
#include "manifest/manifest.h"

#define NAMES_SHOWN_MAX 20

static const struct span NOWHERE;

void givens_make(struct givens *givens, struct arena *arena, const struct manifest *manifest,
                 const struct raw_arguments *raw, struct diags *diags)
{
    size_t count = manifest->param_count;

    *givens = (struct givens){.arena = arena, .manifest = manifest, .diags = diags};
    givens->params = arena_array(arena, count, sizeof *givens->params);
    givens->names = arena_array(arena, count, sizeof *givens->names);
    givens->flags = arena_array(arena, 2 * count + raw->option_count, sizeof *givens->flags);
    for (size_t i = 0; i < count; i++) {
        const struct param *param = manifest->params[i];
        givens->params[i].param = param;
        givens->names[i] = param->name;
        givens->flags[givens->flag_count++] = str_format(arena, "--%.*s", STR_ARG(param->name));
        if (param->domain.type == TYPE_BOOL) {
            givens->flags[givens->flag_count++] =
                str_format(arena, "--no-%.*s", STR_ARG(param->name));
        }
    }
    for (size_t i = 0; i < raw->option_count; i++) {
        givens->flags[givens->flag_count + givens->option_count++] = raw->options[i];
    }
}

struct given *given_find(const struct givens *givens, struct str name)
{
    for (size_t i = 0; i < givens->manifest->param_count; i++) {
        if (str_equal(givens->names[i], name)) {
            return &givens->params[i];
        }
    }
    return NULL;
}

void given_add(const struct givens *givens, struct given *given, struct str text, struct span span)
{
    given->is_given = true;
    *ARENA_PUSH(givens->arena, given->texts, given->count, given->capacity) =
        (struct given_text){text, span};
}

/* The only one of the names that begins with what was written, or NULL. */
static const struct str *only_completion(struct str written, const struct str *names, size_t count)
{
    const struct str *found = NULL;

    for (size_t i = 0; i < count; i++) {
        if (!str_starts(names[i], written)) {
            continue;
        }
        if (found != NULL) {
            return NULL;
        }
        found = &names[i];
    }
    return found;
}

/* What it could have been: the nearest of the names, the last `other_count` of
 * which are not the job's, or all that are. */
static void help_with_names(const struct givens *givens, struct diag *d, struct str written,
                            const struct str *names, size_t count, size_t other_count)
{
    const struct str *completion = only_completion(written, names, count + other_count);

    if (completion != NULL && written.n > 2) {
        diag_help(d, "names are not abbreviated: write '%.*s'", STR_ARG(*completion));
        return;
    }
    if (diag_help_nearest(d, written, names, count + other_count)) {
        return;
    }
    if (count == 0) {
        diag_help(d, "job '%.*s' takes no params", STR_ARG(givens->manifest->name));
        return;
    }
    struct buf list = buf_make(givens->arena, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < count && i < NAMES_SHOWN_MAX; i++) {
        buf_addf(&list, "%s%.*s", i > 0 ? ", " : "", STR_ARG(names[i]));
    }
    diag_help(d, "it has: %.*s%s", STR_ARG(buf_str(&list)), count > NAMES_SHOWN_MAX ? ", ..." : "");
}

void givens_report_unknown(const struct givens *givens, struct span span, struct str name)
{
    struct diag *d =
        diag_error(givens->diags, STATUS_USAGE, "param", span, "job '%.*s' has no param '%.*s'",
                   STR_ARG(givens->manifest->name), STR_ARG(shown_text(givens->arena, name)));

    help_with_names(givens, d, name, givens->names, givens->manifest->param_count, 0);
}

void givens_report_unknown_flag(const struct givens *givens, struct str flag)
{
    struct diag *d =
        diag_error(givens->diags, STATUS_USAGE, "param", NOWHERE,
                   "job '%.*s' has no param '%.*s', and jobrun has no such option",
                   STR_ARG(givens->manifest->name), STR_ARG(shown_text(givens->arena, flag)));

    help_with_names(givens, d, flag, givens->flags, givens->flag_count, givens->option_count);
}
