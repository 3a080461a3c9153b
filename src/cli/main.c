/* The entry: what belongs to the whole process, then the command. */
#include "base/error.h"
#include "base/status.h"
#include "cli/command.h"
#include "sys/fd.h"
#include "sys/pages.h"
#include "sys/signals.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Runs when no memory is left, so it must not allocate. What was being
 * published is not: the receipt is the last thing that is written. */
static void end_without_memory(void)
{
    static const char message[] = "error: out of memory\n";
    ssize_t ignored = write(STDERR_FILENO, message, sizeof message - 1);
    (void)ignored;
    _exit(STATUS_INTERNAL);
}

static int dispatch(int argc, char **argv)
{
    const char *const *arguments = (const char *const *)argv + 1;
    size_t count = argc > 0 ? (size_t)argc - 1 : 0;
    /* pixi hands on the "--" that stands between its options and the task's. */
    if (count > 0 && strcmp(arguments[0], "--") == 0) {
        arguments++;
        count--;
    }
    if (count == 0) {
        return cmd_nothing();
    }
    if (strcmp(arguments[0], "--help") == 0 || strcmp(arguments[0], "-h") == 0) {
        return cmd_help(NULL, 0);
    }
    if (strcmp(arguments[0], "--version") == 0) {
        return cmd_version(arguments + 1, count - 1);
    }
    const struct command_row *command = command_find(arguments[0]);
    return command != NULL ? command->function(arguments + 1, count - 1)
                           : cmd_job(arguments, count);
}

int main(int argc, char **argv)
{
    struct error err = {0};
    memory_on_exhausted(end_without_memory);
    pages_begin();
    /* First of all: what is opened next must not become standard output. */
    if (fd_open_standard(&err) < 0 || signals_begin(&err) < 0) {
        dprintf(STDERR_FILENO, "error: %s\n", err.message);
        return STATUS_INTERNAL;
    }
    return dispatch(argc, argv);
}
