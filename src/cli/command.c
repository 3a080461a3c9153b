#include "cli/command.h"

#include <string.h>

const struct command_row COMMANDS[] = {
    {"run", "JOB [--param VALUE ...] [options]",
     "run a job; JOB is a manifest's path or a job's name", cmd_run},
    {"lint", "[PATH ...] [options]", "check manifests: files, folders, or all of this workspace",
     cmd_lint},
    {"version", "", "print the version", cmd_version},
    {"help", "", "print this help", cmd_help},
    {NULL, NULL, NULL, NULL},
};

const struct command_row *command_find(const char *name)
{
    for (const struct command_row *row = COMMANDS; row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0) {
            return row;
        }
    }
    return NULL;
}
