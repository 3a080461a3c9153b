/* What is published of a run that failed. */
#include "base/arena.h"
#include "base/error.h"
#include "run/listener.h"
#include "run/mask.h"
#include "run/permission.h"
#include "run/run_parts.h"
#include "store/store.h"
#include "sys/host.h"

#define ID_DIGITS 8

/* The rules are those of every publishing, but nothing is refused for them: the
 * files stay where they are. */
static bool may_publish(struct run *run)
{
    struct diags refused = diags_make(run->arena);

    if (!run_publishes_failures(run)) {
        listener_say(run->listener, "  its failure outputs stay here, because of --no-publish");
        return false;
    }
    permission_check_commit(run->job, &refused);
    permission_check(run->job, &run->dirty, DEED_PUBLISH, &refused);
    if (refused.count > 0) {
        listener_say(run->listener, "  its failure outputs stay here: %.*s",
                     STR_ARG(refused.items[0]->message));
    }
    return refused.count == 0;
}

static void warn(const struct run *run, struct str what)
{
    listener_say(run->listener, "warning: failure outputs of job '%.*s': %.*s",
                 STR_ARG(run->job->manifest->name), STR_ARG(what));
}

static bool is_there(const struct outputs *outputs, struct str output)
{
    for (size_t i = 0; i < outputs->artifact.count; i++) {
        if (str_equal(outputs->artifact.entries[i].output, output)) {
            return true;
        }
    }
    return false;
}

static void say_what_is_not_there(const struct run *run, const struct outputs *outputs)
{
    for (size_t i = 0; i < run->job->manifest->output_count; i++) {
        const struct bound_output *output = &run->job->outputs[i];
        struct str name = output->output->name;
        if (output->wanted && output->output->on != ON_SUCCESS && !is_there(outputs, name)) {
            listener_say(run->listener, "note: failure output '%.*s': nothing matches '%.*s'%s",
                         STR_ARG(name), STR_ARG(output->patterns[0]),
                         output->pattern_count > 1 ? " and its other paths" : "");
        }
    }
}

static int find(struct run *run, struct outputs *outputs, struct error *err)
{
    struct diags left_out = diags_make(run->arena);

    if (outputs_find_failed(run->arena, run->job, outputs, &left_out, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < left_out.count; i++) {
        warn(run, left_out.items[i]->message);
    }
    say_what_is_not_there(run, outputs);
    return 0;
}

static int prepare(struct run *run, struct outputs *outputs, struct error *err)
{
    struct diags refused = diags_make(run->arena);

    if (run_pack_and_hash(run, outputs, &refused, err) < 0) {
        return -1;
    }
    return refused.count == 0
               ? 0
               : error_set(err, ERROR_NOT_ALLOWED, "%.*s", STR_ARG(refused.items[0]->message));
}

static int send(struct run *run, const struct outputs *outputs, const struct execution *execution,
                struct error *err)
{
    struct arena *arena = run->arena;
    struct str time = host_format_time_compact(arena, execution->finished_ms);
    struct str id = str_slice(host_random_id(arena), 0, ID_DIGITS);
    struct str folder = str_format(arena, "failed/%.*s-%.*s", STR_ARG(time), STR_ARG(id));
    struct receipt receipt;

    run_fill_receipt(run, outputs, execution, run->dirty.fingerprint, &receipt);
    receipt.is_failure = true;
    receipt.status = execution->status;
    receipt.message = mask_text(run->secrets->mask, arena, execution->message);
    listener_phase(run->listener, PHASE_PUBLISH, outputs->total_bytes);
    if (publish_failure(arena, run->job, run->store, &receipt, outputs, folder, run->listener,
                        err) < 0) {
        return -1;
    }
    struct str key = str_format(arena, "%.*s/%.*s", STR_ARG(address_key(arena, &receipt.address)),
                                STR_ARG(folder));
    struct str where = store_address(run->store, arena, key);
    struct str size = size_show(arena, outputs->total_bytes);
    listener_say(run->listener, "  failure outputs: %zu file%s, %.*s, at %.*s",
                 outputs->artifact.count, outputs->artifact.count == 1 ? "" : "s", STR_ARG(size),
                 STR_ARG(where));
    return 0;
}

void run_publish_failure(struct run *run, const struct execution *execution)
{
    struct outputs outputs = {0};
    struct error err = {0};

    if (!job_has_failure_outputs(run->job) || execution->interrupted != 0 || !may_publish(run)) {
        return;
    }
    int result = find(run, &outputs, &err);
    if (result == 0 && outputs.count > 0) {
        result = prepare(run, &outputs, &err);
        if (result == 0) {
            result = send(run, &outputs, execution, &err);
        }
        outputs_discard(run->job, &outputs);
    }
    if (result < 0) {
        warn(run, str_from(err.message));
    }
}
