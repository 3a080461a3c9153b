#include "run/effect.h"

#include "base/arena.h"
#include "job/context.h"
#include "run/mask.h"
#include "store/store.h"
#include "sys/host.h"

#include <unistd.h>

struct effects effects_make(struct arena *arena, const struct job *job, struct store *store,
                            bool force)
{
    return (struct effects){
        .arena = arena, .job = job, .store = store, .run = host_random_id(arena), .force = force};
}

/* --- what is there --- */

static void set_damage(struct effect *effect, struct str damage)
{
    effect->state = EFFECT_DAMAGED;
    effect->damage = damage;
}

static int take_marker(const struct effects *effects, struct effect *effect, struct str text,
                       struct error *err)
{
    struct marker *marker = &effect->marker;
    struct error problem = {0};
    if (marker_parse(text, effects->arena, marker, &problem) < 0) {
        if (problem.kind == ERROR_NOT_ALLOWED) {
            *err = problem;
            return -1;
        }
        set_damage(effect, str_copy(effects->arena, str_from(problem.message)));
        return 0;
    }
    if (!str_equal(marker->address, address_key(effects->arena, &effects->job->address)) ||
        !str_equal(marker->step, effect->name) || !str_equal(marker->digest, effect->digest)) {
        set_damage(effect, STR("it is the marker of another effect"));
        return 0;
    }
    effect->state = marker->done ? EFFECT_DONE : EFFECT_BEGUN;
    return 0;
}

/* Reads the marker as it is now. */
static int read_marker(const struct effects *effects, struct effect *effect, struct error *err)
{
    struct object object = {0};
    struct error problem = {0};
    effect->state = EFFECT_NEW;
    effect->version = (struct str){0};
    if (store_read(effects->store, effects->arena, effect->key, MARKER_BYTES_MAX, &object,
                   &problem) == 0) {
        effect->version = object.version;
        if (take_marker(effects, effect, object.bytes, err) < 0) {
            return error_prefix(err, "cannot read the marker of effect '%.*s'",
                                STR_ARG(effect->name));
        }
        return 0;
    }
    if (problem.kind == ERROR_LIMIT || problem.kind == ERROR_DAMAGED) {
        set_damage(effect, str_copy(effects->arena, str_from(problem.message)));
    } else if (problem.kind != ERROR_NOT_FOUND) {
        *err = problem;
        return error_prefix(err, "cannot tell whether effect '%.*s' was done",
                            STR_ARG(effect->name));
    }
    return 0;
}

static bool lacks_inputs(const struct plan *plan)
{
    for (size_t i = 0; i < plan->supply_count; i++) {
        const struct supply *supply = &plan->supplies[i];
        if (supply->state == SUPPLY_ABSENT && !supply->input->input->optional) {
            return true;
        }
    }
    return false;
}

int effects_look_up(struct effects *effects, const struct plan *plan, struct str dirty,
                    struct error *err)
{
    effects->items = arena_array(effects->arena, plan->command_count, sizeof *effects->items);
    effects->count = 0;
    effects->lacks_inputs = lacks_inputs(plan);
    for (size_t i = 0; i < plan->command_count; i++) {
        const struct command *command = &plan->commands[i];
        if (!command->step->step->effect) {
            continue;
        }
        struct effect *effect = &effects->items[effects->count++];
        effect->command = command;
        effect->name = command->name.n > 0 ? command->name : effects->job->manifest->name;
        effect->digest = effect_digest(effects->arena, plan, command, dirty);
        effect->key = address_effect_key(effects->arena, &effects->job->address, effect->name,
                                         effect->digest);
        if (read_marker(effects, effect, err) < 0) {
            return -1;
        }
    }
    return 0;
}

struct effect *effects_find(const struct effects *effects, const struct command *command)
{
    for (size_t i = 0; i < effects->count; i++) {
        if (effects->items[i].command == command) {
            return &effects->items[i];
        }
    }
    return NULL;
}

bool effect_is_due(const struct effects *effects, const struct effect *effect)
{
    return effects->force || effect->state != EFFECT_DONE;
}

bool effect_is_barred(const struct effects *effects, const struct effect *effect)
{
    switch (effect->state) {
    case EFFECT_BEGUN:
        return !effects->force;
    case EFFECT_DAMAGED:
        return !effects->force || effect->version.n == 0;
    case EFFECT_NEW:
    case EFFECT_DONE:
        break;
    }
    return false;
}

/* --- begin --- */

static struct marker make_marker(const struct effects *effects, const struct effect *effect)
{
    const struct context *context = effects->job->context;
    struct str shown = command_show(effect->command, effects->arena);
    return (struct marker){
        .run = effects->run,
        .address = address_key(effects->arena, &effects->job->address),
        .step = effect->name,
        .digest = effect->digest,
        .command = mask_text(effects->mask, effects->arena, shown),
        .user = context->user,
        .host_name = context->host_name,
        .pid = getpid(),
        .ci_system = context->ci_system,
        .ci_run_url = context->ci_run_url,
        .started_ms = effect->started_ms,
    };
}

static int write_marker(const struct effects *effects, const struct effect *effect,
                        const struct marker *marker, struct str replaces, struct error *err)
{
    struct precondition precondition = {.kind = replaces.n > 0 ? STORE_IF_VERSION : STORE_IF_ABSENT,
                                        .version = replaces};
    return store_write(effects->store, effect->key, marker_format(marker, effects->arena),
                       MARKER_CONTENT_TYPE, precondition, err);
}

