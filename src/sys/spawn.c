#include "sys/spawn.h"

#include "base/arena.h"
#include "base/error.h"
#include "sys/fd.h"
#include "sys/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

enum stage { STAGE_EXEC, STAGE_INTERPRETER, STAGE_FOLDER, STAGE_SETUP };

/* What the child writes when it fails; shorter than PIPE_BUF, so it comes in
 * one piece. */
struct report {
    int stage;
    int errnum;
};

/* The value of a variable in "NAME=value" texts, or NULL. */
static const char *find_variable(const char *const *envp, const char *name)
{
    size_t n = strlen(name);
    for (; *envp; envp++) {
        if (strncmp(*envp, name, n) == 0 && (*envp)[n] == '=') {
            return *envp + n + 1;
        }
    }
    return NULL;
}

const char *spawn_path_list(const char *search_path, const char *const *envp)
{
    const char *path_list = search_path ? search_path : find_variable(envp, "PATH");
    return path_list ? path_list : SPAWN_DEFAULT_PATH;
}

char **spawn_candidates(struct arena *arena, struct str name, struct str path_list)
{
    char **files = NULL;
    size_t count = 0;
    size_t capacity = 0;
    if (str_index(name, '/') < name.n) {
        *ARENA_PUSH(arena, files, count, capacity) = arena_copy(arena, name.s, name.n);
    } else {
        bool more = name.n > 0;
        while (more) {
            struct str folder;
            more = str_cut(path_list, ':', &folder, &path_list);
            if (folder.n == 0) {
                folder = STR(".");
            }
            struct str file = str_format(arena, "%.*s/%.*s", STR_ARG(folder), STR_ARG(name));
            *ARENA_PUSH(arena, files, count, capacity) = arena_copy(arena, file.s, file.n);
        }
    }
    *ARENA_PUSH(arena, files, count, capacity) = NULL;
    return files;
}

/* --- in the child, where only async-signal-safe functions may be called --- */

NORETURN static void child_fail(int report, enum stage stage, int errnum)
{
    struct report text = {(int)stage, errnum};
    ssize_t ignored = write(report, &text, sizeof text);
    (void)ignored;
    _exit(127);
}

/* The handlers of this program would write into its pipes. */
static void child_reset_signals(void)
{
    struct sigaction plain = {.sa_handler = SIG_DFL};
    for (int number = 1; number < NSIG; number++) {
        if (!signals_stays_ignored(number)) {
            sigaction(number, &plain, NULL);
        }
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void child_set_group(int report, pid_t parent)
{
    if (setpgid(0, 0) != 0) {
        child_fail(report, STAGE_SETUP, errno);
    }
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* The parent may have ended before the call above. */
    if (getppid() != parent) {
        _exit(127);
    }
#else
    (void)parent;
#endif
}

/* Descriptors may have any number, those below 3 included: they are moved out
 * of the way first. */
static void child_set_streams(int *report, int out, int errors)
{
    *report = fcntl(*report, F_DUPFD_CLOEXEC, 3);
    if (*report < 0) {
        _exit(127);
    }
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int from[3] = {null, out, errors};
    for (int i = 0; i < 3; i++) {
        from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 3);
        if (from[i] < 0) {
            child_fail(*report, STAGE_SETUP, errno);
        }
    }
    for (int i = 0; i < 3; i++) {
        if (dup2(from[i], i) < 0) {
            child_fail(*report, STAGE_SETUP, errno);
        }
    }
}

NORETURN static void child_run(const struct spawn *spawn, char *const *files, int report,
                               pid_t parent)
{
    child_set_streams(&report, spawn->out, spawn->errors);
    if (spawn->own_group) {
        child_set_group(report, parent);
    }
    child_reset_signals();
    if (spawn->folder && chdir(spawn->folder) != 0) {
        child_fail(report, STAGE_FOLDER, errno);
    }

    /* As a shell: what may not be executed counts only if nothing else is found. */
    int problem = ENOENT;
    enum stage stage = STAGE_EXEC;
    for (; *files; files++) {
        execve(*files, (char *const *)(uintptr_t)spawn->argv,
               (char *const *)(uintptr_t)spawn->envp);
        if (errno == EACCES) {
            problem = EACCES;
            stage = STAGE_EXEC;
        } else if (errno == ENOENT && problem == ENOENT && access(*files, F_OK) == 0) {
            stage = STAGE_INTERPRETER;
        } else if (errno != ENOENT && errno != ENOTDIR) {
            child_fail(report, STAGE_EXEC, errno);
        }
    }
    child_fail(report, stage, problem);
}

/* --- in this process --- */

int spawn_begin(const struct spawn *spawn, pid_t *pid, int *report, struct error *err)
{
    struct arena arena CLEANUP(arena_free) = {0};
    char **files = spawn_candidates(&arena, str_from(spawn->argv[0]),
                                    str_from(spawn_path_list(spawn->search_path, spawn->envp)));
    int ends[2];
    if (fd_pipe(ends, err) != 0) {
        return -1;
    }
    int report_read CLEANUP(fd_close) = ends[0];
    int report_write CLEANUP(fd_close) = ends[1];

    /* No handler of this program may run in the child. */
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t parent = getpid();
    pid_t child = fork();
    int problem = errno;
    if (child == 0) {
        child_run(spawn, files, report_write, parent);
    }
    /* In both, so that the group is there whoever is first; it fails when the
     * child has executed its program, having made its group itself. */
    if (child > 0 && spawn->own_group) {
        setpgid(child, child);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (child < 0) {
        return error_errno(err, problem, "cannot start '%s'", spawn->argv[0]);
    }
    *pid = child;
    *report = fd_take(&report_read);
    return 0;
}

int spawn_outcome(int report, const struct spawn *spawn, struct spawn_failure *failure,
                  struct error *err)
{
    struct report text;
    size_t got;
    *failure = (struct spawn_failure){0};
    if (fd_read_full(report, &text, sizeof text, &got, "a pipe", err) != 0) {
        return -1;
    }
    if (got < sizeof text) {
        return 0;
    }
    if (text.stage == STAGE_FOLDER) {
        return error_errno(err, text.errnum, "cannot enter folder '%s'", spawn->folder);
    }
    if (text.stage == STAGE_SETUP) {
        return error_errno(err, text.errnum, "cannot start '%s'", spawn->argv[0]);
    }
    failure->exec_errno = text.errnum;
    failure->no_interpreter = text.stage == STAGE_INTERPRETER;
    return 0;
}
