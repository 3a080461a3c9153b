#include "run/freshness.h"

#include "base/arena.h"
#include "base/error.h"
#include "job/job.h"
#include "run/stored.h"
#include "store/store.h"

#define SHORT_DIGITS 8 /* of a digest in a sentence */

void receipt_inputs(struct arena *arena, const struct supply *supplies, size_t supply_count,
                    struct receipt_input **inputs, size_t *count)
{
    *inputs = arena_array(arena, supply_count, sizeof **inputs);
    *count = supply_count;
    for (size_t i = 0; i < supply_count; i++) {
        const struct supply *supply = &supplies[i];
        struct receipt_input *input = &(*inputs)[i];
        input->name = supply->input->input->name;
        input->label = supply->element->label;
        switch (supply->state) {
        case SUPPLY_THERE:
            input->address = address_receipt_key(arena, &supply->address);
            input->sha256 = supply->receipt_sha256;
            break;
        case SUPPLY_LOCAL:
            /* `else` is in the repository, wherever that lies. */
            input->local = supply->otherwise.s != NULL ? supply->otherwise : supply->local_path;
            input->sha256 = receipt_listing_sha256(arena, supply->entries, supply->entry_count);
            break;
        case SUPPLY_ABSENT:
        case SUPPLY_UNKNOWN:
            input->absent = true;
            break;
        }
    }
}

void receipt_params(struct arena *arena, const struct job *job, struct receipt_param **params,
                    size_t *count)
{
    *count = job->manifest->param_count;
    *params = arena_array(arena, *count, sizeof **params);
    for (size_t i = 0; i < *count; i++) {
        (*params)[i] = (struct receipt_param){
            .name = job->manifest->params[i]->name,
            .value = value_address_text(&job->arguments[i].value, arena),
            .variant = job->manifest->params[i]->variant,
        };
    }
}

/* A comparison under way. */
struct comparison {
    struct arena *arena;
    struct freshness *freshness;
};

static void differs(struct comparison *comparison, struct str sentence)
{
    struct freshness *freshness = comparison->freshness;

    *ARENA_PUSH(comparison->arena, freshness->reasons, freshness->reason_count,
                freshness->reason_capacity) = str_printable(comparison->arena, sentence);
}

static void is_equal(struct comparison *comparison, struct str sentence)
{
    struct freshness *freshness = comparison->freshness;

    *ARENA_PUSH(comparison->arena, freshness->equal, freshness->equal_count,
                freshness->equal_capacity) = str_printable(comparison->arena, sentence);
}

static struct str digits(struct str digest)
{
    return str_slice(digest, 0, SHORT_DIGITS);
}

static void compare_manifest(struct comparison *comparison, const struct job *job)
{
    struct str then = comparison->freshness->receipt.manifest_sha256;
    struct str now = job->manifest_digest;

    if (str_equal(then, now)) {
        is_equal(comparison, str_format(comparison->arena, "the manifest (sha256 %.*s...)",
                                        STR_ARG(digits(now))));
        return;
    }
    differs(comparison,
            str_format(comparison->arena, "the manifest changed (sha256 %.*s... then, %.*s... now)",
                       STR_ARG(digits(then)), STR_ARG(digits(now))));
}

static void compare_dirty(struct comparison *comparison, struct str now)
{
    struct arena *arena = comparison->arena;
    struct str then = comparison->freshness->receipt.dirty;

    if (str_equal(then, now)) {
        is_equal(comparison, now.n == 0 ? STR("the working tree (clean)")
                                        : str_format(arena,
                                                     "the changes in the working tree (sha256 "
                                                     "%.*s...)",
                                                     STR_ARG(digits(now))));
    } else if (then.n == 0) {
        differs(comparison, STR("the working tree was clean then and has changes now"));
    } else if (now.n == 0) {
        differs(comparison, STR("the working tree had changes then and is clean now"));
    } else {
        differs(comparison, str_format(arena,
                                       "the changes in the working tree are others (sha256 %.*s... "
                                       "then, %.*s... now)",
                                       STR_ARG(digits(then)), STR_ARG(digits(now))));
    }
}

