/*
 * Diagnostics as lines, to compare what a manifest gives as a whole:
 *
 *     4:3 unknown-key: unknown key 'x' in the manifest
 *       @ 2:1 a label
 *       = a note
 *       ? a help
 *
 * A warning has a '~' before its rule. In order of place.
 */
#ifndef TESTS_UNIT_MANIFEST_LINES_H
#define TESTS_UNIT_MANIFEST_LINES_H

#include "test.h"

#include "base/arena.h"
#include "base/diag.h"
#include "manifest/manifest.h"

static inline void lines_add_place(struct buf *buf, struct span span)
{
    struct place place = {0};

    if (span.source != NULL) {
        place = source_place(span.source, span.start);
    }
    buf_addf(buf, "%zu:%zu ", place.line, place.column);
}

static inline struct str lines_of(struct arena *arena, struct diags *diags)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);

    diags_sort(diags);
    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *d = diags->items[i];

        lines_add_place(&buf, d->span);
        buf_addf(&buf, "%s%s: %.*s\n", d->severity == SEVERITY_WARNING ? "~" : "", d->rule,
                 STR_ARG(d->message));
        for (size_t j = 0; j < d->label_count; j++) {
            buf_add(&buf, STR("  @ "));
            lines_add_place(&buf, d->labels[j].span);
            buf_addf(&buf, "%.*s\n", STR_ARG(d->labels[j].text));
        }
        for (size_t j = 0; j < d->note_count; j++) {
            buf_addf(&buf, "  = %.*s\n", STR_ARG(d->notes[j]));
        }
        for (size_t j = 0; j < d->help_count; j++) {
            buf_addf(&buf, "  ? %.*s\n", STR_ARG(d->helps[j]));
        }
    }
    return buf_str(&buf);
}

/* Everything that is found in a manifest named "t.yaml". */
static inline struct str lines_of_manifest(struct arena *arena, const char *text)
{
    struct diags diags = diags_make(arena);

    manifest_parse(arena, source_make(arena, STR("t.yaml"), str_from(text)), STR("t"), NULL,
                   &diags);
    return lines_of(arena, &diags);
}

/* Asserts all that is found in a manifest whose first two lines are `job` and
 * `help`; the text begins on line 3. */
static inline void expect_lines(const char *text, const char *expected)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct str whole = str_format(&arena, "job: t\nhelp: h\n%s", text);

    assert_string_equal(lines_of_manifest(&arena, whole.s).s, expected);
}

#endif
