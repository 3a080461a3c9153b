#include "base/arena.h"
#include "base/error.h"
#include "sys/fd.h"
#include "sys/fs.h"
#include "sys/process.h"
#include "sys/signals.h"
#include "sys/spawn.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK_BYTES     ((size_t)64 << 10)
#define ERROR_TEXT_MAX  ((size_t)4096)
#define ENVIRONMENT_MAX ((size_t)1 << 20) /* variables; the system takes fewer */

extern char **environ;

static bool is_removed(const char *variable, const char *const *remove_env)
{
    struct str name = str_slice(str_from(variable), 0, str_index(str_from(variable), '='));
    for (; remove_env && *remove_env; remove_env++) {
        if (str_is(name, *remove_env)) {
            return true;
        }
    }
    return false;
}

static bool is_replaced(const char *variable, const char *const *add_env)
{
    size_t n = str_index(str_from(variable), '=');
    for (; add_env && *add_env; add_env++) {
        if (strncmp(variable, *add_env, n) == 0 && (*add_env)[n] == '=') {
            return true;
        }
    }
    return false;
}

static const char *const *make_environment(struct arena *arena, const char *const *remove_env,
                                           const char *const *add_env)
{
    const char **envp = NULL;
    size_t count = 0;
    size_t capacity = 0;
    for (char **variable = environ; *variable && count < ENVIRONMENT_MAX; variable++) {
        if (!is_removed(*variable, remove_env) && !is_replaced(*variable, add_env)) {
            *ARENA_PUSH(arena, envp, count, capacity) = *variable;
        }
    }
    for (; add_env && *add_env; add_env++) {
        *ARENA_PUSH(arena, envp, count, capacity) = *add_env;
    }
    *ARENA_PUSH(arena, envp, count, capacity) = NULL;
    return envp;
}

struct capture {
    const char *name;
    pid_t pid; /* 0: waited for */
    int out;
    int errors;
    int report;
    struct buf out_text;
    struct buf error_text;
    int first_signal; /* the one that came before, and has been dealt with */
};

static int wait_for(struct capture *capture)
{
    int status = 0;
    while (capture->pid > 0 && waitpid(capture->pid, &status, 0) < 0 && errno == EINTR) {
        continue;
    }
    capture->pid = 0;
    return status;
}

static void capture_close(struct capture *capture)
{
    fd_close(&capture->out);
    fd_close(&capture->errors);
    fd_close(&capture->report);
    if (capture->pid > 0) {
        kill(capture->pid, SIGKILL);
        wait_for(capture);
    }
}

static int read_some(int *fd, struct buf *text, char *chunk, const char *name, struct error *err)
{
    ssize_t n = read(*fd, chunk, CHUNK_BYTES);
    if (n < 0 && errno != EINTR && errno != EAGAIN) {
        return error_errno(err, errno, "cannot read the output of '%s'", name);
    }
    if (n == 0) {
        fd_close(fd);
    }
    if (n > 0) {
        buf_add(text, (struct str){chunk, (size_t)n});
    }
    return 0;
}

/* Until both streams are at their end. */
static int read_streams(struct capture *capture, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    char *chunk = arena_alloc(&scratch, CHUNK_BYTES);
    while (capture->out >= 0 || capture->errors >= 0) {
        /* The signal stays to be taken, so the descriptor is of no use once one
         * has come; the program is let finish then. */
        int signals = capture->first_signal ? -1 : signals_fd();
        struct pollfd fds[3] = {{.fd = capture->out, .events = POLLIN},
                                {.fd = capture->errors, .events = POLLIN},
                                {.fd = signals, .events = POLLIN}};
        if (poll(fds, 3, -1) < 0) {
            continue;
        }
        if (!capture->first_signal && signals_check(err) != 0) {
            return -1;
        }
        if (fds[0].revents &&
            read_some(&capture->out, &capture->out_text, chunk, capture->name, err) != 0) {
            return -1;
        }
        if (fds[1].revents &&
            read_some(&capture->errors, &capture->error_text, chunk, capture->name, err) != 0) {
            return -1;
        }
        if (capture->out_text.truncated) {
            return error_set(err, ERROR_LIMIT, "'%s' wrote more than %zu bytes", capture->name,
                             capture->out_text.max_bytes);
        }
    }
    return 0;
}

static int start(struct capture *capture, struct spawn *spawn, struct error *err)
{
    int out_write CLEANUP(fd_close) = -1;
    int errors_write CLEANUP(fd_close) = -1;
    int ends[2];
    struct spawn_failure failure;
    if (fd_pipe(ends, err) != 0) {
        return -1;
    }
    capture->out = ends[0];
    out_write = ends[1];
    if (fd_pipe(ends, err) != 0) {
        return -1;
    }
    capture->errors = ends[0];
    errors_write = ends[1];
    spawn->out = out_write;
    spawn->errors = errors_write;
    if (spawn_begin(spawn, &capture->pid, &capture->report, err) != 0 ||
        spawn_outcome(capture->report, spawn, &failure, err) != 0) {
        return -1;
    }
    if (failure.exec_errno != 0) {
        return error_errno(err, failure.exec_errno, "cannot run '%s'", capture->name);
    }
    return 0;
}

int process_capture(struct arena *arena, const char *const *argv, const char *folder,
                    const char *const *remove_env, const char *const *add_env, size_t max_bytes,
                    struct process_output *output, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct spawn spawn = {
        .argv = argv, .envp = make_environment(&scratch, remove_env, add_env), .folder = folder};
    struct capture capture CLEANUP(capture_close) = {.name = argv[0],
                                                     .out = -1,
                                                     .errors = -1,
                                                     .report = -1,
                                                     .out_text = buf_make(arena, max_bytes),
                                                     .error_text = buf_make(arena, ERROR_TEXT_MAX),
                                                     .first_signal = signals_first()};
    if (start(&capture, &spawn, err) != 0 || read_streams(&capture, err) != 0) {
        return -1;
    }
    int status = wait_for(&capture);
    output->exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    output->out = buf_str(&capture.out_text);
    output->errors = buf_str(&capture.error_text);
    return 0;
}

int process_find(struct arena *arena, const char *name, const char *path_list, struct str *file,
                 struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    if (strchr(name, '/')) {
        *file = str_copy(arena, str_from(name));
        return 0;
    }
    char **files = spawn_candidates(&scratch, str_from(name),
                                    str_from(path_list ? path_list : SPAWN_DEFAULT_PATH));
    for (; *files; files++) {
        if (fs_is_program(*files)) {
            *file = str_copy(arena, str_from(*files));
            return 0;
        }
    }
    return error_set(err, ERROR_NOT_FOUND, "command '%s' is not found on PATH", name);
}
