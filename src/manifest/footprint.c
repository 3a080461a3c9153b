#include "manifest/footprint.h"

#include "base/arena.h"
#include "base/glob.h"
#include "manifest/manifest.h"
#include "manifest/possible.h"

struct builder {
    struct possible_query query; /* max 0: nothing is enumerated */
    struct footprint footprint;
    size_t capacity;
    bool over;
};

/* A possible text as a glob. An unknown text with '/' in it takes everything
 * from its segment on; in the first segment that would be the whole workspace,
 * whose changes would then all go unseen, so there it is one segment's `*`. */
static struct str glob_of(struct arena *arena, struct str text)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);
    size_t segment = 0;
    bool star_was_mark = false;

    for (size_t i = 0; i < text.n; i++) {
        char c = text.s[i];

        if (c == POSSIBLE_DEEP && segment > 0) {
            return str_format(arena, "%.*s**", STR_ARG(str_slice(buf_str(&buf), 0, segment)));
        }
        if (c == POSSIBLE_ANY || c == POSSIBLE_DEEP) {
            if (buf.n == segment || buf.bytes[buf.n - 1] != '*') {
                buf_add_char(&buf, '*');
                star_was_mark = true;
            }
            continue;
        }
        if (c == '*' && star_was_mark) {
            continue;
        }
        star_was_mark = false;
        buf_add_char(&buf, c);
        if (c == '/') {
            segment = buf.n;
        }
    }
    if (buf.n > 0 && segment == buf.n) {
        buf_add(&buf, STR("**"));
    }
    return buf_str(&buf);
}

/* Sorted, and each only once. */
static void builder_unite(struct builder *b)
{
    struct footprint *footprint = &b->footprint;
    size_t kept = 0;

    if (footprint->count == 0) {
        return;
    }
    qsort(footprint->globs, footprint->count, sizeof *footprint->globs, str_compare_for_sort);
    for (size_t i = 0; i < footprint->count; i++) {
        if (footprint->globs[i].n > 0 &&
            (kept == 0 || !str_equal(footprint->globs[i], footprint->globs[kept - 1]))) {
            footprint->globs[kept++] = footprint->globs[i];
        }
    }
    footprint->count = kept;
}

static void builder_add(struct builder *b, const struct input *input,
                        const struct template *template, const struct when *guard)
{
    struct possible possible;

    if (b->over) {
        return;
    }
    b->query.input = input;
    b->query.guard = guard;
    possible = possible_texts(&b->query, template);
    for (size_t i = 0; i < possible.count; i++) {
        *ARENA_PUSH(b->query.arena, b->footprint.globs, b->footprint.count, b->capacity) =
            glob_of(b->query.arena, possible.texts[i].text);
    }
    if (b->query.max > 0 && b->footprint.count > b->query.max) {
        builder_unite(b);
        b->over = b->footprint.count > b->query.max;
    }
}

static struct footprint build(const struct manifest *manifest, struct arena *arena,
                              void (*add)(struct builder *b))
{
    struct builder b = {.query = {.manifest = manifest, .arena = arena, .max = FOOTPRINT_MAX}};

    add(&b);
    if (b.over) {
        b = (struct builder){.query = {.manifest = manifest, .arena = arena}};
        add(&b);
    }
    builder_unite(&b);
    return b.footprint;
}

static void add_outputs(struct builder *b)
{
    for (size_t i = 0; i < b->query.manifest->output_count; i++) {
        const struct output *output = &b->query.manifest->outputs[i];

        for (size_t j = 0; j < output->path_count; j++) {
            builder_add(b, NULL, output->paths[j], output->when);
        }
    }
    for (size_t i = 0; i < b->query.manifest->step_count; i++) {
        const struct step *step = &b->query.manifest->steps[i];

        if (step->stdout_path != NULL) {
            builder_add(b, NULL, step->stdout_path, step->when);
        }
    }
}

static void add_inputs(struct builder *b)
{
    for (size_t i = 0; i < b->query.manifest->input_count; i++) {
        const struct input *input = &b->query.manifest->inputs[i];

        if (input->to != NULL) {
            builder_add(b, input, input->to, input->when);
        }
    }
}

struct footprint footprint_of_outputs(const struct manifest *manifest, struct arena *arena)
{
    return build(manifest, arena, add_outputs);
}

struct footprint footprint_of_inputs(const struct manifest *manifest, struct arena *arena)
{
    return build(manifest, arena, add_inputs);
}

bool footprint_covers(const struct footprint *footprint, struct str path)
{
    for (size_t i = 0; i < footprint->count; i++) {
        if (glob_match(footprint->globs[i], path)) {
            return true;
        }
    }
    return false;
}
