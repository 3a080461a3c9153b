/* Paths: whether they lie inside of the workspace, for all values that are known. */
#include "base/arena.h"
#include "base/glob.h"
#include "base/path.h"
#include "manifest/check_parts.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

/* What is wrong with a path, and with which bytes of it. */
struct fault {
    const char *problem; /* "holds '..'"; NULL: nothing */
    const char *help;    /* or NULL */
    size_t from, n;
};

static bool is_mark(char c)
{
    return c == POSSIBLE_ANY || c == POSSIBLE_DEEP;
}

static struct fault fault_of_bytes(struct str path)
{
    for (size_t i = 0; i < path.n; i++) {
        unsigned char c = (unsigned char)path.s[i];

        if (c == '\\') {
            return (struct fault){"holds a backslash", "write '/' between folders", i, 1};
        }
        if ((c < 0x20 || c == 0x7f) && !is_mark(path.s[i])) {
            return (struct fault){"holds a control character", NULL, i, 1};
        }
    }
    return (struct fault){0};
}

static struct fault fault_of_segment(struct arena *arena, struct str path, size_t from, size_t n)
{
    struct str segment = str_slice(path, from, n);
    struct str rest = str_after(path, from + n + 1);

    if (n == 0) {
        return (struct fault){"has an empty segment", "write one '/' between folders", from, 1};
    }
    if (str_is(segment, "..")) {
        return (struct fault){"holds '..'", "paths stay inside of the workspace", from, n};
    }
    if (str_is(segment, ".")) {
        const char *help = NULL;
        if (from == 0 && rest.n > 0) {
            help = str_index(rest, POSSIBLE_DEEP) == rest.n
                       ? str_format(arena, "write '%.*s'", STR_ARG(rest)).s
                       : "leave './' out";
        }
        return (struct fault){"holds '.'", help, from, n};
    }
    if (path_is_reserved(segment)) {
        const char *problem = str_format(arena, "leads into '%.*s'", STR_ARG(segment)).s;
        return (struct fault){problem, NULL, from, n};
    }
    return (struct fault){0};
}

static struct fault fault_of_wildcards(struct arena *arena, struct str path, enum path_kind kind)
{
    const char *problem;

    if (kind == PATH_PLAIN && glob_has_magic(path)) {
        return (struct fault){"holds a wildcard",
                              "wildcards are for 'clean' and the paths of outputs", 0, path.n};
    }
    problem = kind != PATH_PLAIN ? glob_problem(path) : NULL;
    if (problem != NULL) {
        problem = str_format(arena, "is no pattern of paths: %s", problem).s;
    } else if (kind == PATH_CLEAN && glob_is_everything(path)) {
        return (struct fault){"would empty the whole workspace",
                              "name the folders that the job makes", 0, path.n};
    }
    return (struct fault){problem, NULL, 0, path.n};
}

static struct fault fault_of(struct arena *arena, struct str path, enum path_kind kind)
{
    struct fault fault = {0};

    if (path_is_plain(path)) {
        return fault;
    }
    fault = fault_of_bytes(path);
    if (fault.problem == NULL && path.n == 0) {
        fault = (struct fault){"is empty", NULL, 0, 0};
    } else if (fault.problem == NULL && path.s[0] == '/') {
        fault = (struct fault){"is absolute", "paths are relative to the workspace root", 0, 1};
    }
    for (size_t from = 0; fault.problem == NULL && from < path.n;) {
        size_t n = str_index(str_after(path, from), '/');
        fault = fault_of_segment(arena, path, from, n);
        from += n + 1;
    }
    if (fault.problem == NULL) {
        fault = fault_of_wildcards(arena, path, kind);
    }
    return fault;
}

struct str path_with_marks(struct arena *arena, struct str text)
{
    char *marked = arena_copy(arena, text.s != NULL ? text.s : "", text.n);

    for (size_t i = str_index(text, '$'); i < text.n; i++) {
        if (text.s[i] != '$') {
            continue;
        }
        if (str_starts(str_after(text, i), STR("$${"))) {
            i += 2;
        } else if (str_starts(str_after(text, i), STR("${"))) {
            size_t n = str_index(str_after(text, i), '}');
            for (size_t end = i + n; i < end && i < text.n; i++) {
                marked[i] = POSSIBLE_DEEP;
            }
            if (i < text.n) {
                marked[i] = POSSIBLE_DEEP;
            }
        }
    }
    return (struct str){marked, text.n};
}

static struct str without_marks(struct arena *arena, struct str text)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);

    for (size_t i = 0; i < text.n; i++) {
        if (is_mark(text.s[i])) {
            buf_add(&buf, STR("..."));
        } else {
            buf_add_char(&buf, text.s[i]);
        }
    }
    return buf_str(&buf);
}

