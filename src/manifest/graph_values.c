/* The values that an input gives to one param of its producer. */
#include "base/arena.h"
#include "base/error.h"
#include "base/table.h"
#include "manifest/document.h"
#include "manifest/graph_parts.h"
#include "manifest/manifest.h"
#include "manifest/producer.h"

#define REFUSED_SHOWN_MAX 6

/* What one text of an entry, or all elements of a list param, can be. */
struct offer {
    struct asking *asking;
    const struct param *param;       /* of the producer */
    const struct template *template; /* NULL: the elements of `with` */
    const struct with *with;
    struct span span;
    struct table judged; /* texts, each with a `struct verdict` */
    struct str *refused; /* in the order in which they were found */
    size_t refused_count, refused_capacity;
    struct error err; /* why the first of them is */
    bool may_be_null; /* though the producer requires a value */
};

struct verdict {
    bool good;
};

static bool takes_list(const struct param *param)
{
    return param->domain.type == TYPE_LIST;
}

/* The elements of a list that is given as a whole are judged one by one. */
static int judge_text(const struct offer *offer, struct str text, struct error *err)
{
    const struct value value = {.text = text};
    struct value whole;
    struct str canonical;
    bool is_element = takes_list(offer->param) && (offer->with->is_list || offer->template == NULL);

    return is_element
               ? domain_check(offer->param->domain.of, offer->asking->arena, text, &canonical, err)
               : domain_check_value(&offer->param->domain, offer->asking->arena, &value, &whole,
                                    err);
}

/* False where the producer refuses the text. */
static bool judge(struct offer *offer, struct str text)
{
    struct verdict **known = (struct verdict **)table_at(&offer->judged, text);
    struct error err = {0};

    if (*known != NULL) {
        return (*known)->good;
    }
    *known = arena_alloc(offer->asking->arena, sizeof **known);
    (*known)->good = judge_text(offer, text, &err) == 0;
    if (!(*known)->good) {
        if (offer->refused_count == 0) {
            offer->err = err;
        }
        *ARENA_PUSH(offer->asking->arena, offer->refused, offer->refused_count,
                    offer->refused_capacity) = text;
    }
    return (*known)->good;
}

static void note_others(struct offer *offer, struct diag *d)
{
    struct buf list = buf_make(offer->asking->arena, BUF_MAX_DEFAULT);

    for (size_t i = 1; i < offer->refused_count && i < REFUSED_SHOWN_MAX; i++) {
        buf_addf(&list, "%s'%.*s'", i > 1 ? ", " : "", STR_ARG(offer->refused[i]));
    }
    if (offer->refused_count > REFUSED_SHOWN_MAX) {
        buf_addf(&list, " and %zu more", offer->refused_count - REFUSED_SHOWN_MAX);
    }
    if (list.n > 0) {
        diag_note(d, "nor does it take %.*s", STR_ARG(buf_str(&list)));
    }
}

static void note_cases(struct asking *asking, struct cases *cases, struct diag *d)
{
    struct str shown = cases_describe(cases);

    if (shown.n > 0) {
        diag_note(d, "job '%.*s' gives it for %.*s", STR_ARG(asking->manifest->name),
                  STR_ARG(shown));
    }
}

static void report_refused(struct offer *offer, struct cases *cases)
{
    struct asking *asking = offer->asking;
    const struct value value = {.text = offer->refused[0]};
    struct diag *d = producer_report_value(asking->producer, offer->param, &value, offer->span,
                                           &offer->err, asking->diags);

    note_others(offer, d);
    note_cases(asking, cases, d);
}

static void report_null(struct offer *offer, struct cases *cases)
{
    struct asking *asking = offer->asking;
    struct diag *d =
        producer_report_not_given(asking->producer, offer->param, asking->input, asking->diags);
    struct str shown = cases_describe(cases);

    diag_label(d, offer->span, "null here%s%.*s", shown.n > 0 ? " for " : "", STR_ARG(shown));
}

static bool offer_text(struct offer *offer, struct combinations *c, struct str *text)
{
    return offer->template != NULL ? combinations_text(c, offer->template, text)
                                   : combinations_with(c, offer->with, text);
}

/* Looks at the value in one combination, number i. */
static void look_at(struct offer *offer, struct combinations *c, struct cases *refused,
                    struct cases *null, size_t i)
{
    struct str text;

    if (!asking_allows(offer->asking, c, refused, i)) {
        return;
    }
    if (!offer_text(offer, c, &text)) {
        null->failing[i] = offer->param->default_kind == DEFAULT_NONE;
        offer->may_be_null |= null->failing[i];
    } else if (!combinations_is_unknown(text)) {
        refused->failing[i] = !judge(offer, text);
    }
}

/* Looks at all values; false where some of them cannot be looked at, or are refused. */
static bool offer_is_taken(struct offer *offer)
{
    struct asking *asking = offer->asking;
    struct combinations c = asking_combinations(asking);
    struct cases refused, null;
    bool more = true;

    combinations_add_template(&c, offer->template);
    if (offer->template == NULL) {
        combinations_add_with(&c, offer->with);
    }
    if (!asking_begin(asking, &c, &refused)) {
        return false;
    }
    null = refused;
    null.failing = arena_array(asking->arena, refused.count, sizeof *null.failing);
    for (size_t i = 0; more; i++) {
        look_at(offer, &c, &refused, &null, i);
        more = combinations_next(&c) && asking_within_limits(asking);
    }
    if (offer->refused_count > 0) {
        report_refused(offer, &refused);
    } else if (offer->may_be_null) {
        report_null(offer, &null);
    }
    return offer->refused_count == 0 && !offer->may_be_null;
}

