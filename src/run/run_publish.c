/* The last part of a run: from the outputs on disk to the receipt. */
#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "job/context.h"
#include "run/listener.h"
#include "run/mask.h"
#include "run/receipt.h"
#include "run/run_parts.h"
#include "store/store.h"
#include "sys/git.h"
#include "sys/host.h"

void run_fill_receipt(const struct run *run, const struct outputs *outputs,
                      const struct execution *execution, struct str dirty, struct receipt *receipt)
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
        .dirty = dirty,
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
        struct str shown = command_show(&run->plan->commands[i], arena);
        receipt->command[receipt->command_count++] = mask_text(run->secrets->mask, arena, shown);
    }
}

int run_tracked(struct run *run, const struct dirty_product *made, size_t made_count,
                struct dirty *tracked, struct error *err)
{
    const struct dirty_rules rules = {.made = made, .made_count = made_count, .tracked_only = true};
    return dirty_read(run->job->context, run->arena, &rules, tracked, err);
}

/* The files that this run made, as the tree may hold them now. Not those in an
 * archive: no receipt says their bytes, so that a later run could not know them
 * either; a tracked file among them counts as changed. */
static struct dirty_product *products_of(const struct run *run, const struct outputs *outputs)
{
    struct dirty_product *made = arena_array(run->arena, outputs->count + 1, sizeof *made);
    for (size_t i = 0; i < outputs->count; i++) {
        const struct entry *entry = outputs->files[i].entry;
        made[i] = (struct dirty_product){.path = outputs->files[i].workspace_path,
                                         .sha256 = entry->sha256};
        if (entry->kind == ENTRY_LINK) {
            made[i].target = entry->target;
        }
    }
    return made;
}

/* Whether the sources are still those that the run began with. Another HEAD would
 * be published at the wrong address. Other changes may be the job's own doing;
 * they are told, and in dev the receipt gets a fingerprint that no tree has, so
 * that the next run makes it again. */
static int check_sources(struct run *run, const struct outputs *outputs, struct str tracked_before,
                         struct str *dirty, struct error *err)
{
    struct str head = run->job->context->status.head;
    struct dirty tracked = {0};
    if (!run->job->context->has_git) {
        return 0;
    }
    if (run_read_tree_again(run, err) < 0) {
        return -1;
    }
    if (!str_equal(run->job->context->status.head, head)) {
        run->result->status = STATUS_NOT_ALLOWED;
        error_set(err, ERROR_NOT_ALLOWED,
                  "HEAD moved from %.*s to %.*s while the job ran, so nothing is published",
                  STR_ARG(str_slice(head, 0, 7)),
                  STR_ARG(str_slice(run->job->context->status.head, 0, 7)));
        return error_help(err, "run it again on the commit that is checked out now");
    }
    if (run_tracked(run, products_of(run, outputs), outputs->count, &tracked, err) < 0) {
        return -1;
    }
    if (str_equal(tracked.fingerprint, tracked_before)) {
        return 0;
    }
    listener_say(run->listener, "warning: tracked files changed while job '%.*s' ran%s%.*s",
                 STR_ARG(run->job->manifest->name), tracked.changed_count > 0 ? ", now: " : "",
                 STR_ARG(tracked.changed_count > 0 ? tracked.changed[0] : STR("")));
    if (str_is(run->job->context->environment, "dev")) {
        *dirty = sha256_hex(run->arena,
                            str_format(run->arena, "changed while it ran: %.*s %.*s",
                                       STR_ARG(tracked_before), STR_ARG(tracked.fingerprint)));
    }
    return 0;
}

/* A lost race is a failure only for who insisted on replacing. */
static int send(struct run *run, const struct outputs *outputs, const struct receipt *receipt,
                struct error *err)
{
    struct published published = {0};
    struct error failed = {0};
    listener_phase(run->listener, PHASE_PUBLISH, outputs->total_bytes);
    if (publish(run->arena, run->job, run->store, receipt, outputs, run->freshness.version,
                run->listener, &published, &failed) < 0) {
        if (!published.kept_winner || run->wishes->force) {
            *err = failed;
            return run_store_failed(run, err);
        }
    }
    say_published(run, outputs, &published);
    return 0;
}

