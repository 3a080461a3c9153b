#include "run/run.h"

#include "base/arena.h"
#include "base/error.h"
#include "job/catalog.h"
#include "job/context.h"
#include "job/plan.h"
#include "manifest/footprint.h"
#include "run/execute.h"
#include "run/listener.h"
#include "run/outputs.h"
#include "run/permission.h"
#include "run/publish.h"
#include "run/receipt.h"
#include "run/run_parts.h"
#include "run/state_folder.h"
#include "store/store.h"
#include "sys/git.h"
#include "sys/host.h"
#include "sys/signals.h"

enum decision { DECISION_RUN, DECISION_SKIP, DECISION_STOP };

/* The status of a failure on the way to or from the store, whatever the system
 * called it. Returns -1. */
static int store_failed(struct run *run, const struct error *err)
{
    switch (err->kind) {
    case ERROR_INTERRUPTED:
        run->result->status = STATUS_SIGNAL_BASE + signals_first();
        break;
    case ERROR_USAGE:
    case ERROR_OUTPUTS:
        run->result->status = (int)status_of_error(err);
        break;
    default:
        run->result->status = STATUS_STORE;
    }
    return -1;
}

static bool publishes(const struct run *run)
{
    return job_has_outputs(run->job) && !run->wishes->no_publish;
}

static void add_footprint(struct arena *arena, struct footprint *all, struct footprint more)
{
    struct str *globs = arena_array(arena, all->count + more.count, sizeof *globs);
    for (size_t i = 0; i < all->count; i++) {
        globs[i] = all->globs[i];
    }
    for (size_t i = 0; i < more.count; i++) {
        globs[all->count + i] = more.globs[i];
    }
    all->globs = globs;
    all->count += more.count;
}

/* The tree's fingerprint without what the jobs of this workspace leave behind.
 * Their manifests are read only when git reports something at all. */
static int read_dirty(struct run *run, struct error *err)
{
    const struct context *context = run->job->context;
    struct arena *arena = run->arena;
    struct footprint own = {0};
    struct footprint products = {0};
    if (!context->has_git || context->status.count == 0) {
        return 0;
    }
    own = footprint_of_outputs(run->job->manifest, arena);
    products = own;
    add_footprint(arena, &products, footprint_of_inputs(run->job->manifest, arena));
    struct str *names = NULL;
    size_t count = 0;
    catalog_names(run->catalog, &names, &count);
    for (size_t i = 0; i < count; i++) {
        struct diags ignored = diags_make(arena);
        const struct manifest *other = catalog_find(run->catalog, names[i], &ignored);
        if (other != NULL && other != run->job->manifest) {
            add_footprint(arena, &products, footprint_of_outputs(other, arena));
            add_footprint(arena, &products, footprint_of_inputs(other, arena));
        }
    }
    return context_dirty(context, arena, &products, &own, &run->dirty, &run->changed,
                         &run->changed_count, err);
}

static int open_store(struct run *run, struct error *err)
{
    const struct context *context = run->job->context;
    bool read_only = context->store_read_only || run->wishes->dry_run || !publishes(run);
    if (store_open(run->arena, context->store_url, read_only ? STORE_READ_ONLY : STORE_READ_WRITE,
                   &run->store, err) < 0) {
        error_prefix(err, "cannot open the store '%.*s' (from %.*s)", STR_ARG(context->store_url),
                     STR_ARG(context->store_url_why));
        return store_failed(run, err);
    }
    return 0;
}

static enum decision decide(struct run *run)
{
    const struct freshness *fresh = &run->freshness;
    struct str name = run->job->manifest->name;
    if (!job_has_outputs(run->job)) {
        listener_explain(run->listener, "%.*s has no outputs, so it always runs", STR_ARG(name));
        return DECISION_RUN;
    }
    say_freshness(run);
    if (run->wishes->force) {
        listener_explain(run->listener, "%.*s runs because of --force", STR_ARG(name));
        return DECISION_RUN;
    }
    if (fresh->state == FRESH) {
        return DECISION_SKIP;
    }
    if (fresh->state == FRESH_NONE) {
        struct str where = store_address(run->store, run->arena,
                                         address_receipt_key(run->arena, &run->job->address));
        listener_explain(run->listener, "%.*s runs because it is not published: there is no %.*s",
                         STR_ARG(name), STR_ARG(where));
        return DECISION_RUN;
    }
    if (!str_is(run->job->context->environment, "dev")) {
        refuse_change(run);
        return DECISION_STOP;
    }
    say_runs_again(run);
    return DECISION_RUN;
}

