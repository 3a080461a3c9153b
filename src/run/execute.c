#include "run/execute.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/status.h"
#include "job/context.h"
#include "run/listener.h"
#include "run/output_pump.h"
#include "run/state_folder.h"
#include "run/stdout_file.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/host.h"
#include "sys/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* More signals than anybody sends are not told of. */
#define NOTES_MAX 16

struct executor {
    struct arena *arena;
    const struct plan *plan;
    const struct listener *listener;
    struct pump pump;
    struct error log_error;
    int stdout_fd; /* of `stdout`; -1: the job has none */
    /* What was to be said while standard error did not take it. */
    struct str notes[NOTES_MAX];
    size_t note_count;
};

static int on_output(void *context, enum process_stream stream, struct str bytes, struct error *err)
{
    struct executor *executor = context;
    /* Not the log's lenience: it may be an output, and half of one is none. */
    if (stream == PROCESS_STDOUT && executor->stdout_fd >= 0 &&
        fd_write_all(executor->stdout_fd, bytes.s, bytes.n, executor->plan->job->stdout_path.s,
                     err) < 0) {
        return -1;
    }
    return pump_add(&executor->pump, stream, bytes, err);
}

static int on_idle(void *context, struct error *err)
{
    struct executor *executor = context;
    return pump_flush(&executor->pump, err);
}

/* What is said before this is said first. */
static void say_notes(struct executor *executor)
{
    for (size_t i = 0; i < executor->note_count; i++) {
        listener_say(executor->listener, "%.*s", STR_ARG(executor->notes[i]));
    }
    executor->note_count = 0;
}

static struct process_backlog on_backlog(void *context, enum process_stream stream)
{
    const struct executor *executor = context;
    struct process_backlog backlog = pump_backlog(&executor->pump, stream);
    if (stream == PROCESS_STDERR && executor->note_count > 0) {
        backlog.fd = STDERR_FILENO;
    }
    return backlog;
}

static int on_drain(void *context, enum process_stream stream, struct error *err)
{
    struct executor *executor = context;
    if (pump_drain(&executor->pump, stream, err) < 0) {
        return -1;
    }
    if (stream == PROCESS_STDERR && pump_is_ready(&executor->pump, PROCESS_STDERR)) {
        say_notes(executor);
    }
    return 0;
}

static void on_give_up(void *context)
{
    struct executor *executor = context;
    if (executor->note_count > 0 && !pump_is_ready(&executor->pump, PROCESS_STDERR)) {
        fd_replace_by_null(STDERR_FILENO);
    }
    pump_give_up(&executor->pump);
    say_notes(executor);
}

static struct str signal_name(struct arena *arena, int number)
{
    const char *name = signals_name(number);
    return name != NULL ? str_from(name) : str_format(arena, "%d", number);
}

static void on_signalled(void *context, int signal_number, const char *why)
{
    struct executor *executor = context;
    struct str name = signal_name(executor->arena, signal_number);
    if (executor->note_count < NOTES_MAX) {
        executor->notes[executor->note_count++] =
            str_format(executor->arena, "sending %.*s to the job: %s", STR_ARG(name), why);
    }
    if (pump_is_ready(&executor->pump, PROCESS_STDERR)) {
        say_notes(executor);
    }
}

static struct str duration_show(struct arena *arena, int64_t ms)
{
    if (ms % 3600000 == 0) {
        return str_format(arena, "%lldh", (long long)(ms / 3600000));
    }
    if (ms % 60000 == 0) {
        return str_format(arena, "%lldm", (long long)(ms / 60000));
    }
    return str_format(arena, "%lld.%03llds", (long long)(ms / 1000), (long long)(ms % 1000));
}

static struct str step_title(struct arena *arena, const struct command *command)
{
    return command->name.n > 0 ? str_format(arena, "step '%.*s'", STR_ARG(command->name))
                               : STR("the command");
}

static void conclude_exec_failure(struct executor *executor, const struct command *command,
                                  const struct process_result *result, struct execution *execution)
{
    struct arena *arena = executor->arena;
    const char *name = command->argv[0];
    struct str why;
    execution->status = STATUS_CANNOT_EXEC;
    if (result->no_interpreter) {
        why = STR("its interpreter is not there (the '#!' line of a script names it, and a "
                  "program its loader)");
    } else if (result->exec_errno == ENOENT) {
        execution->status = STATUS_NOT_FOUND;
        why = strchr(name, '/') != NULL
                  ? str_format(arena, "there is no such file, seen from '%.*s'",
                               STR_ARG(command->workdir))
                  : str_format(arena, "there is no such program on the %s PATH",
                               command->search_path != NULL ? "caller's" : "job's");
    } else if (result->exec_errno == ENOEXEC) {
        why = STR("it is neither a program for this machine nor a script whose first line is "
                  "'#!' and its interpreter");
    } else {
        why = str_format(arena, "%s%s", strerror(result->exec_errno),
                         result->exec_errno == E2BIG
                             ? " (a value is too large for an argument or a variable: hand it "
                               "over in a file)"
                             : "");
    }
    execution->message = str_format(arena, "cannot start '%s': %.*s", name, STR_ARG(why));
}

