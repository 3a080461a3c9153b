/* The first half of a run: every check, and the decision. */
#include "base/arena.h"
#include "base/error.h"
#include "base/glob.h"
#include "base/path.h"
#include "job/catalog.h"
#include "job/context.h"
#include "manifest/footprint.h"
#include "run/landing.h"
#include "run/listener.h"
#include "run/off_limits.h"
#include "run/permission.h"
#include "run/requires.h"
#include "run/run_parts.h"
#include "run/state_folder.h"
#include "run/stdout_file.h"
#include "store/store.h"
#include "sys/signals.h"
#include "sys/tarball.h"

#include <errno.h>
#include <unistd.h>

static enum status store_status(const struct error *err)
{
    bool is_own =
        err->kind == ERROR_USAGE || err->kind == ERROR_MANIFEST || err->kind == ERROR_OUTPUTS;
    return is_own ? status_of_error(err) : STATUS_STORE;
}

int run_store_failed(struct run *run, const struct error *err)
{
    run->result->status = err->kind == ERROR_INTERRUPTED ? STATUS_SIGNAL_BASE + signals_first()
                                                         : (int)store_status(err);
    return -1;
}

/* A failure of the store among the problems, so that what does not need the
 * store is checked all the same. */
int run_report_store(struct run *run, struct error *err)
{
    if (err->kind == ERROR_INTERRUPTED) {
        return run_store_failed(run, err);
    }
    diag_from_error(run->diags, store_status(err), "store", (struct span){0}, err);
    run->store_is_silent |= run->store == NULL || err->kind == ERROR_UNREACHABLE;
    *err = (struct error){0};
    return 0;
}

/* Where that goes which stops a run in this place: it is an error of a run, and a
 * remark of a dry one. */
struct diags *run_refusals(struct run *run)
{
    return run->wishes->dry_run ? &run->result->refused : run->diags;
}

/* NULL where nobody needs to ask any more. */
static struct store *store_to_ask(const struct run *run)
{
    return run->store_is_silent ? NULL : run->store;
}

bool run_publishes(const struct run *run)
{
    return job_is_recorded(run->job) && !run->wishes->no_publish;
}

bool run_publishes_failures(const struct run *run)
{
    return job_has_failure_outputs(run->job) && !run->wishes->no_publish;
}

/* --- the tree --- */

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

static void add_job(struct arena *arena, struct footprint *all, const struct manifest *manifest)
{
    add_footprint(arena, all, footprint_of_outputs(manifest, arena));
    add_footprint(arena, all, footprint_of_inputs(manifest, arena));
}

/* What is removed before the command starts cannot change what it makes. */
static struct footprint cleaned_by(struct arena *arena, const struct job *job)
{
    struct footprint cleaned = {.globs =
                                    arena_array(arena, 2 * job->clean_count, sizeof(struct str))};
    for (size_t i = 0; i < job->clean_count; i++) {
        struct str path = path_without_slash(job->clean[i]);
        cleaned.globs[cleaned.count++] = path;
        cleaned.globs[cleaned.count++] = str_format(arena, "%.*s/**", STR_ARG(path));
    }
    return cleaned;
}

/* Where the jobs of this workspace leave their products. */
static struct footprint products_of_all(struct run *run)
{
    struct footprint products = {0};
    struct str *names = NULL;
    size_t count = 0;
    add_job(run->arena, &products, run->job->manifest);
    add_footprint(run->arena, &products, cleaned_by(run->arena, run->job));
    catalog_names(run->catalog, &names, &count);
    for (size_t i = 0; i < count; i++) {
        struct diags ignored = diags_make(run->arena);
        const struct manifest *other = catalog_find(run->catalog, names[i], &ignored);
        if (other != NULL && other != run->job->manifest) {
            add_job(run->arena, &products, other);
        }
    }
    return products;
}

/* The files of the receipt that is there, where they lie in the workspace; not
 * those in an archive (products_of() in run_publish.c says why). */
static size_t published_products(const struct run *run, struct dirty_product **made)
{
    const struct artifact *artifact = &run->freshness.receipt.artifact;
    struct arena *arena = run->arena;
    size_t count = 0, capacity = 0;
    *made = NULL;
    for (size_t i = 0; run->freshness.has_receipt && i < artifact->count; i++) {
        const struct entry *entry = &artifact->entries[i];
        for (size_t o = 0; o < run->job->manifest->output_count; o++) {
            const struct bound_output *output = &run->job->outputs[o];
            for (size_t p = 0;
                 entry->packed == PACK_NONE && str_equal(output->output->name, entry->output) &&
                 p < output->pattern_count;
                 p++) {
                struct str folder = glob_fixed_prefix(output->patterns[p]);
                *ARENA_PUSH(arena, *made, count, capacity) = (struct dirty_product){
                    .path = str_format(arena, "%.*s%.*s", STR_ARG(folder), STR_ARG(entry->path)),
                    .sha256 = entry->sha256,
                    .target = entry->kind == ENTRY_LINK ? entry->target : (struct str){0},
                };
            }
        }
    }
    return count;
}