static const struct receipt_param *find_param(const struct receipt_param *params, size_t count,
                                              struct str name)
{
    for (size_t i = 0; i < count; i++) {
        if (params[i].variant && str_equal(params[i].name, name)) {
            return &params[i];
        }
    }
    return NULL;
}

/* The address has the values already, but may hold their digest alone. */
static void compare_params(struct comparison *comparison, const struct job *job)
{
    struct arena *arena = comparison->arena;
    const struct receipt *receipt = &comparison->freshness->receipt;
    struct receipt_param *now;
    size_t count;

    receipt_params(arena, job, &now, &count);
    for (size_t i = 0; i < count; i++) {
        const struct receipt_param *then =
            find_param(receipt->params, receipt->param_count, now[i].name);
        if (!now[i].variant) {
            continue;
        }
        if (then != NULL && str_equal(then->value, now[i].value)) {
            is_equal(comparison, str_format(arena, "param '%.*s' (%.*s)", STR_ARG(now[i].name),
                                            STR_ARG(now[i].value)));
        } else if (then != NULL) {
            differs(comparison,
                    str_format(arena, "param '%.*s' was '%.*s' then and is '%.*s' now",
                               STR_ARG(now[i].name), STR_ARG(then->value), STR_ARG(now[i].value)));
        } else {
            differs(comparison, str_format(arena, "param '%.*s' is new", STR_ARG(now[i].name)));
        }
    }
    for (size_t i = 0; i < receipt->param_count; i++) {
        const struct receipt_param *then = &receipt->params[i];
        if (then->variant && find_param(now, count, then->name) == NULL) {
            differs(comparison, str_format(arena, "param '%.*s' is no more", STR_ARG(then->name)));
        }
    }
}

/* "input 'cli'", "input 'cli' (platform=linux-x64)" */
static struct str input_title(struct arena *arena, const struct receipt_input *input)
{
    return str_format(arena, "input '%.*s'%s%.*s%s", STR_ARG(input->name),
                      input->label.n > 0 ? " (" : "", STR_ARG(input->label),
                      input->label.n > 0 ? ")" : "");
}

static struct str input_show(struct arena *arena, const struct receipt_input *input)
{
    if (input->absent) {
        return STR("absent");
    }
    if (input->address.n == 0) {
        return str_format(arena, "'%.*s' (sha256 %.*s...)", STR_ARG(input->local),
                          STR_ARG(digits(input->sha256)));
    }
    return str_format(arena, "'%.*s' (sha256 %.*s...)", STR_ARG(input->address),
                      STR_ARG(digits(input->sha256)));
}

/* An absent one has neither. */
static bool input_equal(const struct receipt_input *a, const struct receipt_input *b)
{
    return str_equal(a->address, b->address) && str_equal(a->sha256, b->sha256);
}

static void compare_input(struct comparison *comparison, const struct receipt_input *then,
                          const struct receipt_input *now)
{
    struct arena *arena = comparison->arena;
    struct str title = input_title(arena, now);

    if (input_equal(then, now)) {
        is_equal(comparison,
                 str_format(arena, "%.*s: %.*s", STR_ARG(title), STR_ARG(input_show(arena, now))));
    } else if (then->absent != now->absent) {
        differs(comparison,
                str_format(arena, "%.*s was %s then and is %s now", STR_ARG(title),
                           then->absent ? "absent" : "there", now->absent ? "absent" : "there"));
    } else if (str_equal(then->address, now->address)) {
        differs(comparison,
                str_format(arena, "%.*s was made anew (sha256 %.*s... then, %.*s... now)",
                           STR_ARG(title), STR_ARG(digits(then->sha256)),
                           STR_ARG(digits(now->sha256))));
    } else {
        differs(comparison,
                str_format(arena, "%.*s is another one: %.*s then, %.*s now", STR_ARG(title),
                           STR_ARG(input_show(arena, then)), STR_ARG(input_show(arena, now))));
    }
}