/* --- params that are handed on as they are --- */

/* The consumer's param that is all of the template, through vars too; or NULL. */
static const struct param *handed_on(const struct manifest *manifest,
                                     const struct template *template)
{
    const struct part *part = template_only_part(template);

    for (size_t i = 0; i < manifest->var_count && part != NULL && part->kind == PART_VAR; i++) {
        const struct var *var = manifest_var(manifest, part->name);
        part = var != NULL && var->text != NULL ? template_only_part(var->text) : NULL;
    }
    return part != NULL && part->kind == PART_PARAM ? manifest_param(manifest, part->name) : NULL;
}

static bool is_named_by(const struct when *when, struct str subject)
{
    for (size_t i = 0; when != NULL && i < when->count; i++) {
        if (str_equal(when->terms[i].subject, subject) && !when->terms[i].negated) {
            return true;
        }
    }
    return false;
}

/* A value that the consumer's param takes and the producer's refuses. */
static void check_width(struct offer *offer, const struct param *own)
{
    struct asking *asking = offer->asking;
    const struct domain *from = &own->domain;
    const struct domain *into = &offer->param->domain;
    struct error err = {0};
    struct str witness;

    from = from->type == TYPE_LIST ? from->of : from;
    into = into->type == TYPE_LIST ? into->of : into;
    if (is_named_by(asking->input->when, own->name) ||
        !domain_exceeds(from, into, asking->arena, &witness, &err)) {
        return;
    }
    struct diag *d =
        rule_report(asking->diags, RULE_WIDE_PARAM, offer->span,
                    "param '%.*s' takes more than param '%.*s' of job '%.*s': '%.*s' %s",
                    STR_ARG(own->name), STR_ARG(offer->param->name),
                    STR_ARG(asking->producer->name), STR_ARG(witness), err.message);
    diag_label(d, own->span, "it takes '%.*s'", STR_ARG(witness));
    producer_label_param(d, asking->producer, offer->param);
    diag_help(d, "declare '%.*s' as job '%.*s' does", STR_ARG(own->name),
              STR_ARG(asking->producer->name));
}

/* --- entries --- */

static void check_offer(struct asking *asking, const struct param *param, const struct with *with,
                        const struct template *template)
{
    struct offer offer = {.asking = asking,
                          .param = param,
                          .with = with,
                          .template = template,
                          .judged = table_make(asking->arena)};
    const struct template *whole = template != NULL ? template : with->values[0];
    const struct param *own = handed_on(asking->manifest, whole);

    offer.span = whole->node->span;
    if (offer_is_taken(&offer) && own != NULL) {
        check_width(&offer, own);
    }
}

/* A default that is handed on to a list, or element by element. */
static bool check_list_default(struct asking *asking, const struct param *param,
                               const struct with *with, const struct param *list)
{
    struct span span = with->values[0]->node->span;
    struct error err = {0};
    struct value canonical;

    if (list->default_kind != DEFAULT_VALUE || !takes_list(param) ||
        domain_check_value(&param->domain, asking->arena, &list->default_value, &canonical, &err) ==
            0) {
        return true;
    }
    struct diag *d = producer_report_value(asking->producer, param, &list->default_value, span,
                                           &err, asking->diags);
    diag_label(d, list->default_span, "the default of param '%.*s'", STR_ARG(list->name));
    return false;
}

/* What a literal list is as a whole: elements that are there twice, and its length. */
static void check_literal_list(struct asking *asking, const struct param *param,
                               const struct with *with, bool is_taken)
{
    struct value list = {.is_list = true, .count = with->value_count};
    struct table seen = table_make(asking->arena);
    struct error err = {0};
    struct value canonical;

    list.items = arena_array(asking->arena, with->value_count, sizeof *list.items);
    for (size_t i = 0; i < with->value_count; i++) {
        if (with->values[i] == NULL || !template_is_text(with->values[i], &list.items[i])) {
            return;
        }
        const struct value item = {.text = list.items[i]};
        void **first = table_at(&seen, item.text);
        if (*first != NULL && !takes_list(param)) {
            producer_report_twice(param, &item, with->values[i]->node->span, asking->diags);
        }
        *first = &list;
    }
    if (takes_list(param) && is_taken &&
        domain_check_value(&param->domain, asking->arena, &list, &canonical, &err) < 0) {
        producer_report_value(asking->producer, param, &list, with->span, &err, asking->diags);
    }
}

static bool is_broken(const struct manifest *manifest, const struct param *param)
{
    for (size_t i = 0; i < manifest->param_count; i++) {
        if (manifest->params[i] == param) {
            return manifest->params_broken[i];
        }
    }
    return false;
}

void graph_check_value(struct asking *asking, const struct with *with, const struct param *param)
{
    struct combinations c = asking_combinations(asking);
    const struct param *list = combinations_list(&c, with);
    size_t errors = asking->diags->error_count;

    if (is_broken(asking->producer, param) || with->value_count == 0) {
        return;
    }
    if (list != NULL) {
        if (with->values[0] != NULL && !is_broken(asking->manifest, list) &&
            check_list_default(asking, param, with, list)) {
            check_offer(asking, param, with, NULL);
        }
        return;
    }
    for (size_t i = 0; i < with->value_count; i++) {
        if (with->values[i] != NULL) {
            check_offer(asking, param, with, with->values[i]);
        }
    }
    if (with->is_list) {
        check_literal_list(asking, param, with, asking->diags->error_count == errors);
    }
}
