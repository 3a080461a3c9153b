#include "manifest/variance.h"

#include "base/arena.h"
#include "manifest/manifest.h"

struct variance variance_make(struct arena *arena, const struct manifest *manifest)
{
    return (struct variance){
        .manifest = manifest,
        .params = arena_array(arena, manifest->param_count, sizeof(struct param *)),
        .vars_seen = arena_array(arena, manifest->var_count, sizeof(bool)),
        .outputs_seen = arena_array(arena, manifest->output_count, sizeof(bool)),
        .inputs_seen = arena_array(arena, manifest->input_count, sizeof(bool)),
    };
}

void variance_add_param(struct variance *variance, struct str name)
{
    const struct param *param = manifest_param(variance->manifest, name);

    if (param == NULL || param->variant) {
        return;
    }
    for (size_t i = 0; i < variance->count; i++) {
        if (variance->params[i] == param) {
            return;
        }
    }
    variance->params[variance->count++] = param;
}

/* Whether it is looked into for the first time. */
static bool is_new(bool *seen, ptrdiff_t index)
{
    bool is_first = !seen[index];

    seen[index] = true;
    return is_first;
}

void variance_add_var(struct variance *variance, const struct var *var)
{
    if (var == NULL || !is_new(variance->vars_seen, var - variance->manifest->vars)) {
        return;
    }
    variance_add_template(variance, var->text);
    if (var->by.s != NULL) {
        variance_add_param(variance, var->by);
    }
    for (size_t i = 0; i < var->row_count; i++) {
        variance_add_template(variance, var->cells[i]);
    }
}

void variance_add_output(struct variance *variance, const struct output *output)
{
    if (output == NULL || !is_new(variance->outputs_seen, output - variance->manifest->outputs)) {
        return;
    }
    for (size_t i = 0; i < output->path_count; i++) {
        variance_add_template(variance, output->paths[i]);
    }
}

void variance_add_input(struct variance *variance, const struct input *input)
{
    if (input != NULL && is_new(variance->inputs_seen, input - variance->manifest->inputs)) {
        variance_add_template(variance, input->to);
    }
}

void variance_add_part(struct variance *variance, const struct part *part)
{
    switch (part->kind) {
    case PART_PARAM:
        variance_add_param(variance, part->name);
        break;
    case PART_VAR:
        variance_add_var(variance, manifest_var(variance->manifest, part->name));
        break;
    case PART_OUTPUT:
        variance_add_output(variance, manifest_output(variance->manifest, part->name));
        break;
    case PART_INPUT:
        variance_add_input(variance, manifest_input(variance->manifest, part->name));
        break;
    case PART_TEXT:
    case PART_JOB:
    case PART_WITH:
    case PART_EACH:
        break;
    }
}

void variance_add_template(struct variance *variance, const struct template *template)
{
    for (size_t i = 0; template != NULL && i < template->count; i++) {
        variance_add_part(variance, &template->parts[i]);
    }
}
