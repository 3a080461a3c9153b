#include "run/run.h"

#include "base/arena.h"
#include "base/error.h"
#include "job/context.h"
#include "run/listener.h"
#include "run/run_parts.h"
#include "run/state_folder.h"
#include "store/store.h"
#include "sys/fd.h"
#include "sys/signals.h"

static bool supplies_changed(const struct run *run, const struct supply *before, size_t count)
{
    bool changed = count != run->supply_count;
    for (size_t i = 0; !changed && i < count; i++) {
        changed = !str_equal(before[i].receipt_sha256, run->supplies[i].receipt_sha256);
    }
    return changed;
}

/* Fetches the inputs. A file that is gone or differs may be one that somebody
 * published anew since the receipts were read: they are read once more, and only
 * receipts that did not change since make it an error. */
static int fetch(struct run *run, struct error *err)
{
    struct error first = {0};
    if (run->plan->landing_count == 0 ||
        fetch_land(run->arena, run->plan, &run->stores, run->listener, &first) == 0) {
        return 0;
    }
    if (first.kind != ERROR_DAMAGED && first.kind != ERROR_NOT_FOUND) {
        *err = first;
        return -1;
    }
    const struct supply *before = run->supplies;
    size_t count = run->supply_count;
    if (run_look_up(run, err) < 0) {
        return -1;
    }
    if (run->diags->error_count > 0) {
        return 0;
    }
    if (!supplies_changed(run, before, count)) {
        *err = first;
        return -1;
    }
    if (run_make_plan(run, err) < 0) {
        return -1;
    }
    return run->diags->error_count > 0
               ? 0
               : fetch_land(run->arena, run->plan, &run->stores, run->listener, err);
}

static int clean(struct run *run, struct error *err)
{
    const struct cleaning *cleaning = &run->cleaning;
    if (clean_remove(run->arena, run->job, cleaning, err) < 0) {
        return -1;
    }
    if (cleaning->count > 0) {
        listener_say(run->listener, "cleaned: removed %zu file%s", cleaning->file_count,
                     cleaning->file_count == 1 ? "" : "s");
    }
    return 0;
}

static void say_failed(const struct run *run, const struct execution *execution)
{
    listener_say(run->listener, "%.*s: failed: %.*s", STR_ARG(run->job->manifest->name),
                 STR_ARG(execution->message));
    if (execution->failed_count > 1) {
        struct value all = {
            .is_list = true, .items = execution->failed, .count = execution->failed_count};
        listener_say(run->listener, "  steps that failed: %.*s",
                     STR_ARG(value_show(&all, run->arena)));
    }
    listener_say(
        run->listener, "  log: %.*s%s", STR_ARG(execution->log_path),
        run_publishes(run) && !job_has_failure_outputs(run->job) ? "; nothing was published" : "");
}

static int run_command(struct run *run, struct execution *execution, struct error *err)
{
    listener_phase(run->listener, PHASE_RUN, 0);
    if (execute(run->arena, run->plan, run->secrets, &run->effects, run->wishes->log_path,
                run->listener, execution, err) < 0) {
        return -1;
    }
    run->result->status = execution->status;
    if (execution->status != 0) {
        say_failed(run, execution);
    }
    return 0;
}

static int carry_out(struct run *run, struct error *err)
{
    struct execution execution = {0};
    struct dirty tracked = {0};
    if (!run->wishes->force && run->freshness.reason_count > 0) {
        say_runs_again(run);
    }
    say_stale_inputs(run);
    if (signals_check(err) < 0) {
        return run_store_failed(run, err);
    }
    if (clean(run, err) < 0) {
        return -1;
    }
    if (fetch(run, err) < 0) {
        return run_store_failed(run, err);
    }
    if (run->diags->error_count > 0) {
        return 0;
    }
    if (signals_check(err) < 0) {
        return run_store_failed(run, err);
    }
    if (run_publishes(run) && run_tracked(run, NULL, 0, &tracked, err) < 0) {
        return -1;
    }
    if (run_command(run, &execution, err) < 0) {
        return -1;
    }
    if (execution.status != 0) {
        run_publish_failure(run, &execution);
        return 0;
    }
    if (signals_check(err) < 0) {
        return run_store_failed(run, err);
    }
    if (!job_is_recorded(run->job)) {
        listener_say(run->listener, "%.*s: done", STR_ARG(run->job->manifest->name));
        return 0;
    }
    return run_publish(run, &execution, tracked.fingerprint, err);
}

