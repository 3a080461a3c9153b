/*
 * The keys that make a domain: those of a param, and those of `of`, the
 * elements of a list. Only param.c uses this.
 */
#ifndef MANIFEST_DOMAIN_DECODE_H
#define MANIFEST_DOMAIN_DECODE_H

#include "base/base.h"
#include "base/diag.h"
#include "manifest/param.h"

struct arena;
struct node;

enum domain_key {
    DOMAIN_TYPE,
    DOMAIN_VALUES,
    DOMAIN_OF,
    DOMAIN_PATTERN,
    DOMAIN_MIN,
    DOMAIN_MAX,
    DOMAIN_MIN_LENGTH,
    DOMAIN_MAX_LENGTH,
    DOMAIN_KEY_COUNT
};

/* Their rows in a table of keys (decode.h), in this order. */
/* clang-format off */
#define DOMAIN_KEY_ROWS                                                      \
    "type", "values", "of", "pattern", "min", "max", "min-length", "max-length"
/* clang-format on */

/* `values` begins with those of the keys above; `what` is "param 'x'". False
 * where a problem was recorded: then values cannot be checked against it. */
bool domain_decode(struct arena *arena, struct arena *scratch, const struct node *mapping,
                   const struct node *const *values, const char *what, struct diags *diags,
                   struct domain *domain);

#endif
