/* The effects of a run, before anything is touched: whether they may happen here. */
#include "base/arena.h"
#include "job/context.h"
#include "run/listener.h"
#include "run/permission.h"
#include "run/run_parts.h"
#include "store/store.h"

#define RULE_ID "not-allowed"

static struct span place_of(const struct effect *effect)
{
    return effect->command->step->step->effect_span;
}

/* --- markers in the way --- */

static void note_marker(const struct run *run, const struct effect *effect, struct diag *diag)
{
    struct str where = store_address(run->store, run->arena, effect->key);
    diag_note(diag, "its marker: %.*s", STR_ARG(where));
    diag_help(diag, "%.*s", STR_ARG(effect_advice_look(&run->effects, effect)));
    diag_help(diag, "%.*s", STR_ARG(effect_advice_go_on(&run->effects, effect)));
}

static void refuse_begun(struct run *run, const struct effect *effect)
{
    struct diag *diag =
        diag_error(run_refusals(run), STATUS_STORE, "marker", place_of(effect),
                   "effect '%.*s' was begun by another run, and nothing says how it ended",
                   STR_ARG(effect->name));
    diag_note(diag, "by %.*s", STR_ARG(marker_who(&effect->marker, run->arena)));
    diag_note(diag, "it ran: %.*s", STR_ARG(effect->marker.command));
    note_marker(run, effect, diag);
}

static void refuse_damaged(struct run *run, const struct effect *effect)
{
    struct diag *diag = diag_error(run_refusals(run), STATUS_STORE, "marker", place_of(effect),
                                   "nothing says whether effect '%.*s' was done: its marker is "
                                   "damaged",
                                   STR_ARG(effect->name));
    diag_note(diag, "%.*s", STR_ARG(effect->damage));
    note_marker(run, effect, diag);
}

/* --- permission --- */

/* One problem of the job, with the places of all its effects. */
static struct diag *refuse(struct run *run, const char *why)
{
    const struct effects *effects = &run->effects;
    struct diag *diag = NULL;
    for (size_t i = 0; i < effects->count; i++) {
        const struct effect *effect = &effects->items[i];
        if (!effect_is_due(effects, effect)) {
            continue;
        }
        if (diag != NULL) {
            diag_label(diag, place_of(effect), "effect '%.*s' too", STR_ARG(effect->name));
            continue;
        }
        diag = diag_error(run_refusals(run), STATUS_NOT_ALLOWED, RULE_ID, place_of(effect),
                          "effect '%.*s' cannot be undone, and %s", STR_ARG(effect->name), why);
    }
    return diag;
}

static void check_allowed(struct run *run)
{
    const struct context *context = run->job->context;
    if (run->wishes->no_publish) {
        struct diag *diag = refuse(run, "--no-publish leaves no record of it");
        diag_help(diag, "leave --no-publish out; '--dry-run' shows what the job would do");
    }
    if (!context->is_protected && !run->wishes->allow_effects) {
        struct str why = str_format(run->arena, "environment '%.*s' is not protected",
                                    STR_ARG(context->environment));
        struct diag *diag = refuse(run, why.s);
        diag_note(diag, "the environment is '%.*s': %.*s", STR_ARG(context->environment),
                  STR_ARG(context->environment_why));
        diag_help(diag, "to let it happen from here on purpose, add --allow-effects; '--dry-run' "
                        "shows what the job would do");
    }
    if (!run_publishes(run)) {
        permission_check(run->job, &run->dirty, DEED_EFFECT, run_refusals(run));
        if (!run->wishes->dry_run) {
            run_check_write_access(run);
        }
    }
}

static void explain_marker(const struct run *run, const struct effect *effect)
{
    static const char *const STATES[] = {
        [EFFECT_NEW] = "not done: there is no",
        [EFFECT_BEGUN] = "begun:",
        [EFFECT_DONE] = "done:",
        [EFFECT_DAMAGED] = "recorded by what is damaged:",
    };
    struct str where = store_address(run->store, run->arena, effect->key);
    listener_explain(run->listener, "effect '%.*s' is %s %.*s", STR_ARG(effect->name),
                     STATES[effect->state], STR_ARG(where));
}

int run_check_effects(struct run *run, struct error *err)
{
    struct effects *effects = &run->effects;
    size_t due = 0;
    *effects = effects_make(run->arena, run->job, run->store, run->wishes->force);
    effects->mask = run->secrets->mask;
    if (effects_look_up(effects, run->plan, run->dirty.fingerprint, err) < 0) {
        return run_report_store(run, err);
    }
    for (size_t i = 0; i < effects->count; i++) {
        const struct effect *effect = &effects->items[i];
        explain_marker(run, effect);
        due += effect_is_due(effects, effect);
        if (!effect_is_barred(effects, effect)) {
            continue;
        }
        if (effect->state == EFFECT_BEGUN) {
            refuse_begun(run, effect);
        } else {
            refuse_damaged(run, effect);
        }
    }
    if (due > 0) {
        check_allowed(run);
    }
    return 0;
}