/* The manifests of the other jobs are read only when git reports something. */
static int read_dirty(struct run *run, struct error *err)
{
    const struct context *context = run->job->context;
    if (!context->has_git || context->status.count == 0) {
        run->dirty = (struct dirty){0};
        return 0;
    }
    struct footprint products = products_of_all(run);
    struct dirty_product *made = NULL;
    struct dirty_rules rules = {.products = &products};
    rules.made_count = published_products(run, &made);
    rules.made = made;
    return dirty_read(context, run->arena, &rules, &run->dirty, err);
}

/* --- the store --- */

static void say_of_store(void *context, struct str line)
{
    const struct run *run = context;
    listener_say(run->listener, "note: %.*s", STR_ARG(line));
}

static int open_store(struct run *run, struct error *err)
{
    const struct context *context = run->job->context;
    bool writes = run_publishes(run) || run_publishes_failures(run) || job_has_effects(run->job);
    bool read_only = context->store_read_only || run->wishes->dry_run || !writes;
    if (run->store != NULL) {
        return 0;
    }
    struct store_settings settings = stores_settings(run->arena, context);
    settings.say = say_of_store;
    settings.say_context = run;
    if (store_open(run->arena, context->store_url, read_only ? STORE_READ_ONLY : STORE_READ_WRITE,
                   &settings, &run->store, err) < 0) {
        error_prefix(err, "cannot open the store '%.*s' (from %.*s)", STR_ARG(context->store_url),
                     STR_ARG(context->store_url_why));
        return run_report_store(run, err);
    }
    run->stores = stores_make(run->arena, context, settings, run->store);
    return 0;
}

int run_look_up(struct run *run, struct error *err)
{
    struct fetch_wishes wishes = run->wishes->fetch;
    wishes.missing_is_fine = run->wishes->dry_run;
    return fetch_look_up(run->arena, run->job, store_to_ask(run) != NULL ? &run->stores : NULL,
                         &wishes, run->listener, &run->supplies, &run->supply_count, run->diags,
                         err);
}

static int read_freshness(struct run *run, struct error *err)
{
    const struct job *job = run->job;
    run->freshness = (struct freshness){.state = FRESH_NONE};
    if (!job_is_recorded(job) || store_to_ask(run) == NULL ||
        freshness_read(run->arena, job, run->store, &run->freshness, err) == 0) {
        return 0;
    }
    error_prefix(err, "cannot tell whether job '%.*s' is %s", STR_ARG(job->manifest->name),
                 say_done_word(job));
    return run_report_store(run, err);
}

void run_check_write_access(struct run *run)
{
    struct error err = {0};
    struct str prefix =
        str_format(run->arena, "%.*s/", STR_ARG(address_key(run->arena, &run->job->address)));
    if (!run->job->context->store_read_only && store_to_ask(run) != NULL &&
        store_check_write(run->store, prefix, &err) < 0) {
        error_prefix(&err, "cannot record %s of job '%.*s'",
                     run_publishes(run) ? "the outputs" : "the effects",
                     STR_ARG(run->job->manifest->name));
        diag_from_error(run->diags, STATUS_STORE, "store", (struct span){0}, &err);
    }
}

/* --- the workspace --- */

static bool packs_or_unpacks(const struct run *run)
{
    for (size_t i = 0; i < run->job->manifest->output_count; i++) {
        const struct bound_output *output = &run->job->outputs[i];
        if (output->wanted && output->output->pack != PACK_NONE && !run->wishes->no_publish) {
            return true;
        }
    }
    for (size_t i = 0; run->plan != NULL && i < run->plan->landing_count; i++) {
        if (run->plan->landings[i].unpack != PACK_NONE) {
            return true;
        }
    }
    return false;
}

/* What would stop a run only after its inputs have landed. */
static void check_own_places(struct run *run)
{
    struct error err = {0};
    struct str log = run->wishes->log_path;
    if (state_folder_check(run->job->context->root_fd, &err) < 0) {
        diag_from_error(run->diags, STATUS_NOT_ALLOWED, "workspace", (struct span){0}, &err);
    }
    if (packs_or_unpacks(run) && tarball_ready(&err) < 0) {
        diag_from_error(run->diags, STATUS_NOT_ALLOWED, "tool", (struct span){0}, &err);
    }
    if (log.n == 0) {
        return;
    }
    struct stat st;
    struct str folder = path_folder(log);
    const char *problem = NULL;
    if (stat(log.s, &st) == 0) {
        problem = S_ISDIR(st.st_mode) ? "it is a folder" : NULL;
    } else if (access(str_copy(run->arena, folder.n > 0 ? folder : STR("/")).s, W_OK | X_OK) != 0) {
        problem = errno == ENOENT ? "its folder is not there" : "its folder cannot be written";
    }
    if (problem != NULL) {
        diag_error(run->diags, STATUS_USAGE, "usage", (struct span){0},
                   "cannot write the log '%.*s': %s", STR_ARG(log), problem);
    }
}

