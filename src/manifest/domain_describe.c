#include "manifest/param.h"

#include "base/arena.h"

static void add_range(struct buf *buf, bool has_min, const char *min, bool has_max, const char *max,
                      const char *unit)
{
    if (has_min && has_max) {
        buf_addf(buf, " from %s to %s%s", min, max, unit);
    } else if (has_min) {
        buf_addf(buf, " of at least %s%s", min, unit);
    } else if (has_max) {
        buf_addf(buf, " of at most %s%s", max, unit);
    }
}

static void add_int_range(struct buf *buf, bool has_min, int64_t min, bool has_max, int64_t max,
                          const char *unit)
{
    char low[32], high[32];

    snprintf(low, sizeof low, "%lld", (long long)min);
    snprintf(high, sizeof high, "%lld", (long long)max);
    add_range(buf, has_min, low, has_max, high, unit);
}

static void add_number_range(struct buf *buf, const struct domain *domain)
{
    char low[32], high[32];

    snprintf(low, sizeof low, "%.15g", domain->min);
    snprintf(high, sizeof high, "%.15g", domain->max);
    add_range(buf, domain->has_min, low, domain->has_max, high, "");
}

static void add_lengths(struct buf *buf, const struct domain *domain, const char *unit)
{
    add_int_range(buf, domain->has_min_length && domain->min_length > 0, domain->min_length,
                  domain->has_max_length, domain->max_length, unit);
}

static void describe(struct buf *buf, const struct domain *domain, struct arena *arena)
{
    struct value all = {.is_list = true, .items = domain->values, .count = domain->value_count};

    switch (domain->type) {
    case TYPE_ENUM:
        buf_addf(buf, "one of %.*s", STR_ARG(value_show(&all, arena)));
        break;
    case TYPE_BOOL:
        buf_add(buf, STR("true or false"));
        break;
    case TYPE_INT:
        buf_add(buf, STR("int"));
        add_int_range(buf, domain->has_min, domain->min_int, domain->has_max, domain->max_int, "");
        break;
    case TYPE_NUMBER:
        buf_add(buf, STR("number"));
        add_number_range(buf, domain);
        break;
    case TYPE_STRING:
    case TYPE_PATH:
        buf_add(buf, domain->type == TYPE_PATH ? STR("path") : STR("text"));
        add_lengths(buf, domain, " characters");
        if (domain->pattern.s != NULL) {
            buf_addf(buf, " that matches %.*s", STR_ARG(domain->pattern));
        }
        break;
    case TYPE_LIST:
        buf_add(buf, STR("list"));
        add_lengths(buf, domain, " elements");
        buf_add(buf, STR(", each "));
        describe(buf, domain->of, arena);
        break;
    }
}

struct str domain_describe(const struct domain *domain, struct arena *arena)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);

    describe(&buf, domain, arena);
    return buf_str(&buf);
}