/* The job's status from how its command ended. */
static void conclude(struct executor *executor, const struct command *command,
                     const struct process_result *result, struct execution *execution)
{
    struct arena *arena = executor->arena;
    struct str title = step_title(arena, command);
    if (result->exec_errno != 0) {
        conclude_exec_failure(executor, command, result, execution);
    } else if (result->timed_out) {
        execution->timed_out = true;
        execution->status = STATUS_TIMEOUT;
        struct str limit = duration_show(arena, executor->plan->timeout_ms);
        execution->message = str_format(arena, "%.*s ran out of time: the timeout is %.*s",
                                        STR_ARG(title), STR_ARG(limit));
    } else if (result->interrupted != 0) {
        execution->interrupted = result->interrupted;
        execution->status = STATUS_SIGNAL_BASE + result->interrupted;
        struct str name = signal_name(arena, result->interrupted);
        execution->message =
            str_format(arena, "%.*s was interrupted by %.*s", STR_ARG(title), STR_ARG(name));
    } else if (result->term_signal != 0) {
        execution->status = STATUS_SIGNAL_BASE + result->term_signal;
        struct str name = signal_name(arena, result->term_signal);
        execution->message =
            str_format(arena, "%.*s was killed by signal %.*s", STR_ARG(title), STR_ARG(name));
    } else if (result->exit_status != 0) {
        execution->status = result->exit_status;
        execution->message =
            str_format(arena, "%.*s ended with status %d", STR_ARG(title), result->exit_status);
    }
    if (result->stragglers > 0) {
        listener_say(executor->listener, "ended %zu process%s that %.*s had left behind",
                     result->stragglers, result->stragglers == 1 ? "" : "es", STR_ARG(title));
    }
}

/* The command's argv; a script's file is added behind the shell's. */
static int command_argv(struct executor *executor, const struct command *command, int *script_fd,
                        struct str *script_path, const char ***argv, struct error *err)
{
    *argv = command->argv;
    if (command->script.s == NULL) {
        return 0;
    }
    const struct context *context = executor->plan->job->context;
    if (state_script_write(executor->arena, context->root_fd, executor->plan->job->manifest->name,
                           command->script, script_fd, script_path, err) < 0) {
        return -1;
    }
    const char **with_file = arena_array(executor->arena, command->argc + 2, sizeof *with_file);
    memcpy(with_file, command->argv, command->argc * sizeof *with_file);
    with_file[command->argc] = fs_join(executor->arena, context->root, *script_path).s;
    *argv = with_file;
    return 0;
}

static int execute_command(struct executor *executor, const struct command *command,
                           int64_t deadline_ms, struct execution *execution, struct error *err)
{
    struct stat st;
    if (stat(command->workdir.s, &st) < 0 || !S_ISDIR(st.st_mode)) {
        execution->status = STATUS_CANNOT_EXEC;
        execution->message = str_format(executor->arena, "the workdir '%.*s' is not a folder",
                                        STR_ARG(command->workdir));
        return 0;
    }
    int script_fd CLEANUP(fd_close) = -1;
    struct str script_path = {0};
    const char **argv = NULL;
    if (command_argv(executor, command, &script_fd, &script_path, &argv, err) < 0) {
        return -1;
    }
    struct process_spec spec = {
        .argv = argv,
        .envp = command->envp,
        .search_path = command->search_path,
        .folder = command->workdir.s,
        .kill_after_ms = executor->plan->kill_after_ms,
        .output = on_output,
        .idle = on_idle,
        .backlog = on_backlog,
        .drain = on_drain,
        .give_up = on_give_up,
        .signalled = on_signalled,
        .context = executor,
    };
    if (deadline_ms > 0) {
        int64_t left = deadline_ms - host_monotonic_ms();
        spec.timeout_ms = left > 1 ? left : 1;
    }
    struct process_result result = {0};
    int failed = process_run(&spec, &result, err);
    if (script_path.s != NULL) {
        struct error ignored = {0};
        (void)!fs_remove_beneath(executor->plan->job->context->root_fd, script_path.s, &ignored);
    }
    if (failed < 0) {
        return -1;
    }
    conclude(executor, command, &result, execution);
    return 0;
}

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

int execute(struct arena *arena, const struct plan *plan, struct str log_path,
            const struct listener *listener, struct execution *execution, struct error *err)
{
    struct executor *executor = arena_alloc(arena, sizeof *executor);
    executor->arena = arena;
    executor->plan = plan;
    executor->listener = listener;
    execution->started_ms = host_now_ms();
    int log_fd CLEANUP(fd_close) = -1;
    if (open_log(arena, plan, log_path, &log_fd, execution, err) < 0) {
        return -1;
    }
    int stdout_fd CLEANUP(fd_close) = -1;
    if (plan->job->stdout_path.s != NULL &&
        stdout_file_open(arena, plan->job, &stdout_fd, err) < 0) {
        return -1;
    }
    executor->stdout_fd = stdout_fd;
    pump_begin(&executor->pump, arena, STDOUT_FILENO, STDERR_FILENO, log_fd, &executor->log_error);
    int64_t deadline_ms = plan->timeout_ms > 0 ? host_monotonic_ms() + plan->timeout_ms : 0;
    for (size_t i = 0; i < plan->command_count && execution->status == 0; i++) {
        if (execute_command(executor, &plan->commands[i], deadline_ms, execution, err) < 0) {
            return -1;
        }
    }
    execution->finished_ms = host_now_ms();
    /* Some file systems tell only here that they had no room. */
    if (stdout_fd >= 0 && close(fd_take(&stdout_fd)) != 0) {
        return error_errno(err, errno, "cannot write '%.*s'", STR_ARG(plan->job->stdout_path));
    }
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
