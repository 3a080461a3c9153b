#include "cli/command.h"

#include "cli/options.h"

#include <string.h>

const struct command_row COMMANDS[] = {
    {"run", "JOB [--param VALUE ...] [options]",
     "run a job; JOB is a manifest's path or a job's name", cmd_run, FOR_RUN},
    {"show", "JOB [--param VALUE ...] [options]",
     "print what a run of the job would be, with all addresses; asks no store", cmd_show, FOR_SHOW},
    {"lint", "[PATH ...] [options]",
     "check manifests: files, folders, jobs by name, - for standard input, or all there are",
     cmd_lint, FOR_LINT},
    {"schema", "[job|jobrun|fragment]",
     "print the JSON schema of manifests, of jobrun.yaml or of fragments, for editors", cmd_schema,
     0},
    {"version", "", "print the version", cmd_version, 0},
    {"help", "[COMMAND or JOB]", "print this help, or that of a command or job", cmd_help, 0},
    {NULL, NULL, NULL, NULL, 0},
};

static const char *const PLANNED[] = {
    "list",  "plan",   "status", "graph", "get",        "where",
    "prune", "verify", "export", "init",  "completion",
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

size_t command_names(struct str names[COMMANDS_MAX])
{
    size_t count = 0;

    _Static_assert(ARRAY_COUNT(COMMANDS) <= COMMANDS_MAX, "names has no room for all commands");
    for (const struct command_row *row = COMMANDS; row->name != NULL; row++) {
        names[count++] = str_from(row->name);
    }
    return count;
}

bool command_is_planned(const char *name)
{
    for (size_t i = 0; i < ARRAY_COUNT(PLANNED); i++) {
        if (strcmp(PLANNED[i], name) == 0) {
            return true;
        }
    }
    return false;
}
