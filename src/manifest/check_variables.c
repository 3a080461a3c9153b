/* The variables that a script reads: what it uses, and what nothing gives. */
#include "base/arena.h"
#include "manifest/check_parts.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

/* Of one script: what is reported at most. */
#define UNKNOWN_MAX 100

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

struct variable {
    struct str name;
    bool *used;                 /* the flag of what it belongs to, or NULL */
    const struct input *not_of; /* an input that gives the other of its two variables */
};

/* All that jobrun gives, and what it could be taken to give; sorted. */
struct variables {
    struct variable *items;
    size_t count;
};

static int variable_compare(const void *a, const void *b)
{
    const struct variable *x = a, *y = b;

    return str_compare(x->name, y->name);
}

static struct str urls_variable(struct check *check, struct str path)
{
    return str_format(check->arena, "%.*s_URLS", STR_ARG(path));
}

/* An input has a path or addresses, never both as variables. */
static void add_input(struct check *check, struct variables *known, const struct input *input)
{
    struct str path = name_to_env(check->arena, "INPUT_", input->name);
    bool lands = input->to != NULL;

    known->items[known->count++] = (struct variable){.name = path, .not_of = lands ? NULL : input};
    known->items[known->count++] =
        (struct variable){.name = urls_variable(check, path), .not_of = lands ? input : NULL};
}

static struct variables find_variables(struct check *check)
{
    const struct manifest *m = check->manifest;
    struct variables known = {0};

    known.items = arena_array(
        check->arena, m->param_count + m->var_count + 2 * m->input_count + m->output_count + 1,
        sizeof *known.items);
    for (size_t i = 0; i < m->param_count; i++) {
        known.items[known.count++] =
            (struct variable){.name = check_variable(check, PART_PARAM, m->params[i]->name),
                              .used = &check->params_used[i]};
    }
    for (size_t i = 0; i < m->var_count; i++) {
        known.items[known.count++] = (struct variable){
            .name = check_variable(check, PART_VAR, m->vars[i].name), .used = &check->vars_used[i]};
    }
    for (size_t i = 0; i < m->input_count; i++) {
        add_input(check, &known, &m->inputs[i]);
    }
    for (size_t i = 0; i < m->output_count; i++) {
        known.items[known.count++] =
            (struct variable){.name = check_variable(check, PART_OUTPUT, m->outputs[i].name)};
    }
    qsort(known.items, known.count, sizeof *known.items, variable_compare);
    return known;
}

static bool is_read(struct str text, size_t at)
{
    return at > 0 && (text.s[at - 1] == '$' || text.s[at - 1] == '{');
}

/* A text that names the variable otherwise than to read it may set it itself. */
static bool is_set_in(struct str text, struct str variable)
{
    struct str word;

    for (size_t at = 0; check_next_word(text, variable, &at, &word); at += word.n) {
        if (str_equal(word, variable) && !is_read(text, at)) {
            return true;
        }
    }
    return false;
}

/* "${NAME:-x}", "${NAME+x}" and the like say what is to be where nothing gives it. */
static bool has_alternative(struct str text, size_t at, size_t n)
{
    struct str rest = str_after(text, at + n);

    rest = str_after(rest, str_starts(rest, STR(":")) ? 1 : 0);
    return text.s[at - 1] == '{' && rest.n > 0 && strchr("-+=?", rest.s[0]) != NULL;
}

static bool is_in_env(const struct env_entry *env, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_equal(env[i].name, name)) {
            return true;
        }
    }
    return false;
}

/* Whether `env` or `secrets` of the job or of a step give the variable. */
static bool is_set_by_manifest(const struct manifest *m, struct str name)
{
    bool found = is_in_env(m->env, m->env_count, name);

    for (size_t i = 0; i < m->step_count && !found; i++) {
        const struct step *step = &m->steps[i];
        found = is_in_env(step->env, step->env_count, name);
        for (size_t j = 0; j < step->secret_count && !found; j++) {
            found = str_equal(step->secrets[j].name, name);
        }
    }
    return found;
}

static void report_unknown(struct check *check, const struct node *script, size_t at,
                           struct str word, struct str prefix, const struct variables *known)
{
    struct str *names = arena_array(check->arena, known->count + 1, sizeof *names);
    size_t count = 0;

    for (size_t i = 0; i < known->count; i++) {
        if (str_starts(known->items[i].name, prefix) && known->items[i].not_of == NULL) {
            names[count++] = known->items[i].name;
        }
    }
    struct diag *d = check_report(check, RULE_UNSET_VARIABLE, node_span_within(script, at, word.n),
                                  "nothing gives the variable %.*s", STR_ARG(word));
    ptrdiff_t nearest = str_nearest(word, names, count);
    if (nearest < 0) {
        return;
    }
    diag_help(d, "did you mean '%.*s'?", STR_ARG(names[nearest]));
    for (size_t i = 0; i < known->count; i++) {
        if (str_equal(known->items[i].name, names[nearest]) && known->items[i].used != NULL) {
            *known->items[i].used = true;
        }
    }
}

static void report_other(struct check *check, const struct node *script, size_t at, struct str word,
                         const struct input *input)
{
    struct str path = name_to_env(check->arena, "INPUT_", input->name);
    bool lands = input->to != NULL;
    struct diag *d =
        check_report(check, RULE_UNSET_VARIABLE, node_span_within(script, at, word.n),
                     "nothing gives the variable %.*s: input '%.*s' has %s", STR_ARG(word),
                     STR_ARG(input->name), lands ? "a 'to'" : "no 'to'");

    diag_label(d, input->span, "declared here");
    diag_help(d, "use %.*s", STR_ARG(lands ? path : urls_variable(check, path)));
}

static void check_words(struct check *check, const struct node *script, struct str prefix,
                        const struct variables *known)
{
    bool is_whole = !check->manifest->is_broken;
    size_t unknown = 0;
    struct variable asked = {0};

    for (size_t at = 0; check_next_word(script->text, prefix, &at, &asked.name);
         at += asked.name.n) {
        const struct variable *found =
            bsearch(&asked, known->items, known->count, sizeof *known->items, variable_compare);
        if (found != NULL && found->used != NULL) {
            *found->used = true;
        }
        if (found != NULL && found->not_of != NULL && is_whole) {
            report_other(check, script, at, asked.name, found->not_of);
        } else if (found == NULL && is_whole && is_read(script->text, at) &&
                   !has_alternative(script->text, at, asked.name.n) && unknown++ < UNKNOWN_MAX &&
                   !is_set_in(script->text, asked.name) &&
                   !is_set_by_manifest(check->manifest, asked.name)) {
            report_unknown(check, script, at, asked.name, prefix, known);
        }
    }
}

void check_variables(struct check *check, const struct node *script)
{
    static const char *const PREFIXES[] = {"PARAM_", "VAR_", "INPUT_", "OUTPUT_"};
    struct variables known = find_variables(check);

    for (size_t i = 0; i < ARRAY_COUNT(PREFIXES); i++) {
        check_words(check, script, str_from(PREFIXES[i]), &known);
    }
}