static bool has_marker(const struct effect *effect)
{
    return effect->state == EFFECT_BEGUN || effect->state == EFFECT_DONE;
}

static bool is_ours(const struct effects *effects, const struct effect *effect)
{
    return has_marker(effect) && str_equal(effect->marker.run, effects->run);
}

/* The marker is not what it was: it may be this very attempt's, whose answer was
 * lost, or that of another run. */
static int settle_begin(const struct effects *effects, struct effect *effect, bool *skip,
                        struct error *err)
{
    struct effect now = *effect;
    if (read_marker(effects, &now, err) < 0) {
        return -1;
    }
    if (is_ours(effects, &now)) {
        return 0;
    }
    if (now.state == EFFECT_DONE && !effects->force) {
        *effect = now;
        *skip = true;
        return 0;
    }
    struct str who =
        has_marker(&now) ? marker_who(&now.marker, effects->arena) : STR("another run");
    struct str look = effect_advice_look(effects, &now);
    error_set(err, ERROR_CONFLICT,
              "effect '%.*s' is not begun: its marker was changed meanwhile, by %.*s",
              STR_ARG(effect->name), STR_ARG(who));
    return error_help(err, "%.*s", STR_ARG(look));
}

int effect_begin(struct effects *effects, struct effect *effect, bool *skip, struct error *err)
{
    struct error problem = {0};
    *skip = false;
    effect->started_ms = host_now_ms();
    struct marker marker = make_marker(effects, effect);
    if (write_marker(effects, effect, &marker, effect->version, &problem) == 0) {
        return 0;
    }
    if (problem.kind == ERROR_CONFLICT) {
        return settle_begin(effects, effect, skip, err);
    }
    *err = problem;
    return error_prefix(err, "effect '%.*s' is not begun: its marker cannot be written",
                        STR_ARG(effect->name));
}

/* --- end --- */

static int write_done(const struct effects *effects, const struct effect *effect,
                      struct effect *now, struct error *err)
{
    struct marker marker = make_marker(effects, effect);
    struct error problem = {0};
    struct error ignored = {0};
    marker.done = true;
    marker.finished_ms = host_now_ms();
    if (write_marker(effects, effect, &marker, now->version, &problem) == 0) {
        return 0;
    }
    /* The answer may have been lost. */
    if (problem.kind == ERROR_CONFLICT && read_marker(effects, now, &ignored) == 0 &&
        is_ours(effects, now) && now->state == EFFECT_DONE) {
        return 0;
    }
    *err = problem;
    return -1;
}

/* What --force replaced was done once, and still is. */
static int take_back(const struct effects *effects, const struct effect *effect,
                     const struct effect *now, struct error *err)
{
    if (effect->state == EFFECT_DONE) {
        return write_marker(effects, effect, &effect->marker, now->version, err);
    }
    struct precondition precondition = {.kind = STORE_IF_VERSION, .version = now->version};
    return store_remove(effects->store, effect->key, precondition, err);
}

static int settle_end(const struct effects *effects, const struct effect *effect, bool happened,
                      struct error *err)
{
    struct effect now = *effect;
    if (read_marker(effects, &now, err) < 0) {
        return -1;
    }
    if (!is_ours(effects, &now)) {
        return error_set(err, ERROR_CONFLICT, "%s",
                         now.state == EFFECT_NEW ? "it is gone" : "another run has taken it over");
    }
    return happened ? write_done(effects, effect, &now, err)
                    : take_back(effects, effect, &now, err);
}

int effect_end(struct effects *effects, struct effect *effect, enum effect_fate fate,
               struct error *err)
{
    if (fate == EFFECT_UNKNOWN || settle_end(effects, effect, fate == EFFECT_HAPPENED, err) == 0) {
        return 0;
    }
    if (fate == EFFECT_HAPPENED) {
        return error_prefix(err, "effect '%.*s' happened, but its marker does not say so",
                            STR_ARG(effect->name));
    }
    return error_prefix(err, "effect '%.*s' did not happen, but its marker cannot be taken back",
                        STR_ARG(effect->name));
}

/* --- what people are told --- */

struct str effect_advice_look(const struct effects *effects, const struct effect *effect)
{
    const struct marker *marker = &effect->marker;
    if (effect->state != EFFECT_BEGUN) {
        struct str where = store_address(effects->store, effects->arena, effect->key);
        return str_format(effects->arena, "look at %.*s", STR_ARG(where));
    }
    struct str run = str_format(effects->arena, "process %lld on '%.*s'", (long long)marker->pid,
                                STR_ARG(marker->host_name));
    return str_format(effects->arena, "look at what that run did, and whether it goes on: %.*s",
                      STR_ARG(marker->ci_run_url.n > 0 ? marker->ci_run_url : run));
}

struct str effect_advice_go_on(const struct effects *effects, const struct effect *effect)
{
    struct str where = store_address(effects->store, effects->arena, effect->key);
    if (effect->state == EFFECT_BEGUN) {
        return str_format(effects->arena,
                          "if the effect did not happen, repeat it with --force; if it did, write "
                          "\"done\" for \"begun\" in %.*s",
                          STR_ARG(where));
    }
    if (effect->version.n == 0) {
        return str_format(effects->arena, "if the effect did not happen, remove %.*s",
                          STR_ARG(where));
    }
    return STR("if the effect did not happen, repeat it with --force");
}
