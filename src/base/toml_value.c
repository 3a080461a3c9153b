/* Strings, numbers, truths and dates of TOML. */
#include "base/arena.h"
#include "base/toml_parts.h"

/* --- strings --- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static void add_code_point(struct buf *buf, uint32_t code)
{
    if (code < 0x80) {
        buf_add_char(buf, (char)code);
        return;
    }
    size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    buf_add_char(buf, (char)((0xF0 << (3 - more) & 0xFF) | code >> (6 * more)));
    while (more-- > 0) {
        buf_add_char(buf, (char)(0x80 | (code >> (6 * more) & 0x3F)));
    }
}

static int read_unicode(struct toml_reader *r, size_t digits, struct buf *buf)
{
    uint32_t code = 0;

    for (size_t i = 0; i < digits; i++) {
        int digit = hex_digit(toml_peek(r, 2 + i));
        if (digit < 0) {
            return toml_fail(r, "an escape needs more hexadecimal digits");
        }
        code = code << 4 | (uint32_t)digit;
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) {
        return toml_fail(r, "an escape that names no character");
    }
    add_code_point(buf, code);
    r->at += 2 + digits;
    return 0;
}

/* A backslash at the end of a line takes the white space behind it away. */
static bool skip_line_end(struct toml_reader *r)
{
    size_t n = 1;

    while (toml_peek(r, n) == ' ' || toml_peek(r, n) == '\t') {
        n++;
    }
    if (toml_peek(r, n) != '\n' && !(toml_peek(r, n) == '\r' && toml_peek(r, n + 1) == '\n')) {
        return false;
    }
    while (toml_peek(r, n) != '\0' && strchr(" \t\r\n", toml_peek(r, n)) != NULL) {
        n++;
    }
    r->at += n;
    return true;
}

static int read_escape(struct toml_reader *r, bool is_long, struct buf *buf)
{
    static const char LETTERS[] = "btnfr\"\\", VALUES[] = "\b\t\n\f\r\"\\";
    char c = toml_peek(r, 1);
    const char *letter = c != '\0' ? strchr(LETTERS, c) : NULL;

    if (letter != NULL) {
        buf_add_char(buf, VALUES[letter - LETTERS]);
        r->at += 2;
        return 0;
    }
    if (c == 'u' || c == 'U') {
        return read_unicode(r, c == 'u' ? 4 : 8, buf);
    }
    return is_long && skip_line_end(r) ? 0 : toml_fail(r, "an escape that TOML does not know");
}

/* The quotes that end a long string; up to two more belong to it. */
static size_t quotes_here(const struct toml_reader *r, char quote)
{
    size_t n = 0;

    while (n < 5 && toml_peek(r, n) == quote) {
        n++;
    }
    return n;
}

static int check_character(struct toml_reader *r, bool is_long)
{
    unsigned char c = (unsigned char)toml_peek(r, 0);
    bool is_line_end = c == '\n' || (c == '\r' && toml_peek(r, 1) == '\n');

    if (r->at >= r->text.n || (is_line_end && !is_long)) {
        return toml_fail(r, "a string without its closing quote");
    }
    return (c < 0x20 && c != '\t' && !is_line_end) || c == 0x7f
               ? toml_fail(r, "a control character in a string")
               : 0;
}

static int read_long(struct toml_reader *r, char quote, struct buf *buf)
{
    r->at += 3;
    r->at += toml_comes(r, "\n") ? 1 : toml_comes(r, "\r\n") ? 2 : 0;
    for (;;) {
        size_t quotes = quotes_here(r, quote);
        if (quotes >= 3) {
            buf_add_repeat(buf, quote, quotes - 3);
            r->at += quotes;
            return 0;
        }
        if (check_character(r, true) < 0) {
            return -1;
        }
        if (quote == '"' && toml_peek(r, 0) == '\\') {
            if (read_escape(r, true, buf) < 0) {
                return -1;
            }
        } else {
            buf_add_char(buf, toml_peek(r, 0));
            r->at++;
        }
    }
}

static int read_short(struct toml_reader *r, char quote, struct buf *buf)
{
    r->at++;
    while (r->at >= r->text.n || toml_peek(r, 0) != quote) {
        if (check_character(r, false) < 0) {
            return -1;
        }
        if (quote == '"' && toml_peek(r, 0) == '\\') {
            if (read_escape(r, false, buf) < 0) {
                return -1;
            }
        } else {
            buf_add_char(buf, toml_peek(r, 0));
            r->at++;
        }
    }
    r->at++;
    return 0;
}

int toml_read_string(struct toml_reader *r, bool is_key, struct str *text)
{
    struct buf buf = buf_make(r->arena, TOML_BYTES_MAX);
    char quote = toml_peek(r, 0);
    bool is_long = toml_peek(r, 1) == quote && toml_peek(r, 2) == quote;

    if (is_long && is_key) {
        return toml_fail(r, "a key cannot be a string of several lines");
    }
    if ((is_long ? read_long : read_short)(r, quote, &buf) < 0) {
        return -1;
    }
    *text = buf_str(&buf);
    return 0;
}

