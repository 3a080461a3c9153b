/* Whether one domain takes values that another refuses. */
#include "base/arena.h"
#include "base/error.h"
#include "manifest/param.h"

/* What people write into a param that takes any text. */
static const char *const TEXTS[] = {"other", "a", "0", "-", "x y", "a/b", ""};

#define PROBES_MAX 16

struct probes {
    struct str texts[PROBES_MAX];
    size_t count;
};

static void add_int(struct probes *probes, struct arena *arena, int64_t value)
{
    probes->texts[probes->count++] = str_format(arena, "%lld", (long long)value);
}

static void add_number(struct probes *probes, struct arena *arena, double value)
{
    probes->texts[probes->count++] = str_format(arena, "%.15g", value);
}

/* Around the limits of both, and where there are none. */
static void add_numbers(struct probes *probes, const struct domain *from, const struct domain *into,
                        struct arena *arena)
{
    add_int(probes, arena, 0);
    add_int(probes, arena, 1);
    add_int(probes, arena, -1);
    if (from->type == TYPE_NUMBER) {
        probes->texts[probes->count++] = STR("0.5");
    }
    if (into->type == TYPE_INT && into->has_max && into->max_int < INT64_MAX) {
        add_int(probes, arena, into->max_int + 1);
    }
    if (into->type == TYPE_INT && into->has_min && into->min_int > INT64_MIN) {
        add_int(probes, arena, into->min_int - 1);
    }
    if (into->type == TYPE_NUMBER && into->has_max) {
        add_number(probes, arena, into->max + 1);
    }
    if (into->type == TYPE_NUMBER && into->has_min) {
        add_number(probes, arena, into->min - 1);
    }
}

static void add_texts(struct probes *probes)
{
    for (size_t i = 0; i < ARRAY_COUNT(TEXTS); i++) {
        probes->texts[probes->count++] = str_from(TEXTS[i]);
    }
}

bool domain_exceeds(const struct domain *from, const struct domain *into, struct arena *arena,
                    struct str *witness, struct error *err)
{
    struct probes probes = {.count = 0};
    struct str canonical;

    if (domain_is_finite(from) || from->pattern.s != NULL) {
        return false;
    }
    if (from->type == TYPE_INT || from->type == TYPE_NUMBER) {
        add_numbers(&probes, from, into, arena);
    } else {
        add_texts(&probes);
    }
    for (size_t i = 0; i < probes.count; i++) {
        struct error unheard = {0};
        if (domain_check(from, arena, probes.texts[i], &canonical, &unheard) == 0 &&
            domain_check(into, arena, probes.texts[i], &canonical, err) < 0) {
            *witness = probes.texts[i];
            return true;
        }
    }
    return false;
}
