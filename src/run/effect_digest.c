/*
 * What an effect is made of, as a digest. The text under it is a sequence of
 * "<what> <bytes>:<text>\n", so that no two different effects have the same one.
 */
#include "base/arena.h"
#include "base/digest.h"
#include "job/context.h"
#include "manifest/variance.h"
#include "run/effect.h"
#include "run/freshness.h"

#define DIGEST_VERSION "jobrun effect 1"

struct digesting {
    struct arena *arena;
    struct str root; /* the workspace's; empty: it is the file system's */
    struct sha256 sha;
};

static bool goes_on_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

/* The text with '.' in place of the workspace root, wherever that is whole. */
static struct str without_root(const struct digesting *digesting, struct str text)
{
    struct str root = digesting->root;
    if (root.n == 0 || !str_contains(text, root)) {
        return text;
    }
    struct buf out = buf_make(digesting->arena, text.n);
    for (size_t i = 0; i < text.n;) {
        struct str rest = str_after(text, i);
        if (str_starts(rest, root) && (rest.n == root.n || !goes_on_name(rest.s[root.n]))) {
            buf_add_char(&out, '.');
            i += root.n;
        } else {
            buf_add_char(&out, text.s[i++]);
        }
    }
    return buf_str(&out);
}

static void add(struct digesting *digesting, const char *what, struct str text)
{
    text = without_root(digesting, text);
    struct str head = str_format(digesting->arena, "%s %zu:", what, text.n);
    sha256_add(&digesting->sha, head.s, head.n);
    sha256_add(&digesting->sha, text.s, text.n);
    sha256_add(&digesting->sha, "\n", 1);
}

/* --- variables --- */

/* The variables that params which are no variants are in; nothing of them counts. */
struct invariant {
    struct arena *arena;
    const struct manifest *manifest;
    struct str *variables;
    size_t count, capacity;
};

static void add_invariant(struct invariant *all, const struct variance *made_of, const char *prefix,
                          struct str name)
{
    if (made_of->count > 0) {
        *ARENA_PUSH(all->arena, all->variables, all->count, all->capacity) =
            name_to_env(all->arena, prefix, name);
    }
}

static struct invariant find_invariant(struct arena *arena, const struct manifest *m)
{
    struct invariant all = {.arena = arena, .manifest = m};
    for (size_t i = 0; i < m->param_count; i++) {
        struct variance made_of = variance_make(arena, m);
        variance_add_param(&made_of, m->params[i]->name);
        add_invariant(&all, &made_of, "PARAM_", m->params[i]->name);
    }
    for (size_t i = 0; i < m->var_count; i++) {
        struct variance made_of = variance_make(arena, m);
        variance_add_var(&made_of, &m->vars[i]);
        add_invariant(&all, &made_of, "VAR_", m->vars[i].name);
    }
    for (size_t i = 0; i < m->input_count; i++) {
        struct variance made_of = variance_make(arena, m);
        variance_add_input(&made_of, &m->inputs[i]);
        add_invariant(&all, &made_of, "INPUT_", m->inputs[i].name);
    }
    for (size_t i = 0; i < m->output_count; i++) {
        struct variance made_of = variance_make(arena, m);
        variance_add_output(&made_of, &m->outputs[i]);
        add_invariant(&all, &made_of, "OUTPUT_", m->outputs[i].name);
    }
    return all;
}

/* Where the workspace and the store are says nothing of the effect. */
static bool counts(const struct invariant *invariant, const struct step *step, struct str variable)
{
    for (size_t i = 0; i < invariant->count; i++) {
        if (str_equal(invariant->variables[i], variable)) {
            return false;
        }
    }
    for (size_t i = 0; i < step->secret_count; i++) {
        if (str_equal(step->secrets[i].name, variable)) {
            return false;
        }
    }
    return !str_is(variable, "JOB_ROOT") && !str_is(variable, "JOB_URL");
}

static void add_variables(struct digesting *digesting, const struct command *command,
                          const struct manifest *m)
{
    struct invariant invariant = find_invariant(digesting->arena, m);
    for (size_t i = 0; i < command->own_env_count; i++) {
        struct str name = command->own_env[i];
        struct str value = command_variable(command, name);
        if (value.s != NULL && counts(&invariant, command->step->step, name)) {
            add(digesting, "variable", name);
            add(digesting, "value", value);
        }
    }
}

/* --- the whole --- */

static void add_inputs(struct digesting *digesting, const struct plan *plan)
{
    struct receipt_input *inputs = NULL;
    size_t count = 0;
    receipt_inputs(digesting->arena, plan->supplies, plan->supply_count, &inputs, &count);
    for (size_t i = 0; i < count; i++) {
        add(digesting, "input", inputs[i].name);
        add(digesting, "element", inputs[i].label);
        add(digesting, "receipt", inputs[i].sha256);
    }
}

struct str effect_digest(struct arena *arena, const struct plan *plan,
                         const struct command *command, struct str dirty)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct str root = plan->job->context->root;
    struct digesting digesting = {.arena = &scratch, .root = str_is(root, "/") ? STR("") : root};
    unsigned char digest[SHA256_BYTES];
    sha256_begin(&digesting.sha);
    add(&digesting, "format", STR(DIGEST_VERSION));
    for (size_t i = 0; i < command->argc; i++) {
        add(&digesting, "argument", str_from(command->argv[i]));
    }
    if (command->script.s != NULL) {
        add(&digesting, "script", command->script);
    }
    add(&digesting, "workdir", command->workdir);
    add(&digesting, "stdout", command->step->stdout_path);
    add_variables(&digesting, command, plan->job->manifest);
    add_inputs(&digesting, plan);
    add(&digesting, "tree", dirty);
    sha256_end(&digesting.sha, digest);
    return digest_hex(arena, digest, sizeof digest);
}
