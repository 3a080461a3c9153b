#include "run/secret_forms.h"

#include "base/arena.h"
#include "run/matcher.h"

static void add(struct forms *forms, struct str form)
{
    if (form.n >= MATCHER_TEXT_BYTES_MIN) {
        *ARENA_PUSH(forms->arena, forms->items, forms->count, forms->capacity) = form;
    }
}

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_one_of(char c, const char *characters)
{
    struct str set = str_from(characters);
    return str_index(set, c) < set.n;
}

/* --- lines --- */

struct str forms_core(struct str value)
{
    struct str text = value;
    while (text.n > 0 && is_one_of(text.s[text.n - 1], "\r\n")) {
        text.n--;
    }
    return text.n >= MATCHER_TEXT_BYTES_MIN ? text : value;
}

static void add_lines(struct forms *forms, struct str value)
{
    struct str line;
    while (value.n > 0) {
        str_cut(value, '\n', &line, &value);
        add(forms, str_trim(line));
    }
}

/* --- base64 --- */

/* Six bits of the value, with `shift` zero bytes before it and others behind. */
static unsigned six_bits(struct str value, size_t shift, size_t index)
{
    unsigned pair = 0;
    size_t first = index * 6 / 8;
    for (size_t i = first; i < first + 2; i++) {
        bool is_inside = i >= shift && i - shift < value.n;
        pair = pair << 8 | (is_inside ? (unsigned char)value.s[i - shift] : 0);
    }
    return pair >> (10 - index * 6 % 8) & 0x3F;
}

/* The characters that the value alone decides, where `shift` bytes stand before
 * it in its group of three; `at_end` with the last one of an encoded text. */
static struct str base64(struct arena *arena, struct str value, size_t shift, const char *digits,
                         bool at_end)
{
    size_t bits = 8 * (shift + value.n);
    size_t end = bits / 6 + (at_end && bits % 6 != 0 ? 1 : 0);
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);
    for (size_t i = (8 * shift + 5) / 6; i < end; i++) {
        buf_add_char(&buf, digits[six_bits(value, shift, i)]);
    }
    return buf_str(&buf);
}

static void add_base64(struct forms *forms, struct str value)
{
    static const char *const ALPHABETS[] = {
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"};
    static const size_t LINES[] = {64, 76};
    for (size_t i = 0; i < 2 * ARRAY_COUNT(ALPHABETS); i++) {
        for (size_t shift = 0; shift < 3; shift++) {
            add(forms, base64(forms->arena, value, shift, ALPHABETS[i / 2], i % 2 != 0));
        }
    }
    struct str whole = base64(forms->arena, value, 0, ALPHABETS[0], true);
    for (size_t i = 0; i < ARRAY_COUNT(LINES); i++) {
        for (size_t at = 0; whole.n > LINES[i] && at < whole.n; at += LINES[i]) {
            add(forms, str_slice(whole, at, LINES[i]));
        }
    }
}

/* --- percent-encoding --- */

static struct str percent(struct arena *arena, struct str value, const char *kept, bool plus,
                          bool upper)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < value.n; i++) {
        char c = value.s[i];
        if (is_alphanumeric(c) || is_one_of(c, kept)) {
            buf_add_char(&buf, c);
        } else if (c == ' ' && plus) {
            buf_add_char(&buf, '+');
        } else {
            buf_addf(&buf, upper ? "%%%02X" : "%%%02x", (unsigned)(unsigned char)c);
        }
    }
    return buf_str(&buf);
}

static void add_percent(struct forms *forms, struct str value)
{
    /* What encoders leave alone: RFC 3986, also in a path, JavaScript's two, and
     * addresses in a store; then that of forms, where a blank becomes '+'. */
    static const char *const KEPT[] = {"-._~", "-._~/", "-._~!'()*", "-._~!'()*;/?:@&=+$,#",
                                       "-._",  "-._*"};
    for (size_t i = 0; i < 2 * ARRAY_COUNT(KEPT); i++) {
        bool is_form = i / 2 == ARRAY_COUNT(KEPT) - 1;
        add(forms, percent(forms->arena, value, KEPT[i / 2], is_form, i % 2 != 0));
    }
}

/* --- JSON --- */

struct json_way {
    const char *escaped; /* what is written as \u although it need not be */
    bool slash;          /* '/' is written as "\/" */
    bool ascii;          /* all that is not ASCII is written as \u */
    bool upper;
};

