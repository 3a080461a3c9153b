/* Values that are a whole argument and may begin with '-': the program would take them
 * for options. */
#include "base/arena.h"
#include "base/error.h"
#include "base/pattern.h"
#include "manifest/check_parts.h"
#include "manifest/code.h"
#include "manifest/manifest.h"

/* Whether a value of the domain may begin with '-'. */
static bool may_begin_with_dash(const struct domain *domain)
{
    if (domain->type == TYPE_LIST) {
        domain = domain->of;
    }
    if (domain == NULL || (domain->type != TYPE_STRING && domain->type != TYPE_PATH)) {
        return false;
    }
    return domain->pattern.s == NULL || pattern_may_begin(domain->pattern, STR("-"));
}

static const struct param *find_param(struct check *check, struct str name)
{
    const struct param *param = manifest_param(check->manifest, name);
    const struct domain *domain = param != NULL ? check_domain(check, param) : NULL;

    return domain != NULL && may_begin_with_dash(domain) ? param : NULL;
}

static const struct param *find_in_template(struct check *check, const struct template *template,
                                            const struct item *item, bool *seen);

static const struct param *find_in_var(struct check *check, const struct var *var, bool *seen)
{
    const struct param *found = NULL;

    if (var == NULL || seen[var - check->manifest->vars]) {
        return NULL;
    }
    seen[var - check->manifest->vars] = true;
    if (var->text != NULL) {
        return find_in_template(check, var->text, NULL, seen);
    }
    for (size_t i = 0; i < var->row_count && found == NULL; i++) {
        found = find_in_template(check, var->cells[i], NULL, seen);
    }
    return found;
}

/* The param whose value is all of the text, and may begin with '-'; or NULL. Each var is
 * looked into once: the cells of a table may all name one that has cells again. */
static const struct param *find_in_template(struct check *check, const struct template *template,
                                            const struct item *item, bool *seen)
{
    const struct part *only = template != NULL ? template_only_part(template) : NULL;
    const struct param *found;

    if (only == NULL) {
        return NULL;
    }
    if (only->kind == PART_EACH && item != NULL) {
        found = find_param(check, item->each);
        return found != NULL && found->domain.type == TYPE_LIST ? found : NULL;
    }
    if (only->kind == PART_VAR) {
        return find_in_var(check, manifest_var(check->manifest, only->name), seen);
    }
    return only->kind == PART_PARAM ? find_param(check, only->name) : NULL;
}

static size_t param_index(const struct manifest *m, const struct param *param)
{
    size_t i = 0;

    while (m->params[i] != param) {
        i++;
    }
    return i;
}

static void report(struct check *check, const struct template *argument, const struct item *item)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    bool *seen = arena_array(&scratch, check->manifest->var_count, sizeof *seen);
    const struct param *param = find_in_template(check, argument, item, seen);
    struct span span = argument->parts[0].span;

    if (param == NULL) {
        return;
    }
    struct diag **known = &check->dashes[param_index(check->manifest, param)];
    if (*known != NULL) {
        diag_label(*known, span, "here too");
        return;
    }
    struct diag *d = check_report(check, RULE_LEADING_DASH, span,
                                  "%s of param '%.*s' may begin with '-', and be taken for an "
                                  "option",
                                  param->domain.type == TYPE_LIST ? "an element" : "the value",
                                  STR_ARG(param->name));
    bool has_pattern = param->domain.pattern.s != NULL ||
                       (param->domain.of != NULL && param->domain.of->pattern.s != NULL);

    diag_label(d, param->span, has_pattern ? "its pattern allows that" : "any text is allowed");
    diag_help(d,
              "write the option and its value as one item ('--name=%.*s'), put '--' in front, or "
              "give the param a pattern such as '[^-].*'",
              STR_ARG(str_slice(span.source->text, span.start, span.length)));
    *known = d;
}

/* What was seen in front of an argument. */
struct position {
    size_t at; /* its place among the arguments */
    struct str program;
    bool is_past;    /* no option comes any more */
    size_t code_end; /* behind this one stand the values of code; 0: there is none */
    bool is_value;   /* behind an option that may take this one as its value */
};

/* Programs whose clusters ("-rf") take nothing with them; elsewhere "-run", "-jar" and
 * "-xzf" do. */
static bool has_plain_clusters(struct str program)
{
    static const char *const PROGRAMS[] = {"rm", "cp", "mv", "ln", "ls", "cat", "chmod", "rmdir"};

    for (size_t i = 0; i < ARRAY_COUNT(PROGRAMS); i++) {
        if (str_is(program, PROGRAMS[i])) {
            return true;
        }
    }
    return false;
}

/* "--name", "-n" or "-name"; "--name=value" takes nothing more. */
static bool may_take_value(struct str option, struct str program)
{
    bool is_cluster = option.n > 2 && option.s[1] != '-';

    return option.n > 1 && option.s[0] == '-' && !str_is(option, "--") &&
           str_index(option, '=') == option.n && !(is_cluster && has_plain_clusters(program));
}

static void check_argument(struct check *check, struct position *position,
                           const struct template *argument, const struct item *item)
{
    struct str text;
    bool is_first = position->at == 0;
    bool is_value = position->is_value;

    position->is_value = false;
    if (argument != NULL && template_is_text(argument, &text)) {
        /* echo prints what is no option of its own. */
        position->is_past |= str_is(text, "--") || (is_first && str_is(text, "echo"));
        position->program = is_first ? text : position->program;
        position->is_value = !is_first && may_take_value(text, position->program);
    } else if (argument != NULL && !is_first && !is_value && !position->is_past &&
               position->at != position->code_end) {
        report(check, argument, item);
    }
    position->is_past |= position->code_end > 0 && position->at == position->code_end;
    position->at++;
}

void check_leading_dashes(struct check *check, const struct step *step, const struct code *codes,
                          size_t count)
{
    struct position position = {0};

    for (size_t i = 0; i < count && position.code_end == 0; i++) {
        position.code_end = codes[i].text != NULL ? codes[i].at : 0;
    }
    for (size_t i = 0; i < step->command_count; i++) {
        const struct item *item = &step->command[i];
        for (size_t j = 0; j < item->arg_count; j++) {
            check_argument(check, &position, item->args[j], item);
        }
        if (item->kind == ITEM_TEXT) {
            check_argument(check, &position, item->text, item);
        } else if (item->kind != ITEM_ARGS) {
            check_argument(check, &position, NULL, item);
        }
    }
}
