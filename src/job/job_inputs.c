/* Inputs: which artifacts they ask for, and where those land. */
#include "base/arena.h"
#include "base/error.h"
#include "job/catalog.h"
#include "job/context.h"
#include "job/job_parts.h"
#include "manifest/document.h"
#include "manifest/producer.h"

struct binder {
    struct arena *arena;
    struct job *job;
    struct catalog *catalog;
    struct diags *diags;
    const struct input *input;
    const struct manifest *producer;
    const struct output *output;
    struct choices *entries; /* of `with` */
    size_t entry_count;
    struct resolved resolved;
};

static struct diag *input_error(struct binder *b, enum rule_number rule, struct span span,
                                struct str message)
{
    return rule_report(b->diags, rule, span, "%.*s", STR_ARG(message));
}

static bool is_listed(struct str name, const struct str *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_equal(names[i], name)) {
            return true;
        }
    }
    return false;
}

static void report_no_job(struct binder *b)
{
    struct str from = b->input->from;
    struct str *names;
    size_t count;

    catalog_names(b->catalog, &names, &count);
    if (is_listed(from, names, count)) {
        input_error(
            b, RULE_PRODUCER, b->input->from_span,
            str_format(b->arena, "the manifest of job '%.*s' cannot be used", STR_ARG(from)));
        return;
    }
    producer_report_missing(b->input, names, count, b->diags);
}

static bool find_producer(struct binder *b)
{
    size_t errors = b->diags->error_count;

    if (str_equal(b->input->from, b->job->manifest->name)) {
        b->producer = b->job->manifest;
        if (b->input->commit) {
            return true;
        }
        producer_report_self(b->input, b->diags);
        return false;
    }
    b->producer = catalog_find(b->catalog, b->input->from, b->diags);
    if (!b->producer && b->diags->error_count == errors) {
        report_no_job(b);
    }
    return b->diags->error_count == errors;
}

/* The machine's platform is none of the values. */
static void report_no_host(struct binder *b, const struct param *param, const struct error *err)
{
    struct diag *diag =
        input_error(b, RULE_WITH, b->input->from_span,
                    str_format(b->arena, "input '%.*s' cannot use the default of param '%.*s': %s",
                               STR_ARG(b->input->name), STR_ARG(param->name), err->message));

    diag_label(diag, param->span, "the param of job '%.*s'", STR_ARG(b->producer->name));
    diag_help(diag, "add with: {%.*s: ...}", STR_ARG(param->name));
}

static bool report_default(struct binder *b, const struct param *param, const struct error *err)
{
    if (param->default_kind == DEFAULT_NONE) {
        producer_report_not_given(b->producer, param, b->input, b->diags);
    } else {
        report_no_host(b, param, err);
    }
    return false;
}

/* What the producer's params have where `with` says nothing. */
static bool bind_defaults(struct binder *b, struct value *values, bool *value_given)
{
    bool good = true;

    for (size_t i = 0; i < b->entry_count; i++) {
        value_given[b->entries[i].param] = true;
    }
    for (size_t i = 0; i < b->producer->param_count; i++) {
        const struct param *param = b->producer->params[i];
        struct error err = {0};
        if (!value_given[i] &&
            param_default(param, b->arena, b->job->context->host_platform, &values[i], &err) < 0) {
            values[i] = (struct value){.text = STR(""), .is_list = param->domain.type == TYPE_LIST};
            /* A value that is not part of the address need not be known. */
            good = (!param->variant || report_default(b, param, &err)) && good;
        }
    }
    return good;
}

/* The product of the fan-ins, or JOB_ELEMENTS_MAX + 1 where it is more. */
static size_t count_elements(const struct binder *b)
{
    size_t count = 1;

    for (size_t i = 0; i < b->entry_count; i++) {
        size_t factor = b->entries[i].count;
        if (factor == 0) {
            return 0;
        }
        count = count > JOB_ELEMENTS_MAX / factor ? JOB_ELEMENTS_MAX + 1 : count * factor;
    }
    return count;
}

