/* `ci` with the values of the params. */
#include "base/arena.h"
#include "base/json.h"
#include "job/job_parts.h"
#include "manifest/document.h"
#include "manifest/rule.h"

struct ci_binding {
    struct arena *arena;
    struct job *job;
    struct diags *diags;
    size_t bytes; /* of all texts so far */
};

static struct json *bind_value(struct ci_binding *binding, const struct ci_value *value);

/* NULL where it is null, or cannot be had. */
static struct json *bind_text(struct ci_binding *binding, const struct template *template)
{
    struct job_scope scope = {.job = binding->job};
    struct str text = {0};

    if (binding->bytes > JOB_CI_BYTES_MAX ||
        !job_expand(&scope, binding->arena, template, binding->diags, &text) || text.s == NULL) {
        return NULL;
    }
    binding->bytes += text.n;
    if (binding->bytes > JOB_CI_BYTES_MAX) {
        rule_report(binding->diags, RULE_LIMIT, template->node->span,
                    "the texts of 'ci' become more than %zu bytes", JOB_CI_BYTES_MAX);
        return NULL;
    }
    return json_string(binding->arena, text);
}

static struct json *bind_list(struct ci_binding *binding, const struct ci_value *value)
{
    struct json *list = json_array(binding->arena);

    for (size_t i = 0; i < value->count; i++) {
        struct json *item = bind_value(binding, &value->items[i]);
        if (item != NULL) {
            json_push(binding->arena, list, item);
        }
    }
    return list;
}

static struct json *bind_mapping(struct ci_binding *binding, const struct ci_value *value)
{
    struct json *mapping = json_object(binding->arena);

    for (size_t i = 0; i < value->count; i++) {
        struct json *item = bind_value(binding, &value->items[i]);
        if (item != NULL) {
            json_set(binding->arena, mapping, str_copy(binding->arena, value->names[i]).s, item);
        }
    }
    return mapping;
}

static struct json *bind_value(struct ci_binding *binding, const struct ci_value *value)
{
    switch (value->kind) {
    case CI_TEXT:
        return bind_text(binding, value->text);
    case CI_LIST:
        return bind_list(binding, value);
    case CI_MAPPING:
        return bind_mapping(binding, value);
    }
    BUG("ci value of kind %d", (int)value->kind);
}

void job_bind_ci(struct arena *arena, struct job *job, struct diags *diags)
{
    struct ci_binding binding = {.arena = arena, .job = job, .diags = diags};

    if (job->manifest->ci != NULL) {
        job->ci = bind_value(&binding, job->manifest->ci);
    }
}
