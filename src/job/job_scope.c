/* What placeholders and conditions mean for a bound job. */
#include "base/arena.h"
#include "base/error.h"
#include "base/glob.h"
#include "base/path.h"
#include "job/context.h"
#include "job/job_parts.h"
#include "manifest/document.h"
#include "manifest/rule.h"

#define SHORT_COMMIT_DIGITS 7

size_t param_index(const struct manifest *manifest, struct str name)
{
    size_t i = 0;

    while (i < manifest->param_count && !str_equal(manifest->params[i]->name, name)) {
        i++;
    }
    return i;
}

size_t var_index(const struct manifest *manifest, struct str name)
{
    size_t i = 0;

    while (i < manifest->var_count && !str_equal(manifest->vars[i].name, name)) {
        i++;
    }
    return i;
}

size_t input_index(const struct manifest *manifest, struct str name)
{
    size_t i = 0;

    while (i < manifest->input_count && !str_equal(manifest->inputs[i].name, name)) {
        i++;
    }
    return i;
}

size_t output_index(const struct manifest *manifest, struct str name)
{
    size_t i = 0;

    while (i < manifest->output_count && !str_equal(manifest->outputs[i].name, name)) {
        i++;
    }
    return i;
}

static const char *bytes_problem(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char byte = (unsigned char)text.s[i];
        if (byte < 0x20 || byte == 0x7F) {
            return "it holds a control character";
        }
        if (byte == '\\') {
            return "it holds a backslash";
        }
    }
    return NULL;
}

static bool goes_up(struct str path)
{
    struct str segment;
    bool more = true;

    while (more) {
        more = str_cut(path, '/', &segment, &path);
        if (str_is(segment, "..")) {
            return true;
        }
    }
    return false;
}

const char *job_path_value_problem(const struct value *value, enum param_type type)
{
    struct str text = value->text;

    if (value->is_list) {
        return "it is a list";
    }
    if (text.n == 0) {
        return "it is empty";
    }
    if (type == TYPE_PATH && text.s[0] == '/') {
        return "it is absolute";
    }
    if (type != TYPE_PATH && str_index(text, '/') < text.n) {
        return "it holds '/'";
    }
    if (goes_up(text)) {
        return type == TYPE_PATH ? "it holds '..'" : "it is '..'";
    }
    if (glob_has_magic(text)) {
        return "it holds a character that is special in a pattern";
    }
    return bytes_problem(text);
}

static struct str value_lines(const struct value *value, struct arena *arena)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);

    if (!value->is_list) {
        return value->text.s ? value->text : STR("");
    }
    for (size_t i = 0; i < value->count; i++) {
        buf_add(&buf, i > 0 ? STR("\n") : STR(""));
        buf_add(&buf, value->items[i]);
    }
    return buf_str(&buf);
}

static int unknown(const struct part *part, const char *group, struct error *err)
{
    return error_set(err, ERROR_MANIFEST, "'${%s.%.*s}' cannot be used here", group,
                     STR_ARG(part->name));
}

static int look_up_param(const struct job_scope *scope, const struct part *part,
                         struct arena *arena, struct str *text, struct error *err)
{
    const struct manifest *manifest = scope->job->manifest;
    size_t i = param_index(manifest, part->name);

    if (i == manifest->param_count) {
        return unknown(part, "params", err);
    }
    const struct value *value = &scope->job->arguments[i].value;
    const char *problem =
        scope->in_path ? job_path_value_problem(value, manifest->params[i]->domain.type) : NULL;
    if (problem) {
        return error_set(err, ERROR_USAGE,
                         "value '%.*s' of param '%.*s' cannot stand in a path: %s",
                         STR_ARG(value_show(value, arena)), STR_ARG(part->name), problem);
    }
    *text = value_lines(value, arena);
    return 0;
}

static int look_up_var(const struct job_scope *scope, const struct part *part, struct str *text,
                       struct error *err)
{
    const struct job *job = scope->job;
    size_t i = var_index(job->manifest, part->name);

