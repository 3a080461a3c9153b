#include "lint/ignored.h"

#include "base/arena.h"
#include "base/diag.h"
#include "base/error.h"
#include "base/glob.h"
#include "base/path.h"
#include "job/context.h"
#include "lint/lint.h"
#include "manifest/footprint.h"
#include "manifest/manifest.h"
#include "manifest/rule.h"
#include "sys/git.h"

#define SHOWN_MAX 5 /* lines for .gitignore in one message */

/* One glob of one manifest. */
struct spot {
    const struct manifest *manifest;
    struct str glob;
    bool ignored;
};

struct spots {
    struct spot *items;
    size_t count, capacity;
};

static void add_footprint(struct lint *lint, struct spots *spots, const struct manifest *manifest,
                          const struct footprint *footprint)
{
    for (size_t i = 0; i < footprint->count && spots->count < IGNORED_PLACES_MAX; i++) {
        *ARENA_PUSH(lint->arena, spots->items, spots->count, spots->capacity) =
            (struct spot){.manifest = manifest, .glob = footprint->globs[i]};
    }
}

/* A path that the glob matches. */
static struct str sample_of(struct arena *arena, struct str glob)
{
    struct buf buf = buf_make(arena, PATH_BYTES_MAX);

    for (size_t i = 0; i < glob.n; i++) {
        char c = glob.s[i];
        if (c == '[') {
            size_t n = str_index(str_after(glob, i), ']');
            buf_add_char(&buf, n > 1 && glob.s[i + 1] != '!' && glob.s[i + 1] != '^' ? glob.s[i + 1]
                                                                                     : 'x');
            i += n;
        } else if (c == '*' || c == '?') {
            buf_add_char(&buf, 'x');
        } else {
            buf_add_char(&buf, c);
        }
    }
    return buf_str(&buf);
}

static int ask_git(struct lint *lint, struct spots *spots, struct error *err)
{
    const char *root = lint->context->root.s;
    struct str *paths = arena_array(lint->arena, spots->count, sizeof *paths);
    struct str *folders = arena_array(lint->arena, spots->count, sizeof *folders);
    bool *ignored = arena_array(lint->arena, spots->count, sizeof *ignored);
    struct str *tracked;
    size_t tracked_count, open_count = 0;

    for (size_t i = 0; i < spots->count; i++) {
        paths[i] = sample_of(lint->arena, spots->items[i].glob);
    }
    if (git_ignored(lint->arena, root, paths, spots->count, ignored, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < spots->count; i++) {
        spots->items[i].ignored = ignored[i];
        if (!ignored[i]) {
            folders[open_count++] =
                glob_has_magic(spots->items[i].glob)
                    ? path_without_slash(glob_fixed_prefix(spots->items[i].glob))
                    : spots->items[i].glob;
        }
    }
    if (open_count == 0) {
        return 0;
    }
    if (git_tracked(lint->arena, root, folders, open_count, &tracked, &tracked_count, err) < 0) {
        return -1;
    }
    for (size_t i = 0; i < spots->count; i++) {
        for (size_t j = 0; j < tracked_count && !spots->items[i].ignored; j++) {
            spots->items[i].ignored = glob_match(spots->items[i].glob, tracked[j]);
        }
    }
    return 0;
}

/* The line of .gitignore: the folder of what has wildcards, else the file. */
static struct str line_of(struct lint *lint, struct str glob)
{
    struct str folder = glob_has_magic(glob) ? glob_fixed_prefix(glob) : STR("");
    struct str below = str_slice(lint->context->root, 0, lint->context->root.n);

    below = path_is_below(below, lint->context->git_top)
                ? str_after(below, lint->context->git_top.n + 1)
                : STR("");
    return str_format(lint->arena, "/%.*s%s%.*s", STR_ARG(below), below.n > 0 ? "/" : "",
                      STR_ARG(folder.n > 0 ? folder : glob));
}

/* Of one manifest, whose places stand side by side. */
static void report(struct lint *lint, const struct spot *spots, size_t count)
{
    struct str lines[SHOWN_MAX];
    size_t line_count = 0, open_count = 0;
    const struct spot *first = NULL;

    for (size_t i = 0; i < count; i++) {
        if (spots[i].ignored) {
            continue;
        }
        struct str line = line_of(lint, spots[i].glob);
        bool is_new = true;
        for (size_t j = 0; j < line_count; j++) {
            is_new &= !str_equal(lines[j], line);
        }
        first = first != NULL ? first : &spots[i];
        open_count += is_new ? 1 : 0;
        if (is_new && line_count < SHOWN_MAX) {
            lines[line_count++] = line;
        }
    }
    if (first == NULL) {
        return;
    }
    struct diag *d = rule_report(lint->diags, RULE_NOT_IGNORED, first->manifest->name_span,
                                 "what job '%.*s' makes or lands is not ignored by git: '%.*s'",
                                 STR_ARG(first->manifest->name), STR_ARG(first->glob));
    for (size_t j = 0; j < line_count; j++) {
        diag_help(d, "add to .gitignore: %.*s", STR_ARG(lines[j]));
    }
    if (open_count > line_count) {
        diag_note(d, "and %zu more places", open_count - line_count);
    }
}

int ignored_check(struct lint *lint, struct error *err)
{
    struct spots spots = {0};

    if (!lint->context->has_git) {
        lint->unchecked[RULE_NOT_IGNORED] = true;
        return 0;
    }
    for (size_t i = 0; i < lint->manifest_count; i++) {
        if (lint->manifests[i]->has_errors || !lint->is_own[i]) {
            continue; /* its paths may be anything, or begin at another root */
        }
        struct footprint outputs = footprint_of_outputs(lint->manifests[i], lint->arena);
        struct footprint inputs = footprint_of_inputs(lint->manifests[i], lint->arena);
        add_footprint(lint, &spots, lint->manifests[i], &outputs);
        add_footprint(lint, &spots, lint->manifests[i], &inputs);
    }
    if (spots.count > 0 && ask_git(lint, &spots, err) < 0) {
        return error_prefix(err, "cannot ask git which files are ignored");
    }
    for (size_t i = 0; i < spots.count;) {
        size_t n = 1;
        while (i + n < spots.count && spots.items[i + n].manifest == spots.items[i].manifest) {
            n++;
        }
        report(lint, &spots.items[i], n);
        i += n;
    }
    return 0;
}
