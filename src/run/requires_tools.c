/* `tools`: programs that the commands of a job find. */
#include "base/arena.h"
#include "base/path.h"
#include "job/context.h"
#include "job/location.h"
#include "run/clean.h"
#include "run/requires_parts.h"
#include "sys/fs.h"
#include "sys/spawn.h"

/* Of a missing input it is known where it would land, not with what. */
static bool may_land(const struct supply *supply, struct str place)
{
    struct str to = supply->element->to;
    bool is_missing = supply->state == SUPPLY_ABSENT && !supply->input->input->optional;

    if (to.n == 0 || (supply->state != SUPPLY_UNKNOWN && !is_missing)) {
        return false;
    }
    return str_ends(to, STR("/")) ? path_is_below(place, path_without_slash(to))
                                  : str_equal(place, to);
}

/* Nor is known what is in an archive. */
static bool is_landing(const struct landing *landing, struct str place)
{
    if (landing->unpack != PACK_NONE) {
        return path_is_below(place, landing->destination);
    }
    return landing->entry->kind == ENTRY_FILE && (landing->entry->mode & 0111) != 0 &&
           str_equal(place, landing->destination);
}

/* Whether an input brings the program there, as far as is known. */
static bool lands(const struct plan *plan, struct str place)
{
    for (size_t i = 0; i < plan->landing_count; i++) {
        if (is_landing(&plan->landings[i], place)) {
            return true;
        }
    }
    for (size_t i = 0; i < plan->supply_count; i++) {
        if (may_land(&plan->supplies[i], place)) {
            return true;
        }
    }
    return false;
}

/* Whether the program will be there when the commands run. */
static bool will_be_there(const struct requires *requires, struct str file)
{
    struct str root = requires->job->context->root;

    if (!path_is_below(file, root)) {
        return fs_is_program(file.s);
    }
    struct str place = str_after(file, root.n + 1);
    return lands(requires->plan, place) ||
           (fs_is_program(file.s) && !clean_covers(requires->cleaning, place));
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
        if (will_be_there(requires, file)) {
            return true;
        }
        if (inert->s == NULL && fs_exists(file.s) && !fs_is_program(file.s)) {
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
