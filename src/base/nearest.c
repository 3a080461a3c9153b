/* str_nearest: which of some names was meant. */
#include "base/str.h"

/* Longer names are not compared: nobody mistypes them, and the time is the
 * product of the lengths. */
#define NAME_MAX_BYTES 128

static char fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions, substitutions and transpositions of neighbours that
 * turn a into b (optimal string alignment); more than `limit` is limit + 1. */
static size_t edit_distance(struct str a, struct str b, size_t limit, bool ignore_case)
{
    size_t rows[3][NAME_MAX_BYTES + 1];
    size_t *before = rows[0];
    size_t *last = rows[1];
    size_t *row = rows[2];

    for (size_t j = 0; j <= b.n; j++) {
        last[j] = j;
    }
    for (size_t i = 1; i <= a.n; i++) {
        size_t best = row[0] = i;
        for (size_t j = 1; j <= b.n; j++) {
            char x = ignore_case ? fold(a.s[i - 1]) : a.s[i - 1];
            char y = ignore_case ? fold(b.s[j - 1]) : b.s[j - 1];
            row[j] = smaller(last[j - 1] + (x != y), smaller(last[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && x != y) {
                char x1 = ignore_case ? fold(a.s[i - 2]) : a.s[i - 2];
                char y1 = ignore_case ? fold(b.s[j - 2]) : b.s[j - 2];
                if (x == y1 && x1 == y) {
                    row[j] = smaller(row[j], before[j - 2] + 1);
                }
            }
            best = smaller(best, row[j]);
        }
        /* A transposition looks two rows back, hence + 1. */
        if (best > limit + 1) {
            return limit + 1;
        }
        size_t *spare = before;
        before = last, last = row, row = spare;
    }
    return smaller(last[b.n], limit + 1);
}

ptrdiff_t str_nearest(struct str text, const struct str *candidates, size_t count)
{
    size_t limit = text.n / 3 > 1 ? text.n / 3 : 1;
    size_t best = limit + 1;
    size_t best_exact = 0;
    ptrdiff_t found = -1;

    if (text.n == 0 || text.n > NAME_MAX_BYTES) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        struct str name = candidates[i];
        size_t longer = name.n > text.n ? name.n : text.n;
        if (name.n == 0 || name.n > NAME_MAX_BYTES || longer - smaller(name.n, text.n) > limit) {
            continue;
        }
        size_t distance = edit_distance(text, name, limit, true);
        /* Something of what was written must remain. */
        if (distance > limit || distance > best || distance >= longer) {
            continue;
        }
        size_t exact = edit_distance(text, name, longer, false);
        if (distance < best || exact < best_exact) {
            best = distance;
            best_exact = exact;
            found = (ptrdiff_t)i;
        }
    }
    return found;
}
