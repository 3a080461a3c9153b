/*
 * What secrets are replaced by, in all that a job and jobrun itself write.
 *
 * Every run of bytes that belong to a value, in one of the forms of
 * run/secret_forms.h, becomes `***`. Values that overlap, or touch, become one;
 * how a stream is cut into chunks makes no difference. What may be the beginning
 * of a value is held back until that is decided, or until the stream ends; all
 * else is handed on at once. Masking never makes a text longer.
 *
 *     struct mask_stream stream;
 *     mask_begin(&stream, arena, mask, write, context);
 *     mask_add(&stream, bytes, &err) ...; mask_end(&stream, &err);
 */
#ifndef RUN_MASK_H
#define RUN_MASK_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct error;
struct mask;

/* Of values of at least MATCHER_TEXT_BYTES_MIN bytes. `plain`: as they are alone, in
 * no other form, where they are too large for all. NULL where there is no value. */
const struct mask *mask_make(struct arena *arena, const struct str *values, size_t count,
                             bool plain);

/* A text of jobrun's own. Where it is cut, which "..." shows, a long beginning of
 * a value is masked as well. Without a mask (NULL) it is the text itself. */
struct str mask_text(const struct mask *mask, struct arena *arena, struct str text);

/* Bytes that are masked: [from, to) of what is not yet decided. */
struct masked {
    size_t from, to;
};

struct mask_stream {
    const struct mask *mask;
    int (*write)(void *context, struct str bytes, struct error *err);
    void *context;
    uint32_t state;
    char *held; /* the undecided bytes, with room for a piece behind them */
    size_t held_bytes;
    char *out;
    struct masked *masked; /* in their order, neither overlapping nor touching */
    size_t masked_count;
    bool in_mask; /* the last byte that was decided is masked, and its stars are written */
};

/* `write` gets what is to be shown, a piece at a time, never nothing. The arena must
 * live as long as the stream. */
void mask_begin(struct mask_stream *stream, struct arena *arena, const struct mask *mask,
                int (*write)(void *context, struct str bytes, struct error *err), void *context);
int mask_add(struct mask_stream *stream, struct str bytes, struct error *err) MUST_USE;
/* Hands on what is held; the stream may begin anew. */
int mask_end(struct mask_stream *stream, struct error *err) MUST_USE;

#endif
