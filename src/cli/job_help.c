#include "cli/job_help.h"

#include "base/arena.h"
#include "base/error.h"
#include "cli/options.h"
#include "cli/show_parts.h"
#include "job/catalog.h"
#include "job/context.h"
#include "job/job.h"
#include "job/shown.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

#include <stdlib.h>

#define COLUMN 26

/* "  --name VALUE            ": the first column of a row. */
static void add_name(struct buf *buf, struct str name)
{
    buf_addf(buf, "  %.*s", STR_ARG(name));
    if (name.n + 2 < COLUMN) {
        buf_add_repeat(buf, ' ', COLUMN - 2 - name.n);
    } else {
        buf_add_char(buf, '\n');
        buf_add_repeat(buf, ' ', COLUMN);
    }
}

static void add_line(struct buf *buf, struct str text)
{
    buf_add_repeat(buf, ' ', COLUMN);
    buf_addf(buf, "%.*s\n", STR_ARG(text));
}

static struct str flag_of(struct arena *arena, const struct param *param)
{
    switch (param->domain.type) {
    case TYPE_BOOL:
        return str_format(arena, "--%.*s, --no-%.*s", STR_ARG(param->name), STR_ARG(param->name));
    case TYPE_INT:
    case TYPE_NUMBER:
        return str_format(arena, "--%.*s N", STR_ARG(param->name));
    case TYPE_PATH:
        return str_format(arena, "--%.*s PATH", STR_ARG(param->name));
    case TYPE_LIST:
        return str_format(arena, "--%.*s VALUE ...", STR_ARG(param->name));
    case TYPE_STRING:
    case TYPE_ENUM:
        break;
    }
    return str_format(arena, "--%.*s VALUE", STR_ARG(param->name));
}

/* In the manifest's own spelling. */
static struct str default_host(struct arena *arena, const struct param *param,
                               const struct context *context)
{
    struct error none = {0};
    struct value value;
    if (param_default(param, arena, context->host_platform, &value, &none) < 0) {
        return str_format(arena, "default: this machine's, but this machine is none of them (%.*s)",
                          STR_ARG(context->host_platform));
    }
    return str_format(arena, "default: this machine's (%.*s)", STR_ARG(value.text));
}

static struct str default_of(struct arena *arena, const struct param *param,
                             const struct context *context)
{
    switch (param->default_kind) {
    case DEFAULT_NONE:
        return STR("required");
    case DEFAULT_HOST:
        return default_host(arena, param, context);
    case DEFAULT_ALL:
        return STR("default: all of them");
    case DEFAULT_VALUE:
        break;
    }
    struct str shown = value_show(&param->default_value, arena);
    if (shown.n == 0) {
        return param->domain.type == TYPE_LIST ? STR("default: none") : STR("default: empty");
    }
    return str_format(arena, "default: %.*s", STR_ARG(shown));
}

static void add_param(struct buf *buf, struct arena *arena, const struct param *param,
                      const struct context *context)
{
    add_name(buf, flag_of(arena, param));
    struct str form = domain_describe(&param->domain, arena);
    struct str fallback = default_of(arena, param, context);
    struct str help = shown_first_line(param->help);
    if (help.n > 0) {
        buf_addf(buf, "%.*s\n", STR_ARG(str_printable(arena, help)));
        buf_add_repeat(buf, ' ', COLUMN);
    }
    buf_addf(buf, "%.*s; %.*s\n", STR_ARG(form), STR_ARG(fallback));
    if (param->domain.type == TYPE_LIST) {
        add_line(buf, STR("give it again for each element"));
    }
    if (param->env.n > 0) {
        add_line(buf, str_format(arena, "or by the variable %.*s", STR_ARG(param->env)));
    }
    if (!param->variant) {
        add_line(buf, STR("changes no byte of the outputs: not part of their address"));
    }
}

