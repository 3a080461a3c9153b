/*
 * A text that problems are found in, and places in it.
 *
 * A source is made once (source_make) and then read-only; spans point into it
 * and stay valid as long as the source's arena. Offsets and lengths are bytes;
 * lines and columns count from 1, and columns count characters (code points). A
 * text has at most SOURCE_BYTES_MAX bytes: there are many spans, and they are small.
 */
#ifndef BASE_SOURCE_H
#define BASE_SOURCE_H

#include "base/base.h"
#include "base/str.h"

struct arena;

#define SOURCE_BYTES_MAX UINT32_MAX
#define SOURCE_STDIN     "<stdin>" /* the name of a text that is no file */

struct source {
    struct str name; /* as shown: relative to where the user stands, or SOURCE_STDIN */
    struct str text;
    const uint32_t *line_starts; /* offset of each line's first byte */
    size_t line_count;
};

/* All zero: no place. */
struct span {
    const struct source *source;
    uint32_t start;
    uint32_t length;
};

/* For offsets and lengths that are counted in size_t. */
struct span span_make(const struct source *source, size_t start, size_t length);

struct place {
    size_t line;
    size_t column;
};

/* The texts are not copied. */
const struct source *source_make(struct arena *arena, struct str name, struct str text);
struct place source_place(const struct source *source, size_t offset);
/* The line alone, which costs less where lines are long. */
size_t source_line_number(const struct source *source, size_t offset);
/* Line number `line` (from 1) without its line end; empty past the last. */
struct str source_line(const struct source *source, size_t line);
/* The offset of a place; a column past the line's end is its end. */
size_t source_offset(const struct source *source, size_t line, size_t column);

#endif