/* Element number `index` of the cross product; the last entry changes fastest. */
static void choose(struct binder *b, struct element *element, const struct value *defaults,
                   size_t index)
{
    size_t param_count = b->producer->param_count;
    struct value *values = arena_array(b->arena, param_count, sizeof *values);
    struct buf label = buf_make(b->arena, BUF_MAX_DEFAULT);
    size_t stride = 1;

    if (param_count > 0) {
        memcpy(values, defaults, param_count * sizeof *values);
    }
    for (size_t i = 0; i < b->entry_count; i++) {
        stride *= b->entries[i].count;
    }
    element->span = b->input->from_span;
    for (size_t i = 0; i < b->entry_count; i++) {
        const struct choices *entry = &b->entries[i];
        stride /= entry->count;
        const struct choice *choice = &entry->items[index / stride % entry->count];
        values[entry->param] = choice->value;
        if (entry->fans_in) {
            element->span = choice->span;
            buf_addf(&label, "%s%.*s=%.*s", label.n > 0 ? "," : "",
                     STR_ARG(b->producer->params[entry->param]->name),
                     STR_ARG(value_address_text(&choice->value, b->arena)));
        }
    }
    element->values = values;
    element->label = buf_str(&label);
}

/* "mode=pr, platform=linux-x64": what the condition asks for, as it is. */
static struct str show_subjects(struct binder *b, const struct job *producer,
                                const struct when *when)
{
    const struct manifest *manifest = producer->manifest;
    struct buf shown = buf_make(b->arena, BUF_MAX_DEFAULT);

    for (size_t i = 0; i < when->count; i++) {
        struct str subject = when->terms[i].subject;
        size_t param = param_index(manifest, subject);
        size_t var = var_index(manifest, subject);
        struct str value = var < manifest->var_count ? producer->vars[var] : STR("");
        if (param < manifest->param_count) {
            value = producer->arguments[param].value.text;
        }
        buf_addf(&shown, "%s%.*s=%.*s", i > 0 ? ", " : "", STR_ARG(subject), STR_ARG(value));
    }
    return buf_str(&shown);
}

/* Whether the producer, bound to the element's values, makes the output. */
static bool is_made(struct binder *b, const struct element *element)
{
    const struct manifest *producer = b->producer;
    const struct when *when = element->output->when;
    struct diags unheard = diags_make(b->arena);
    struct job job = {
        .manifest = producer,
        .context = b->job->context,
        .address = element->address,
        .url = STR(""),
    };

    if (!when) {
        return true;
    }
    job.arguments = arena_array(b->arena, producer->param_count, sizeof *job.arguments);
    for (size_t i = 0; i < producer->param_count; i++) {
        job.arguments[i] =
            (struct argument){.param = producer->params[i], .value = element->values[i]};
    }
    job_bind_values(b->arena, &job, NULL, &unheard);
    if (job_when_holds(&job, when)) {
        return true;
    }
    struct str shown = show_subjects(b, &job, when);
    producer_report_not_made(producer, element->output, shown, element->span, b->diags);
    return false;
}

static bool bind_places(struct binder *b, struct element *element)
{
    struct job_scope scope = {.job = b->job, .element = element};
    const struct input *input = b->input;
    const char *to = str_format(b->arena, "'to' of input '%.*s'", STR_ARG(input->name)).s;
    const char *otherwise = str_format(b->arena, "'else' of input '%.*s'", STR_ARG(input->name)).s;

    return (!input->to ||
            job_expand_path(&scope, b->arena, input->to, to, b->diags, &element->to)) &&
           (!input->otherwise || job_expand_path(&scope, b->arena, input->otherwise, otherwise,
                                                 b->diags, &element->otherwise));
}

/* An archive is unpacked once, and into a folder. */
static bool may_unpack(struct binder *b, const struct element *element)
{
    const struct input *input = b->input;
    bool is_packed = element->output->pack != PACK_NONE;
    struct diag *diag;

    if (is_packed && input->unpack != PACK_NONE) {
        diag = input_error(b, RULE_CONFLICT, input->unpack_span,
                           STR("'unpack' is for an archive that the producer makes itself, and "
                               "jobrun packs this output and unpacks it"));
        diag_label(diag, element->output->span, "has 'pack'");
        diag_help(diag, "leave 'unpack' out");
        return false;
    }
    if ((!is_packed && input->unpack == PACK_NONE) || !input->to || !element->to.s ||
        str_ends(element->to, STR("/"))) {
        return true;
    }
    diag = input_error(b, RULE_PATH, input->to->node->span,
                       str_format(b->arena,
                                  "input '%.*s' is unpacked, and '%.*s' is the name of one file",
                                  STR_ARG(input->name), STR_ARG(element->to)));
    if (is_packed) {
        diag_label(diag, element->output->span, "has 'pack'");
    }
    diag_help(diag, "end 'to' with '/' to name the folder that it is unpacked into");
    return false;
}