/* --- the plan --- */

int run_make_plan(struct run *run, struct error *err)
{
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
    if (fetch_check_places(run->arena, run->plan, run_refusals(run), err) < 0) {
        return -1;
    }
    return store_to_ask(run) != NULL ? run_check_effects(run, err) : 0;
}

/* What would stop a run only after it has removed what is cleaned. */
static void check_landings(struct run *run)
{
    struct off_limits off_limits =
        off_limits_make(run->arena, run->job->context->root, run->job->context);
    if (run->plan != NULL) {
        landings_report(run->plan, &off_limits, &run->cleaning, run_refusals(run));
    }
}

/* --- requirements --- */

/* Where the plan has a problem, the commands' own variables may be known all the
 * same: tools are looked up in them. */
static const struct plan *plan_for_tools(struct run *run)
{
    struct diags ignored = diags_make(run->arena);
    return run->plan != NULL ? run->plan : plan_make_unsupplied(run->arena, run->job, &ignored);
}

static void check_requirements(struct run *run)
{
    const struct job *job = run->job;
    bool *met = arena_array(run->arena, job->requirement_count, sizeof *met);
    if (job->requirement_count > 0) {
        requires_check(run->arena, job, plan_for_tools(run), &run->cleaning, &run->dirty, met,
                       run_refusals(run));
    }
    run->result->requirements_met = met;
}

/* --- the decision --- */

/* `refused` gets what stops a run that would publish. */
static enum decision decide(struct run *run, struct diags *refused)
{
    const struct freshness *fresh = &run->freshness;
    struct str name = run->job->manifest->name;
    if (!job_is_recorded(run->job)) {
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
        listener_explain(run->listener, "%.*s runs because it is not %s: there is no %.*s",
                         STR_ARG(name), say_done_word(run->job), STR_ARG(where));
        return DECISION_RUN;
    }
    if (!str_is(run->job->context->environment, "dev") && run_publishes(run)) {
        refuse_change(run, refused);
    }
    return DECISION_RUN;
}

static enum decision decide_with_permission(struct run *run)
{
    const struct job *job = run->job;
    struct diags *refused = run_refusals(run);
    size_t before = run->diags->error_count;
    if (job_leaves_marks(job)) {
        permission_check_commit(job, refused);
    }
    enum decision decision = before > 0 ? DECISION_STOP : decide(run, refused);
    if (decision != DECISION_SKIP && run_publishes(run)) {
        permission_check(job, &run->dirty, DEED_PUBLISH, refused);
        if (!run->wishes->dry_run) {
            run_check_write_access(run);
        }
    }
    return run->diags->error_count > 0 ? DECISION_STOP : decision;
}

/* Whether the values of params may be in the store afterwards: in a receipt, in the
 * document of a failure, or in the address of either or of a marker. */
static bool leaves_params(const struct run *run)
{
    return run_publishes(run) || run_publishes_failures(run) || job_has_effects(run->job);
}

int run_check(struct run *run, enum decision *decision, struct error *err)
{
    listener_phase(run->listener, PHASE_CHECK, 0);
    if (open_store(run, err) < 0 || read_freshness(run, err) < 0 || read_dirty(run, err) < 0) {
        return -1;
    }
    if (run_look_up(run, err) < 0) {
        return run_store_failed(run, err);
    }
    freshness_compare(&run->freshness, run->arena, run->job, run->supplies, run->supply_count,
                      run->dirty.fingerprint);
    *decision = decide_with_permission(run);
    if (*decision == DECISION_SKIP && !run->wishes->dry_run) {
        return 0;
    }
    if (run_make_plan(run, err) < 0) {
        return -1;
    }
    if (!run->wishes->dry_run) {
        check_own_places(run);
    }
    if (clean_find(run->arena, run->job, run->supplies, run->supply_count, &run->cleaning,
                   run_refusals(run), err) < 0) {
        return -1;
    }
    if (run->plan != NULL &&
        stdout_file_check(run->arena, run->plan, &run->cleaning, run_refusals(run), err) < 0) {
        return -1;
    }
    check_landings(run);
    check_requirements(run);
    if (run->plan != NULL && !run->wishes->dry_run) {
        secrets_check(run->secrets, run->arena, run->plan, &run->effects, leaves_params(run),
                      run->diags);
    }
    if (run->diags->error_count > 0) {
        *decision = DECISION_STOP;
    }
    return 0;
}
