/* One step: its script or argv, its process, and what its end means. */
#include "base/arena.h"
#include "base/status.h"
#include "job/context.h"
#include "run/execute_parts.h"
#include "run/listener.h"
#include "run/secrets.h"
#include "run/state_folder.h"
#include "run/stdout_file.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/host.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

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
                                  const struct process_result *result, struct step_result *ended)
{
    struct arena *arena = executor->arena;
    const char *name = command->argv[0];
    struct str why;
    ended->never_started = true;
    ended->status = STATUS_CANNOT_EXEC;
    if (result->no_interpreter) {
        why = STR("its interpreter is not there (the '#!' line of a script names it, and a "
                  "program its loader)");
    } else if (result->exec_errno == ENOENT) {
        ended->status = STATUS_NOT_FOUND;
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
    struct str title =
        command->name.n > 0 ? str_format(arena, "step '%.*s': ", STR_ARG(command->name)) : STR("");
    ended->message =
        str_format(arena, "%.*scannot start '%s': %.*s", STR_ARG(title), name, STR_ARG(why));
}

/* The deadline is the job's; what runs after it has only what is left to end in. */
static struct str show_limit(const struct executor *executor)
{
    int64_t limit_ms =
        executor->is_late ? executor->plan->kill_after_ms : executor->plan->timeout_ms;
    return str_format(executor->arena, "%s is %.*s",
                      executor->is_late ? "after the timeout there" : "the timeout",
                      STR_ARG(duration_show(executor->arena, limit_ms)));
}

/* The status of a step from how its command ended. */
static void conclude(struct executor *executor, const struct command *command,
                     const struct process_result *result, struct step_result *ended)
{
    struct arena *arena = executor->arena;
    struct str title = step_title(arena, command);
    if (result->exec_errno != 0) {
        conclude_exec_failure(executor, command, result, ended);
    } else if (result->timed_out) {
        ended->timed_out = true;
        ended->status = STATUS_TIMEOUT;
        struct str limit = show_limit(executor);
        ended->message =
            str_format(arena, "%.*s ran out of time: %.*s", STR_ARG(title), STR_ARG(limit));
    } else if (result->interrupted != 0) {
        ended->interrupted = result->interrupted;
        ended->status = STATUS_SIGNAL_BASE + result->interrupted;
        struct str name = execute_signal_name(arena, result->interrupted);
        ended->message =
            str_format(arena, "%.*s was interrupted by %.*s", STR_ARG(title), STR_ARG(name));
    } else if (result->term_signal != 0) {
        ended->term_signal = result->term_signal;
        ended->status = STATUS_SIGNAL_BASE + result->term_signal;
        struct str name = execute_signal_name(arena, result->term_signal);
        ended->message =
            str_format(arena, "%.*s was killed by signal %.*s", STR_ARG(title), STR_ARG(name));
    } else if (result->exit_status != 0) {
        ended->status = result->exit_status;
        ended->message =
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

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The time that is left, never none where there is a deadline. */
static int64_t time_left(const struct executor *executor)
{
    int64_t left = executor->deadline_ms - host_monotonic_ms();
    return executor->deadline_ms == 0 ? 0 : left > 1 ? left : 1;
}

static int run_process(struct executor *executor, const struct command *command,
                       struct process_result *result, struct error *err)
{
    int root = executor->plan->job->context->root_fd;
    int script_fd CLEANUP(fd_close) = -1;
    struct str script_path = {0};
    const char **argv = NULL;
    if (command_argv(executor, command, &script_fd, &script_path, &argv, err) < 0) {
        return -1;
    }
    struct process_spec spec = {
        .argv = argv,
        .envp = secrets_envp(executor->arena, command, &executor->plan->job->context->variables),
        .search_path = command->search_path,
        .folder = command->workdir.s,
        .timeout_ms = time_left(executor),
        .kill_after_ms = executor->plan->kill_after_ms,
    };
    execute_output_calls(executor, &spec);
    int failed = process_run(&spec, result, err);
    if (script_path.s != NULL) {
        struct error ignored = {0};
        (void)!fs_remove_beneath(root, script_path.s, &ignored);
    }
    return failed;
}

int execute_step(struct executor *executor, const struct command *command,
                 struct step_result *ended, struct error *err)
{
    struct process_result result = {0};
    int stdout_fd CLEANUP(fd_close) = -1;
    executor->stdout_path = command->step->stdout_path;
    if (!is_folder(command->workdir.s)) {
        ended->never_started = true;
        ended->status = STATUS_CANNOT_EXEC;
        ended->message =
            str_format(executor->arena, "the workdir '%.*s' of %.*s is not a folder",
                       STR_ARG(command->workdir), STR_ARG(step_title(executor->arena, command)));
        return 0;
    }
    if (executor->stdout_path.s != NULL &&
        stdout_file_open(executor->arena, executor->plan->job->context->root_fd,
                         executor->stdout_path, &stdout_fd, err) < 0) {
        return -1;
    }
    executor->stdout_fd = stdout_fd;
    int failed = run_process(executor, command, &result, err);
    executor->stdout_fd = -1;
    if (failed < 0) {
        return -1;
    }
    conclude(executor, command, &result, ended);
    /* Some file systems tell only here that they had no room. */
    if (stdout_fd >= 0 && close(fd_take(&stdout_fd)) != 0) {
        return error_errno(err, errno, "cannot write '%.*s'", STR_ARG(executor->stdout_path));
    }
    return 0;
}
