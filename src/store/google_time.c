#include "store/google_time.h"

#include <ctype.h>

struct clock {
    int64_t year, month, day, hour, minute, second;
};

/* Days since 1970 of a day in the proleptic Gregorian calendar: years begin in
 * March, so that the leap day is the last one. */
static int64_t days_since_1970(const struct clock *clock)
{
    int64_t year = clock->year - (clock->month <= 2);
    int64_t month = (clock->month + 9) % 12;
    int64_t era = year / 400;
    int64_t of_era = year % 400;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * month + 2) / 5 +
           clock->day - 1 - 719468;
}

static bool to_ms(const struct clock *clock, int64_t *time_ms)
{
    if (clock->month < 1 || clock->month > 12 || clock->day < 1 || clock->day > 31 ||
        clock->hour > 23 || clock->minute > 59 || clock->second > 60) {
        return false;
    }
    *time_ms = ((days_since_1970(clock) * 24 + clock->hour) * 60 + clock->minute) * 60000 +
               clock->second * 1000;
    return true;
}

/* Takes digits, as many as the field is wide, off the text's start. */
static bool take_number(struct str *text, size_t width, int64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < width; i++) {
        if (i >= text->n || !isdigit((unsigned char)text->s[i])) {
            return false;
        }
        *number = *number * 10 + (text->s[i] - '0');
    }
    *text = str_after(*text, width);
    return true;
}

static bool take(struct str *text, const char *expected)
{
    struct str part = str_from(expected);

    if (!str_starts(*text, part)) {
        return false;
    }
    *text = str_after(*text, part.n);
    return true;
}

/* "Z", "+01:00" or "-01:00" to its end. */
static bool take_offset(struct str *text, int64_t *offset_ms)
{
    int64_t hours;
    int64_t minutes;
    int64_t sign = str_starts(*text, STR("-")) ? -1 : 1;

    *offset_ms = 0;
    if (take(text, "Z")) {
        return text->n == 0;
    }
    if (!(take(text, "+") || take(text, "-")) || !take_number(text, 2, &hours) ||
        !take(text, ":") || !take_number(text, 2, &minutes)) {
        return false;
    }
    *offset_ms = sign * (hours * 60 + minutes) * 60000;
    return text->n == 0;
}

bool google_time_parse(struct str text, int64_t *time_ms)
{
    struct clock clock;
    int64_t offset_ms;

    if (!take_number(&text, 4, &clock.year) || !take(&text, "-") ||
        !take_number(&text, 2, &clock.month) || !take(&text, "-") ||
        !take_number(&text, 2, &clock.day) || !take(&text, "T") ||
        !take_number(&text, 2, &clock.hour) || !take(&text, ":") ||
        !take_number(&text, 2, &clock.minute) || !take(&text, ":") ||
        !take_number(&text, 2, &clock.second) || !to_ms(&clock, time_ms)) {
        return false;
    }
    if (take(&text, ".")) {
        int64_t digit;
        size_t digits = text.n;
        while (take_number(&text, 1, &digit)) {
        }
        if (text.n == digits) {
            return false;
        }
    }
    if (!take_offset(&text, &offset_ms)) {
        return false;
    }
    *time_ms -= offset_ms;
    return true;
}

static bool take_month(struct str *text, int64_t *month)
{
    static const char *const NAMES[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

    for (size_t i = 0; i < ARRAY_COUNT(NAMES); i++) {
        if (take(text, NAMES[i])) {
            *month = (int64_t)i + 1;
            return true;
        }
    }
    return false;
}

bool google_time_parse_http(struct str text, int64_t *time_ms)
{
    struct clock clock;
    struct str weekday;

    return str_cut(text, ',', &weekday, &text) && weekday.n == 3 && take(&text, " ") &&
           take_number(&text, 2, &clock.day) && take(&text, " ") &&
           take_month(&text, &clock.month) && take(&text, " ") &&
           take_number(&text, 4, &clock.year) && take(&text, " ") &&
           take_number(&text, 2, &clock.hour) && take(&text, ":") &&
           take_number(&text, 2, &clock.minute) && take(&text, ":") &&
           take_number(&text, 2, &clock.second) && take(&text, " GMT") && text.n == 0 &&
           to_ms(&clock, time_ms);
}
