#include "cli/show_parts.h"

#include "base/arena.h"
#include "job/context.h"
#include "job/plan.h"
#include "run/listener.h"

#include <string.h>

const char *origin_name(enum value_origin origin)
{
    static const char *const NAMES[] = {
        [ORIGIN_DEFAULT] = "default",
        [ORIGIN_COMMAND_LINE] = "command line",
        [ORIGIN_FILE] = "params file",
        [ORIGIN_VARIABLE] = "variable",
    };
    return NAMES[origin];
}

void show_params(struct buf *buf, struct arena *arena, const struct job *job)
{
    if (job->manifest->param_count > 0) {
        buf_addf(buf, "params:\n");
    }
    for (size_t i = 0; i < job->manifest->param_count; i++) {
        const struct argument *argument = &job->arguments[i];
        struct str shown = str_printable(arena, value_show(&argument->value, arena));
        buf_addf(buf, "  %.*s = %.*s (%s)\n", STR_ARG(argument->param->name), STR_ARG(shown),
                 origin_name(argument->origin));
    }
}

struct str command_variable(const struct command *command, struct str name)
{
    for (const char *const *entry = (const char *const *)command->envp; *entry != NULL; entry++) {
        if (strncmp(*entry, name.s, name.n) == 0 && (*entry)[name.n] == '=') {
            return str_from(*entry + name.n + 1);
        }
    }
    return (struct str){0};
}

static void add_inherited(struct buf *buf, const struct command *command)
{
    if (command->inherits_all) {
        return;
    }
    buf_addf(buf, "  inheriting%s", command->inherited_count > 0 ? "" : " no variables");
    for (size_t i = 0; i < command->inherited_count; i++) {
        buf_addf(buf, "%s %.*s", i > 0 ? "," : "", STR_ARG(command->inherited[i]));
    }
    buf_addf(buf, "\n");
}

static void add_secrets(struct buf *buf, struct arena *arena, const struct step *step,
                        const struct variables *variables)
{
    for (size_t i = 0; i < step->secret_count; i++) {
        const struct secret *secret = &step->secrets[i];
        buf_addf(buf, "  secret %.*s", STR_ARG(secret->name));
        if (variables != NULL) {
            struct str value = variables_get(variables, str_copy(arena, secret->name).s);
            buf_addf(buf, ": %s", value.n > 0 ? "set" : "not set");
        }
        buf_addf(buf, "%s\n", secret->optional ? ", optional" : "");
    }
}

void show_command(struct buf *buf, struct arena *arena, const struct command *command,
                  const struct variables *variables)
{
    const struct step *step = command->step->step;
    if (command->name.n > 0) {
        buf_addf(buf, "  step '%.*s'%s%s, in %.*s:\n", STR_ARG(command->name),
                 step->always ? ", after a failure too" : "",
                 step->continue_on_error ? ", going on if it fails" : "",
                 STR_ARG(command->workdir));
    } else {
        buf_addf(buf, "  in %.*s:\n", STR_ARG(command->workdir));
    }
    for (size_t i = 0; i < command->argc; i++) {
        struct str item = str_shell_quote(arena, str_from(command->argv[i]));
        buf_addf(buf, "    %.*s\n", STR_ARG(str_printable(arena, item)));
    }
    if (command->script.s != NULL) {
        struct str rest = command->script;
        struct str line;
        buf_addf(buf, "    <script>\n");
        while (rest.n > 0) {
            str_cut(rest, '\n', &line, &rest);
            buf_addf(buf, "    | %.*s\n", STR_ARG(str_printable(arena, line)));
        }
    }
    add_inherited(buf, command);
    add_secrets(buf, arena, step, variables);
    if (command->step->stdout_path.s != NULL) {
        buf_addf(buf, "  standard output also to %.*s\n",
                 STR_ARG(str_printable(arena, command->step->stdout_path)));
    }
    if (command->own_env_count > 0) {
        buf_addf(buf, "  with:\n");
    }
    for (size_t i = 0; i < command->own_env_count; i++) {
        struct str name = command->own_env[i];
        struct str value = command_variable(command, name);
        if (value.s != NULL) {
            struct str shown = str_printable(arena, str_shell_quote(arena, value));
            buf_addf(buf, "    %.*s=%.*s\n", STR_ARG(name), STR_ARG(shown));
        } else {
            buf_addf(buf, "    %.*s is unset\n", STR_ARG(name));
        }
    }
}

void show_outputs(struct buf *buf, const struct job *job)
{
    for (size_t i = 0; i < job->manifest->output_count; i++) {
        const struct bound_output *output = &job->outputs[i];
        for (size_t p = 0; output->wanted && p < output->pattern_count; p++) {
            buf_addf(buf, "  %.*s: %.*s\n", STR_ARG(output->output->name),
                     STR_ARG(output->patterns[p]));
        }
    }
}

struct str requirement_show(struct arena *arena, const struct bound_requirement *bound)
{
    const struct requirement *requirement = bound->requirement;
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);
    buf_addf(&buf, "%s", requirement_key(requirement->kind));
    for (size_t i = 0; i < bound->text_count; i++) {
        buf_addf(&buf, "%s%.*s", i > 0 ? " or " : " ", STR_ARG(bound->texts[i]));
    }
    if (requirement->kind == REQUIRE_HISTORY) {
        buf_addf(&buf, " full");
    } else if (requirement->kind == REQUIRE_DISK) {
        struct str size = size_show(arena, (uint64_t)requirement->size_bytes);
        buf_addf(&buf, " %.*s", STR_ARG(size));
    }
    return str_printable(arena, buf_str(&buf));
}