static void add_unit(struct buf *buf, uint32_t unit, bool upper)
{
    buf_addf(buf, upper ? "\\u%04X" : "\\u%04x", (unsigned)unit);
}

/* A character of several bytes, as one or two units of UTF-16. */
static void add_units(struct buf *buf, struct str character, bool upper)
{
    uint32_t c = (unsigned char)character.s[0] & (0xFFU >> (character.n + 1));
    for (size_t i = 1; i < character.n; i++) {
        c = c << 6 | ((unsigned char)character.s[i] & 0x3FU);
    }
    if (c >= 0x10000) {
        add_unit(buf, 0xD800 + ((c - 0x10000) >> 10), upper);
        c = 0xDC00 + ((c - 0x10000) & 0x3FF);
    }
    add_unit(buf, c, upper);
}

static void add_json_character(struct buf *buf, struct str character, const struct json_way *way)
{
    static const char CONTROLS[] = "\b\f\n\r\t";
    static const char LETTERS[] = "bfnrt";
    char c = character.s[0];
    if (character.n > 1 && way->ascii) {
        add_units(buf, character, way->upper);
    } else if (character.n > 1) {
        buf_add(buf, character);
    } else if (c != '\0' && is_one_of(c, CONTROLS)) {
        buf_addf(buf, "\\%c", LETTERS[str_index(STR(CONTROLS), c)]);
    } else if (c == '"' || c == '\\' || (c == '/' && way->slash)) {
        buf_addf(buf, "\\%c", c);
    } else if ((unsigned char)c < 0x20 || (c == 0x7F && way->ascii) || is_one_of(c, way->escaped)) {
        add_unit(buf, (unsigned char)c, way->upper);
    } else {
        buf_add_char(buf, c);
    }
}

static void add_json(struct forms *forms, struct str value)
{
    static const struct json_way WAYS[] = {{"", false, false, false},   {"", false, false, true},
                                           {"", true, false, false},    {"", false, true, false},
                                           {"", false, true, true},     {"", true, true, false},
                                           {"<>&", false, false, false}};
    for (size_t i = 0; i < ARRAY_COUNT(WAYS); i++) {
        struct buf buf = buf_make(forms->arena, BUF_MAX_DEFAULT);
        for (size_t at = 0; at < value.n;) {
            size_t n = str_utf8_length(str_after(value, at));
            n = n > 0 ? n : 1;
            add_json_character(&buf, str_slice(value, at, n), &WAYS[i]);
            at += n;
        }
        add(forms, buf_str(&buf));
    }
}

/* --- a shell's words --- */

static struct str replace(struct arena *arena, struct str value, char from, const char *to)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < value.n; i++) {
        buf_add(&buf, value.s[i] == from ? str_from(to) : str_slice(value, i, 1));
    }
    return buf_str(&buf);
}

static struct str backslash(struct arena *arena, struct str value, const char *escaped)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < value.n; i++) {
        if (is_one_of(value.s[i], escaped)) {
            buf_add_char(&buf, '\\');
        }
        buf_add_char(&buf, value.s[i]);
    }
    return buf_str(&buf);
}

/* Between $' and '. */
static struct str ansi(struct arena *arena, struct str value)
{
    static const char CONTROLS[] = "\a\b\x1b\f\n\r\t\v\\'";
    static const char LETTERS[] = "abEfnrtv\\'";
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < value.n; i++) {
        char c = value.s[i];
        if (is_one_of(c, CONTROLS)) {
            buf_addf(&buf, "\\%c", LETTERS[str_index(STR(CONTROLS), c)]);
        } else if ((unsigned char)c < 0x20 || c == 0x7F) {
            buf_addf(&buf, "\\%03o", (unsigned)c);
        } else {
            buf_add_char(&buf, c);
        }
    }
    return buf_str(&buf);
}

static void add_shell(struct forms *forms, struct str value)
{
    add(forms, replace(forms->arena, value, '\'', "'\\''"));
    add(forms, replace(forms->arena, value, '\'', "'\"'\"'"));
    add(forms, backslash(forms->arena, value, "\"$`\\"));
    add(forms, backslash(forms->arena, value, " \t!\"$&'()*,;<>?[\\]^`{|}"));
    add(forms, ansi(forms->arena, value));
}

void forms_add(struct forms *forms, struct str value)
{
    struct str core = forms_core(value);
    add(forms, value);
    add(forms, core);
    add_lines(forms, value);
    add_base64(forms, core);
    add_percent(forms, core);
    add_json(forms, core);
    add_shell(forms, core);
    add(forms, str_printable(forms->arena, core));
}