    if (i == job->manifest->var_count || job->var_needs_inputs[i]) {
        return unknown(part, "vars", err);
    }
    if (scope->in_path && job->var_path_problems[i].s) {
        return error_set(err, ERROR_USAGE, "%.*s", STR_ARG(job->var_path_problems[i]));
    }
    *text = job->vars[i];
    return 0;
}

/* The cell of the element's rows in a column of a table, or NULL. */
static const struct template *element_cell(const struct element *element, struct str column)
{
    const struct template *cell = NULL;

    for (size_t i = 0; i < element->row_count && !cell; i++) {
        cell = select_cell(element->rows[i], column);
    }
    return cell;
}

static int look_up_with(const struct job_scope *scope, const struct part *part, struct arena *arena,
                        struct str *text, struct error *err)
{
    const struct element *element = scope->element;
    const struct template *cell = element ? element_cell(element, part->name) : NULL;
    if (cell) {
        struct job_scope inner = {.job = scope->job, .in_path = scope->in_path};
        struct scope lookups = job_scope(&inner);
        return template_expand(cell, &lookups, arena, text, err);
    }
    size_t i = element ? param_index(element->producer, part->name) : 0;

    if (!element || i == element->producer->param_count) {
        return unknown(part, "with", err);
    }
    const struct value *value = &element->values[i];
    const char *problem =
        scope->in_path ? job_path_value_problem(value, element->producer->params[i]->domain.type)
                       : NULL;
    if (problem) {
        return error_set(err, ERROR_USAGE,
                         "value '%.*s' of '${with.%.*s}' cannot stand in a path: %s",
                         STR_ARG(value_show(value, arena)), STR_ARG(part->name), problem);
    }
    *text = value_lines(value, arena);
    return 0;
}

static int look_up_input(const struct job_scope *scope, const struct part *part, struct str *text,
                         struct error *err)
{
    size_t i = input_index(scope->job->manifest, part->name);

    if (!scope->input_paths || i == scope->job->manifest->input_count) {
        return unknown(part, "inputs", err);
    }
    if (scope->in_path && scope->input_paths[i].n == 0) {
        return error_set(err, ERROR_MANIFEST, "input '%.*s' is absent and cannot stand in a path",
                         STR_ARG(part->name));
    }
    *text = scope->input_paths[i];
    return 0;
}

static int look_up_output(const struct job_scope *scope, const struct part *part,
                          struct arena *arena, struct str *text, struct error *err)
{
    const struct job *job = scope->job;
    size_t i = output_index(job->manifest, part->name);

    if (i == job->manifest->output_count) {
        return unknown(part, "outputs", err);
    }
    if (job->outputs[i].pattern_count == 0 && !job->outputs[i].wanted) {
        return error_set(err, ERROR_MANIFEST, "output '%.*s' is not made with these params",
                         STR_ARG(part->name));
    }
    *text = job_output_path(job, &job->outputs[i], arena);
    return 0;
}

static struct str look_up_field(const struct job *job, enum job_field field)
{
    switch (field) {
    case JOB_FIELD_NAME:
        return job->manifest->name;
    case JOB_FIELD_COMMIT:
        return job->context->commit;
    case JOB_FIELD_SHORT_COMMIT:
        return str_slice(job->context->commit, 0, SHORT_COMMIT_DIGITS);
    case JOB_FIELD_ENV:
        return job->context->environment;
    case JOB_FIELD_ROOT:
        return job->context->root;
    case JOB_FIELD_URL:
        return job->url;
    }
    BUG("job field %d", (int)field);
}

static int look_up(void *context, const struct part *part, struct arena *arena, struct str *text,
                   struct error *err)
{
    const struct job_scope *scope = context;

