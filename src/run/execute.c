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

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

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

static void say_step(const struct executor *executor, const struct command *command)
{
    struct str shown = command_show(command, executor->arena);
    if (command->name.n > 0) {
        listener_say(executor->listener, "%.*s: step '%.*s'",
                     STR_ARG(executor->plan->job->manifest->name), STR_ARG(command->name));
    }
    listener_explain(executor->listener, "runs: %.*s", STR_ARG(shown));
}

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

static int run_steps(struct executor *executor, struct execution *execution, struct error *err)
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
        say_step(executor, command);
        if (execute_step(executor, command, &result, err) < 0) {
            return -1;
        }
        if (result.status != 0) {
            take_failure(executor, execution, command, &result);
        }
    }
    return 0;
}

int execute(struct arena *arena, const struct plan *plan, const struct secrets *secrets,
            struct str log_path, const struct listener *listener, struct execution *execution,
            struct error *err)
{
    struct executor *executor = arena_alloc(arena, sizeof *executor);
    executor->arena = arena;
    executor->plan = plan;
    executor->secrets = secrets;
    executor->listener = listener;
    executor->stdout_fd = -1;
    execution->started_ms = host_now_ms();
    int log_fd CLEANUP(fd_close) = -1;
    if (open_log(arena, plan, log_path, &log_fd, execution, err) < 0) {
        return -1;
    }
    execute_output_begin(executor, log_fd);
    executor->deadline_ms = plan->timeout_ms > 0 ? host_monotonic_ms() + plan->timeout_ms : 0;
    if (run_steps(executor, execution, err) < 0) {
        return -1;
    }
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