static int compare_inputs_by_name(const void *a, const void *b)
{
    const struct receipt_input *x = a;
    const struct receipt_input *y = b;
    int order = str_compare(x->name, y->name);

    return order != 0 ? order : str_compare(x->label, y->label);
}

static struct receipt_input *sorted_inputs(struct arena *arena, const struct receipt_input *inputs,
                                           size_t count)
{
    struct receipt_input *sorted = arena_array(arena, count, sizeof *sorted);

    for (size_t i = 0; i < count; i++) {
        sorted[i] = inputs[i];
    }
    if (count > 1) {
        qsort(sorted, count, sizeof *sorted, compare_inputs_by_name);
    }
    return sorted;
}

static void compare_inputs(struct comparison *comparison, const struct supply *supplies,
                           size_t supply_count)
{
    struct arena *arena = comparison->arena;
    const struct receipt *receipt = &comparison->freshness->receipt;
    struct receipt_input *now;
    size_t now_count;

    receipt_inputs(arena, supplies, supply_count, &now, &now_count);
    now = sorted_inputs(arena, now, now_count);
    struct receipt_input *then = sorted_inputs(arena, receipt->inputs, receipt->input_count);
    size_t t = 0;
    size_t n = 0;
    while (t < receipt->input_count || n < now_count) {
        int order = t == receipt->input_count ? 1
                    : n == now_count          ? -1
                                              : compare_inputs_by_name(&then[t], &now[n]);
        if (order == 0) {
            compare_input(comparison, &then[t], &now[n]);
        } else {
            struct str title = input_title(arena, order < 0 ? &then[t] : &now[n]);
            differs(comparison, str_format(arena, "%.*s %s", STR_ARG(title),
                                           order < 0 ? "was used then and is not now"
                                                     : "is used now and was not then"));
        }
        t += order <= 0;
        n += order >= 0;
    }
}

static int check_files(struct comparison *comparison, const struct job *job, struct store *store,
                       struct error *err)
{
    struct freshness *freshness = comparison->freshness;
    struct error problem = {0};

    if (stored_check_files(comparison->arena, store, &job->address, &freshness->receipt.artifact,
                           (struct str){0}, &problem) == 0) {
        return 0;
    }
    if (problem.kind != ERROR_DAMAGED) {
        *err = problem;
        return -1;
    }
    freshness->state = FRESH_DAMAGED;
    differs(comparison,
            str_format(comparison->arena, "what was published is damaged: %s", problem.message));
    return 0;
}

int freshness_read(struct arena *arena, const struct job *job, struct store *store,
                   struct freshness *freshness, struct error *err)
{
    struct comparison comparison = {.arena = arena, .freshness = freshness};
    struct stored stored = {0};
    struct error problem = {0};

    *freshness = (struct freshness){.state = FRESH_NONE};
    if (stored_read(arena, store, &job->address, &stored, &problem) < 0) {
        freshness->version = stored.version;
        if (problem.kind == ERROR_NOT_FOUND) {
            return 0;
        }
        if (problem.kind != ERROR_DAMAGED && problem.kind != ERROR_LIMIT) {
            *err = problem;
            return -1;
        }
        freshness->state = FRESH_DAMAGED;
        differs(&comparison, str_format(arena, "the receipt cannot be used: %s", problem.message));
        return 0;
    }
    freshness->state = FRESH;
    freshness->receipt = stored.receipt;
    freshness->has_receipt = true;
    freshness->version = stored.version;
    return check_files(&comparison, job, store, err);
}

void freshness_compare(struct freshness *freshness, struct arena *arena, const struct job *job,
                       const struct supply *supplies, size_t supply_count, struct str dirty)
{
    struct comparison comparison = {.arena = arena, .freshness = freshness};

    if (!freshness->has_receipt) {
        return;
    }
    compare_manifest(&comparison, job);
    compare_params(&comparison, job);
    compare_inputs(&comparison, supplies, supply_count);
    compare_dirty(&comparison, dirty);
    if (freshness->state == FRESH && freshness->reason_count > 0) {
        freshness->state = FRESH_CHANGED;
    }
}
