/* Scripts: their text is passed on byte for byte, so that nothing in it is ours
 * but the variables that it reads. */
#include "base/arena.h"
#include "manifest/check_parts.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

/* Of one script: what is reported at most. */
#define UNKNOWN_MAX      100
#define PLACEHOLDERS_MAX DIAGS_MAX

/* "${params.x}" as kind and name; false for what has no variable. */
static bool placeholder_read(struct str text, enum part_kind *kind, struct str *name)
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

static void help_variable(struct check *check, struct diag *d, enum part_kind kind, struct str name)
{
    static const char *const PREFIXES[] = {[PART_PARAM] = "PARAM_",
                                           [PART_VAR] = "VAR_",
                                           [PART_INPUT] = "INPUT_",
                                           [PART_OUTPUT] = "OUTPUT_",
                                           [PART_JOB] = "JOB_"};

    if (kind == PART_JOB && str_is(name, "short-commit")) {
        diag_help(d, "use \"$(printf %%.7s \"$JOB_COMMIT\")\" instead");
    } else {
        diag_help(d, "use \"$%.*s\" instead",
                  STR_ARG(name_to_env(check->arena, PREFIXES[kind], name)));
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
        if (!placeholder_read(text, &kind, &name)) {
            continue;
        }
        help_variable(check, d, kind, name);
        if (kind == PART_PARAM && manifest_param(check->manifest, name) != NULL) {
            check_param(check, name, span);
        } else if (kind == PART_VAR && manifest_var(check->manifest, name) != NULL) {
            check_var(check, name, span);
        }
    }
}

