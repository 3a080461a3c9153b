/*
 * Regular expressions: PCRE2 syntax, UTF-8, always anchored at both ends, with
 * limits on matching so that no pattern can hang the program.
 */
#ifndef BASE_PATTERN_H
#define BASE_PATTERN_H

#include "base/base.h"
#include "base/str.h"

struct error;
struct pattern;

#define PATTERN_MAX_BYTES      4096
#define PATTERN_MATCH_LIMIT    250000 /* steps of PCRE2's match() */
#define PATTERN_DEPTH_LIMIT    10000
#define PATTERN_HEAP_LIMIT_KIB 16384

/* -1: *offset is the byte in `text` that the problem is at (ERROR_MANIFEST).
 * The compiled pattern is released with pattern_close(). */
int pattern_open(struct str text, struct pattern **pattern, size_t *offset,
                 struct error *err) MUST_USE;
void pattern_close(struct pattern **pattern);

/* 1: the whole subject matches; 0: it does not; -1: a limit was hit or the
 * subject is not UTF-8 (err is set). */
int pattern_match(const struct pattern *pattern, struct str subject, struct error *err) MUST_USE;

/* Whether a text that begins like this can match the pattern, which pattern_open()
 * takes; as far as the beginning tells. */
bool pattern_may_begin(struct str text, struct str start);

#endif