static enum rule_number rule_of(const struct fault *fault)
{
    return str_starts(str_from(fault->problem), STR("is no pattern")) ? RULE_PATTERN : RULE_PATH;
}

/* Whether the text ends with a param that is empty where it is not given: behind a '/'
 * that makes a folder of what was meant to be a file, or another folder. */
static bool ends_with_empty(const struct manifest *m, const struct template *template)
{
    const struct part *part = NULL;

    for (size_t i = 0; i <= m->var_count && template != NULL && template->count > 0; i++) {
        part = &template->parts[template->count - 1];
        const struct var *var = part->kind == PART_VAR ? manifest_var(m, part->name) : NULL;
        template = var != NULL ? var->text : NULL;
    }
    const struct param *param =
        part != NULL && part->kind == PART_PARAM ? manifest_param(m, part->name) : NULL;
    return param != NULL && param->default_kind == DEFAULT_VALUE && !param->default_value.is_list &&
           param->default_value.text.n == 0;
}

/* The first text that is no path. */
static const struct possible_text *find_fault(struct check *check, struct possible_query *query,
                                              const struct template *template, enum path_kind kind,
                                              struct fault *fault)
{
    struct possible possible = possible_texts(query, template);
    bool may_end = query->samples && ends_with_empty(check->manifest, template);

    for (size_t i = 0; i < possible.count; i++) {
        struct str text = possible.texts[i].text;

        *fault = fault_of(check->arena, text, kind);
        if (fault->problem == NULL && may_end && str_ends(text, STR("/"))) {
            *fault = (struct fault){"ends in '/'", NULL, 0, 0};
        }
        if (fault->problem != NULL) {
            return &possible.texts[i];
        }
    }
    return NULL;
}

/* What comes about only with certain values; true where something does. */
static bool check_values(struct check *check, const struct template *template, enum path_kind kind,
                         const struct use *use)
{
    struct fault fault;

    check->paths.input = use->input;
    check->paths.guard = use->guard;
    if (check_is_plain(check, template)) {
        return false;
    }
    const struct possible_text *found = find_fault(check, &check->paths, template, kind, &fault);
    if (found == NULL) {
        return false;
    }
    struct diag *d =
        check_report(check, rule_of(&fault), template->node->span, "%s becomes '%.*s', which %s",
                     use->where, STR_ARG(without_marks(check->arena, found->text)), fault.problem);
    if (found->values.n > 0) {
        diag_note(d, "with %.*s", STR_ARG(found->values));
    }
    return true;
}

/* Whether some param has a default that paths mostly refuse. */
static bool has_odd_default(const struct manifest *m)
{
    for (size_t i = 0; i < m->param_count; i++) {
        const struct param *param = m->params[i];
        struct str text = param->default_value.text;

        if (param->default_kind == DEFAULT_VALUE && !param->default_value.is_list &&
            (text.n == 0 || text.s[0] == '.' || text.s[0] == '/')) {
            return true;
        }
    }
    return false;
}

/* What comes about only where a value is not given. Other values do, so it stops no run. */
static void check_defaults(struct check *check, const struct template *template,
                           enum path_kind kind, const struct use *use)
{
    struct possible_query query = check->paths;
    struct fault fault;

    query.samples = true;
    const struct possible_text *found =
        has_odd_default(check->manifest) ? find_fault(check, &query, template, kind, &fault) : NULL;
    check->paths.steps = query.steps;
    if (found == NULL) {
        return;
    }
    struct diag *d =
        check_report(check, RULE_DEFAULT_PATH, template->node->span,
                     "unless a value is given, %s becomes '%.*s', which %s", use->where,
                     STR_ARG(without_marks(check->arena, found->text)), fault.problem);
    diag_note(d, "with %.*s", STR_ARG(found->values));
    diag_help(d, "let the param be required, or give it a default that a path can hold");
}

void check_path(struct check *check, const struct template *template, enum path_kind kind,
                const struct use *use)
{
    const struct node *node = template != NULL ? template->node : NULL;
    struct fault fault;

    if (node == NULL) {
        return;
    }
    fault = fault_of(check->arena, path_with_marks(check->arena, node->text), kind);
    if (fault.problem == NULL) {
        if (!check_values(check, template, kind, use)) {
            check_defaults(check, template, kind, use);
        }
        return;
    }
    struct span span = node_span_within(node, fault.from, fault.n);
    struct diag *d = check_report(check, rule_of(&fault), span, "%s %s", use->where, fault.problem);
    if (fault.help != NULL) {
        diag_help(d, "%s", fault.help);
    }
}