/* What the store has of the inputs, now. */
static int look_up(struct run *run, struct error *err)
{
    struct fetch_wishes wishes = run->wishes->fetch;
    wishes.missing_is_fine = run->wishes->dry_run;
    return fetch_look_up(run->arena, run->job, run->store, &wishes, run->listener, &run->supplies,
                         &run->supply_count, run->diags, err);
}

/* Whether every wanted input has its supplies; not where one could not be read. */
static bool has_all_supplies(const struct run *run)
{
    size_t wanted = 0;
    for (size_t i = 0; i < run->job->manifest->input_count; i++) {
        wanted += run->job->inputs[i].wanted ? run->job->inputs[i].element_count : 0;
    }
    return run->supply_count == wanted;
}

/* Leaves run->plan NULL where there can be none; why is in the diagnostics. */
static int make_plan(struct run *run, struct error *err)
{
    if (!has_all_supplies(run)) {
        return 0;
    }
    run->plan = plan_make(run->arena, run->job, run->supplies, run->supply_count, run->diags);
    if (run->plan == NULL) {
        return 0;
    }
    if (run->wishes->timeout_ms >= 0) {
        struct plan *plan = arena_alloc(run->arena, sizeof *plan);
        *plan = *run->plan;
        plan->timeout_ms = run->wishes->timeout_ms;
        run->plan = plan;
    }
    return fetch_check_places(run->arena, run->plan, run->diags, err);
}

static void check_write_access(struct run *run)
{
    struct error err = {0};
    struct str prefix =
        str_format(run->arena, "%.*s/", STR_ARG(address_key(run->arena, &run->job->address)));
    if (!run->job->context->store_read_only && store_check_write(run->store, prefix, &err) < 0) {
        error_prefix(&err, "cannot publish job '%.*s'", STR_ARG(run->job->manifest->name));
        diag_from_error(run->diags, STATUS_STORE, "store", (struct span){0}, &err);
    }
}

/* Every check of a run, all of them, before anything is touched. */
static int check(struct run *run, enum decision *decision, struct error *err)
{
    const struct job *job = run->job;
    listener_phase(run->listener, PHASE_CHECK, 0);
    if (read_dirty(run, err) < 0 || open_store(run, err) < 0) {
        return -1;
    }
    if (look_up(run, err) < 0) {
        return store_failed(run, err);
    }
    if (job_has_outputs(job) && freshness_read(run->arena, job, run->supplies, run->supply_count,
                                               run->dirty, run->store, &run->freshness, err) < 0) {
        error_prefix(err, "cannot tell whether job '%.*s' is published",
                     STR_ARG(job->manifest->name));
        return store_failed(run, err);
    }
    *decision = run->diags->error_count > 0 ? DECISION_STOP : decide(run);
    if (*decision == DECISION_SKIP && !run->wishes->dry_run) {
        return 0;
    }
    if (!run->wishes->dry_run && publishes(run)) {
        permission_check(job, run->dirty, run->changed, run->changed_count, run->diags);
        check_write_access(run);
    }
    return make_plan(run, err);
}

static void fill_receipt(const struct run *run, const struct outputs *outputs,
                         const struct execution *execution, struct receipt *receipt)
{
    struct arena *arena = run->arena;
    const struct job *job = run->job;
    const struct context *context = job->context;
    struct error ignored = {0};
    *receipt = (struct receipt){
        .address = job->address,
        .tool_version = STR(JOBRUN_VERSION),
        .publish_id = host_random_id(arena),
        .manifest_path = job->manifest_path,
        .manifest_sha256 = job->manifest_digest,
        .dirty = run->dirty,
        .artifact = outputs->artifact,
        .started_ms = execution->started_ms,
        .finished_ms = execution->finished_ms,
        .host_platform = context->host_platform,
        .host_name = context->host_name,
        .user = context->user,
        .ci_system = context->ci_system,
        .ci_run_url = context->ci_run_url,
    };
    if (context->has_git &&
        git_origin(arena, context->root.s, &receipt->repository, &ignored) < 0) {
        receipt->repository = (struct str){0};
    }
    receipt_params(arena, job, &receipt->params, &receipt->param_count);
    receipt_inputs(arena, run->supplies, run->supply_count, &receipt->inputs,
                   &receipt->input_count);
    receipt->command = arena_array(arena, run->plan->command_count + 1, sizeof *receipt->command);
    for (size_t i = 0; i < run->plan->command_count; i++) {
        receipt->command[receipt->command_count++] = command_show(&run->plan->commands[i], arena);
    }
}