int run_read_tree_again(struct run *run, struct error *err)
{
    struct context *context = arena_alloc(run->arena, sizeof *context);
    struct job *job = arena_alloc(run->arena, sizeof *job);
    *context = *run->job->context;
    *job = *run->job;
    job->context = context;
    if (context->has_git &&
        git_status_read(run->arena, context->root.s, &context->status, err) < 0) {
        return -1;
    }
    run->job = job;
    return 0;
}

/* Two runs of one job in one workspace would write the same files. The second one
 * waits; what it knows of the tree is from before then. */
static int take_turn(struct run *run, int *lock, bool *waited, struct error *err)
{
    struct str name = run->job->manifest->name;
    struct str head = run->job->context->status.head;
    if (state_folder_make(run->job->context->root_fd, err) < 0 ||
        state_lock(run->job->context->root_fd, name, run->listener, lock, waited, err) < 0) {
        return -1;
    }
    if (!*waited) {
        return 0;
    }
    if (run_read_tree_again(run, err) < 0) {
        return -1;
    }
    if (!str_equal(run->job->context->status.head, head)) {
        run->result->status = STATUS_NOT_ALLOWED;
        return error_set(err, ERROR_NOT_ALLOWED,
                         "HEAD moved while job '%.*s' waited for another run: start it again",
                         STR_ARG(name));
    }
    return 0;
}

/* A run with effects waits for its turn first: those that another run here is in the
 * middle of are no problem, but soon done. Every other run waits only if it is to do
 * anything, and then everything is checked again: most likely it skips. */
static int check_in_turn(struct run *run, int *lock, enum decision *decision, struct error *err)
{
    struct error ignored = {0};
    bool waited = false;
    bool may_lock = !run->wishes->dry_run && job_leaves_marks(run->job);
    if (may_lock && job_has_effects(run->job) &&
        state_folder_check(run->job->context->root_fd, &ignored) == 0) {
        may_lock = false;
        if (take_turn(run, lock, &waited, err) < 0) {
            return -1;
        }
    }
    if (run_check(run, decision, err) < 0) {
        return -1;
    }
    if (!may_lock || *decision != DECISION_RUN) {
        return 0;
    }
    if (take_turn(run, lock, &waited, err) < 0) {
        return -1;
    }
    return waited ? run_check(run, decision, err) : 0;
}

static int run_stages(struct run *run, struct error *err)
{
    struct run_result *result = run->result;
    enum decision decision = DECISION_STOP;
    int lock CLEANUP(fd_close) = -1;
    if (check_in_turn(run, &lock, &decision, err) < 0) {
        return -1;
    }
    result->dirty = run->dirty.fingerprint;
    if (run->diags->error_count > 0) {
        return 0;
    }
    result->store_address =
        store_address(run->store, run->arena, address_receipt_key(run->arena, &run->job->address));
    result->would_skip = decision == DECISION_SKIP;
    if (decision == DECISION_SKIP && !run->wishes->dry_run) {
        say_skip(run);
        return 0;
    }
    result->plan = run->plan;
    result->cleaning = run->cleaning;
    result->effects = run->effects;
    /* What would be skipped is shown as --force would do it. */
    result->effects.force |= result->would_skip;
    if (run->wishes->dry_run) {
        return 0;
    }
    if (state_folder_make(run->job->context->root_fd, err) < 0) {
        return -1;
    }
    state_temp_sweep(run->job->context->root_fd);
    return carry_out(run, err);
}

int run_job(struct arena *arena, const struct job *job, struct catalog *catalog,
            const struct secrets *secrets, const struct run_wishes *wishes,
            const struct listener *listener, struct run_result *result, struct diags *diags,
            struct error *err)
{
    struct run run = {
        .arena = arena,
        .job = job,
        .catalog = catalog,
        .secrets = secrets,
        .wishes = wishes,
        .listener = listener,
        .diags = diags,
        .result = result,
    };
    result->refused = diags_make(arena);
    int outcome = run_stages(&run, err);
    stores_close(&run.stores);
    return outcome;
}
