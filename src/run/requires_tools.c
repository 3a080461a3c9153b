/* `tools`: programs that the commands of a job find. */
#include "base/arena.h"
#include "base/path.h"
#include "job/context.h"
#include "job/location.h"
#include "run/requires_parts.h"
#include "sys/fs.h"
#include "sys/spawn.h"

/* Whether an input brings the program there. */
static bool lands(const struct plan *plan, struct str file)
{
    struct str root = plan->job->context->root;

    for (size_t i = 0; i < plan->landing_count && path_is_below(file, root); i++) {
        const struct landing *landing = &plan->landings[i];
        if (landing->entry->kind == ENTRY_FILE && (landing->entry->mode & 0111) != 0 &&
            str_equal(landing->destination, str_after(file, root.n + 1))) {
            return true;
        }
    }
    return false;
}

/* *inert is a file of this name that cannot be executed, .s NULL: none. */
static bool finds(struct requires *requires, const struct command *command, struct str name,
                  struct str *inert)
{
    const char *path_list = spawn_path_list(command->search_path, command->envp);
    char **files = spawn_candidates(requires->arena, name, str_from(path_list));

    for (; *files; files++) {
        struct str file = location_normal(
            requires->arena, fs_join(requires->arena, command->workdir, str_from(*files)));
        if (fs_is_program(file.s) || lands(requires->plan, file)) {
            return true;
        }
        if (inert->s == NULL && fs_exists(file.s)) {
            *inert = file;
        }
    }
    return false;
}

static void report(struct requires *requires, const struct bound_requirement *bound,
                   const struct command *command, struct str inert)
{
    struct str name = bound->texts[0];
    struct diag *diag = requires_unmet(requires, bound,
                                       "job '%.*s' requires the program '%.*s', which is not found",
                                       STR_ARG(requires->job->manifest->name), STR_ARG(name));

    if (inert.s != NULL) {
        diag_note(diag, "'%.*s' is there, but cannot be executed", STR_ARG(inert));
    }
    diag_note(diag, "looked in: %s", spawn_path_list(command->search_path, command->envp));
    if (str_starts(requires->job->context->config.run_prefix, STR("pixi "))) {
        diag_help(diag, "install '%.*s', or add it to the project: pixi add %.*s", STR_ARG(name),
                  STR_ARG(str_shell_quote(requires->arena, name)));
    } else {
        diag_help(diag, "install '%.*s', or add its folder to PATH", STR_ARG(name));
    }
}

void requires_check_tool(struct requires *requires, const struct bound_requirement *bound)
{
    size_t count = requires->plan != NULL ? requires->plan->command_count : 0;

    for (size_t i = 0; i < count; i++) {
        const struct command *command = &requires->plan->commands[i];
        struct str inert = {0};
        if (!finds(requires, command, bound->texts[0], &inert)) {
            report(requires, bound, command, inert);
            return;
        }
    }
}
