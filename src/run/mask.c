#include "run/mask.h"

#include "base/arena.h"
#include "run/matcher.h"
#include "run/secret_forms.h"

#define STARS STR("***")
/* So much is looked at and handed on in one piece. */
#define PIECE_BYTES ((size_t)256 << 10)
/* From here on the beginning of a value, where a text is cut, is a secret too. */
#define CUT_BYTES_MIN ((size_t)8)

struct mask {
    const struct matcher *matcher;
};

const struct mask *mask_make(struct arena *arena, const struct str *values, size_t count,
                             bool plain)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct forms forms = {.arena = &scratch};
    if (count == 0) {
        return NULL;
    }
    for (size_t i = 0; i < count && !plain; i++) {
        forms_add(&forms, values[i]);
    }
    struct mask *mask = arena_alloc(arena, sizeof *mask);
    mask->matcher =
        plain ? matcher_make(arena, values, count) : matcher_make(arena, forms.items, forms.count);
    return mask;
}

/* --- what is masked of undecided bytes --- */

/* Places come in the order of their ends. */
static void cover(struct mask_stream *stream, size_t from, size_t to)
{
    struct masked *masked = stream->masked;
    size_t count = stream->masked_count;
    while (count > 0 && masked[count - 1].to >= from) {
        count--;
        from = masked[count].from < from ? masked[count].from : from;
    }
    masked[count] = (struct masked){from, to};
    stream->masked_count = count + 1;
}

/* Reads `bytes` from `at` on; places count from the first of them. */
static void look(struct mask_stream *stream, struct str bytes, size_t at)
{
    const struct matcher *matcher = stream->mask->matcher;
    ptrdiff_t found;
    while ((found = matcher_next(matcher, &stream->state, bytes, &at)) >= 0) {
        size_t length = matcher_length(matcher, found);
        /* The beginning may be written already, as stars of a shorter one. */
        cover(stream, at > length ? at - length : 0, at);
    }
}

/* Writes the first `end` bytes to `out`, and forgets what is masked in them. */
static size_t compose(struct mask_stream *stream, const char *bytes, size_t end, char *out)
{
    size_t n = 0, at = 0, next = 0;
    while (at < end) {
        const struct masked *masked =
            next < stream->masked_count ? &stream->masked[next] : &(struct masked){end, end};
        bool is_masked = at >= masked->from;
        size_t stop = is_masked ? masked->to : masked->from;
        stop = stop < end ? stop : end;
        if (!is_masked) {
            memcpy(out + n, bytes + at, stop - at);
            n += stop - at;
        } else if (!stream->in_mask) {
            memcpy(out + n, STARS.s, STARS.n);
            n += STARS.n;
        }
        stream->in_mask = is_masked;
        at = stop;
        next += is_masked && at == masked->to;
    }
    return n;
}

/* Places count anew from `end` on. */
static void forget(struct mask_stream *stream, size_t end)
{
    size_t kept = 0;
    for (size_t i = 0; i < stream->masked_count; i++) {
        struct masked masked = stream->masked[i];
        if (masked.to > end) {
            stream->masked[kept++] =
                (struct masked){masked.from > end ? masked.from - end : 0, masked.to - end};
        }
    }
    stream->masked_count = kept;
}

/* As many as there can be: each is that long, and they do not touch. */
static size_t masked_max(size_t bytes)
{
    return bytes / (MATCHER_TEXT_BYTES_MIN + 1) + 1;
}

/* --- a text --- */

#define CUT STR("...")

static size_t find_cut(struct str text, size_t at)
{
    while (at < text.n && !str_starts(str_after(text, at), CUT)) {
        at++;
    }
    return at;
}

struct str mask_text(const struct mask *mask, struct arena *arena, struct str text)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct mask_stream stream = {.mask = mask};
    if (mask == NULL || text.n == 0) {
        return text;
    }
    stream.masked = arena_array(&scratch, masked_max(text.n) + 1, sizeof *stream.masked);
    for (size_t at = 0; at < text.n;) {
        size_t cut = find_cut(text, at);
        look(&stream, str_slice(text, 0, cut), at);
        size_t begun = matcher_begun(mask->matcher, stream.state);
        if (cut < text.n && begun >= CUT_BYTES_MIN) {
            cover(&stream, cut - begun, cut);
        }
        at = cut + CUT.n;
        look(&stream, str_slice(text, 0, at), cut);
    }
    char *out = arena_alloc(&scratch, text.n);
    struct str shown = {out, compose(&stream, text.s, text.n, out)};
    return str_copy(arena, shown);
}

/* --- a stream --- */

void mask_begin(struct mask_stream *stream, struct arena *arena, const struct mask *mask,
                int (*write)(void *context, struct str bytes, struct error *err), void *context)
{
    size_t room = matcher_longest(mask->matcher) + PIECE_BYTES;
    *stream = (struct mask_stream){.mask = mask, .write = write, .context = context};
    stream->held = arena_alloc(arena, room);
    stream->out = arena_alloc(arena, room);
    stream->masked = arena_array(arena, masked_max(room), sizeof *stream->masked);
}

/* Hands on the first `end` of the undecided bytes, and keeps the others. */
static int decide(struct mask_stream *stream, struct str bytes, size_t end, struct error *err)
{
    struct str shown = str_slice(bytes, 0, end);
    if (stream->masked_count > 0) {
        shown = (struct str){stream->out, compose(stream, bytes.s, end, stream->out)};
        forget(stream, end);
    } else if (end > 0) {
        stream->in_mask = false;
    }
    if (shown.n > 0 && stream->write(stream->context, shown, err) < 0) {
        return -1;
    }
    stream->held_bytes = bytes.n - end;
    memmove(stream->held, bytes.s + end, stream->held_bytes);
    return 0;
}

/* How many of the bytes nothing that comes can change. What is masked stays so. */
static size_t decided(const struct mask_stream *stream, size_t n)
{
    size_t begun = matcher_begun(stream->mask->matcher, stream->state);
    size_t end = begun < n ? n - begun : 0;
    for (size_t i = 0; i < stream->masked_count; i++) {
        if (stream->masked[i].from <= end && end < stream->masked[i].to) {
            end = stream->masked[i].to;
        }
    }
    return end;
}

static int add_piece(struct mask_stream *stream, struct str piece, struct error *err)
{
    struct str bytes = piece;
    size_t from = stream->held_bytes;
    if (from > 0) {
        memcpy(stream->held + from, piece.s, piece.n);
        bytes = (struct str){stream->held, from + piece.n};
    }
    look(stream, bytes, from);
    return decide(stream, bytes, decided(stream, bytes.n), err);
}

int mask_add(struct mask_stream *stream, struct str bytes, struct error *err)
{
    while (bytes.n > 0) {
        struct str piece = str_slice(bytes, 0, PIECE_BYTES);
        if (add_piece(stream, piece, err) < 0) {
            return -1;
        }
        bytes = str_after(bytes, piece.n);
    }
    return 0;
}

int mask_end(struct mask_stream *stream, struct error *err)
{
    struct str bytes = {stream->held, stream->held_bytes};
    int failed = decide(stream, bytes, bytes.n, err);
    stream->state = 0;
    stream->in_mask = false;
    return failed;
}
