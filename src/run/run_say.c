#include "run/run_parts.h"

#include "base/arena.h"
#include "job/context.h"
#include "run/listener.h"
#include "store/store.h"
#include "sys/host.h"

const char *say_done_word(const struct job *job)
{
    return job_has_outputs(job) ? "published" : "done";
}

void say_freshness(const struct run *run)
{
    const struct freshness *fresh = &run->freshness;
    for (size_t i = 0; i < fresh->equal_count; i++) {
        listener_explain(run->listener, "equal: %.*s", STR_ARG(fresh->equal[i]));
    }
    for (size_t i = 0; i < fresh->reason_count; i++) {
        listener_explain(run->listener, "differs: %.*s", STR_ARG(fresh->reasons[i]));
    }
    for (size_t i = 0; i < run->dirty.left_out_count; i++) {
        listener_explain(run->listener, "not compared: %.*s, where a job puts its files",
                         STR_ARG(run->dirty.left_out[i]));
    }
    if (!run->job->context->has_git) {
        listener_say(run->listener, "note: not a git repository, so changes of the sources are not "
                                    "seen");
    }
}

/* Behind what advises --force. */
static const char *force_warning(const struct job *job)
{
    return job_has_effects(job) ? ", which repeats its effects too" : "";
}

/* "3 files, 8.1 MiB" */
static struct str files_show(struct arena *arena, size_t count, uint64_t size_bytes)
{
    struct str size = size_show(arena, size_bytes);
    return str_format(arena, "%zu file%s, %.*s", count, count == 1 ? "" : "s", STR_ARG(size));
}

void say_skip(const struct run *run)
{
    struct arena *arena = run->arena;
    const struct receipt *receipt = &run->freshness.receipt;
    struct str where = store_address(run->store, arena, address_key(arena, &run->job->address));
    struct str when = host_format_time(arena, receipt->finished_ms);
    struct str files = job_has_outputs(run->job)
                           ? files_show(arena, receipt->artifact.count,
                                        artifact_size_bytes(&receipt->artifact, (struct str){0}))
                           : STR("");
    listener_say(run->listener, "%.*s: already %s, nothing to do",
                 STR_ARG(run->job->manifest->name), say_done_word(run->job));
    listener_say(run->listener, "  %.*s: %.*s%sby %.*s@%.*s at %.*s%s%.*s", STR_ARG(where),
                 STR_ARG(files), files.n > 0 ? ", " : "", STR_ARG(receipt->user),
                 STR_ARG(receipt->host_name), STR_ARG(when), receipt->ci_run_url.n > 0 ? ", " : "",
                 STR_ARG(receipt->ci_run_url));
    if (!run->wishes->explain) {
        listener_say(run->listener,
                     "  run it again and replace it: --force%s; why it is skipped: --explain",
                     force_warning(run->job));
    }
}

void say_runs_again(const struct run *run)
{
    const struct freshness *fresh = &run->freshness;
    struct str name = run->job->manifest->name;
    listener_say(run->listener, "%.*s was %s before and runs again: %.*s", STR_ARG(name),
                 say_done_word(run->job), STR_ARG(fresh->reasons[0]));
    for (size_t i = 1; i < fresh->reason_count; i++) {
        listener_say(run->listener, "  and %.*s", STR_ARG(fresh->reasons[i]));
    }
    for (size_t i = 0; i < run->dirty.changed_count; i++) {
        listener_say(run->listener, "  changed or untracked: %.*s", STR_ARG(run->dirty.changed[i]));
    }
}

/* In every environment but dev a commit's artifact must not silently change. */
void refuse_change(const struct run *run, struct diags *refused)
{
    const struct freshness *fresh = &run->freshness;
    const struct job *job = run->job;
    struct str where =
        store_address(run->store, run->arena, address_receipt_key(run->arena, &job->address));
    struct diag *diag = diag_error(
        refused, STATUS_STORE, fresh->state == FRESH_DAMAGED ? "damaged" : "changed",
        (struct span){0}, "job '%.*s' is %s for this commit in environment '%.*s', but %s",
        STR_ARG(job->manifest->name), say_done_word(job), STR_ARG(job->context->environment),
        fresh->state == FRESH_DAMAGED ? "what is there is damaged"
                                      : "a run now would not be the same");
    for (size_t i = 0; i < fresh->reason_count; i++) {
        diag_note(diag, "%.*s", STR_ARG(fresh->reasons[i]));
    }
    diag_note(diag, "looked at: %.*s", STR_ARG(where));
    diag_help(diag, "to %s again on purpose, add --force%s",
              job_has_outputs(job) ? "publish it" : "run it", force_warning(job));
}

/* Where an input was made from another state of the tree, its files may not be
 * what the sources now would give: worth a line, not an error. */
void say_stale_inputs(const struct run *run)
{
    for (size_t i = 0; i < run->supply_count; i++) {
        const struct supply *supply = &run->supplies[i];
        if (supply->state == SUPPLY_THERE && !str_equal(supply->dirty, run->dirty.fingerprint) &&
            str_equal(supply->address.commit, run->job->address.commit)) {
            struct str command = element_command(supply->element, run->job->context, run->arena,
                                                 run->job->context->config.run_prefix);
            listener_say(run->listener,
                         "note: input '%.*s' was made from another state of the working tree; to "
                         "make it anew: %.*s",
                         STR_ARG(supply->input->input->name), STR_ARG(command));
        }
    }
}

void say_published(const struct run *run, const struct outputs *outputs,
                   const struct published *published)
{
    struct arena *arena = run->arena;
    struct str where = store_address(run->store, arena, address_key(arena, &run->job->address));
    if (!job_has_outputs(run->job)) {
        listener_say(run->listener, "%.*s: done, and recorded", STR_ARG(run->job->manifest->name));
        listener_say(run->listener, "  %.*s", STR_ARG(where));
        return;
    }
    if (published->kept_winner) {
        struct str when = host_format_time(arena, published->winner.finished_ms);
        listener_say(run->listener,
                     "%.*s: another run published different files first, by %.*s@%.*s at %.*s; "
                     "theirs stay, these are not published",
                     STR_ARG(run->job->manifest->name), STR_ARG(published->winner.user),
                     STR_ARG(published->winner.host_name), STR_ARG(when));
        return;
    }
    struct str files = files_show(arena, outputs->artifact.count, outputs->total_bytes);
    listener_say(run->listener, "%.*s: published %.*s%s", STR_ARG(run->job->manifest->name),
                 STR_ARG(files),
                 published->was_there ? " (another run had published the same)" : "");
    listener_say(run->listener, "  %.*s", STR_ARG(where));
}
