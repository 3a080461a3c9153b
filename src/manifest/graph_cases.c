/* For which values of the consumer's params something is wrong. */
#include "base/arena.h"
#include "manifest/graph_parts.h"
#include "manifest/manifest.h"
#include "manifest/possible.h"

#define SHOWN_MAX 6 /* further ones are counted */

/* How many combinations lie between two values of a choice. */
static size_t stride_of(const struct combinations *c, size_t choice)
{
    size_t stride = 1;

    for (size_t i = choice + 1; i < c->choice_count; i++) {
        stride *= c->choices[i].count;
    }
    return stride;
}

static size_t value_at(const struct combinations *c, size_t choice, size_t index)
{
    return index / stride_of(c, choice) % c->choices[choice].count;
}

/* Whether the choice makes a difference: with all else equal, one value fails and
 * another does not. */
static bool matters(const struct cases *cases, size_t choice)
{
    size_t stride = stride_of(cases->combinations, choice);
    size_t count = cases->combinations->choices[choice].count;

    for (size_t i = 0; i < cases->count; i++) {
        bool fails = false, passes = false;
        if (value_at(cases->combinations, choice, i) != 0) {
            continue;
        }
        for (size_t j = 0; j < count; j++) {
            fails |= cases->failing[i + j * stride];
            passes |= cases->allowed[i + j * stride] && !cases->failing[i + j * stride];
        }
        if (fails && passes) {
            return true;
        }
    }
    return false;
}

/* Leaves the choice out: the cases of its first value stand for those of all. */
static void fold(struct cases *cases, size_t choice)
{
    size_t stride = stride_of(cases->combinations, choice);

    for (size_t i = 0; i < cases->count; i++) {
        size_t at = i - value_at(cases->combinations, choice, i) * stride;
        if (at != i) {
            cases->allowed[at] |= cases->allowed[i];
            cases->failing[at] |= cases->failing[i];
            cases->allowed[i] = cases->failing[i] = false;
        }
    }
}

static void add_value(struct buf *buf, const struct combinations_choice *choice, size_t value)
{
    struct str text = choice->values[value];

    buf_add(buf, combinations_is_unknown(text) ? STR("another value") : text);
}

/* "mode=pr and platform=linux-x64": one case, as the choices that matter have it. */
static void add_case(struct buf *buf, const struct cases *cases, const bool *shown, size_t index)
{
    const struct combinations *c = cases->combinations;
    bool is_first = true;

    for (size_t i = 0; i < c->choice_count; i++) {
        if (shown[i]) {
            buf_addf(buf, "%s%.*s=", is_first ? "" : " and ", STR_ARG(c->choices[i].param->name));
            add_value(buf, &c->choices[i], value_at(c, i, index));
            is_first = false;
        }
    }
}

/* Of several params the cases are told apart by a comma, of one its values by "or". */
static struct str list_cases(const struct cases *cases, const bool *shown, size_t shown_count)
{
    struct arena *arena = cases->combinations->arena;
    struct str *texts = arena_array(arena, cases->count, sizeof *texts);
    struct buf list = buf_make(arena, BUF_MAX_DEFAULT);
    size_t count = 0;

    for (size_t i = 0; i < cases->count && shown_count > 0; i++) {
        if (cases->failing[i]) {
            struct buf buf = buf_make(arena, POSSIBLE_BYTES_MAX);
            add_case(&buf, cases, shown, i);
            texts[count] = buf_str(&buf);
            if (shown_count == 1 && count > 0) {
                texts[count] = str_after(texts[count], str_index(texts[count], '=') + 1);
            }
            count++;
        }
    }
    for (size_t i = 0; i < count && i < SHOWN_MAX; i++) {
        bool is_last = i + 1 == count;
        buf_addf(&list, "%s%.*s", i == 0 ? "" : (is_last ? " or " : ", "), STR_ARG(texts[i]));
    }
    if (count > SHOWN_MAX) {
        buf_addf(&list, " or %zu more", count - SHOWN_MAX);
    }
    return buf_str(&list);
}

struct str cases_describe(struct cases *cases)
{
    const struct combinations *c = cases->combinations;
    bool *shown = arena_array(c->arena, c->choice_count, sizeof *shown);
    size_t shown_count = 0;

    /* An element of a fan-in is no value of the reader's: one that fails is enough. */
    for (size_t i = 0; i < c->choice_count; i++) {
        if (c->choices[i].param == NULL) {
            fold(cases, i);
        }
    }
    for (size_t i = 0; i < c->choice_count; i++) {
        shown[i] = c->choices[i].param != NULL && matters(cases, i);
        shown_count += shown[i];
        if (!shown[i]) {
            fold(cases, i);
        }
    }
    return list_cases(cases, shown, shown_count);
}
