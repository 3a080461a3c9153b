#include "base/arena.h"
#include "base/str.h"

struct buf buf_make(struct arena *arena, size_t max_bytes)
{
    /* One more for the NUL must be a number too. */
    if (max_bytes > SIZE_MAX / 4) {
        max_bytes = SIZE_MAX / 4;
    }
    return (struct buf){.arena = arena, .max_bytes = max_bytes};
}

/* Makes room for `wanted` bytes and a NUL; returns how many of them fit. */
static size_t buf_reserve(struct buf *buf, size_t wanted)
{
    size_t left = buf->max_bytes - buf->n;

    if (wanted > left) {
        wanted = left;
        buf->truncated = true;
    }
    size_t needed = buf->n + wanted + 1;
    if (needed > buf->capacity) {
        size_t capacity = buf->capacity ? buf->capacity * 2 : 64;
        if (capacity > buf->max_bytes + 1) {
            capacity = buf->max_bytes + 1;
        }
        if (capacity < needed) {
            capacity = needed;
        }
        char *grown = arena_alloc(buf->arena, capacity);
        if (buf->bytes) {
            memcpy(grown, buf->bytes, buf->n);
        }
        buf->bytes = grown;
        buf->capacity = capacity;
    }
    return wanted;
}

void buf_add(struct buf *buf, struct str text)
{
    size_t fits = buf_reserve(buf, text.n);

    if (fits > 0) {
        memcpy(buf->bytes + buf->n, text.s, fits);
        buf->n += fits;
    }
}

void buf_add_char(struct buf *buf, char byte)
{
    buf_add_repeat(buf, byte, 1);
}

void buf_add_repeat(struct buf *buf, char byte, size_t times)
{
    size_t fits = buf_reserve(buf, times);

    if (fits > 0) {
        memset(buf->bytes + buf->n, byte, fits);
        buf->n += fits;
    }
}

void buf_addf(struct buf *buf, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    buf_vaddf(buf, format, args);
    va_end(args);
}

/* Whether the format has no conversions but %s, %.*s and %%, as nearly all have: the
 * names of things in a message, most of which is never shown. */
static bool is_simple(const char *format)
{
    for (const char *at = strchr(format, '%'); at != NULL; at = strchr(at, '%')) {
        size_t n = at[1] == 's' || at[1] == '%' ? 2 : strncmp(at, "%.*s", 4) == 0 ? 4 : 0;
        if (n == 0) {
            return false;
        }
        at += n;
    }
    return true;
}

/* As printf(3) does it: a text ends at NUL, whatever its width. */
static void add_simple(struct buf *buf, const char *format, va_list args)
{
    const char *at;

    while ((at = strchr(format, '%')) != NULL) {
        buf_add(buf, (struct str){format, (size_t)(at - format)});
        format = at + (at[1] == '.' ? 4 : 2);
        if (at[1] == '%') {
            buf_add_char(buf, '%');
            continue;
        }
        int width = at[1] == '.' ? va_arg(args, int) : -1;
        const char *text = va_arg(args, const char *);
        buf_add(buf, (struct str){text, width < 0 ? strlen(text) : strnlen(text, (size_t)width)});
    }
    buf_add(buf, str_from(format));
}

void buf_vaddf(struct buf *buf, const char *format, va_list args)
{
    va_list again;

    if (is_simple(format)) {
        add_simple(buf, format, args);
        return;
    }
    size_t room = buf->capacity - buf->n;
    va_copy(again, args);
    int length = vsnprintf(buf->bytes ? buf->bytes + buf->n : NULL, room, format, args);
    if (length < 0) {
        /* Longer than an int counts: nothing of it is kept. */
        buf->truncated = true;
    } else if ((size_t)length < room) {
        buf->n += (size_t)length;
    } else {
        size_t fits = buf_reserve(buf, (size_t)length);
        vsnprintf(buf->bytes + buf->n, fits + 1, format, again);
        buf->n += fits;
    }
    va_end(again);
}

struct str buf_str(struct buf *buf)
{
    buf_reserve(buf, 0);
    buf->bytes[buf->n] = '\0';
    return (struct str){buf->bytes, buf->n};
}
