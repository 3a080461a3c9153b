#include "base/arena.h"
#include "job/context.h"
#include "run/look_up.h"

static bool local_is_for(const struct local_input *local, const struct bound_input *input,
                         const struct element *element)
{
    return str_equal(local->name, input->input->name) &&
           (local->label.s == NULL ? input->element_count == 1
                                   : str_equal(local->label, element->label));
}

const struct local_input *local_find(const struct look_up *look_up, const struct bound_input *input,
                                     const struct element *element)
{
    for (size_t i = 0; i < look_up->wishes->local_count; i++) {
        if (local_is_for(&look_up->wishes->locals[i], input, element)) {
            return &look_up->wishes->locals[i];
        }
    }
    return NULL;
}

static struct diag *usage(struct look_up *look_up, const struct local_input *local,
                          struct str problem)
{
    return diag_error(look_up->diags, STATUS_USAGE, "usage", (struct span){0}, "--input %.*s: %.*s",
                      STR_ARG(local->text), STR_ARG(problem));
}

static void report_unknown_input(struct look_up *look_up, const struct local_input *local)
{
    const struct manifest *manifest = look_up->job->manifest;
    struct str *names = arena_array(look_up->arena, manifest->input_count, sizeof *names);
    struct buf all = buf_make(look_up->arena, DIAG_TEXT_MAX);

    for (size_t i = 0; i < manifest->input_count; i++) {
        names[i] = manifest->inputs[i].name;
        buf_addf(&all, "%s%.*s", i > 0 ? ", " : "", STR_ARG(names[i]));
    }
    struct diag *diag =
        usage(look_up, local,
              str_format(look_up->arena, "the job has no input '%.*s'", STR_ARG(local->name)));
    if (manifest->input_count == 0) {
        diag_note(diag, "the job has no inputs at all");
    } else {
        diag_note(diag, "its inputs are: %.*s", STR_ARG(buf_str(&all)));
        diag_help_nearest(diag, local->name, names, manifest->input_count);
    }
}

static void note_labels(struct look_up *look_up, struct diag *diag, const struct bound_input *input,
                        const struct local_input *local)
{
    struct str *labels = arena_array(look_up->arena, input->element_count, sizeof *labels);

    for (size_t i = 0; i < input->element_count; i++) {
        labels[i] = input->elements[i].label;
        if (i < 10) {
            diag_note(diag, "one of its artifacts: %.*s[%.*s]", STR_ARG(local->name),
                      STR_ARG(labels[i]));
        }
    }
    if (local->label.s != NULL) {
        diag_help_nearest(diag, local->label, labels, input->element_count);
    }
}

static bool has_label(const struct bound_input *input, struct str label)
{
    for (size_t i = 0; i < input->element_count; i++) {
        if (str_equal(input->elements[i].label, label)) {
            return true;
        }
    }
    return false;
}

static void check_local(struct look_up *look_up, size_t index)
{
    const struct local_input *local = &look_up->wishes->locals[index];
    const struct manifest *manifest = look_up->job->manifest;
    const struct bound_input *input = NULL;

    for (size_t i = 0; i < manifest->input_count; i++) {
        if (str_equal(manifest->inputs[i].name, local->name)) {
            input = &look_up->job->inputs[i];
        }
    }
    if (input == NULL) {
        report_unknown_input(look_up, local);
        return;
    }
    struct str what = {0};
    bool is_label = false;
    if (!input->wanted) {
        what = STR("the input is not used with these params");
    } else if (local->label.s == NULL && input->element_count > 1) {
        is_label = true;
        what = STR("the input is several artifacts, and this names none of them");
    } else if (local->label.s != NULL && !has_label(input, local->label)) {
        is_label = true;
        what =
            str_format(look_up->arena, "the input has no artifact '%.*s'", STR_ARG(local->label));
    }
    if (what.s != NULL) {
        struct diag *diag = usage(look_up, local, what);
        if (is_label) {
            note_labels(look_up, diag, input, local);
        }
    }
    for (size_t i = 0; i < index; i++) {
        const struct local_input *other = &look_up->wishes->locals[i];
        bool same_label = local->label.s == NULL || other->label.s == NULL ||
                          str_equal(other->label, local->label);
        if (str_equal(other->name, local->name) && same_label) {
            usage(look_up, local, STR("the input was given before"));
        }
    }
}

void local_check(struct look_up *look_up)
{
    const struct context *context = look_up->job->context;
    const struct fetch_wishes *wishes = look_up->wishes;

    for (size_t i = 0; i < wishes->local_count; i++) {
        check_local(look_up, i);
    }
    if (!context->is_protected || (wishes->local_count == 0 && !wishes->no_fetch)) {
        return;
    }
    struct diag *diag = diag_error(
        look_up->diags, STATUS_NOT_ALLOWED, "not-allowed", (struct span){0},
        "environment '%.*s' is protected, so its inputs come from the store alone, and "
        "%s must not be used",
        STR_ARG(context->environment), wishes->local_count > 0 ? "--input" : "--no-fetch");
    diag_note(diag, "the environment is '%.*s' because %.*s", STR_ARG(context->environment),
              STR_ARG(context->environment_why));
    diag_help(diag, "run it in your own environment, with --env dev");
}
