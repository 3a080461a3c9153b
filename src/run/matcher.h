/*
 * Many texts looked for at once in a stream of bytes that comes in pieces.
 *
 *     const struct matcher *matcher = matcher_make(arena, texts, count);
 *     uint32_t state = 0; size_t at = 0;
 *     while ((found = matcher_next(matcher, &state, bytes, &at)) >= 0)
 *         ... texts[found] ends at `at`; it may have begun in an earlier piece
 *
 * This is the automaton of Aho and Corasick, whose work does not depend on the
 * number of texts. Where nothing has begun, bytes are skipped by the table of Wu
 * and Manber, so that output in which nothing is found costs little.
 *
 * A matcher is read-only once it is made: several threads may use one, each with
 * a state of its own.
 */
#ifndef RUN_MATCHER_H
#define RUN_MATCHER_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct matcher;

#define MATCHER_TEXT_BYTES_MIN ((size_t)4)
#define MATCHER_BYTES_MAX      ((size_t)32 << 20) /* of all texts together */

/* Texts that are shorter than the least, or more than the limit together, are a
 * bug of the caller's. Of equal texts the first is the one that is found. */
const struct matcher *matcher_make(struct arena *arena, const struct str *texts, size_t count);

/* Reads on from *at to the next place where a text ends, and returns the longest
 * that ends there; -1 and *at at the end of the bytes where there is none. */
ptrdiff_t matcher_next(const struct matcher *matcher, uint32_t *state, struct str bytes,
                       size_t *at);

/* How many of the last bytes may be the beginning of a text: none is longer. */
size_t matcher_begun(const struct matcher *matcher, uint32_t state);
/* The length of a text, and of the longest. */
size_t matcher_length(const struct matcher *matcher, ptrdiff_t found);
size_t matcher_longest(const struct matcher *matcher);

#endif