static void add_condition(struct buf *buf, const struct when *when)
{
    for (size_t i = 0; i < when->count; i++) {
        const struct when_term *term = &when->terms[i];
        buf_addf(buf, "%s%.*s is %s", i > 0 ? " and " : "", STR_ARG(term->subject),
                 term->negated ? "not " : "");
        for (size_t v = 0; v < term->value_count; v++) {
            struct str value = term->values[v].n > 0 ? term->values[v] : STR("''");
            buf_addf(buf, "%s%.*s", v > 0 ? " or " : "", STR_ARG(value));
        }
    }
}

static struct str when_show(struct arena *arena, const struct when *when)
{
    if (when == NULL) {
        return (struct str){"", 0};
    }
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);
    buf_addf(&buf, ", when ");
    add_condition(&buf, when);
    return buf_str(&buf);
}

static void add_constraint(struct buf *buf, struct arena *arena,
                           const struct constraint *constraint)
{
    struct buf line = buf_make(arena, BUF_MAX_DEFAULT);
    add_condition(&line, constraint->require);
    struct str when = when_show(arena, constraint->when);
    buf_addf(&line, "%.*s", STR_ARG(when));
    buf_addf(buf, "  %.*s\n", STR_ARG(str_printable(arena, constraint->message)));
    add_line(buf, str_printable(arena, buf_str(&line)));
}

static void add_input(struct buf *buf, struct arena *arena, const struct input *input,
                      struct catalog *catalog)
{
    struct diags ignored = diags_make(arena);
    add_name(buf, input->name);
    const struct manifest *producer = catalog_find(catalog, input->from, &ignored);
    buf_addf(buf, "from job '%.*s'", STR_ARG(input->from));
    if (input->output.s != NULL) {
        buf_addf(buf, ", output '%.*s'", STR_ARG(input->output));
    }
    if (input->to != NULL) {
        buf_addf(buf, ", lands at %.*s", STR_ARG(str_printable(arena, input->to->node->text)));
    } else {
        buf_addf(buf, ", its addresses alone");
    }
    if (input->commit != NULL) {
        buf_addf(buf, ", of commit %.*s", STR_ARG(str_printable(arena, input->commit->node->text)));
    }
    if (input->unpack != PACK_NONE) {
        buf_addf(buf, ", unpacked from a %s", pack_name(input->unpack));
    }
    struct str when = when_show(arena, input->when);
    buf_addf(buf, "%s%.*s%s\n", input->optional ? ", optional" : "", STR_ARG(when),
             producer == NULL ? " (there is no such job)" : "");
    if (input->otherwise != NULL) {
        struct str path = str_printable(arena, input->otherwise->node->text);
        add_line(buf, str_format(arena, "where it is absent %.*s lands", STR_ARG(path)));
    }
}

static void add_output(struct buf *buf, struct arena *arena, const struct output *output)
{
    add_name(buf, output->name);
    for (size_t i = 0; i < output->path_count; i++) {
        struct str path = str_printable(arena, output->paths[i]->node->text);
        buf_addf(buf, "%s%.*s", i > 0 ? ", " : "", STR_ARG(path));
    }
    if (output->count != OUTPUT_NO_COUNT) {
        buf_addf(buf, ", exactly %lld", (long long)output->count);
    }
    if (output->min != OUTPUT_NO_COUNT) {
        buf_addf(buf, ", at least %lld", (long long)output->min);
    }
    if (output->max != OUTPUT_NO_COUNT) {
        buf_addf(buf, ", at most %lld", (long long)output->max);
    }
    if (output->pack != PACK_NONE) {
        buf_addf(buf, ", packed as a %s", pack_name(output->pack));
    }
    static const char *const ON[] = {
        [ON_SUCCESS] = "", [ON_FAILURE] = ", after a failure", [ON_ALWAYS] = ", always"};
    buf_addf(buf, "%s", ON[output->on]);
    struct str when = when_show(arena, output->when);
    buf_addf(buf, "%s%.*s\n", output->optional ? ", optional" : "", STR_ARG(when));
    struct str help = shown_first_line(output->help);
    if (help.n > 0) {
        add_line(buf, str_printable(arena, help));
    }
}

