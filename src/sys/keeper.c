#include "sys/keeper.h"

#include "base/error.h"
#include "sys/descendants.h"
#include "sys/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

#define LOOK_MS 5

/* --- in the keeper; this process had one thread when it began --- */

/* Whoever waits for the end of this process's output is not to wait for the keeper's. */
static void leave_streams(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = 0; null >= 0 && i < 3; i++) {
        dup2(null, i);
    }
}

/* The group that is to be guarded; 0: this process ended before there was one. */
static pid_t read_group(int pipe)
{
    pid_t group = 0;
    ssize_t n;
    do {
        n = read(pipe, &group, sizeof group);
    } while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof group ? group : 0;
}

/* Nothing tells of the end of a process that is no child. */
static void end_group(pid_t group)
{
    int waited_ms = 0;
    kill(-group, SIGKILL);
    while (descendants_group_runs(group) && waited_ms < KEEPER_WAIT_MS) {
        poll(NULL, 0, LOOK_MS);
        waited_ms += LOOK_MS;
        kill(-group, SIGKILL);
    }
}

NORETURN static void keep(int pipe)
{
    char byte;
    setsid();
    leave_streams();
    pid_t group = read_group(pipe);
    while (group > 0 && read(pipe, &byte, 1) < 0 && errno == EINTR) {
        continue;
    }
    if (group > 0) {
        end_group(group);
    }
    _exit(0);
}

/* --- in this process --- */

/* A child whose end sends no signal is not among those that waitpid(-1) waits for,
 * as those of a command are. */
static pid_t fork_quietly(void)
{
#ifdef __linux__
    return (pid_t)syscall(SYS_clone, 0UL, NULL, NULL, NULL, 0UL);
#else
    return fork();
#endif
}

int keeper_begin(struct keeper *keeper, struct error *err)
{
    int ends[2];
    if (fd_pipe(ends, err) != 0) {
        return -1;
    }
    int read_end CLEANUP(fd_close) = ends[0];
    int write_end CLEANUP(fd_close) = ends[1];
    /* No handler of this program may run in it, and no signal of a terminal end it. */
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork_quietly();
    int problem = errno;
    if (pid == 0) {
        close(write_end);
        keep(read_end);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (pid < 0) {
        return error_errno(err, problem, "cannot start another process");
    }
    keeper->pid = pid;
    keeper->pipe = fd_take(&write_end);
    return 0;
}

void keeper_guard(const struct keeper *keeper, pid_t group)
{
    /* So short a write to an empty pipe is never partial, and never blocks. */
    ssize_t ignored = write(keeper->pipe, &group, sizeof group);
    (void)ignored;
}

void keeper_end(struct keeper *keeper)
{
    if (keeper->pid == 0) {
        return;
    }
    kill(keeper->pid, SIGKILL);
#ifdef __linux__
    const int options = __WALL;
#else
    const int options = 0;
#endif
    while (waitpid(keeper->pid, NULL, options) < 0 && errno == EINTR) {
        continue;
    }
    fd_close(&keeper->pipe);
    keeper->pid = 0;
}
