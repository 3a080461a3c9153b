/* The argument list of a step, and the shell of a script. */
#include "base/arena.h"
#include "base/path.h"
#include "job/context.h"
#include "job/plan_parts.h"
#include "manifest/document.h"
#include "manifest/rule.h"

struct argv {
    struct planner *planner;
    struct span span; /* of the step */
    const char **items;
    size_t count, capacity;
    bool too_long, failed;
};

static void push(struct argv *argv, struct str text)
{
    if (argv->count == PLAN_ARGUMENTS_MAX) {
        if (!argv->too_long) {
            rule_report(argv->planner->diags, RULE_LIMIT, argv->span,
                        "the command has more than %d arguments", PLAN_ARGUMENTS_MAX);
        }
        argv->too_long = true;
        return;
    }
    *ARENA_PUSH(argv->planner->arena, argv->items, argv->count, argv->capacity) =
        str_copy(argv->planner->arena, text).s;
}

/* An item that is null is left out. */
static void push_template(struct argv *argv, const struct template *template, struct str each)
{
    struct planner *planner = argv->planner;
    struct job_scope scope = {
        .job = planner->job, .input_paths = planner->input_paths, .each = each};
    struct str text;

    if (argv->too_long) {
        return;
    }
    if (!job_expand(&scope, planner->arena, template, planner->diags, &text)) {
        argv->failed = true;
    } else if (text.s) {
        push(argv, text);
    }
}

static void push_args(struct argv *argv, const struct item *item)
{
    const struct job *job = argv->planner->job;
    struct str once = {0};
    struct value each = {.items = &once, .count = 1};

    if (!job_when_holds(job, item->when)) {
        return;
    }
    if (item->each.s) {
        size_t i = param_index(job->manifest, item->each);
        each.count = 0;
        if (i < job->manifest->param_count && job->arguments[i].value.is_list) {
            each = job->arguments[i].value;
        }
    }
    for (size_t i = 0; i < each.count; i++) {
        for (size_t j = 0; j < item->arg_count; j++) {
            struct str element = each.items[i];
            element.s = !element.s && item->each.s ? "" : element.s;
            push_template(argv, item->args[j], element);
        }
    }
}

static void report_packed(const struct planner *planner, const struct item *item,
                          const struct bound_input *input)
{
    const struct output *output = input->elements[0].output;
    struct diag *diag =
        rule_report(planner->diags, RULE_PLACEHOLDER, item->input_span,
                    "input '%.*s' is packed, so its files are not known before it is unpacked",
                    STR_ARG(item->input));

    if (output->pack != PACK_NONE) {
        diag_label(diag, output->span, "packed because of 'pack' of output '%.*s'",
                   STR_ARG(output->name));
    } else {
        diag_note(diag, "its manifest does not say so any more: it was packed when it was "
                        "published");
    }
    diag_help(diag, "use the folder: ${inputs.%.*s.path}", STR_ARG(item->input));
}

/* Not known from the manifests alone: the producer may have had 'pack' at the
 * commit that the artifact is of. */
static bool was_packed(const struct arrival *arrival)
{
    for (size_t i = 0; i < arrival->landing_count; i++) {
        if (arrival->first[i].unpack != PACK_NONE) {
            return true;
        }
    }
    return false;
}

static void push_files(struct argv *argv, const struct item *item)
{
    struct planner *planner = argv->planner;
    size_t i = input_index(planner->job->manifest, item->input);

    if (i == planner->job->manifest->input_count) {
        return;
    }
    /* Of an input with `unpack` the manifest's own check has said so. */
    const struct arrival *arrival = &planner->arrivals[i];
    if (input_is_unpacked(&planner->job->inputs[i]) || was_packed(arrival)) {
        report_packed(planner, item, &planner->job->inputs[i]);
        return;
    }
    for (size_t j = 0; j < arrival->landing_count && !argv->too_long; j++) {
        const struct landing *landing = &arrival->first[j];
        if (landing->entry->kind != ENTRY_FOLDER) {
            push(argv,
                 path_below(planner->arena, planner->job->context->root, landing->destination));
        }
    }
    bool optional = planner->job->manifest->inputs[i].optional;
    if (arrival->unknown_count > 0 || (arrival->absent_count > 0 && !optional)) {
        push(argv, str_format(planner->arena, "<files of input '%.*s'>", STR_ARG(item->input)));
    }
}

static void push_urls(struct argv *argv, const struct item *item)
{
    const struct input *input = manifest_input(argv->planner->job->manifest, item->input);
    struct urls urls = input ? plan_urls(argv->planner, input) : (struct urls){0};

    for (size_t i = 0; i < urls.count && !argv->too_long; i++) {
        push(argv, urls.items[i]);
    }
}

static void push_item(struct argv *argv, const struct item *item)
{
    switch (item->kind) {
    case ITEM_TEXT:
        push_template(argv, item->text, (struct str){0});
        return;
    case ITEM_ARGS:
        push_args(argv, item);
        return;
    case ITEM_FILES:
        push_files(argv, item);
        return;
    case ITEM_URLS:
        push_urls(argv, item);
        return;
    }
}

static void push_shell(struct argv *argv, const struct step *step)
{
    static const char *const DEFAULT_SHELL[] = {"bash", "--noprofile", "--norc", "-euo",
                                                "pipefail"};

    for (size_t i = 0; i < step->shell_count; i++) {
        push_template(argv, step->shell[i], (struct str){0});
    }
    for (size_t i = 0; !step->shell && i < ARRAY_COUNT(DEFAULT_SHELL); i++) {
        push(argv, str_from(DEFAULT_SHELL[i]));
    }
}

void plan_command(struct planner *planner, const struct step *step, struct command *command)
{
    struct argv argv = {.planner = planner, .span = step->span};

    if (step->script) {
        command->script = step->script->text;
        push_shell(&argv, step);
    }
    for (size_t i = 0; !step->script && i < step->command_count; i++) {
        push_item(&argv, &step->command[i]);
    }
    if (!argv.failed && !argv.too_long && (argv.count == 0 || argv.items[0][0] == '\0')) {
        rule_report(planner->diags, RULE_VALUE, step->span,
                    "the %s names no program with these params",
                    step->script ? "shell" : "command");
    }
    command->argc = argv.count;
    *ARENA_PUSH(planner->arena, argv.items, argv.count, argv.capacity) = NULL;
    command->argv = argv.items;
}