static void add_address(struct buf *buf, struct arena *arena, const struct manifest *manifest,
                        const struct context *context)
{
    struct str *names = arena_array(arena, manifest->param_count, sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < manifest->param_count; i++) {
        if (manifest->params[i]->variant) {
            names[count++] = manifest->params[i]->name;
        }
    }
    if (count > 1) {
        qsort(names, count, sizeof *names, str_compare_for_sort);
    }
    buf_addf(buf, "\npublished at:\n  %.*s/%.*s/<commit>/%.*s/", STR_ARG(context->store_url),
             STR_ARG(context->environment), STR_ARG(manifest->name));
    for (size_t i = 0; i < count; i++) {
        buf_addf(buf, "%s%.*s=...", i > 0 ? "," : "", STR_ARG(names[i]));
    }
    buf_addf(buf, "%s\n", count > 0 ? "/" : "");
}

/* As the manifest writes it: the values of the params are not known here. */
static void add_requirements(struct buf *buf, struct arena *arena, const struct manifest *manifest)
{
    if (manifest->requirement_count > 0) {
        buf_addf(buf, "\nrequires:\n");
    }
    for (size_t i = 0; i < manifest->requirement_count; i++) {
        const struct requirement *requirement = &manifest->requirements[i];
        struct bound_requirement written = {
            .requirement = requirement,
            .texts = arena_array(arena, requirement->text_count, sizeof *written.texts),
            .text_count = requirement->text_count,
        };
        for (size_t j = 0; j < requirement->text_count; j++) {
            written.texts[j] = requirement->texts[j]->node->text;
        }
        buf_addf(buf, "  %.*s\n", STR_ARG(requirement_show(arena, &written)));
    }
}

/* A job is done when it has published, and what a failure leaves is no sign of that. */
static void add_runs(struct buf *buf, const struct manifest *manifest)
{
    for (size_t i = 0; i < manifest->output_count; i++) {
        if (manifest->outputs[i].on != ON_FAILURE) {
            return;
        }
    }
    buf_addf(buf, "it runs every time: it publishes nothing when it succeeds\n");
}

static void add_cleaned(struct buf *buf, struct arena *arena, const struct manifest *manifest)
{
    if (manifest->clean_count > 0) {
        buf_addf(buf, "\nremoves first:\n");
    }
    for (size_t i = 0; i < manifest->clean_count; i++) {
        struct str path = str_printable(arena, manifest->clean[i]->node->text);
        buf_addf(buf, "  %.*s\n", STR_ARG(path));
    }
}

static void add_steps(struct buf *buf, struct arena *arena, const struct manifest *manifest)
{
    const char *heading = "\nsteps:\n";
    for (size_t i = 0; i < manifest->step_count; i++) {
        const struct step *step = &manifest->steps[i];
        struct str when = when_show(arena, step->when);
        if (step->name.n > 0) {
            buf_addf(buf, "%s  %.*s%.*s%s%s\n", heading, STR_ARG(step->name), STR_ARG(when),
                     step->always ? ", after a failure too" : "",
                     step->continue_on_error ? ", going on if it fails" : "");
            heading = "";
        }
    }
}

static void add_stdout(struct buf *buf, struct arena *arena, const struct manifest *manifest)
{
    const char *heading = "\nstandard output also goes to:\n";
    for (size_t i = 0; i < manifest->step_count; i++) {
        const struct template *path = manifest->steps[i].stdout_path;
        if (path != NULL) {
            buf_addf(buf, "%s  %.*s\n", heading, STR_ARG(str_printable(arena, path->node->text)));
            heading = "";
        }
    }
}

static void add_effects(struct buf *buf, const struct manifest *manifest)
{
    const char *heading =
        "\ncannot be undone, and happens once, in protected environments alone (elsewhere: "
        "--allow-effects):\n";
    for (size_t i = 0; i < manifest->step_count; i++) {
        const struct step *step = &manifest->steps[i];
        if (step->effect) {
            buf_addf(buf, "%s  %s%.*s\n", heading, step->name.n > 0 ? "step " : "the job",
                     STR_ARG(step->name));
            heading = "";
        }
    }
}

