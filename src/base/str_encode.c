/* Texts for other readers: a terminal, a shell, a URL. And what is UTF-8. */
#include "base/arena.h"
#include "base/str.h"

/* The code point at the text's start; its length in bytes, or 0 where the bytes
 * are not UTF-8. */
static size_t utf8_decode(struct str text, uint32_t *code_point)
{
    const unsigned char *s = (const unsigned char *)text.s;
    size_t length;
    uint32_t value;
    uint32_t smallest;

    if (text.n == 0) {
        return 0;
    }
    if (s[0] < 0x80) {
        *code_point = s[0];
        return 1;
    }
    if (s[0] >= 0xC2 && s[0] <= 0xDF) {
        length = 2, value = s[0] & 0x1FU, smallest = 0x80;
    } else if ((s[0] & 0xF0) == 0xE0) {
        length = 3, value = s[0] & 0x0FU, smallest = 0x800;
    } else if (s[0] >= 0xF0 && s[0] <= 0xF4) {
        length = 4, value = s[0] & 0x07U, smallest = 0x10000;
    } else {
        return 0;
    }
    if (text.n < length) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((s[i] & 0xC0) != 0x80) {
            return 0;
        }
        value = value << 6 | (s[i] & 0x3FU);
    }
    if (value < smallest || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        return 0;
    }
    *code_point = value;
    return length;
}

size_t str_utf8_length(struct str text)
{
    uint32_t code_point;

    return utf8_decode(text, &code_point);
}

size_t str_ascii_length(struct str text)
{
    size_t at = 0;
    uint64_t word;

    for (; text.n - at >= sizeof word; at += sizeof word) {
        memcpy(&word, text.s + at, sizeof word);
        if ((word & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
    }
    while (at < text.n && (unsigned char)text.s[at] < 0x80) {
        at++;
    }
    return at;
}

size_t str_utf8_invalid_at(struct str text)
{
    size_t at = 0;

    while ((at += str_ascii_length(str_after(text, at))) < text.n) {
        size_t length = str_utf8_length(str_after(text, at));
        if (length == 0) {
            return at;
        }
        at += length;
    }
    return text.n;
}

/* Line and paragraph separators, and what turns the direction of writing or is
 * not seen at all. */
static bool is_deceptive(uint32_t c)
{
    return (c >= 0x80 && c <= 0x9F) || c == 0x061C || (c >= 0x200B && c <= 0x200F) ||
           (c >= 0x2028 && c <= 0x202E) || (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF ||
           (c >= 0xFFF9 && c <= 0xFFFB) || (c >= 0xE0000 && c <= 0xE007F);
}

static void add_printable(struct buf *buf, struct str character, uint32_t c)
{
    if (c == '\n') {
        buf_add(buf, STR("\\n"));
    } else if (c == '\r') {
        buf_add(buf, STR("\\r"));
    } else if (c == '\t') {
        buf_add(buf, STR("\\t"));
    } else if (c < 0x20 || c == 0x7F) {
        buf_addf(buf, "\\x%02x", (unsigned)c);
    } else if (is_deceptive(c)) {
        buf_addf(buf, "\\u{%x}", (unsigned)c);
    } else {
        buf_add(buf, character);
    }
}

struct str str_printable(struct arena *arena, struct str text)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);

    for (size_t at = 0; at < text.n;) {
        uint32_t c;
        size_t length = utf8_decode(str_after(text, at), &c);
        if (length == 0) {
            buf_addf(&buf, "\\x%02x", (unsigned)(unsigned char)text.s[at]);
            length = 1;
        } else {
            add_printable(&buf, str_slice(text, at, length), c);
        }
        at += length;
    }
    return buf_str(&buf);
}

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_safe_in_shell(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!is_alphanumeric(text.s[i]) && str_index(STR("_@%+=:,./-"), text.s[i]) == 10) {
            return false;
        }
    }
    return text.n > 0;
}

struct str str_shell_quote(struct arena *arena, struct str text)
{
    if (is_safe_in_shell(text)) {
        return str_copy(arena, text);
    }
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);
    buf_add_char(&buf, '\'');
    for (size_t i = 0; i < text.n; i++) {
        if (text.s[i] == '\'') {
            buf_add(&buf, STR("'\\''"));
        } else {
            buf_add_char(&buf, text.s[i]);
        }
    }
    buf_add_char(&buf, '\'');
    return buf_str(&buf);
}

struct str str_percent_encode_except(struct arena *arena, struct str text, struct str kept)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);

    for (size_t i = 0; i < text.n; i++) {
        char c = text.s[i];
        if (is_alphanumeric(c) || str_index(kept, c) < kept.n) {
            buf_add_char(&buf, c);
        } else {
            buf_addf(&buf, "%%%02X", (unsigned)(unsigned char)c);
        }
    }
    return buf_str(&buf);
}

struct str str_percent_encode(struct arena *arena, struct str text)
{
    return str_percent_encode_except(arena, text, STR("._-"));
}