/* --- words --- */

/* Whether the word has a form: 'd' is a digit, '?' a sign or nothing, all else itself. */
static bool has_form(struct str word, const char *form)
{
    size_t i = 0;

    for (; *form != '\0'; form++, i++) {
        char c = i < word.n ? word.s[i] : '\0';
        if (*form == 'd' ? c < '0' || c > '9' : c != *form) {
            return false;
        }
    }
    return i == word.n;
}

static int number_at(struct str word, size_t at)
{
    return (word.s[at] - '0') * 10 + (word.s[at + 1] - '0');
}

static bool is_day(struct str word)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (!has_form(word, "dddd-dd-dd")) {
        return false;
    }
    int year = number_at(word, 0) * 100 + number_at(word, 2);
    int month = number_at(word, 5), day = number_at(word, 8);
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month >= 1 && month <= 12 && day >= 1 &&
           day <= DAYS[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

static bool is_time(struct str word)
{
    if (!has_form(str_slice(word, 0, 8), "dd:dd:dd") || number_at(word, 0) > 23 ||
        number_at(word, 3) > 59 || number_at(word, 6) > 60) {
        return false;
    }
    size_t n = 9;
    while (n < word.n && word.s[n] >= '0' && word.s[n] <= '9') {
        n++;
    }
    return word.n == 8 || (word.s[8] == '.' && n == word.n && n > 9);
}

/* A day, a time, or both with or without an offset. */
static bool is_date(struct str word)
{
    struct str day = str_slice(word, 0, 10), time = str_after(word, 11), offset;

    if (is_time(word) || (word.n == 10 && is_day(word))) {
        return true;
    }
    if (word.n < 12 || !is_day(day) || strchr("Tt ", word.s[10]) == NULL) {
        return false;
    }
    if (str_ends(time, STR("Z")) || str_ends(time, STR("z"))) {
        time.n--;
        return is_time(time);
    }
    offset = time.n > 6 ? str_after(time, time.n - 6) : STR("");
    if (has_form(offset, "+dd:dd") || has_form(offset, "-dd:dd")) {
        time.n -= 6;
        return is_time(time) && number_at(offset, 1) < 24 && number_at(offset, 4) < 60;
    }
    return is_time(time);
}

/* Digits with single '_' between them. */
static bool is_digits(struct str text, const char *digits)
{
    for (size_t i = 0; i < text.n; i++) {
        bool is_inside = i > 0 && i + 1 < text.n && text.s[i - 1] != '_';
        if (text.s[i] == '_' ? !is_inside : strchr(digits, text.s[i]) == NULL) {
            return false;
        }
    }
    return text.n > 0;
}

static bool is_decimal(struct str text)
{
    return is_digits(text, "0123456789") && (text.n == 1 || text.s[0] != '0');
}

static bool is_number(struct str word)
{
    struct str digits = str_after(word, word.n > 0 && strchr("+-", word.s[0]) != NULL ? 1 : 0);
    size_t dot = str_index(digits, '.'), exponent = 0;

    if (str_is(digits, "inf") || str_is(digits, "nan")) {
        return true;
    }
    if (str_starts(word, STR("0x"))) {
        return is_digits(str_after(word, 2), "0123456789abcdefABCDEF");
    }
    if (str_starts(word, STR("0o"))) {
        return is_digits(str_after(word, 2), "01234567");
    }
    if (str_starts(word, STR("0b"))) {
        return is_digits(str_after(word, 2), "01");
    }
    while (exponent < digits.n && digits.s[exponent] != 'e' && digits.s[exponent] != 'E') {
        exponent++;
    }
    if (exponent < digits.n) {
        struct str power = str_after(digits, exponent + 1);
        power = str_after(power, power.n > 0 && strchr("+-", power.s[0]) != NULL ? 1 : 0);
        if (!is_digits(power, "0123456789")) {
            return false;
        }
        digits = str_slice(digits, 0, exponent);
    }
    return dot < digits.n ? is_decimal(str_slice(digits, 0, dot)) &&
                                is_digits(str_after(digits, dot + 1), "0123456789")
                          : is_decimal(digits);
}

int toml_read_word(struct toml_reader *r, enum toml_kind *kind, struct str *text)
{
    size_t n = 0;

    while (
        toml_peek(r, n) != '\0' && strchr(",]}#\n\r\t", toml_peek(r, n)) == NULL &&
        (toml_peek(r, n) != ' ' || (n == 10 && is_day(str_slice(r->text, r->at, 10)) &&
                                    hex_digit(toml_peek(r, 11)) >= 0 && toml_peek(r, 11) <= '9'))) {
        n++;
    }
    *text = str_slice(r->text, r->at, n);
    if (str_is(*text, "true") || str_is(*text, "false")) {
        *kind = TOML_BOOL;
    } else if (is_number(*text)) {
        *kind = TOML_NUMBER;
    } else if (is_date(*text)) {
        *kind = TOML_DATE;
    } else {
        return toml_fail(r, n == 0 ? "a value is missing" : "a value that is none of TOML's");
    }
    r->at += n;
    return 0;
}
