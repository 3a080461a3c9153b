#include "base/str.h"

#include "base/arena.h"

#include <errno.h>
#include <limits.h>
#include <math.h>

int str_printf_width(struct str text)
{
    return text.n > INT_MAX ? INT_MAX : (int)text.n;
}

struct str str_from(const char *nul_terminated)
{
    return (struct str){nul_terminated, nul_terminated ? strlen(nul_terminated) : 0};
}

struct str str_copy(struct arena *arena, struct str text)
{
    return (struct str){arena_copy(arena, text.s, text.n), text.n};
}

struct str str_format(struct arena *arena, const char *format, ...)
{
    va_list args;
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);

    va_start(args, format);
    buf_vaddf(&buf, format, args);
    va_end(args);
    return buf_str(&buf);
}

bool str_equal(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.s, b.s, a.n) == 0);
}

bool str_is(struct str a, const char *nul_terminated)
{
    /* Most words differ in the first letter. */
    if (a.n == 0 || a.s[0] != nul_terminated[0]) {
        return a.n == 0 && nul_terminated[0] == '\0';
    }
    return str_equal(a, str_from(nul_terminated));
}

int str_compare(struct str a, struct str b)
{
    size_t shorter = a.n < b.n ? a.n : b.n;
    int order = shorter > 0 ? memcmp(a.s, b.s, shorter) : 0;

    return order != 0 ? order : (a.n > b.n) - (a.n < b.n);
}

int str_compare_for_sort(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

bool str_starts(struct str text, struct str prefix)
{
    return text.n >= prefix.n && str_equal(str_slice(text, 0, prefix.n), prefix);
}

bool str_ends(struct str text, struct str suffix)
{
    return text.n >= suffix.n && str_equal(str_after(text, text.n - suffix.n), suffix);
}

bool str_contains(struct str text, struct str part)
{
    if (part.n == 0) {
        return true;
    }
    while (text.n >= part.n) {
        size_t at = str_index(str_slice(text, 0, text.n - part.n + 1), part.s[0]);
        text = str_after(text, at);
        if (str_starts(text, part)) {
            return true;
        }
        text = str_after(text, 1);
    }
    return false;
}

size_t str_index(struct str text, char byte)
{
    const char *found = text.n > 0 ? memchr(text.s, byte, text.n) : NULL;

    return found ? (size_t)(found - text.s) : text.n;
}

struct str str_slice(struct str text, size_t from, size_t n)
{
    if (from >= text.n) {
        from = text.n;
    }
    size_t left = text.n - from;
    return (struct str){text.s ? text.s + from : NULL, n < left ? n : left};
}

struct str str_after(struct str text, size_t from)
{
    return str_slice(text, from, SIZE_MAX);
}

static bool is_white_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

struct str str_trim(struct str text)
{
    while (text.n > 0 && is_white_space(text.s[0])) {
        text = str_after(text, 1);
    }
    while (text.n > 0 && is_white_space(text.s[text.n - 1])) {
        text.n--;
    }
    return text;
}

bool str_cut(struct str text, char byte, struct str *head, struct str *tail)
{
    size_t at = str_index(text, byte);

    *head = str_slice(text, 0, at);
    *tail = str_after(text, at < text.n ? at + 1 : at);
    return at < text.n;
}

static size_t digits_at(struct str text, size_t at)
{
    size_t end = at;

    while (end < text.n && text.s[end] >= '0' && text.s[end] <= '9') {
        end++;
    }
    return end - at;
}

bool str_to_int64(struct str text, int64_t *value)
{
    bool negative = text.n > 0 && text.s[0] == '-';
    uint64_t limit = (uint64_t)INT64_MAX + (negative ? 1 : 0);
    uint64_t sum = 0;

    text = str_after(text, negative ? 1 : 0);
    if (text.n == 0 || digits_at(text, 0) != text.n) {
        return false;
    }
    for (size_t i = 0; i < text.n; i++) {
        uint64_t digit = (uint64_t)(text.s[i] - '0');
        if (sum > (limit - digit) / 10) {
            return false;
        }
        sum = sum * 10 + digit;
    }
    /* The negation of INT64_MIN does not fit in an int64_t. */
    *value = negative && sum > 0 ? -(int64_t)(sum - 1) - 1 : (int64_t)sum;
    return true;
}

bool str_to_double(struct str text, double *value)
{
    char copy[512];
    size_t at = text.n > 0 && text.s[0] == '-' ? 1 : 0;
    size_t digits = digits_at(text, at);

    if (digits == 0 || text.n >= sizeof copy) {
        return false;
    }
    at += digits;
    if (at < text.n && text.s[at] == '.') {
        digits = digits_at(text, at + 1);
        if (digits == 0) {
            return false;
        }
        at += 1 + digits;
    }
    if (at < text.n && (text.s[at] == 'e' || text.s[at] == 'E')) {
        at++;
        at += at < text.n && (text.s[at] == '+' || text.s[at] == '-') ? 1 : 0;
        digits = digits_at(text, at);
        if (digits == 0) {
            return false;
        }
        at += digits;
    }
    if (at != text.n) {
        return false;
    }
    memcpy(copy, text.s, text.n);
    copy[text.n] = '\0';
    double number = strtod(copy, NULL);
    if (!isfinite(number)) {
        return false;
    }
    *value = number;
    return true;
}
