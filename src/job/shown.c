#include "job/shown.h"

#include "base/arena.h"

struct str shown_text(struct arena *arena, struct str text)
{
    size_t end = SHOWN_BYTES_MAX;

    if (text.n <= SHOWN_BYTES_MAX) {
        return text;
    }
    /* Not within a character. */
    while (end > SHOWN_BYTES_MAX - 4 && ((unsigned char)text.s[end] & 0xC0) == 0x80) {
        end--;
    }
    return str_format(arena, "%.*s...", STR_ARG(str_slice(text, 0, end)));
}

struct str shown_first_line(struct str text)
{
    struct str line, rest;

    str_cut(str_trim(text), '\n', &line, &rest);
    return str_trim(line);
}