static bool is_word(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

bool check_next_word(struct str text, struct str prefix, size_t *at, struct str *word)
{
    for (; *at + prefix.n <= text.n; ++*at) {
        size_t n = prefix.n;

        if ((*at > 0 && is_word(text.s[*at - 1])) || !str_starts(str_after(text, *at), prefix)) {
            continue;
        }
        while (*at + n < text.n && is_word(text.s[*at + n])) {
            n++;
        }
        *word = str_slice(text, *at, n);
        return true;
    }
    return false;
}

/* The variables of params or of vars, sorted. */
struct variable {
    struct str name;
    bool *used; /* the flag of what it belongs to */
};

struct variables {
    struct variable *items;
    size_t count;
};

static int variable_compare(const void *a, const void *b)
{
    const struct variable *x = a, *y = b;

    return str_compare(x->name, y->name);
}

static struct variables param_variables(struct check *check)
{
    const struct manifest *m = check->manifest;
    struct variables known = {.count = m->param_count};

    known.items = arena_array(check->arena, known.count, sizeof *known.items);
    for (size_t i = 0; i < known.count; i++) {
        known.items[i].name = name_to_env(check->arena, "PARAM_", m->params[i]->name);
        known.items[i].used = &check->params_used[i];
    }
    return known;
}

static struct variables var_variables(struct check *check)
{
    const struct manifest *m = check->manifest;
    struct variables known = {.count = m->var_count};

    known.items = arena_array(check->arena, known.count, sizeof *known.items);
    for (size_t i = 0; i < known.count; i++) {
        known.items[i].name = name_to_env(check->arena, "VAR_", m->vars[i].name);
        known.items[i].used = &check->vars_used[i];
    }
    return known;
}

/* A variable that the script reads and nothing gives; it may set it itself. */
static void report_unknown(struct check *check, const struct node *script, size_t at,
                           struct str word, const struct variables *known)
{
    bool is_read = at > 0 && (script->text.s[at - 1] == '$' || script->text.s[at - 1] == '{');
    struct str *names = arena_array(check->arena, known->count, sizeof *names);

    if (!is_read || check->manifest->is_broken) {
        return;
    }
    for (size_t i = 0; i < known->count; i++) {
        names[i] = known->items[i].name;
    }
    struct diag *d = check_report(check, RULE_UNSET_VARIABLE, node_span_within(script, at, word.n),
                                  "nothing gives the variable %.*s", STR_ARG(word));
    ptrdiff_t nearest = str_nearest(word, names, known->count);
    if (nearest >= 0) {
        diag_help(d, "did you mean '%.*s'?", STR_ARG(names[nearest]));
        *known->items[nearest].used = true;
    }
}

static void check_words(struct check *check, const struct node *script, struct str prefix,
                        struct variables known)
{
    size_t unknown = 0;
    struct variable asked = {0};

    if (known.count > 0) {
        qsort(known.items, known.count, sizeof *known.items, variable_compare);
    }
    for (size_t at = 0; check_next_word(script->text, prefix, &at, &asked.name);
         at += asked.name.n) {
        struct variable *found = NULL;
        if (known.count > 0) {
            found =
                bsearch(&asked, known.items, known.count, sizeof *known.items, variable_compare);
        }
        if (found != NULL) {
            *found->used = true;
        } else if (unknown++ < UNKNOWN_MAX) {
            report_unknown(check, script, at, asked.name, &known);
        }
    }
}

/* An input has a path or addresses, never both as variables. */
static void check_input_words(struct check *check, const struct node *script)
{
    const struct manifest *m = check->manifest;
    struct str word;

    for (size_t at = 0; check_next_word(script->text, STR("INPUT_"), &at, &word); at += word.n) {
        for (size_t i = 0; i < m->input_count && !m->is_broken; i++) {
            const struct input *input = &m->inputs[i];
            struct str path = name_to_env(check->arena, "INPUT_", input->name);
            struct str urls = str_format(check->arena, "%.*s_URLS", STR_ARG(path));
            if (!str_equal(word, input->to != NULL ? urls : path)) {
                continue;
            }
            struct diag *d =
                check_report(check, RULE_UNSET_VARIABLE, node_span_within(script, at, word.n),
                             "nothing gives the variable %.*s: input '%.*s' has %s", STR_ARG(word),
                             STR_ARG(input->name), input->to != NULL ? "a 'to'" : "no 'to'");
            diag_label(d, input->span, "declared here");
            diag_help(d, "use %.*s", STR_ARG(input->to != NULL ? path : urls));
        }
    }
}

/* Whether a shell reads its argument as text: "-c", "-ec", "-euxc". */
static bool is_command_flag(struct str text)
{
    if (text.n < 2 || text.s[0] != '-' || text.s[1] == '-') {
        return false;
    }
    for (size_t i = 1; i < text.n; i++) {
        if (!((text.s[i] >= 'a' && text.s[i] <= 'z') || (text.s[i] >= 'A' && text.s[i] <= 'Z'))) {
            return false;
        }
    }
    return text.s[text.n - 1] == 'c';
}

static bool is_shell(struct str program)
{
    static const char *const SHELLS[] = {"sh", "bash", "dash", "zsh", "ksh", "ash"};
    struct str head, tail = program;

    while (str_cut(tail, '/', &head, &tail)) {
        program = tail;
    }
    for (size_t i = 0; i < ARRAY_COUNT(SHELLS); i++) {
        if (str_is(program, SHELLS[i])) {
            return true;
        }
    }
    return false;
}

/* The text behind `sh -c`, which is a script wherever it stands. */
static const struct node *shell_text(const struct item *command, size_t count)
{
    struct str text;

    if (count < 3 || command[0].kind != ITEM_TEXT || !template_is_text(command[0].text, &text) ||
        !is_shell(text)) {
        return NULL;
    }
    for (size_t i = 1; i + 1 < count; i++) {
        if (command[i].kind != ITEM_TEXT || !template_is_text(command[i].text, &text)) {
            return NULL;
        }
        if (is_command_flag(text)) {
            return command[i + 1].kind == ITEM_TEXT ? command[i + 1].text->node : NULL;
        }
        if (text.n == 0 || text.s[0] != '-') {
            return NULL;
        }
    }
    return NULL;
}

const struct node *check_step_text(const struct step *step)
{
    return step->script != NULL ? step->script : shell_text(step->command, step->command_count);
}

void check_script(struct check *check, const struct node *script)
{
    check_placeholders(check, script);
    check_words(check, script, STR("PARAM_"), param_variables(check));
    check_words(check, script, STR("VAR_"), var_variables(check));
    check_input_words(check, script);
}
