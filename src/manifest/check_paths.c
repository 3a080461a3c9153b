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

static bool is_plain_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || is_mark(c);
}

/* Whether nothing can be wrong with it, whatever it is for: letters and digits at the
 * start of each segment, and then '.', '_' and '-' among them. Nearly all paths are
 * like that, and there is one for every combination of values. */
static bool is_plain(struct str path)
{
    bool starts = true;

    for (size_t i = 0; i < path.n; i++) {
        char c = path.s[i];
        if (!is_plain_byte(c) && (starts || (c != '.' && c != '_' && c != '-' && c != '/'))) {
            return false;
        }
        starts = c == '/';
    }
    return path.n > 0;
}

static struct fault fault_of(struct arena *arena, struct str path, enum path_kind kind)
{
    struct fault fault = {0};

    if (is_plain(path)) {
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

/* The text of a path in the file with every placeholder as marks of its length,
 * so that offsets stay what they are. */
static struct str text_with_marks(struct arena *arena, struct str text)
{
    char *marked = arena_copy(arena, text.s != NULL ? text.s : "", text.n);

    for (size_t i = 0; i < text.n; i++) {
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

/* What comes about only with certain values. */
static void check_values(struct check *check, const struct template *template, enum path_kind kind,
                         const struct use *use)
{
    check->paths.input = use->input;
    check->paths.guard = use->guard;
    struct possible possible = possible_texts(&check->paths, template);

    for (size_t i = 0; i < possible.count; i++) {
        struct str text = possible.texts[i].text;
        struct str values = possible.texts[i].values;
        struct fault fault = fault_of(check->arena, text, kind);

        if (fault.problem == NULL) {
            continue;
        }
        struct diag *d = check_report(check, rule_of(&fault), template->node->span,
                                      "%s becomes '%.*s', which %s", use->where,
                                      STR_ARG(without_marks(check->arena, text)), fault.problem);
        if (values.n > 0) {
            diag_note(d, "with %.*s", STR_ARG(values));
        }
        return;
    }
}

void check_path(struct check *check, const struct template *template, enum path_kind kind,
                const struct use *use)
{
    const struct node *node = template != NULL ? template->node : NULL;
    struct fault fault;

    if (node == NULL) {
        return;
    }
    fault = fault_of(check->arena, text_with_marks(check->arena, node->text), kind);
    if (fault.problem == NULL) {
        check_values(check, template, kind, use);
        return;
    }
    struct span span = node_span_within(node, fault.from, fault.n);
    struct diag *d = check_report(check, rule_of(&fault), span, "%s %s", use->where, fault.problem);
    if (fault.help != NULL) {
        diag_help(d, "%s", fault.help);
    }
}
