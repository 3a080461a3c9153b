/* The command that makes an artifact, or runs the job at hand: to be pasted into a shell. */
#include "base/arena.h"
#include "job/context.h"
#include "job/job.h"

static void add_word(struct buf *line, struct str word)
{
    buf_addf(line, "%s%.*s", line->n > 0 ? " " : "", STR_ARG(str_shell_quote(line->arena, word)));
}

static void add_option(struct buf *line, const char *name, struct str value)
{
    if (value.n > 0 && value.s[0] == '-') {
        add_word(line, str_format(line->arena, "%s=%.*s", name, STR_ARG(value)));
    } else {
        add_word(line, str_from(name));
        add_word(line, value);
    }
}

static void add_param(struct buf *line, const struct param *param, const struct value *value)
{
    const char *name = str_format(line->arena, "--%.*s", STR_ARG(param->name)).s;

    if (param->domain.type == TYPE_BOOL) {
        add_word(line, str_format(line->arena, str_is(value->text, "true") ? "--%.*s" : "--no-%.*s",
                                  STR_ARG(param->name)));
    } else if (!value->is_list) {
        add_option(line, name, value->text);
    }
    for (size_t i = 0; value->is_list && i < value->count; i++) {
        add_option(line, name, value->items[i]);
    }
}

static void add_store(struct buf *line, const struct context *context)
{
    if (str_starts(context->store_url_why, STR("--store"))) {
        add_option(line, "--store", context->store_url);
    }
}

/* What this run was given of the place of its artifacts. */
static void add_place(struct buf *line, const struct context *context)
{
    if (str_contains(context->environment_why, STR("--env"))) {
        add_option(line, "--env", context->environment);
    }
    add_store(line, context);
}

struct str element_command(const struct element *element, const struct context *context,
                           struct arena *arena, struct str prefix)
{
    struct buf line = buf_make(arena, BUF_MAX_DEFAULT);

    if (context->has_git && !str_equal(element->address.commit, context->status.head)) {
        buf_addf(&line, "git checkout %.*s && ", STR_ARG(element->address.commit));
    }
    /* The prefix is words of its own: "pixi run". */
    buf_add(&line, prefix);
    add_word(&line, element->producer->name);
    for (size_t i = 0; i < element->producer->param_count; i++) {
        if (element->value_given[i]) {
            add_param(&line, element->producer->params[i], &element->values[i]);
        }
    }
    /* Where this run reads, as far as people may publish there. */
    if (context->inputs_from.n > 0 &&
        !config_is_protected(&context->config, context->inputs_from)) {
        add_option(&line, "--env", context->inputs_from);
        add_store(&line, context);
    } else {
        add_place(&line, context);
    }
    return buf_str(&line);
}

struct str job_command(const struct job *job, struct arena *arena)
{
    struct buf line = buf_make(arena, BUF_MAX_DEFAULT);

    buf_add(&line, job->context->config.run_prefix);
    add_word(&line, job->manifest->name);
    for (size_t i = 0; i < job->manifest->param_count; i++) {
        const struct argument *argument = &job->arguments[i];
        if (argument->origin == ORIGIN_COMMAND_LINE || argument->origin == ORIGIN_FILE) {
            add_param(&line, argument->param, &argument->value);
        }
    }
    add_place(&line, job->context);
    return buf_str(&line);
}
