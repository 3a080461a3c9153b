#include "job/given.h"

#include "base/arena.h"
#include "manifest/manifest.h"

void givens_make(struct givens *givens, struct arena *arena, const struct manifest *manifest,
                 struct diags *diags)
{
    size_t count = manifest->param_count;

    *givens = (struct givens){.arena = arena, .manifest = manifest, .diags = diags};
    givens->params = arena_array(arena, count, sizeof *givens->params);
    givens->names = arena_array(arena, count, sizeof *givens->names);
    givens->flags = arena_array(arena, 2 * count, sizeof *givens->flags);
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

void givens_report_unknown(const struct givens *givens, struct span span, struct str written,
                           const struct str *names, size_t count)
{
    struct str job = givens->manifest->name;
    const struct str *completion = only_completion(written, names, count);
    struct diag *d = diag_error(givens->diags, STATUS_USAGE, "param", span,
                                "job '%.*s' has no param '%.*s'", STR_ARG(job), STR_ARG(written));

    if (completion != NULL && written.n > 2) {
        diag_help(d, "names are not abbreviated: write '%.*s'", STR_ARG(*completion));
    } else if (count == 0) {
        diag_help(d, "job '%.*s' takes no params", STR_ARG(job));
    } else if (!diag_help_nearest(d, written, names, count)) {
        struct buf list = buf_make(givens->arena, 1024);
        for (size_t i = 0; i < count; i++) {
            buf_addf(&list, "%s%.*s", i > 0 ? ", " : "", STR_ARG(names[i]));
        }
        diag_help(d, "it has: %.*s", STR_ARG(buf_str(&list)));
    }
}