static void say_packed(const struct run *run, const struct outputs *outputs)
{
    for (size_t i = 0; i < outputs->artifact.count; i++) {
        const struct entry *entry = &outputs->artifact.entries[i];
        if (entry->packed != PACK_NONE) {
            struct str inside = size_show(run->arena, entry->packed_bytes);
            struct str size = size_show(run->arena, entry->size_bytes);
            listener_say(run->listener, "%.*s: packed %llu file%s, %.*s, into '%.*s', %.*s",
                         STR_ARG(run->job->manifest->name), (unsigned long long)entry->packed_count,
                         entry->packed_count == 1 ? "" : "s", STR_ARG(inside), STR_ARG(entry->path),
                         STR_ARG(size));
        }
    }
}

static bool packs(const struct run *run, const struct outputs *outputs)
{
    for (size_t i = 0; i < outputs->count; i++) {
        struct str output = outputs->files[i].entry->output;
        if (manifest_output(run->job->manifest, output)->pack != PACK_NONE) {
            return true;
        }
    }
    return false;
}

/* With what must not be published among the problems. */
static int hash(struct run *run, struct outputs *outputs, struct diags *diags, struct error *err)
{
    outputs->secrets = run->secrets;
    if (outputs_hash(run->arena, run->job, outputs, err) < 0) {
        return -1;
    }
    outputs_check_secrets(run->job, outputs, diags);
    return 0;
}

int run_pack_and_hash(struct run *run, struct outputs *outputs, struct diags *diags,
                      struct error *err)
{
    size_t errors = diags->error_count;
    bool has_packed = packs(run, outputs);
    /* Once it is packed nobody finds a secret in it any more. */
    if ((!has_packed || run->secrets->raw != NULL) && hash(run, outputs, diags, err) < 0) {
        return -1;
    }
    if (!has_packed || diags->error_count > errors) {
        return 0;
    }
    if (outputs_pack(run->arena, run->job, outputs, err) < 0) {
        return -1;
    }
    say_packed(run, outputs);
    return hash(run, outputs, diags, err);
}

static int publish_found(struct run *run, struct outputs *outputs,
                         const struct execution *execution, struct str tracked_before,
                         struct error *err)
{
    if (run_pack_and_hash(run, outputs, run->diags, err) < 0) {
        return run_store_failed(run, err);
    }
    if (run->diags->error_count > 0) {
        return 0;
    }
    struct str dirty = run->dirty.fingerprint;
    if (check_sources(run, outputs, tracked_before, &dirty, err) < 0) {
        return -1;
    }
    struct receipt receipt;
    run_fill_receipt(run, outputs, execution, dirty, &receipt);
    return send(run, outputs, &receipt, err);
}

static void say_not_published(const struct run *run, const struct outputs *outputs)
{
    struct str name = run->job->manifest->name;
    if (!job_has_outputs(run->job)) {
        listener_say(run->listener, "%.*s: done; not recorded, because of --no-publish",
                     STR_ARG(name));
        return;
    }
    listener_say(run->listener, "%.*s: made %zu file%s; not published, because of --no-publish",
                 STR_ARG(name), outputs->artifact.count, outputs->artifact.count == 1 ? "" : "s");
}

/* As far as it can be known that they could be published. */
static int keep_found(struct run *run, struct outputs *outputs, struct error *err)
{
    if (hash(run, outputs, run->diags, err) < 0) {
        return run_store_failed(run, err);
    }
    if (run->diags->error_count == 0) {
        say_not_published(run, outputs);
    }
    return 0;
}

/* What an effect made in an earlier run may be gone since, and no run but a forced
 * one makes it again. */
static void note_skipped_effects(const struct run *run, struct diag *diag)
{
    for (size_t i = 0; i < run->effects.count; i++) {
        const struct effect *effect = &run->effects.items[i];
        if (effect->state == EFFECT_DONE && effect->started_ms == 0) {
            diag_note(diag,
                      "effect '%.*s' was skipped, since it is done already: what it made then was "
                      "not made again",
                      STR_ARG(effect->name));
            diag_help(diag, "let a step that is no effect make it, or repeat the effects: --force");
            return;
        }
    }
}

int run_publish(struct run *run, const struct execution *execution, struct str tracked_before,
                struct error *err)
{
    struct outputs outputs = {0};
    listener_phase(run->listener, PHASE_PUBLISH, 0);
    if (outputs_find(run->arena, run->job, &outputs, run->diags, err) < 0) {
        return -1;
    }
    if (run->diags->error_count > 0) {
        note_skipped_effects(run, run->diags->items[run->diags->count - 1]);
        return 0;
    }
    if (!run_publishes(run)) {
        return keep_found(run, &outputs, err);
    }
    int result = publish_found(run, &outputs, execution, tracked_before, err);
    outputs_discard(run->job, &outputs);
    return result;
}
