#include "base/arena.h"
#include "manifest/decode.h"
#include "manifest/decode_parts.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

enum output_key { PATH, COUNT, MIN, MAX, OPTIONAL, WHEN, HELP, ON, PACK, KEY_COUNT };

static const char *const OUTPUT_KEYS[KEY_COUNT] = {
    [PATH] = "path", [COUNT] = "count", [MIN] = "min", [MAX] = "max",  [OPTIONAL] = "optional",
    [WHEN] = "when", [HELP] = "help",   [ON] = "on",   [PACK] = "pack"};

static void decode_path(struct decoder *d, const struct node *node, struct output *output)
{
    decode_template_or_list(d->arena, node, "'path'", d->diags, &output->paths,
                            &output->path_count);
}

static void decode_count(struct decoder *d, const struct node *node, const char *what,
                         int64_t *count)
{
    int64_t number = OUTPUT_NO_COUNT;

    if (node == NULL || !decode_integer(node, what, INT64_MIN, INT64_MAX, d->diags, &number)) {
        return;
    }
    if (number < 1) {
        struct diag *diag =
            rule_report(d->diags, RULE_VALUE, node->span, "%s must be at least 1", what);
        diag_help(diag, "write optional: true where it may be absent");
        return;
    }
    *count = number;
}

static void decode_counts(struct decoder *d, const struct node *mapping,
                          const struct node *const *values, struct output *output)
{
    const struct node *limit = values[MIN] != NULL ? values[MIN] : values[MAX];

    decode_count(d, values[COUNT], "'count'", &output->count);
    decode_count(d, values[MIN], "'min'", &output->min);
    if (values[MAX] != NULL) {
        decode_integer(values[MAX], "'max'", 1, INT64_MAX, d->diags, &output->max);
    }
    if (values[COUNT] != NULL && limit != NULL) {
        const char *name = values[MIN] != NULL ? "min" : "max";
        struct diag *diag =
            rule_report(d->diags, RULE_CONFLICT, decode_key_node(mapping, name)->span,
                        "'%s' excludes 'count'", name);
        diag_label(diag, decode_key_node(mapping, "count")->span, "the exact number is said here");
    } else if (values[MIN] != NULL && values[MAX] != NULL && output->min != OUTPUT_NO_COUNT &&
               output->max != OUTPUT_NO_COUNT && output->min > output->max) {
        struct diag *diag =
            rule_report(d->diags, RULE_CONFLICT, values[MIN]->span, "'min' is more than 'max'");
        diag_label(diag, values[MAX]->span, "'max' is %lld", (long long)output->max);
    }
}

/* As enum output_on. */
static const char *const ON_WORDS[] = {
    [ON_SUCCESS] = "success", [ON_FAILURE] = "failure", [ON_ALWAYS] = "always", NULL};

const char *output_on_name(enum output_on on)
{
    return ON_WORDS[on];
}

static void decode_publishing(struct decoder *d, const struct node *const *values,
                              struct output *output)
{
    size_t number;

    if (values[ON] != NULL &&
        decode_word(d->arena, values[ON], "'on'", ON_WORDS, d->diags, &number)) {
        output->on = (enum output_on)number;
        output->on_span = values[ON]->span;
    }
    if (values[PACK] != NULL) {
        decode_pack(d->arena, values[PACK], "'pack'", d->diags, &output->pack);
    }
}

static void decode_output(struct decoder *d, const struct pair *pair, struct output *output)
{
    const struct node *values[KEY_COUNT];
    const char *what = decode_what(d, "output", pair->key->text);

    *output = (struct output){.name = pair->key->text,
                              .span = pair->key->span,
                              .count = OUTPUT_NO_COUNT,
                              .min = OUTPUT_NO_COUNT,
                              .max = OUTPUT_NO_COUNT,
                              .help = STR("")};
    decode_job_name(pair->key, "an output", d->diags);
    if (pair->value->kind != NODE_MAPPING) {
        decode_path(d, pair->value, output);
        return;
    }
    decode_mapping(d->arena, pair->value, OUTPUT_KEYS, KEY_COUNT, values, what, d->diags);
    if (values[PATH] != NULL) {
        decode_path(d, values[PATH], output);
    } else {
        decode_missing(d, pair->value, OUTPUT_KEYS, KEY_COUNT, PATH, output->span, what);
    }
    decode_counts(d, pair->value, values, output);
    if (values[OPTIONAL] != NULL) {
        decode_bool(values[OPTIONAL], "'optional'", d->diags, &output->optional);
    }
    if (values[WHEN] != NULL) {
        output->when = decode_when(d, values[WHEN]);
    }
    if (values[HELP] != NULL) {
        decode_text(values[HELP], "'help'", d->diags, &output->help);
    }
    decode_publishing(d, values, output);
}

void decode_outputs(struct decoder *d, const struct node *node)
{
    struct manifest *m = d->manifest;

    if (!decode_group(d, node, "'outputs'", NAMES_OUTPUTS, 0)) {
        return;
    }
    m->outputs = arena_array(d->arena, node->count, sizeof *m->outputs);
    for (size_t i = 0; i < node->count; i++) {
        decode_output(d, &node->pairs[i], &m->outputs[m->output_count++]);
    }
}
