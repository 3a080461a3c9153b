/*
 * Text: `struct str`, a view of bytes that somebody else owns, and `struct
 * buf`, a builder with a maximum.
 *
 * A str need not end in NUL. One that came from an arena function of this
 * program (str_copy, buf_str, str_format) does have a NUL behind its last
 * byte, so that its `s` may be given to the system.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/base.h"

#include <stdarg.h>

struct arena;

struct str {
    const char *s;
    size_t n; /* bytes */
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})
/* For printf: printf("%.*s", STR_ARG(text)). Longer than INT_MAX is cut. */
#define STR_ARG(text) str_printf_width(text), ((text).s ? (text).s : "")

int str_printf_width(struct str text);
struct str str_from(const char *nul_terminated); /* NULL gives the empty str */
struct str str_copy(struct arena *arena, struct str text);
struct str str_format(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

bool str_equal(struct str a, struct str b);
bool str_is(struct str a, const char *nul_terminated);
/* Bytewise order, a prefix before what it begins: <0, 0, >0. */
int str_compare(struct str a, struct str b);
bool str_starts(struct str text, struct str prefix);
bool str_ends(struct str text, struct str suffix);
bool str_contains(struct str text, struct str part);
/* Offset of the first `byte`, or text.n where there is none. */
size_t str_index(struct str text, char byte);
/* Bytes [from, from + n) of the text, clipped to it. */
struct str str_slice(struct str text, size_t from, size_t n);
struct str str_after(struct str text, size_t from);
struct str str_trim(struct str text); /* without ASCII white space at both ends */

/* Splits at the first `byte`: *head is what stands before it, *tail what
 * stands behind it. False, with all of it in *head, where there is none. */
bool str_cut(struct str text, char byte, struct str *head, struct str *tail);

/* A whole decimal number, with an optional '-', and nothing else. False where
 * the text is not one or does not fit. */
bool str_to_int64(struct str text, int64_t *value);
/* A finite decimal number: [-]digits[.digits][e[+-]digits], E as e. */
bool str_to_double(struct str text, double *value);

/* Length of the valid UTF-8 sequence at the text's start (RFC 3629: no
 * surrogates, no overlong forms), or 0. */
size_t str_utf8_length(struct str text);
/* How many bytes of ASCII the text begins with. */
size_t str_ascii_length(struct str text);
/* Offset of the first byte that is not UTF-8, or text.n. */
size_t str_utf8_invalid_at(struct str text);

/* The text as it may be shown to a person: control characters, broken UTF-8 and
 * the code points that turn the direction of writing become visible escapes
 * (\n, \x1b, \u{202e}). */
struct str str_printable(struct arena *arena, struct str text);

/* The text as a POSIX shell reads it back unchanged: bare where that is safe,
 * else in single quotes. */
struct str str_shell_quote(struct arena *arena, struct str text);

/* RFC 3986 percent-encoding of every byte outside [A-Za-z0-9._-]. */
struct str str_percent_encode(struct arena *arena, struct str text);
/* Of every byte that is no ASCII letter, no digit and not one of `kept`. */
struct str str_percent_encode_except(struct arena *arena, struct str text, struct str kept);

/* The candidate that a person who wrote `text` most likely meant, or -1 where
 * none is near: the smallest edit distance with transpositions, at most a third
 * of the length. */
ptrdiff_t str_nearest(struct str text, const struct str *candidates, size_t count);

/* For qsort: order of two `struct str`. */
int str_compare_for_sort(const void *a, const void *b);

/* A builder. Text that would grow past max_bytes is cut there and `truncated`
 * is set: the one who reads the result decides what that means. */
struct buf {
    struct arena *arena;
    char *bytes;
    size_t n;
    size_t capacity;
    size_t max_bytes;
    bool truncated;
};

#define BUF_MAX_DEFAULT ((size_t)64 << 20)

struct buf buf_make(struct arena *arena, size_t max_bytes);
void buf_add(struct buf *buf, struct str text);
void buf_add_char(struct buf *buf, char byte);
void buf_add_repeat(struct buf *buf, char byte, size_t times);
void buf_addf(struct buf *buf, const char *format, ...) PRINTF_LIKE(2, 3);
void buf_vaddf(struct buf *buf, const char *format, va_list args) PRINTF_LIKE(2, 0);
/* What was built, with a NUL behind it; valid until the next addition. */
struct str buf_str(struct buf *buf);

#endif
