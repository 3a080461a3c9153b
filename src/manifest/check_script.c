/* Scripts: their text is passed on byte for byte, so that nothing in it is ours
 * but the variables that it reads. */
#include "base/arena.h"
#include "manifest/check_parts.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

#define PLACEHOLDERS_MAX DIAGS_MAX /* of one script */

bool check_read_placeholder(struct str text, enum part_kind *kind, struct str *name)
{
    static const struct {
        const char *group;
        enum part_kind kind;
    } GROUPS[] = {{"params", PART_PARAM},
                  {"vars", PART_VAR},
                  {"inputs", PART_INPUT},
                  {"outputs", PART_OUTPUT},
                  {"job", PART_JOB}};
    struct str group;

    text = str_slice(text, 2, text.n - 2);
    text = str_slice(text, 0, str_index(text, '}'));
    if (!str_cut(text, '.', &group, name)) {
        return false;
    }
    if (str_ends(*name, STR(".path"))) {
        *name = str_slice(*name, 0, name->n - 5);
    }
    for (size_t i = 0; i < ARRAY_COUNT(GROUPS) && name->n > 0; i++) {
        if (str_is(group, GROUPS[i].group)) {
            *kind = GROUPS[i].kind;
            return true;
        }
    }
    return false;
}

struct str check_variable(struct check *check, enum part_kind kind, struct str name)
{
    static const char *const PREFIXES[] = {[PART_PARAM] = "PARAM_",
                                           [PART_VAR] = "VAR_",
                                           [PART_INPUT] = "INPUT_",
                                           [PART_OUTPUT] = "OUTPUT_",
                                           [PART_JOB] = "JOB_"};

    return name_to_env(check->arena, PREFIXES[kind], name);
}

void check_help_variable(struct check *check, struct diag *d, enum part_kind kind, struct str name)
{
    if (kind == PART_JOB && str_is(name, "short-commit")) {
        diag_help(d, "use \"$(printf %%.7s \"$JOB_COMMIT\")\" instead");
    } else {
        diag_help(d, "use \"$%.*s\" instead", STR_ARG(check_variable(check, kind, name)));
    }
}

static void check_placeholders(struct check *check, const struct node *script)
{
    size_t offset, length, from = 0, count = 0;

    while (count++ < PLACEHOLDERS_MAX &&
           template_find_in_script(script->text, from, &offset, &length)) {
        struct span span = node_span_within(script, offset, length);
        struct str text = str_slice(script->text, offset, length);
        enum part_kind kind;
        struct str name;
        struct diag *d =
            check_report(check, RULE_SHELL_PLACEHOLDER, span,
                         "a script has no placeholders, but here is '%.*s'", STR_ARG(text));

        from = offset + length;
        if (str_starts(text, STR("${with."))) {
            diag_help(d,
                      "the values of 'with' are known in 'to', 'commit' and 'else' of their input "
                      "only");
        }
        if (!check_read_placeholder(text, &kind, &name)) {
            continue;
        }
        check_help_variable(check, d, kind, name);
        if (kind == PART_PARAM && manifest_param(check->manifest, name) != NULL) {
            check_param(check, name, span);
        } else if (kind == PART_VAR && manifest_var(check->manifest, name) != NULL) {
            check_var(check, name, span);
        }
    }
}

void check_script(struct check *check, const struct node *script)
{
    check_placeholders(check, script);
    check_variables(check, script);
}
