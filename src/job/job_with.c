/* The values that an input gives to the params of its producer. */
#include "base/arena.h"
#include "base/error.h"
#include "job/job_parts.h"
#include "manifest/document.h"
#include "manifest/producer.h"

struct giver {
    struct arena *arena;
    const struct job *job;
    const struct input *input;
    const struct manifest *producer;
    struct diags *diags;
};

/* What an entry says, before the producer's param has judged it. */
struct given {
    struct value *values;
    struct span *spans;
    size_t count, value_capacity, span_capacity;
    size_t span_count;
    bool failed;
};

static void add_given(struct giver *giver, struct given *given, struct value value,
                      struct span span)
{
    *ARENA_PUSH(giver->arena, given->values, given->count, given->value_capacity) = value;
    *ARENA_PUSH(giver->arena, given->spans, given->span_count, given->span_capacity) = span;
}

/* The job's own list param that is all of the template, or NULL. */
static const struct value *list_of(const struct job *job, const struct template *template)
{
    const struct part *part = template_only_part(template);
    size_t i = part && part->kind == PART_PARAM ? param_index(job->manifest, part->name)
                                                : job->manifest->param_count;

    return i < job->manifest->param_count && job->arguments[i].value.is_list
               ? &job->arguments[i].value
               : NULL;
}

static void add_text(struct giver *giver, struct given *given, const struct template *template)
{
    struct job_scope scope = {.job = giver->job};
    struct str text;

    if (!job_expand(&scope, giver->arena, template, giver->diags, &text)) {
        given->failed = true;
    } else if (text.s) {
        add_given(giver, given, (struct value){.text = text}, template->node->span);
    }
}

static struct given collect(struct giver *giver, const struct with *with)
{
    const struct value *list =
        !with->is_list && with->value_count == 1 ? list_of(giver->job, with->values[0]) : NULL;
    struct given given = {0};

    for (size_t i = 0; !list && i < with->value_count; i++) {
        add_text(giver, &given, with->values[i]);
    }
    for (size_t i = 0; list && i < list->count; i++) {
        add_given(giver, &given, (struct value){.text = list->items[i]},
                  with->values[0]->node->span);
    }
    return given;
}

/* For a param that is a list, all that is given is one value of it. */
static void join_list(struct giver *giver, const struct with *with, struct given *given)
{
    struct value value = {.is_list = true, .count = given->count};

    value.items = arena_array(giver->arena, given->count, sizeof *value.items);
    for (size_t i = 0; i < given->count; i++) {
        value.items[i] = given->values[i].text;
    }
    *given = (struct given){.failed = given->failed};
    add_given(giver, given, value,
              with->value_count == 1 ? with->values[0]->node->span : with->span);
}

static bool is_repeated(const struct choices *choices, const struct value *value)
{
    for (size_t i = 0; i < choices->count; i++) {
        if (value_equal(&choices->items[i].value, value)) {
            return true;
        }
    }
    return false;
}

/* *too_long: further values would take too long as well. */
static bool judge(struct giver *giver, struct choices *choices, const struct value *value,
                  struct span span, bool *too_long)
{
    const struct param *param = giver->producer->params[choices->param];
    struct error err = {0};
    struct value canonical;

    if (domain_check_value(&param->domain, giver->arena, value, &canonical, &err) < 0) {
        producer_report_value(giver->producer, param, value, span, &err, giver->diags);
        *too_long = err.kind == ERROR_LIMIT;
        return false;
    }
    if (is_repeated(choices, &canonical)) {
        producer_report_twice(param, &canonical, span, giver->diags);
        return false;
    }
    choices->items[choices->count++] = (struct choice){canonical, span};
    return true;
}

/* False where there is a problem. An entry that is null leaves `count` at 0 and
 * does not fan in. */
static bool bind_entry(struct giver *giver, const struct with *with, struct choices *choices)
{
    bool good = true;
    bool too_long = false;

    const struct param *param = producer_param(giver->producer, with, giver->diags);
    if (param == NULL) {
        return false;
    }
    choices->param = param_index(giver->producer, param->name);
    bool takes_list = param->domain.type == TYPE_LIST;
    bool has_list =
        with->is_list || (with->value_count == 1 && list_of(giver->job, with->values[0]));
    struct given given = collect(giver, with);
    if (takes_list && has_list) {
        join_list(giver, with, &given);
    }
    choices->fans_in = has_list && !takes_list;
    choices->items = arena_array(giver->arena, given.count, sizeof *choices->items);
    for (size_t i = 0; i < given.count && !too_long; i++) {
        good = judge(giver, choices, &given.values[i], given.spans[i], &too_long) && good;
    }
    return good && !given.failed;
}

bool job_bind_with(struct arena *arena, const struct job *job, const struct input *input,
                   const struct manifest *producer, struct choices **entries, size_t *count,
                   struct diags *diags)
{
    struct giver giver = {arena, job, input, producer, diags};
    bool good = true;

    *entries = arena_array(arena, input->with_count, sizeof **entries);
    *count = 0;
    for (size_t i = 0; i < input->with_count; i++) {
        struct choices *choices = &(*entries)[*count];
        *choices = (struct choices){0};
        if (!bind_entry(&giver, &input->with[i], choices)) {
            good = false;
        } else if (choices->count > 0 || choices->fans_in) {
            (*count)++;
        }
    }
    return good;
}
