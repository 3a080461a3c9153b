/* `requires`: texts that no machine and no checkout can be, for all values that
 * are known; and `ci`. */
#include "base/arena.h"
#include "manifest/check_parts.h"
#include "manifest/document.h"
#include "manifest/manifest.h"
#include "manifest/param.h"

static bool is_known(struct str text)
{
    return str_index(text, POSSIBLE_ANY) == text.n && str_index(text, POSSIBLE_DEEP) == text.n;
}

static void add_help(struct check *check, struct diag *diag, enum requirement_kind kind,
                     struct str text)
{
    struct str names[PLATFORM_COUNT];
    struct buf known = buf_make(check->arena, BUF_MAX_DEFAULT);

    if (kind == REQUIRE_ENVIRONMENT) {
        diag_help(diag, "names of environments are 1 to 64 letters, digits, '.', '_' and '-'");
    } else if (kind == REQUIRE_TOOL) {
        diag_help(diag, "write the name that is looked up in PATH: [cargo, maturin]");
    }
    if (kind != REQUIRE_PLATFORM) {
        return;
    }
    platform_names(names);
    for (size_t i = 0; i < PLATFORM_COUNT; i++) {
        buf_addf(&known, "%s%.*s", i > 0 ? ", " : "", STR_ARG(names[i]));
    }
    if (!diag_help_nearest(diag, text, names, PLATFORM_COUNT)) {
        diag_help(diag, "platforms are: %.*s", STR_ARG(buf_str(&known)));
    }
}

static void check_text(struct check *check, enum requirement_kind kind,
                       const struct template *template)
{
    const char *key = requirement_key(kind);
    struct possible possible;
    struct str literal;

    check->paths.input = NULL;
    check->paths.guard = NULL;
    possible = possible_texts(&check->paths, template);
    for (size_t i = 0; i < possible.count; i++) {
        struct str text = possible.texts[i].text;
        const char *problem = is_known(text) ? requirement_problem(kind, text) : NULL;

        if (problem == NULL) {
            continue;
        }
        struct diag *d = template_is_text(template, &literal)
                             ? check_report(check, RULE_VALUE, template->node->span,
                                            "'%.*s' in '%s' %s", STR_ARG(text), key, problem)
                             : check_report(check, RULE_VALUE, template->node->span,
                                            "a text of '%s' becomes '%.*s', which %s", key,
                                            STR_ARG(text), problem);
        if (possible.texts[i].values.n > 0) {
            diag_note(d, "with %.*s", STR_ARG(possible.texts[i].values));
        }
        add_help(check, d, kind, text);
        return;
    }
}

void check_requires(struct check *check)
{
    const struct manifest *m = check->manifest;

    for (size_t i = 0; i < m->requirement_count; i++) {
        const struct requirement *requirement = &m->requirements[i];
        bool is_path = requirement->kind == REQUIRE_LFS;
        struct use use = {
            .where =
                str_format(check->arena, "'%s' of 'requires'", requirement_key(requirement->kind))
                    .s,
            .allow = is_path ? 0 : ALLOW_NULL,
        };

        for (size_t j = 0; j < requirement->text_count; j++) {
            check_template(check, requirement->texts[j], &use);
            if (is_path) {
                check_path(check, requirement->texts[j], PATH_GLOB, &use);
            } else {
                check_text(check, requirement->kind, requirement->texts[j]);
            }
        }
    }
}

static void check_ci_value(struct check *check, const struct ci_value *value)
{
    struct use use = {.where = "'ci'", .allow = ALLOW_ADDRESS | ALLOW_NULL};

    check_template(check, value->text, &use);
    for (size_t i = 0; i < value->count; i++) {
        check_ci_value(check, &value->items[i]);
    }
}

void check_ci(struct check *check)
{
    if (check->manifest->ci != NULL) {
        check_ci_value(check, check->manifest->ci);
    }
}
