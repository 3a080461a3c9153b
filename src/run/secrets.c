#include "run/secrets.h"

#include "base/arena.h"
#include "job/context.h"
#include "job/plan.h"
#include "run/effect.h"
#include "run/mask.h"
#include "run/matcher.h"
#include "run/secret_forms.h"

#define RULE_ID "secret"

static struct str value_of(const struct variables *variables, struct arena *arena, struct str name)
{
    return variables_get(variables, str_copy(arena, name).s);
}

/* --- making them --- */

static bool has_name(const struct secrets *secrets, struct str name)
{
    for (size_t i = 0; i < secrets->count; i++) {
        if (str_equal(secrets->names[i], name)) {
            return true;
        }
    }
    return false;
}

static size_t entry_count(const struct manifest *manifest)
{
    size_t count = 0;
    for (size_t i = 0; i < manifest->step_count; i++) {
        count += manifest->steps[i].secret_count;
    }
    return count;
}

static void take_values(struct secrets *secrets, struct arena *arena, struct str *values)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct str *raw = arena_array(&scratch, secrets->count, sizeof *raw);
    for (size_t i = 0; i < secrets->count; i++) {
        raw[i] = forms_core(values[i]);
        secrets->total_bytes += values[i].n;
    }
    if (secrets->count > 0) {
        secrets->raw = matcher_make(arena, raw, secrets->count);
        secrets->mask =
            mask_make(arena, values, secrets->count, secrets->total_bytes > SECRETS_BYTES_MAX);
    }
}

const struct secrets *secrets_make(struct arena *arena, const struct manifest *manifest,
                                   const struct variables *variables)
{
    struct secrets *secrets = arena_alloc(arena, sizeof *secrets);
    size_t most = entry_count(manifest);
    struct str *values = arena_array(arena, most, sizeof *values);
    secrets->names = arena_array(arena, most, sizeof *secrets->names);
    for (size_t i = 0; i < manifest->step_count; i++) {
        for (size_t j = 0; j < manifest->steps[i].secret_count; j++) {
            struct str name = manifest->steps[i].secrets[j].name;
            struct str value = value_of(variables, arena, name);
            if (value.n >= MATCHER_TEXT_BYTES_MIN && !has_name(secrets, name)) {
                values[secrets->count] = value;
                secrets->names[secrets->count++] = name;
            }
        }
    }
    take_values(secrets, arena, values);
    return secrets;
}

struct str secrets_find(const struct secrets *secrets, struct str text)
{
    uint32_t state = 0;
    size_t at = 0;
    ptrdiff_t found = secrets->raw != NULL ? matcher_next(secrets->raw, &state, text, &at) : -1;
    return found >= 0 ? secrets->names[found] : (struct str){0};
}

/* --- before a run --- */

/* One name that the wanted steps list. */
static void add_need(const struct secret **needs, size_t *count, const struct secret *secret)
{
    for (size_t i = 0; i < *count; i++) {
        if (str_equal(needs[i]->name, secret->name)) {
            needs[i] = needs[i]->optional ? secret : needs[i];
            return;
        }
    }
    needs[(*count)++] = secret;
}

static void check_value(struct arena *arena, const struct plan *plan, const struct secret *secret,
                        struct str value, struct diags *diags)
{
    struct diag *diag = NULL;
    if (value.n == 0 && !secret->optional) {
        diag = diag_error(diags, STATUS_NOT_ALLOWED, RULE_ID, secret->span, "secret '%.*s' is %s",
                          STR_ARG(secret->name), value.s == NULL ? "not set" : "empty");
    } else if (value.n > 0 && value.n < MATCHER_TEXT_BYTES_MIN) {
        diag = diag_error(diags, STATUS_NOT_ALLOWED, RULE_ID, secret->span,
                          "secret '%.*s' is shorter than %zu bytes, and could not be masked",
                          STR_ARG(secret->name), MATCHER_TEXT_BYTES_MIN);
    }
    if (diag != NULL) {
        struct str command = job_command(plan->job, arena);
        diag_help(diag, "it is taken from the environment: %.*s=... %.*s", STR_ARG(secret->name),
                  STR_ARG(command));
    }
}

