/* The steps of a plan, one after the other. */
#include "run/execute.h"

#include "base/arena.h"
#include "base/status.h"
#include "job/context.h"
#include "run/execute_parts.h"
#include "run/listener.h"
#include "run/state_folder.h"
#include "sys/fd.h"
#include "sys/host.h"
#include "sys/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define SIGNAL_NUMBER_MAX 64

static int open_log(struct arena *arena, const struct plan *plan, struct str wish, int *fd,
                    struct execution *execution, struct error *err)
{
    if (wish.n == 0) {
        return state_log_open(arena, plan->job->context->root_fd, plan->job->manifest->name,
                              execution->started_ms, fd, &execution->log_path, err);
    }
    execution->log_path = wish;
    *fd = open(wish.s, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    return *fd < 0 ? error_errno(err, errno, "cannot open the log '%.*s'", STR_ARG(wish)) : 0;
}

/* A failure stops what does not say that it runs all the same; a signal, which
 * somebody sent who wants an end, stops everything. */
static bool is_due(const struct execution *execution, const struct command *command)
{
    return execution->interrupted == 0 && (!execution->stopped || command->step->step->always);
}

/* After the deadline what is `always` to run has as much time as a command has to
 * end in, all together. */
static void give_time(struct executor *executor, const struct execution *execution)
{
    if (execution->timed_out && !executor->is_late) {
        executor->is_late = true;
        executor->deadline_ms = host_monotonic_ms() + executor->plan->kill_after_ms;
    }
}

static int run_step(struct executor *executor, const struct command *command,
                    struct step_result *result, struct error *err)
{
    struct str shown = command_show(command, executor->arena);
    if (command->name.n > 0) {
        listener_say(executor->listener, "%.*s: step '%.*s'",
                     STR_ARG(executor->plan->job->manifest->name), STR_ARG(command->name));
    }
    listener_explain(executor->listener, "runs: %.*s", STR_ARG(shown));
    return execute_step(executor, command, result, err);
}

/* --- effects --- */

static void say_done(const struct executor *executor, const struct effect *effect)
{
    struct str who = marker_who(&effect->marker, executor->arena);
    listener_say(executor->listener, "%.*s: effect '%.*s' is done already, so it is skipped",
                 STR_ARG(executor->plan->job->manifest->name), STR_ARG(effect->name));
    listener_say(executor->listener, "  by %.*s", STR_ARG(who));
}

/* A failure that is the marker's is the step's, so that what is `always` to run does. */
static void take_marker_failure(const struct executor *executor, const struct error *problem,
                                struct step_result *result)
{
    result->status = STATUS_STORE;
    result->message = str_copy(executor->arena, str_from(problem->message));
}

/* What is not begun needs no marker. */
static bool may_begin(const struct executor *executor, const struct effect *effect,
                      struct step_result *result)
{
    struct str name = effect->name;
    if (signals_first() != 0) {
        result->interrupted = signals_first();
        result->status = STATUS_SIGNAL_BASE + result->interrupted;
        result->message = str_format(
            executor->arena, "effect '%.*s' is not begun: interrupted by %.*s", STR_ARG(name),
            STR_ARG(execute_signal_name(executor->arena, result->interrupted)));
    } else if (executor->deadline_ms > 0 && host_monotonic_ms() >= executor->deadline_ms) {
        result->timed_out = true;
        result->status = STATUS_TIMEOUT;
        result->message = str_format(executor->arena,
                                     "effect '%.*s' is not begun: the time is over", STR_ARG(name));
    }
    return result->status == 0;
}

/* 128 and the number of a signal: a shell whose command was killed says so, and what
 * it had done by then nobody knows. */
static bool tells_of_signal(int status)
{
    return status > STATUS_SIGNAL_BASE && status <= STATUS_SIGNAL_BASE + SIGNAL_NUMBER_MAX;
}

static enum effect_fate fate_of(const struct step_result *result)
{
    if (result->never_started) {
        return EFFECT_FAILED;
    }
    if (!result->has_ended || result->timed_out || result->interrupted != 0 ||
        result->term_signal != 0 || tells_of_signal(result->status)) {
        return EFFECT_UNKNOWN;
    }
    return result->status == 0 ? EFFECT_HAPPENED : EFFECT_FAILED;
}

static void end_effect(struct executor *executor, struct effect *effect, struct step_result *result)
{
    struct error problem = {0};
    enum effect_fate fate = fate_of(result);
    struct effect begun = *effect;
    begun.state = EFFECT_BEGUN;
    if (effect_end(executor->effects, effect, fate, &problem) == 0 && fate != EFFECT_UNKNOWN) {
        return;
    }
    if (fate == EFFECT_UNKNOWN) {
        listener_say(executor->listener,
                     "effect '%.*s' was cut off, and nobody knows whether it happened",
                     STR_ARG(effect->name));
    } else if (fate == EFFECT_HAPPENED) {
        take_marker_failure(executor, &problem, result);
    } else {
        listener_say(executor->listener, "warning: %s", problem.message);
    }
    listener_say(executor->listener, "  its marker stays: %.*s",
                 STR_ARG(effect_advice_go_on(executor->effects, &begun)));
}

static int execute_effect(struct executor *executor, struct effect *effect,
                          struct step_result *result, struct error *err)
{
    struct error problem = {0};
    bool skip = !effect_is_due(executor->effects, effect);
    if (!skip && !may_begin(executor, effect, result)) {
        return 0;
    }
    if (!skip && effect_begin(executor->effects, effect, &skip, &problem) < 0) {
        take_marker_failure(executor, &problem, result);
        if (problem.help[0] != '\0') {
            listener_say(executor->listener, "%s", problem.help);
        }
        return 0;
    }
    if (skip) {
        say_done(executor, effect);
        return 0;
    }
    result->never_started = true;
    int failed =
        may_begin(executor, effect, result) ? run_step(executor, effect->command, result, err) : 0;
    end_effect(executor, effect, result);
    return failed;
}

static int execute_command(struct executor *executor, const struct command *command,
                           struct step_result *result, struct error *err)
{
    struct effect *effect = effects_find(executor->effects, command);
    if (effect == NULL && command->step->step->effect) {
        BUG("an effect that was not looked up");
    }
    return effect != NULL ? execute_effect(executor, effect, result, err)
                          : run_step(executor, command, result, err);
}

/* --- the sequence --- */

/* The first failure's status and message are the job's. */
static void take_failure(struct executor *executor, struct execution *execution,
                         const struct command *command, const struct step_result *result)
{
    bool goes_on = command->step->step->continue_on_error && result->interrupted == 0;
    bool is_first = execution->status == 0;
    if (is_first) {
        execution->status = result->status;
        execution->message = result->message;
    }
    if (!is_first || goes_on) {
        listener_say(executor->listener, "%.*s%s", STR_ARG(result->message),
                     execution->stopped || !goes_on ? ""
                                                    : "; the steps behind it run all the same");
    }
    execution->stopped = execution->stopped || !goes_on;
    execution->timed_out = execution->timed_out || result->timed_out;
    execution->interrupted = result->interrupted;
    execution->failed[execution->failed_count++] = command->name;
}

/* What failed is jobrun, not the step's command: no room for `stdout`, say. It is a
 * failure like others, so that what is `always` to run does. */
static void take_own_failure(const struct executor *executor, const struct command *command,
                             const struct error *problem, struct step_result *result)
{
    bool has_name = command->name.n > 0;
    result->interrupted = signals_first();
    result->status =
        result->interrupted != 0 ? STATUS_SIGNAL_BASE + result->interrupted : (int)STATUS_INTERNAL;
    result->message = str_format(executor->arena, "%s%.*s%s%s", has_name ? "step '" : "",
                                 STR_ARG(command->name), has_name ? "': " : "", problem->message);
}

static void run_steps(struct executor *executor, struct execution *execution)
{
    const struct plan *plan = executor->plan;
    execution->failed =
        arena_array(executor->arena, plan->command_count, sizeof *execution->failed);
    for (size_t i = 0; i < plan->command_count; i++) {
        const struct command *command = &plan->commands[i];
        struct step_result result = {0};
        if (!is_due(execution, command)) {
            continue;
        }
        give_time(executor, execution);
        struct error problem = {0};
        if (execute_command(executor, command, &result, &problem) < 0) {
            take_own_failure(executor, command, &problem, &result);
        }
        if (result.status != 0) {
            take_failure(executor, execution, command, &result);
        }
    }
}

int execute(struct arena *arena, const struct plan *plan, const struct secrets *secrets,
            struct effects *effects, struct str log_path, const struct listener *listener,
            struct execution *execution, struct error *err)
{
    struct executor *executor = arena_alloc(arena, sizeof *executor);
    executor->arena = arena;
    executor->plan = plan;
    executor->secrets = secrets;
    executor->effects = effects;
    executor->listener = listener;
    executor->stdout_fd = -1;
    execution->started_ms = host_now_ms();
    int log_fd CLEANUP(fd_close) = -1;
    if (open_log(arena, plan, log_path, &log_fd, execution, err) < 0) {
        return -1;
    }
    execute_output_begin(executor, log_fd);
    executor->deadline_ms = plan->timeout_ms > 0 ? host_monotonic_ms() + plan->timeout_ms : 0;
    run_steps(executor, execution);
    execution->finished_ms = host_now_ms();
    if (executor->pump.gave_up) {
        listener_say(listener,
                     "not all of the output was shown, for nobody read it: the log "
                     "'%.*s' has it",
                     STR_ARG(execution->log_path));
    }
    if (executor->pump.log_failed) {
        listener_say(listener, "warning: the log is not complete: %s", executor->log_error.message);
    }
    return 0;
}
