/*
 * Whether a regular expression takes too long with some text: repetitions within a
 * repetition, and alternatives within one, can match a text in very many ways.
 *
 * It is measured: texts are made that repeat what a repetition takes and then cannot
 * match, and one of them must hit the limits of pattern_match(). So nothing is
 * reported that is not so; a pattern that is slow in another way, or that uses what
 * is not read here (references to groups, recursion), may go unseen.
 */
#ifndef BASE_PATTERN_COST_H
#define BASE_PATTERN_COST_H

#include "base/base.h"
#include "base/str.h"

struct arena;

#define PATTERN_COST_TRIES 200 /* texts that are made for one pattern at most */

/* True with a text that it takes too long with; `pattern` is one that pattern_open()
 * takes. */
bool pattern_is_slow(struct arena *arena, struct str pattern, struct str *with);

#endif