/* A step that is not executed, its effect being done, needs nothing. */
static bool is_needed(const struct effects *effects, const struct command *command)
{
    const struct effect *effect = effects_find(effects, command);
    return effect == NULL || effect_is_due(effects, effect);
}

static void check_needs(struct arena *arena, const struct plan *plan, const struct effects *effects,
                        struct diags *diags)
{
    const struct secret **needs =
        arena_array(arena, entry_count(plan->job->manifest), sizeof *needs);
    size_t count = 0;
    for (size_t i = 0; i < plan->command_count; i++) {
        const struct step *step = plan->commands[i].step->step;
        bool is_run = is_needed(effects, &plan->commands[i]);
        for (size_t j = 0; is_run && j < step->secret_count; j++) {
            add_need(needs, &count, &step->secrets[j]);
        }
    }
    for (size_t i = 0; i < count; i++) {
        check_value(arena, plan, needs[i],
                    value_of(&plan->job->context->variables, arena, needs[i]->name), diags);
    }
}

static void check_size(const struct secrets *secrets, const struct plan *plan, struct diags *diags)
{
    if (secrets->total_bytes <= SECRETS_BYTES_MAX) {
        return;
    }
    struct diag *diag = diag_error(
        diags, STATUS_NOT_ALLOWED, RULE_ID, plan->job->manifest->name_span,
        "the secrets of job '%.*s' have %zu bytes together, and at most %zu can be masked",
        STR_ARG(plan->job->manifest->name), secrets->total_bytes, SECRETS_BYTES_MAX);
    diag_help(diag, "keep large ones encrypted in a file, and make the key to it the secret");
}

/* What has no text has none of a secret either. */
static struct str find_in_value(const struct secrets *secrets, const struct value *value)
{
    struct str name = value->is_list ? (struct str){0} : secrets_find(secrets, value->text);
    for (size_t i = 0; value->is_list && i < value->count && name.s == NULL; i++) {
        name = secrets_find(secrets, value->items[i]);
    }
    return name;
}

static void check_params(const struct secrets *secrets, const struct job *job, struct diags *diags)
{
    for (size_t i = 0; i < job->manifest->param_count; i++) {
        const struct param *param = job->manifest->params[i];
        struct str name = find_in_value(secrets, &job->arguments[i].value);
        if (name.s != NULL) {
            struct diag *diag =
                diag_error(diags, STATUS_NOT_ALLOWED, RULE_ID, param->span,
                           "param '%.*s' has the value of secret '%.*s', and would be published "
                           "in the receipt",
                           STR_ARG(param->name), STR_ARG(name));
            diag_help(diag, "let the step that needs it read %.*s, which it lists", STR_ARG(name));
        }
    }
}

void secrets_check(const struct secrets *secrets, struct arena *arena, const struct plan *plan,
                   const struct effects *effects, bool publishes, struct diags *diags)
{
    check_needs(arena, plan, effects, diags);
    check_size(secrets, plan, diags);
    if (publishes) {
        check_params(secrets, plan->job, diags);
    }
}

/* --- for a step --- */

const char *const *secrets_envp(struct arena *arena, const struct command *command,
                                const struct variables *variables)
{
    const struct step *step = command->step->step;
    size_t count = 0;
    while (command->envp[count] != NULL) {
        count++;
    }
    const char **envp = arena_array(arena, count + step->secret_count + 1, sizeof *envp);
    memcpy(envp, command->envp, count * sizeof *envp);
    for (size_t i = 0; i < step->secret_count; i++) {
        struct str name = step->secrets[i].name;
        struct str value = value_of(variables, arena, name);
        if (value.n > 0) {
            envp[count++] = str_format(arena, "%.*s=%.*s", STR_ARG(name), STR_ARG(value)).s;
        }
    }
    return envp;
}
