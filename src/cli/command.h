/* The commands of the command line: one file each, cmd_<name>.c. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "base/base.h"
#include "base/str.h"

/* `arguments` are those behind the command's name. The result is the exit
 * status of the program. */
struct command_row {
    const char *name;
    const char *usage;
    const char *summary;
    int (*function)(const char *const *arguments, size_t count);
    unsigned options; /* FOR_RUN, ...; 0: it takes none */
};

/* Sorted as help shows them; ends with a NULL name. */
extern const struct command_row COMMANDS[];
const struct command_row *command_find(const char *name); /* NULL: none */
#define COMMANDS_MAX 32
size_t command_names(struct str names[COMMANDS_MAX]); /* how many there are */
/* Whether jobrun will have a command of this name and does not have it yet. */
bool command_is_planned(const char *name);

int cmd_run(const char *const *arguments, size_t count);
int cmd_show(const char *const *arguments, size_t count);
int cmd_lint(const char *const *arguments, size_t count);
int cmd_schema(const char *const *arguments, size_t count);
int cmd_version(const char *const *arguments, size_t count);
int cmd_help(const char *const *arguments, size_t count);

/* A line without a command: the job comes first, or its options do. */
int cmd_job(const char *const *arguments, size_t count);
/* Nothing was asked for: the usage, on standard error. */
int cmd_nothing(void);

/* Prints the help of one command; the exit status. */
int command_help(const char *name);

#endif
