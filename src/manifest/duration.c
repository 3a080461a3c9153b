#include "base/str.h"
#include "manifest/manifest.h"

#define DURATION_MAX_MS ((int64_t)30 * 24 * 60 * 60 * 1000)

bool duration_parse(struct str text, int64_t *ms)
{
    static const struct {
        char unit;
        int64_t ms;
    } UNITS[] = {{'s', 1000}, {'m', (int64_t)60 * 1000}, {'h', (int64_t)60 * 60 * 1000}};
    int64_t number;

    if (text.n < 2 || text.s[0] == '-' || !str_to_int64(str_slice(text, 0, text.n - 1), &number)) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_COUNT(UNITS); i++) {
        if (text.s[text.n - 1] == UNITS[i].unit) {
            if (number > DURATION_MAX_MS / UNITS[i].ms) {
                return false;
            }
            *ms = number * UNITS[i].ms;
            return true;
        }
    }
    return false;
}