    switch (part->kind) {
    case PART_TEXT:
        *text = part->text;
        return 0;
    case PART_PARAM:
        return look_up_param(scope, part, arena, text, err);
    case PART_VAR:
        return look_up_var(scope, part, text, err);
    case PART_INPUT:
        return look_up_input(scope, part, text, err);
    case PART_OUTPUT:
        return look_up_output(scope, part, arena, text, err);
    case PART_JOB:
        *text = look_up_field(scope->job, part->field);
        return 0;
    case PART_WITH:
        return look_up_with(scope, part, arena, text, err);
    case PART_EACH:
        *text = scope->each;
        return scope->each.s ? 0 : error_set(err, ERROR_MANIFEST, "'${each}' cannot be used here");
    }
    BUG("part of kind %d", (int)part->kind);
}

struct scope job_scope(struct job_scope *scope)
{
    return (struct scope){.look_up = look_up, .context = scope};
}

/* The error of a template as a diagnostic at it. */
static void report_template(struct diags *diags, const struct template *template,
                            const struct error *err)
{
    bool by_value = err->kind == ERROR_USAGE;

    diag_from_error(diags, by_value ? STATUS_USAGE : STATUS_MANIFEST,
                    rule_id(by_value ? RULE_PATH : RULE_PLACEHOLDER), template->node->span, err);
}

/* Whether it is made of a var that failed. */
static bool is_made_of_failed(const struct job *job, const struct template *template)
{
    for (size_t i = 0; i < template->count; i++) {
        const struct part *part = &template->parts[i];
        size_t var = part->kind == PART_VAR ? var_index(job->manifest, part->name)
                                            : job->manifest->var_count;
        if (var < job->manifest->var_count && job->var_failed[var]) {
            return true;
        }
    }
    return false;
}

bool job_expand(struct job_scope *scope, struct arena *arena, const struct template *template,
                struct diags *diags, struct str *text)
{
    struct scope lookups = job_scope(scope);
    struct error err = {0};

    if (is_made_of_failed(scope->job, template)) {
        return false;
    }
    if (template_expand(template, &lookups, arena, text, &err) < 0) {
        report_template(diags, template, &err);
        return false;
    }
    return true;
}

bool job_template_has_values(const struct job *job, const struct template *template)
{
    for (size_t i = 0; i < template->count; i++) {
        const struct part *part = &template->parts[i];
        if (part->kind == PART_PARAM || part->kind == PART_WITH) {
            return true;
        }
        if (part->kind == PART_VAR) {
            size_t var = var_index(job->manifest, part->name);
            if (var < job->manifest->var_count && job->var_has_values[var]) {
                return true;
            }
        }
    }
    return false;
}

bool job_expand_path(struct job_scope *scope, struct arena *arena, const struct template *template,
                     const char *what, struct diags *diags, struct str *path)
{
    const struct job *job = scope->job;
    struct str root = job->context->root;
    struct str text;

    scope->in_path = true;
    if (!job_expand(scope, arena, template, diags, &text)) {
        return false;
    }
    if (root.n > 0 && path_is_below(text, root)) {
        text = str_copy(arena, str_after(text, root.n + 1));
    }
    const char *problem = text.s ? path_or_folder_problem(text) : "is null";
    if (!problem && path_is_reserved(text)) {
        problem = "leads into a folder that jobrun does not touch";
    }
    if (problem) {
        bool by_value = job_template_has_values(job, template);
        diag_error(diags, by_value ? STATUS_USAGE : STATUS_MANIFEST, rule_id(RULE_PATH),
                   template->node->span, "path '%.*s' of %s %s", STR_ARG(text), what, problem);
        return false;
    }
    *path = text;
    return true;
}

struct str job_output_path(const struct job *job, const struct bound_output *output,
                           struct arena *arena)
{
    struct str pattern = output->pattern_count > 0 ? output->patterns[0] : STR("");

    if (glob_has_magic(pattern)) {
        pattern = glob_fixed_prefix(pattern);
    }
    return path_without_slash(path_below(arena, job->context->root, pattern));
}