/* False at the first problem: those of further elements are mostly the same. */
static bool bind_element(struct binder *b, struct element *element)
{
    element->producer = b->producer;
    element->output = b->output;
    if (!job_bind_rows(b->arena, b->input, element, b->diags) ||
        !job_bind_commit(b->arena, b->job, b->input, element, &b->resolved, b->diags)) {
        return false;
    }
    element->address.environment = b->job->context->environment;
    element->address.job = b->producer->name;
    element->address.variant = address_variant(b->arena, b->producer, element->values);
    return is_made(b, element) && bind_places(b, element) && may_unpack(b, element);
}

static int compare_files(const void *a, const void *b)
{
    const struct element *x = *(const struct element *const *)a;
    const struct element *y = *(const struct element *const *)b;
    int order = str_compare(x->to, y->to);

    return order != 0 ? order : (x > y) - (x < y);
}

static void report_same_file(struct binder *b, const struct element *first,
                             const struct element *second, bool every)
{
    struct str name = b->input->name;
    struct str message =
        every ? str_format(b->arena, "every element of input '%.*s' would land at '%.*s'",
                           STR_ARG(name), STR_ARG(first->to))
              : str_format(b->arena,
                           "elements '%.*s' and '%.*s' of input '%.*s' would both land at '%.*s'",
                           STR_ARG(first->label), STR_ARG(second->label), STR_ARG(name),
                           STR_ARG(first->to));
    struct diag *diag = input_error(b, RULE_CONFLICT, b->input->to->node->span, message);

    diag_label(diag, second->span, "asked for here");
    diag_help(diag, "end 'to' with '/', or tell the elements apart with ${with.NAME}");
}

/* Two elements in one file, before anything is fetched. Of an input that is
 * optional one may be there instead of the other. */
static void check_same_file(struct binder *b, const struct element *elements, size_t count)
{
    const struct element **files = arena_array(b->arena, count, sizeof *files);
    size_t file_count = 0;

    for (size_t i = 0; i < count && !b->input->optional; i++) {
        if (elements[i].to.s && !str_ends(elements[i].to, STR("/"))) {
            files[file_count++] = &elements[i];
        }
    }
    if (file_count < 2) {
        return;
    }
    qsort(files, file_count, sizeof *files, compare_files);
    for (size_t i = 1; i < file_count; i++) {
        if (str_equal(files[i - 1]->to, files[i]->to)) {
            report_same_file(b, files[i - 1], files[i],
                             file_count == count &&
                                 str_equal(files[0]->to, files[file_count - 1]->to));
            return;
        }
    }
}

static void bind_elements(struct binder *b, struct bound_input *bound)
{
    struct value *defaults = arena_array(b->arena, b->producer->param_count, sizeof *defaults);
    bool *value_given = arena_array(b->arena, b->producer->param_count, sizeof *value_given);
    size_t count = count_elements(b);

    if (!bind_defaults(b, defaults, value_given)) {
        return;
    }
    if (count > JOB_ELEMENTS_MAX) {
        input_error(b, RULE_LIMIT, b->input->span,
                    str_format(b->arena, "input '%.*s' asks for more than %d artifacts",
                               STR_ARG(b->input->name), JOB_ELEMENTS_MAX));
        return;
    }
    bound->elements = arena_array(b->arena, count, sizeof *bound->elements);
    for (size_t i = 0; i < count; i++) {
        choose(b, &bound->elements[i], defaults, i);
        bound->elements[i].value_given = value_given;
        if (!bind_element(b, &bound->elements[i])) {
            return;
        }
    }
    check_same_file(b, bound->elements, count);
    bound->element_count = count;
}

void job_bind_inputs(struct arena *arena, struct job *job, struct catalog *catalog,
                     struct diags *diags)
{
    const struct manifest *manifest = job->manifest;

    job->inputs = arena_array(arena, manifest->input_count, sizeof *job->inputs);
    for (size_t i = 0; i < manifest->input_count; i++) {
        struct bound_input *bound = &job->inputs[i];
        struct binder b = {.arena = arena, .job = job, .catalog = catalog, .diags = diags};
        b.input = bound->input = &manifest->inputs[i];
        bound->wanted = job_when_holds(job, bound->input->when);
        if (!bound->wanted || !find_producer(&b)) {
            continue;
        }
        b.output = producer_output(b.producer, b.input, diags);
        bool has_values =
            job_bind_with(arena, job, b.input, b.producer, &b.entries, &b.entry_count, diags);
        if (b.output != NULL && has_values) {
            bind_elements(&b, bound);
        }
    }
}
