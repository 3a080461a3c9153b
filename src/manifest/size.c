#include "base/str.h"
#include "manifest/manifest.h"

bool size_parse(struct str text, int64_t *bytes)
{
    static const char *const UNITS[] = {"B", "KiB", "MiB", "GiB", "TiB"};
    size_t digits = 0;
    int64_t number;

    while (digits < text.n && text.s[digits] >= '0' && text.s[digits] <= '9') {
        digits++;
    }
    if (!str_to_int64(str_slice(text, 0, digits), &number)) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_COUNT(UNITS); i++) {
        if (!str_is(str_after(text, digits), UNITS[i])) {
            continue;
        }
        if (number > INT64_MAX >> (10 * i)) {
            return false;
        }
        *bytes = number << (10 * i);
        return true;
    }
    return false;
}
