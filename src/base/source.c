#include "base/source.h"

#include "base/arena.h"

/* The length of the line end at an offset, or 0. A lone CR ends a line, because
 * it does so in YAML. */
static size_t line_end_at(struct str text, size_t at)
{
    if (at >= text.n || (text.s[at] != '\n' && text.s[at] != '\r')) {
        return 0;
    }
    return text.s[at] == '\r' && at + 1 < text.n && text.s[at + 1] == '\n' ? 2 : 1;
}

/* The offset behind the next line end, or 0 where there is none. */
static size_t next_line(struct str text, size_t at, bool has_cr)
{
    if (!has_cr) {
        at += str_index(str_after(text, at), '\n');
        return at < text.n ? at + 1 : 0;
    }
    while (at < text.n && line_end_at(text, at) == 0) {
        at++;
    }
    return at < text.n ? at + line_end_at(text, at) : 0;
}

struct span span_make(const struct source *source, size_t start, size_t length)
{
    return (struct span){source, (uint32_t)start, (uint32_t)length};
}

const struct source *source_make(struct arena *arena, struct str name, struct str text)
{
    if (text.n > SOURCE_BYTES_MAX) {
        BUG("a text of %zu bytes", text.n);
    }
    struct source *source = arena_alloc(arena, sizeof *source);
    bool has_cr = str_index(text, '\r') < text.n;
    size_t count = 1;

    for (size_t at = 0; (at = next_line(text, at, has_cr)) > 0;) {
        count++;
    }
    uint32_t *starts = arena_array(arena, count, sizeof *starts);
    size_t line = 1;
    for (size_t at = 0; (at = next_line(text, at, has_cr)) > 0;) {
        starts[line++] = (uint32_t)at;
    }
    *source =
        (struct source){.name = name, .text = text, .line_starts = starts, .line_count = count};
    return source;
}

/* The length of the character at an offset; a broken byte is one of its own. */
static size_t character_at(struct str text, size_t at)
{
    if ((unsigned char)text.s[at] < 0x80) {
        return 1;
    }
    size_t length = str_utf8_length(str_after(text, at));

    return length > 0 ? length : 1;
}

size_t source_line_number(const struct source *source, size_t offset)
{
    size_t low = 0;
    size_t high = source->line_count;

    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (source->line_starts[middle] <= offset) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low + 1;
}

struct place source_place(const struct source *source, size_t offset)
{
    size_t line = source_line_number(source, offset);
    size_t column = 1;
    size_t at = source->line_starts[line - 1];

    if (offset > source->text.n) {
        offset = source->text.n;
    }
    while (at < offset) {
        at += character_at(source->text, at);
        /* An offset within a character is that character's place. */
        column += at <= offset;
    }
    return (struct place){.line = line, .column = column};
}

struct str source_line(const struct source *source, size_t line)
{
    if (line == 0 || line > source->line_count) {
        return (struct str){source->text.s, 0};
    }
    size_t start = source->line_starts[line - 1];
    size_t end = line < source->line_count ? source->line_starts[line] : source->text.n;
    struct str text = str_slice(source->text, start, end - start);

    if (line < source->line_count) {
        text.n -= str_ends(text, STR("\r\n")) ? 2 : 1;
    }
    return text;
}

size_t source_offset(const struct source *source, size_t line, size_t column)
{
    if (line == 0 || line > source->line_count) {
        return line == 0 ? 0 : source->text.n;
    }
    size_t start = source->line_starts[line - 1];
    size_t end = start + source_line(source, line).n;
    size_t at = start;

    for (size_t i = 1; i < column && at < end; i++) {
        at += character_at(source->text, at);
    }
    return at;
}