static void add_inherited(struct buf *buf, const struct manifest *manifest)
{
    if (manifest->inherit == INHERIT_ALL) {
        return;
    }
    buf_addf(buf, "\nof your environment the command sees %s",
             manifest->inherit == INHERIT_NONE ? "nothing" : "only:\n  ");
    for (size_t i = 0; i < manifest->inherited_count; i++) {
        buf_addf(buf, "%s%.*s", i > 0 ? ", " : "", STR_ARG(manifest->inherited[i]));
    }
    buf_addf(buf, "\n");
}

static void add_secrets(struct buf *buf, const struct manifest *manifest)
{
    const char *heading = "\nsecrets, from your environment:\n";
    for (size_t i = 0; i < manifest->step_count; i++) {
        const struct step *step = &manifest->steps[i];
        for (size_t j = 0; j < step->secret_count; j++) {
            buf_addf(buf, "%s", heading);
            add_name(buf, step->secrets[j].name);
            buf_addf(buf, "%s%s%.*s%s\n", step->secrets[j].optional ? "optional" : "required",
                     step->name.n > 0 ? ", for step '" : "", STR_ARG(step->name),
                     step->name.n > 0 ? "'" : "");
            heading = "";
        }
    }
}

/* The first line of the job's help beside its name, the others below. */
static void add_title(struct buf *buf, struct arena *arena, const struct manifest *manifest)
{
    struct str line;
    struct str rest = str_trim(manifest->help);
    str_cut(rest, '\n', &line, &rest);
    line = str_printable(arena, str_trim(line));
    buf_addf(buf, "%.*s%s%.*s\n\n", STR_ARG(manifest->name), line.n > 0 ? ": " : "", STR_ARG(line));
    rest = str_trim(rest);
    if (rest.n == 0) {
        return;
    }
    while (rest.n > 0) {
        str_cut(rest, '\n', &line, &rest);
        buf_addf(buf, "%.*s\n", STR_ARG(str_printable(arena, line)));
    }
    buf_add_char(buf, '\n');
}

struct str job_help_format(struct arena *arena, const struct manifest *manifest,
                           struct catalog *catalog, const struct context *context)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);
    add_title(&buf, arena, manifest);
    buf_addf(&buf, "usage:\n  jobrun %.*s [--param VALUE ...] [options]\n  %.*s %.*s ...\n",
             STR_ARG(catalog_path(catalog, manifest)), STR_ARG(context->config.run_prefix),
             STR_ARG(manifest->name));
    if (manifest->param_count > 0) {
        buf_addf(&buf, "\nparams:\n");
    }
    for (size_t i = 0; i < manifest->param_count; i++) {
        add_param(&buf, arena, manifest->params[i], context);
    }
    if (manifest->constraint_count > 0) {
        buf_addf(&buf, "\nconstraints:\n");
    }
    for (size_t i = 0; i < manifest->constraint_count; i++) {
        add_constraint(&buf, arena, &manifest->constraints[i]);
    }
    if (manifest->input_count > 0) {
        buf_addf(&buf, "\ninputs:\n");
    }
    for (size_t i = 0; i < manifest->input_count; i++) {
        add_input(&buf, arena, &manifest->inputs[i], catalog);
    }
    if (manifest->output_count > 0) {
        buf_addf(&buf, "\noutputs:\n");
        for (size_t i = 0; i < manifest->output_count; i++) {
            add_output(&buf, arena, &manifest->outputs[i]);
        }
        add_address(&buf, arena, manifest, context);
        add_runs(&buf, manifest);
    } else {
        buf_addf(&buf, "\nno outputs: it %s\n",
                 manifest->once ? "runs once, and a success is recorded"
                                : "runs every time and publishes nothing");
    }
    add_requirements(&buf, arena, manifest);
    add_cleaned(&buf, arena, manifest);
    add_steps(&buf, arena, manifest);
    add_stdout(&buf, arena, manifest);
    add_effects(&buf, manifest);
    add_inherited(&buf, manifest);
    add_secrets(&buf, manifest);
    buf_addf(&buf, "\noptions:\n");
    options_format(&buf, FOR_RUN, 0);
    return buf_str(&buf);
}