/* A lost race is a failure only for who insisted on replacing. */
static int publish_outputs(struct run *run, const struct execution *execution, struct error *err)
{
    struct arena *arena = run->arena;
    struct outputs outputs = {0};
    listener_phase(run->listener, PHASE_PUBLISH, 0);
    if (outputs_find(arena, run->job, store_folder(run->store), &outputs, run->diags, err) < 0) {
        return -1;
    }
    if (run->diags->error_count > 0) {
        return 0;
    }
    if (outputs_hash(arena, run->job, &outputs, err) < 0) {
        return store_failed(run, err);
    }
    if (!publishes(run)) {
        listener_say(run->listener, "%.*s: made %zu file%s; not published, because of --no-publish",
                     STR_ARG(run->job->manifest->name), outputs.artifact.count,
                     outputs.artifact.count == 1 ? "" : "s");
        return 0;
    }
    struct receipt receipt;
    fill_receipt(run, &outputs, execution, &receipt);
    listener_phase(run->listener, PHASE_PUBLISH, outputs.total_bytes);
    struct published published = {0};
    struct error failed = {0};
    if (publish(arena, run->job, run->store, &receipt, &outputs, run->freshness.version,
                run->listener, &published, &failed) < 0) {
        if (!published.kept_winner || run->wishes->force) {
            *err = failed;
            return store_failed(run, err);
        }
    }
    say_published(run, &outputs, &published);
    return 0;
}

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
        fetch_land(run->arena, run->plan, run->store, run->listener, &first) == 0) {
        return 0;
    }
    if (first.kind != ERROR_DAMAGED && first.kind != ERROR_NOT_FOUND) {
        *err = first;
        return -1;
    }
    const struct supply *before = run->supplies;
    size_t count = run->supply_count;
    if (look_up(run, err) < 0) {
        return -1;
    }
    if (run->diags->error_count > 0) {
        return 0;
    }
    if (!supplies_changed(run, before, count)) {
        *err = first;
        return -1;
    }
    if (make_plan(run, err) < 0) {
        return -1;
    }
    return run->diags->error_count > 0
               ? 0
               : fetch_land(run->arena, run->plan, run->store, run->listener, err);
}

static int carry_out(struct run *run, struct error *err)
{
    const struct job *job = run->job;
    if (state_folder_make(job->context->root_fd, err) < 0) {
        return -1;
    }
    say_stale_inputs(run);
    if (fetch(run, err) < 0) {
        return store_failed(run, err);
    }
    if (run->diags->error_count > 0) {
        return 0;
    }
    if (signals_check(err) < 0) {
        return store_failed(run, err);
    }
    listener_phase(run->listener, PHASE_RUN, 0);
    for (size_t i = 0; i < run->plan->command_count; i++) {
        struct str shown = command_show(&run->plan->commands[i], run->arena);
        listener_explain(run->listener, "runs: %.*s", STR_ARG(shown));
    }
    struct execution execution = {0};
    if (execute(run->arena, run->plan, run->wishes->log_path, run->listener, &execution, err) < 0) {
        return -1;
    }
    run->result->status = execution.status;
    if (execution.status != 0) {
        listener_say(run->listener, "%.*s: failed: %.*s", STR_ARG(job->manifest->name),
                     STR_ARG(execution.message));
        listener_say(run->listener, "  log: %.*s%s", STR_ARG(execution.log_path),
                     publishes(run) ? "; nothing was published" : "");
        return 0;
    }
    if (signals_check(err) < 0) {
        return store_failed(run, err);
    }
    if (!job_has_outputs(job)) {
        listener_say(run->listener, "%.*s: done", STR_ARG(job->manifest->name));
        return 0;
    }
    return publish_outputs(run, &execution, err);
}

static int run_stages(struct run *run, struct error *err)
{
    struct run_result *result = run->result;
    enum decision decision = DECISION_STOP;
    if (check(run, &decision, err) < 0) {
        return -1;
    }
    result->dirty = run->dirty;
    result->store_address =
        store_address(run->store, run->arena, address_receipt_key(run->arena, &run->job->address));
    result->would_skip = decision == DECISION_SKIP;
    if (decision == DECISION_SKIP && !run->wishes->dry_run) {
        say_skip(run);
        return 0;
    }
    result->plan = run->plan;
    if (run->diags->error_count > 0 || run->wishes->dry_run) {
        return 0;
    }
    return carry_out(run, err);
}

int run_job(struct arena *arena, const struct job *job, struct catalog *catalog,
            const struct run_wishes *wishes, const struct listener *listener,
            struct run_result *result, struct diags *diags, struct error *err)
{
    struct run run = {
        .arena = arena,
        .job = job,
        .catalog = catalog,
        .wishes = wishes,
        .listener = listener,
        .diags = diags,
        .result = result,
    };
    int outcome = run_stages(&run, err);
    store_close(&run.store);
    return outcome;
}
