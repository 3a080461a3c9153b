/* Paths that no value can make wrong. */
#include "manifest/check_parts.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

static bool is_plain_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == POSSIBLE_ANY || c == POSSIBLE_DEEP;
}

bool path_is_plain(struct str text)
{
    bool starts = true;

    for (size_t i = 0; i < text.n; i++) {
        char c = text.s[i];
        if (!is_plain_byte(c) && (starts || (c != '.' && c != '_' && c != '-' && c != '/'))) {
            return false;
        }
        starts = c == '/';
    }
    return text.n > 0;
}

/* Whether nothing that stands before or behind it makes it wrong either. */
static bool is_plain_value(struct str text)
{
    return path_is_plain(text) && text.s[text.n - 1] != '/';
}

/* Values that are not known are marks wherever paths are looked at. */
static bool is_plain_param(const struct param *param)
{
    const struct domain *domain = &param->domain;

    for (size_t i = 0; i < domain->value_count; i++) {
        if (!is_plain_value(domain->values[i])) {
            return false;
        }
    }
    return domain->type != TYPE_LIST;
}

static bool has_plain_parts(struct check *check, const struct template *template);

/* A text of a var, which stands in for a placeholder. Of a column NULL gives no path. */
static bool is_plain_text(struct check *check, const struct template *template)
{
    return template == NULL ||
           (is_plain_value(path_with_marks(check->arena, template->node->text)) &&
            has_plain_parts(check, template));
}

static bool is_plain_var(struct check *check, const struct var *var)
{
    struct var_facts *facts = &check->facts[var - check->manifest->vars];
    bool is_plain = var->text != NULL ? is_plain_text(check, var->text) : var->row_count > 0;

    for (size_t i = 0; is_plain && i < var->row_count; i++) {
        is_plain = is_plain_text(check, var->cells[i]);
    }
    facts->plain = is_plain ? PLAIN_YES : PLAIN_NO;
    return is_plain;
}

static bool is_plain_part(struct check *check, const struct part *part)
{
    const struct param *param;
    const struct var *var;

    switch (part->kind) {
    case PART_TEXT:
        return true;
    case PART_PARAM:
        param = manifest_param(check->manifest, part->name);
        return param != NULL && is_plain_param(param);
    case PART_VAR:
        var = manifest_var(check->manifest, part->name);
        if (var == NULL) {
            return false;
        }
        if (check->facts[var - check->manifest->vars].plain != PLAIN_NEW) {
            return check->facts[var - check->manifest->vars].plain == PLAIN_YES;
        }
        check->facts[var - check->manifest->vars].plain = PLAIN_NO; /* within itself */
        return is_plain_var(check, var);
    case PART_JOB:
        return part->field == JOB_FIELD_NAME;
    case PART_INPUT:
    case PART_OUTPUT:
    case PART_WITH:
    case PART_EACH:
        break;
    }
    return false;
}

static bool has_plain_parts(struct check *check, const struct template *template)
{
    for (size_t i = 0; i < template->count; i++) {
        if (!is_plain_part(check, &template->parts[i])) {
            return false;
        }
    }
    return true;
}

bool check_is_plain(struct check *check, const struct template *path)
{
    struct str text = path->node->text;

    /* A value can make another segment or pattern of these. */
    for (size_t i = 0; i < text.n; i++) {
        bool starts_segment = i == 0 || text.s[i - 1] == '/';
        if (text.s[i] == '[' || (text.s[i] == '.' && starts_segment) ||
            str_starts(str_after(text, i), STR("$$"))) {
            return false;
        }
    }
    return has_plain_parts(check, path);
}
