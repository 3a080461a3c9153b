/* Runs a command and writes what it took to a file, as JSON. A program of its own,
 * because the kernel counts the memory of who starts a process to the process. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* In KiB; macOS counts bytes. */
static long peak_kib(const struct rusage *usage)
{
#ifdef __APPLE__
    return usage->ru_maxrss / 1024;
#else
    return usage->ru_maxrss;
#endif
}

static int write_result(const char *path, double wall_s, int status, const struct rusage *usage)
{
    FILE *file = fopen(path, "w");

    if (file == NULL) {
        return -1;
    }
    fprintf(file, "{\"status\": %d, \"wall_s\": %.6f, \"cpu_s\": %.6f, \"peak_kib\": %ld}\n",
            WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), wall_s,
            seconds(usage->ru_utime) + seconds(usage->ru_stime), peak_kib(usage));
    return fclose(file);
}

int main(int argc, char **argv)
{
    struct rusage usage;
    int status;

    if (argc < 3) {
        fputs("usage: measure RESULT COMMAND [ARGUMENT ...]\n", stderr);
        return 2;
    }
    double start_s = now_s();
    pid_t child = fork();
    if (child == 0) {
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) != child) {
        perror("measure");
        return 1;
    }
    return write_result(argv[1], now_s() - start_s, status, &usage) == 0 ? 0 : 1;
}
