#include "run/matcher.h"

#include "base/arena.h"

#define ROOT ((uint32_t)0)
/* How many bytes are looked at as one when bytes are skipped. */
#define WINDOW_BYTES_MAX ((size_t)64)
#define GRAM_COUNT       ((size_t)1 << 16)

/* What was read is the beginning of a text: `depth` bytes of it. */
struct state {
    uint32_t child;    /* the first of the states that one byte more leads to; ROOT: none */
    uint32_t sibling;  /* the next child of the same parent; ROOT: none */
    uint32_t fallback; /* the longest end of it that is the beginning of a text as well */
    uint32_t depth;
    uint32_t text; /* 1 + the longest text that ends here; 0: none */
    unsigned char byte;
};

struct matcher {
    struct state *states;
    size_t count;
    size_t *lengths; /* of the texts */
    size_t longest;
    uint32_t first[256];            /* the root's children by their byte */
    size_t window;                  /* no more than the shortest text has */
    unsigned char skip[GRAM_COUNT]; /* by the last two bytes of a window: how many bytes before
                                     * the next one in which a text may begin */
};

static unsigned char byte_at(struct str text, size_t i)
{
    return (unsigned char)text.s[i];
}

static uint32_t child_of(const struct matcher *matcher, uint32_t state, unsigned char byte)
{
    if (state == ROOT) {
        return matcher->first[byte];
    }
    uint32_t child = matcher->states[state].child;
    while (child != ROOT && matcher->states[child].byte != byte) {
        child = matcher->states[child].sibling;
    }
    return child;
}

static uint32_t step(const struct matcher *matcher, uint32_t state, unsigned char byte)
{
    uint32_t next = child_of(matcher, state, byte);
    while (next == ROOT && state != ROOT) {
        state = matcher->states[state].fallback;
        next = child_of(matcher, state, byte);
    }
    return next;
}

/* --- making one --- */

static uint32_t add_child(struct matcher *matcher, uint32_t parent, unsigned char byte)
{
    uint32_t child = (uint32_t)matcher->count++;
    matcher->states[child] = (struct state){
        .sibling = matcher->states[parent].child,
        .depth = matcher->states[parent].depth + 1,
        .byte = byte,
    };
    matcher->states[parent].child = child;
    if (parent == ROOT) {
        matcher->first[byte] = child;
    }
    return child;
}

static void add_text(struct matcher *matcher, struct str text, size_t index)
{
    uint32_t state = ROOT;
    for (size_t i = 0; i < text.n; i++) {
        uint32_t child = child_of(matcher, state, byte_at(text, i));
        state = child != ROOT ? child : add_child(matcher, state, byte_at(text, i));
    }
    if (matcher->states[state].text == 0) {
        matcher->states[state].text = (uint32_t)index + 1;
    }
}

/* Level by level, for a fallback is always less deep. */
static void add_fallbacks(struct matcher *matcher)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    uint32_t *queue = arena_array(&scratch, matcher->count, sizeof *queue);
    size_t queued = 1;
    for (size_t i = 0; i < queued; i++) {
        uint32_t parent = queue[i];
        for (uint32_t child = matcher->states[parent].child; child != ROOT;
             child = matcher->states[child].sibling) {
            struct state *state = &matcher->states[child];
            if (parent != ROOT) {
                state->fallback = step(matcher, matcher->states[parent].fallback, state->byte);
            }
            if (state->text == 0) {
                state->text = matcher->states[state->fallback].text;
            }
            queue[queued++] = child;
        }
    }
}

static size_t gram_at(struct str text, size_t i)
{
    return (size_t)byte_at(text, i) << 8 | byte_at(text, i + 1);
}

static void add_skips(struct matcher *matcher, const struct str *texts, size_t count)
{
    memset(matcher->skip, (int)matcher->window - 1, sizeof matcher->skip);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j + 2 <= matcher->window; j++) {
            unsigned char *skip = &matcher->skip[gram_at(texts[i], j)];
            size_t behind = matcher->window - 2 - j;
            *skip = behind < *skip ? (unsigned char)behind : *skip;
        }
    }
}

const struct matcher *matcher_make(struct arena *arena, const struct str *texts, size_t count)
{
    struct matcher *matcher = arena_alloc(arena, sizeof *matcher);
    size_t total = 0;
    matcher->lengths = arena_array(arena, count, sizeof *matcher->lengths);
    matcher->window = WINDOW_BYTES_MAX;
    for (size_t i = 0; i < count; i++) {
        if (texts[i].n < MATCHER_TEXT_BYTES_MIN || texts[i].n > MATCHER_BYTES_MAX - total) {
            BUG("a text that is too short or too long to be looked for");
        }
        total += texts[i].n;
        matcher->lengths[i] = texts[i].n;
        matcher->longest = texts[i].n > matcher->longest ? texts[i].n : matcher->longest;
        matcher->window = texts[i].n < matcher->window ? texts[i].n : matcher->window;
    }
    matcher->states = arena_array(arena, total + 1, sizeof *matcher->states);
    matcher->count = 1;
    for (size_t i = 0; i < count; i++) {
        add_text(matcher, texts[i], i);
    }
    add_fallbacks(matcher);
    add_skips(matcher, texts, count);
    return matcher;
}

/* --- using it --- */

/* The next place from `at` on where a text may begin. */
static size_t skip_from(const struct matcher *matcher, struct str bytes, size_t at)
{
    while (bytes.n - at >= matcher->window) {
        size_t skip = matcher->skip[gram_at(bytes, at + matcher->window - 2)];
        if (skip == 0) {
            return at;
        }
        at += skip;
    }
    return at;
}

ptrdiff_t matcher_next(const struct matcher *matcher, uint32_t *state, struct str bytes, size_t *at)
{
    uint32_t now = *state;
    size_t i = *at;
    ptrdiff_t found = -1;
    while (i < bytes.n && found < 0) {
        if (now == ROOT) {
            i = skip_from(matcher, bytes, i);
        }
        /* Less than a window is left, which is less than may be skipped. */
        now = step(matcher, now, byte_at(bytes, i++));
        found = (ptrdiff_t)matcher->states[now].text - 1;
    }
    *state = now;
    *at = i;
    return found;
}

size_t matcher_begun(const struct matcher *matcher, uint32_t state)
{
    return matcher->states[state].depth;
}

size_t matcher_length(const struct matcher *matcher, ptrdiff_t found)
{
    return matcher->lengths[found];
}

size_t matcher_longest(const struct matcher *matcher)
{
    return matcher->longest;
}
