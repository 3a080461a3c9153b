#include "manifest/number.h"

#include "base/arena.h"

/* Numbers with more zeros than this around their digits are written with an
 * exponent. */
#define PLAIN_ZEROS_MAX 20

/* A number is 0.DIGITS * 10^point; the digits have no zeros at either end. */
struct decimal {
    bool negative;
    struct str digits;
    int64_t point;
};

static size_t count_digits(struct str text)
{
    size_t n = 0;

    while (n < text.n && text.s[n] >= '0' && text.s[n] <= '9') {
        n++;
    }
    return n;
}

/* The text is a number already, by str_to_double(). */
static bool decimal_parse(struct arena *arena, struct str text, struct decimal *decimal)
{
    struct buf digits = buf_make(arena, text.n);
    int64_t exponent = 0;

    decimal->negative = str_starts(text, STR("-"));
    text = str_after(text, decimal->negative ? 1 : 0);
    size_t whole = count_digits(text);
    if (whole > 1 && text.s[0] == '0') {
        return false;
    }
    buf_add(&digits, str_slice(text, 0, whole));
    text = str_after(text, whole);
    if (str_starts(text, STR("."))) {
        size_t n = count_digits(str_after(text, 1));
        buf_add(&digits, str_slice(text, 1, n));
        text = str_after(text, 1 + n);
    }
    if (text.n > 0) {
        text = str_after(text, text.n > 1 && text.s[1] == '+' ? 2 : 1);
        if (!str_to_int64(text, &exponent) || exponent > 100000 || exponent < -100000) {
            return false;
        }
    }
    decimal->digits = buf_str(&digits);
    decimal->point = (int64_t)whole + exponent;
    return true;
}

static void decimal_trim(struct decimal *decimal)
{
    while (decimal->digits.n > 0 && decimal->digits.s[0] == '0') {
        decimal->digits = str_after(decimal->digits, 1);
        decimal->point--;
    }
    while (str_ends(decimal->digits, STR("0"))) {
        decimal->digits.n--;
    }
}

static struct str decimal_format(struct arena *arena, const struct decimal *decimal)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);
    int64_t count = (int64_t)decimal->digits.n;
    int64_t point = decimal->point;

    buf_add(&buf, decimal->negative ? STR("-") : STR(""));
    if (point < -PLAIN_ZEROS_MAX || point > count + PLAIN_ZEROS_MAX) {
        buf_add(&buf, str_slice(decimal->digits, 0, 1));
        buf_add(&buf, count > 1 ? STR(".") : STR(""));
        buf_add(&buf, str_after(decimal->digits, 1));
        buf_addf(&buf, "e%lld", (long long)(point - 1));
    } else if (point <= 0) {
        buf_add(&buf, STR("0."));
        buf_add_repeat(&buf, '0', (size_t)-point);
        buf_add(&buf, decimal->digits);
    } else if (point >= count) {
        buf_add(&buf, decimal->digits);
        buf_add_repeat(&buf, '0', (size_t)(point - count));
    } else {
        buf_add(&buf, str_slice(decimal->digits, 0, (size_t)point));
        buf_add_char(&buf, '.');
        buf_add(&buf, str_after(decimal->digits, (size_t)point));
    }
    return buf_str(&buf);
}

bool number_canonical(struct arena *arena, struct str text, struct str *canonical)
{
    struct decimal decimal;
    double value;

    if (!str_to_double(text, &value) || !decimal_parse(arena, text, &decimal)) {
        return false;
    }
    decimal_trim(&decimal);
    *canonical = decimal.digits.n > 0 ? decimal_format(arena, &decimal) : STR("0");
    return true;
}

bool number_meant(struct arena *arena, struct str text, struct str *canonical)
{
    struct buf buf = buf_make(arena, text.n + 1);
    bool negative = str_starts(text, STR("-"));

    text = str_after(text, negative || str_starts(text, STR("+")) ? 1 : 0);
    size_t whole = count_digits(text);
    bool has_point = whole < text.n && text.s[whole] == '.';
    size_t fraction = has_point ? count_digits(str_after(text, whole + 1)) : 0;
    size_t zeros = 0;
    if (whole + fraction == 0) {
        return false;
    }
    while (zeros + 1 < whole && text.s[zeros] == '0') {
        zeros++;
    }
    buf_add(&buf, negative ? STR("-") : STR(""));
    buf_add(&buf, whole > 0 ? str_slice(text, zeros, whole - zeros) : STR("0"));
    text = str_after(text, whole);
    buf_add(&buf, str_after(text, has_point && fraction == 0 ? 1 : 0));
    return number_canonical(arena, buf_str(&buf), canonical);
}

bool number_has_form(struct str text)
{
    text = str_after(text, str_starts(text, STR("-")) ? 1 : 0);
    size_t n = count_digits(text);
    if (n == 0) {
        return false;
    }
    text = str_after(text, n);
    if (str_starts(text, STR("."))) {
        n = count_digits(str_after(text, 1));
        if (n == 0) {
            return false;
        }
        text = str_after(text, 1 + n);
    }
    if (str_starts(text, STR("e")) || str_starts(text, STR("E"))) {
        text = str_after(text, text.n > 1 && (text.s[1] == '+' || text.s[1] == '-') ? 2 : 1);
        return text.n > 0 && count_digits(text) == text.n;
    }
    return text.n == 0;
}
