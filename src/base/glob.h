/*
 * Patterns of paths: `*` (any bytes within a segment), `?` (one character),
 * `[a-z]` and `[!a-z]`, `**` as a whole segment (any number of segments, none
 * included). Hidden files match like others. A backslash has no meaning of its
 * own: no path of a manifest may hold one.
 *
 * Paths are relative, with '/' between segments and no empty, '.' or '..'
 * segment.
 */
#ifndef BASE_GLOB_H
#define BASE_GLOB_H

#include "base/base.h"
#include "base/str.h"

bool glob_has_magic(struct str pattern);

/* Whether it is nothing but stars, so that all there is lies in what it matches. */
bool glob_is_everything(struct str pattern);

/* Whether the whole path matches. Time is bounded by the product of the
 * lengths. */
bool glob_match(struct str pattern, struct str path);

/* Whether a folder with this path may hold something that matches: for walks
 * that go only where it makes sense. */
bool glob_may_match_below(struct str pattern, struct str folder);

/* The leading segments without magic, as a folder: "dist/x/" of "dist/x/ *.whl",
 * "" of "*.whl"; of a pattern without any magic, the folder that it lies in. */
struct str glob_fixed_prefix(struct str pattern);

/* NULL where the pattern is well formed, else what is wrong ("unclosed '['"). */
const char *glob_problem(struct str pattern);

#endif
