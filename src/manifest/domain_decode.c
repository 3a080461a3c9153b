#include "manifest/domain_decode.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/pattern.h"
#include "base/pattern_cost.h"
#include "manifest/decode.h"
#include "manifest/document.h"

/* The types that a constraint is for, as bits. */
#define FOR(type) (1u << (type))

static const struct constraint {
    const char *name;
    unsigned types;
    const char *type_names;
} CONSTRAINTS[DOMAIN_KEY_COUNT] = {
    [DOMAIN_TYPE] = {"type", ~0u, ""},
    [DOMAIN_VALUES] = {"values", FOR(TYPE_ENUM), "enum"},
    [DOMAIN_OF] = {"of", FOR(TYPE_LIST), "list"},
    [DOMAIN_PATTERN] = {"pattern", FOR(TYPE_STRING) | FOR(TYPE_PATH), "string and path"},
    [DOMAIN_MIN] = {"min", FOR(TYPE_INT) | FOR(TYPE_NUMBER), "int and number"},
    [DOMAIN_MAX] = {"max", FOR(TYPE_INT) | FOR(TYPE_NUMBER), "int and number"},
    [DOMAIN_MIN_LENGTH] = {"min-length", FOR(TYPE_STRING) | FOR(TYPE_PATH) | FOR(TYPE_LIST),
                           "string, path and list"},
    [DOMAIN_MAX_LENGTH] = {"max-length", FOR(TYPE_STRING) | FOR(TYPE_PATH) | FOR(TYPE_LIST),
                           "string, path and list"},
};

struct decoding {
    struct arena *arena;
    struct arena *scratch; /* for what messages call things */
    const struct node *mapping;
    const struct node *const *values;
    const char *what;
    struct diags *diags;
    struct domain *domain;
};

/* "'min' of param 'x'" */
static const char *name_key(const struct decoding *d, enum domain_key key)
{
    return str_format(d->scratch, "'%s' of %s", CONSTRAINTS[key].name, d->what).s;
}

static bool decode_type(const struct decoding *d)
{
    const struct node *node = d->values[DOMAIN_TYPE];
    struct str names[TYPE_LIST + 1];
    struct str text;

    d->domain->type = TYPE_STRING;
    if (node == NULL) {
        return true;
    }
    if (!decode_text(node, name_key(d, DOMAIN_TYPE), d->diags, &text)) {
        return false;
    }
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        names[i] = str_from(param_type_name((enum param_type)i));
        if (str_equal(text, names[i])) {
            d->domain->type = (enum param_type)i;
            return true;
        }
    }
    struct diag *diag =
        rule_report(d->diags, RULE_VALUE, node->span, "unknown type '%.*s'", STR_ARG(text));
    if (!diag_help_nearest(diag, text, names, ARRAY_COUNT(names))) {
        diag_help(diag, "the types are: string, enum, int, number, bool, path, list");
    }
    return false;
}

/* Constraints that mean nothing for the type. */
static bool check_fit(const struct decoding *d)
{
    const char *type = param_type_name(d->domain->type);
    const struct node *type_node = d->values[DOMAIN_TYPE];
    bool fit = true;

    for (size_t k = 0; k < DOMAIN_KEY_COUNT; k++) {
        const struct constraint *constraint = &CONSTRAINTS[k];
        if (d->values[k] == NULL || (constraint->types & FOR(d->domain->type)) != 0) {
            continue;
        }
        const struct node *key = decode_key_node(d->mapping, constraint->name);
        struct diag *diag = rule_report(d->diags, RULE_CONFLICT, key->span,
                                        "'%s' does not fit type %s", constraint->name, type);
        if (type_node != NULL) {
            diag_label(diag, type_node->span, "the type of %s", d->what);
        } else {
            diag_note(diag, "without 'type' it is a string");
        }
        if (d->domain->type == TYPE_LIST && k != DOMAIN_VALUES) {
            diag_help(diag, "put it into 'of', which describes the elements");
        } else {
            diag_help(diag, "'%s' is for %s", constraint->name, constraint->type_names);
        }
        fit = false;
    }
    return fit;
}

static bool check_values(const struct decoding *d, const struct str *texts,
                         const struct node *const *nodes, size_t count)
{
    bool good = true;

    for (size_t i = 0; i < count; i++) {
        size_t first = 0;
        while (!str_equal(texts[first], texts[i])) {
            first++;
        }
        if (first < i) {
            struct diag *diag = rule_report(d->diags, RULE_VALUE, nodes[i]->span,
                                            "value '%.*s' is given twice", STR_ARG(texts[i]));
            diag_label(diag, nodes[first]->span, "first given here");
            good = false;
        } else if (texts[i].n == 0) {
            rule_report(d->diags, RULE_VALUE, nodes[i]->span,
                        "a value of an enum must not be empty");
            good = false;
        } else if (texts[i].n > PARAM_VALUE_BYTES_MAX) {
            rule_report(d->diags, RULE_LIMIT, nodes[i]->span,
                        "a value must not have more than %d bytes", PARAM_VALUE_BYTES_MAX);
            good = false;
        }
    }
    return good;
}

static bool decode_values(const struct decoding *d)
{
    const struct node *node = d->values[DOMAIN_VALUES];
    const struct node **nodes;
    struct str *texts;
    size_t count;

    if (d->domain->type == TYPE_BOOL) {
        d->domain->values = arena_array(d->arena, 2, sizeof *d->domain->values);
        d->domain->values[0] = STR("true");
        d->domain->values[1] = STR("false");
        d->domain->value_count = 2;
    }
    if (node == NULL) {
        return true;
    }
    if (!decode_text_list(d->arena, node, name_key(d, DOMAIN_VALUES), d->diags, &texts, &nodes,
                          &count)) {
        return false;
    }
    if (node->count == 0) {
        rule_report(d->diags, RULE_VALUE, node->span, "%s must not be an empty list",
                    name_key(d, DOMAIN_VALUES));
        return false;
    }
    d->domain->values = texts;
    d->domain->value_count = count;
    d->domain->values_span = node->span;
    return check_values(d, texts, nodes, count) && count == node->count;
}

static void warn_of_slow_pattern(const struct decoding *d, const struct node *node,
                                 struct str pattern)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct str with;

    if (!pattern_is_slow(&scratch, pattern, &with)) {
        return;
    }
    struct diag *diag = rule_report(d->diags, RULE_SLOW_PATTERN, node->span,
                                    "the pattern takes too long with some texts");
    diag_note(diag, "such as '%.*s'", STR_ARG(with));
    diag_help(diag, "let there be one way to match each text: a repetition inside of a "
                    "repetition, like (a+)+, and alternatives that overlap inside of one are the "
                    "usual cause");
}

static bool decode_pattern(const struct decoding *d)
{
    const struct node *node = d->values[DOMAIN_PATTERN];
    struct pattern *pattern CLEANUP(pattern_close) = NULL;
    struct error err = {0};
    struct str text;
    size_t offset = 0;

    if (node == NULL) {
        return true;
    }
    if (!decode_filled(node, name_key(d, DOMAIN_PATTERN), d->diags, &text)) {
        return false;
    }
    if (pattern_open(text, &pattern, &offset, &err)) {
        struct span span = node_span_within(node, offset, offset < text.n ? 1 : 0);
        diag_from_error(d->diags, STATUS_MANIFEST, rule_id(RULE_PATTERN), span, &err);
        return false;
    }
    d->domain->pattern = text;
    warn_of_slow_pattern(d, node, text);
    return true;
}

static bool check_order(const struct decoding *d, enum domain_key low, enum domain_key high,
                        bool in_order)
{
    if (in_order) {
        return true;
    }
    struct diag *diag =
        rule_report(d->diags, RULE_CONFLICT, d->values[high]->span, "'%s' is less than '%s'",
                    CONSTRAINTS[high].name, CONSTRAINTS[low].name);
    diag_label(diag, d->values[low]->span, "'%s' of %s", CONSTRAINTS[low].name, d->what);
    return false;
}

static bool decode_int_limit(const struct decoding *d, enum domain_key key, int64_t min,
                             int64_t max, bool *has, int64_t *limit)
{
    *has = d->values[key] != NULL;
    return !*has || decode_integer(d->values[key], name_key(d, key), min, max, d->diags, limit);
}

static bool decode_number_limit(const struct decoding *d, enum domain_key key, bool *has,
                                double *limit)
{
    *has = d->values[key] != NULL;
    return !*has || decode_number(d->arena, d->values[key], name_key(d, key), d->diags, limit);
}

/* Every one is decoded, so that every mistake is found. */
static bool decode_limits(const struct decoding *d)
{
    struct domain *domain = d->domain;
    int64_t longest = domain->type == TYPE_LIST ? PARAM_LIST_MAX : PARAM_VALUE_BYTES_MAX;
    bool good;

    if (domain->type == TYPE_INT) {
        good = decode_int_limit(d, DOMAIN_MIN, INT64_MIN, INT64_MAX, &domain->has_min,
                                &domain->min_int);
        good &= decode_int_limit(d, DOMAIN_MAX, INT64_MIN, INT64_MAX, &domain->has_max,
                                 &domain->max_int);
        return good && check_order(d, DOMAIN_MIN, DOMAIN_MAX,
                                   !domain->has_min || !domain->has_max ||
                                       domain->min_int <= domain->max_int);
    }
    if (domain->type == TYPE_NUMBER) {
        good = decode_number_limit(d, DOMAIN_MIN, &domain->has_min, &domain->min);
        good &= decode_number_limit(d, DOMAIN_MAX, &domain->has_max, &domain->max);
        return good &&
               check_order(d, DOMAIN_MIN, DOMAIN_MAX,
                           !domain->has_min || !domain->has_max || domain->min <= domain->max);
    }
    good = decode_int_limit(d, DOMAIN_MIN_LENGTH, 0, longest, &domain->has_min_length,
                            &domain->min_length);
    good &= decode_int_limit(d, DOMAIN_MAX_LENGTH, 1, longest, &domain->has_max_length,
                             &domain->max_length);
    return good && check_order(d, DOMAIN_MIN_LENGTH, DOMAIN_MAX_LENGTH,
                               !domain->has_min_length || !domain->has_max_length ||
                                   domain->min_length <= domain->max_length);
}

/* `{values-of: platform}`: an enum whose values are those of another param. */
static bool decode_values_of(const struct decoding *d, const struct node *mapping,
                             const struct node *const *others, const struct node *name,
                             struct domain *of)
{
    const struct node *key = decode_key_node(mapping, "values-of");
    bool good = true;

    for (size_t k = 0; k < DOMAIN_KEY_COUNT; k++) {
        if (others[k] == NULL) {
            continue;
        }
        const struct node *other = decode_key_node(mapping, CONSTRAINTS[k].name);
        struct diag *diag =
            rule_report(d->diags, RULE_CONFLICT, other->span,
                        "'%s' cannot stand beside 'values-of'", CONSTRAINTS[k].name);
        diag_label(diag, key->span, "this says all of the elements");
        good = false;
    }
    of->type = TYPE_ENUM;
    of->values_of_span = name->span;
    const char *what = str_format(d->scratch, "'values-of' of %s", d->what).s;
    return decode_filled(name, what, d->diags, &of->values_of) && good;
}

static bool decode_of(const struct decoding *d)
{
    enum { VALUES_OF = DOMAIN_KEY_COUNT, COUNT };
    static const char *const KEYS[COUNT] = {DOMAIN_KEY_ROWS, "values-of"};
    const struct node *node = d->values[DOMAIN_OF];
    const struct node *values[COUNT];
    struct domain *of = arena_alloc(d->arena, sizeof *of);
    struct str what = str_format(d->scratch, "the elements of %s", d->what);

    d->domain->of = of;
    if (node == NULL) {
        return true;
    }
    size_t before = d->diags->error_count;
    if (!decode_mapping(d->arena, node, KEYS, COUNT, values, name_key(d, DOMAIN_OF), d->diags)) {
        return false;
    }
    if (values[VALUES_OF] != NULL) {
        return decode_values_of(d, node, values, values[VALUES_OF], of);
    }
    if (values[DOMAIN_TYPE] != NULL && str_is(values[DOMAIN_TYPE]->text, "list")) {
        rule_report(d->diags, RULE_VALUE, values[DOMAIN_TYPE]->span,
                    "the elements of a list cannot be lists");
        return false;
    }
    domain_decode(d->arena, d->scratch, node, values, what.s, d->diags, of);
    return d->diags->error_count == before;
}

static bool check_needed(const struct decoding *d, enum param_type type, enum domain_key key,
                         const char *example)
{
    if (d->domain->type != type || d->values[key] != NULL) {
        return true;
    }
    if (d->mapping->lacks_keys) {
        return false;
    }
    struct diag *diag =
        rule_report(d->diags, RULE_MISSING_KEY, d->values[DOMAIN_TYPE]->span, "type %s needs '%s'",
                    param_type_name(type), CONSTRAINTS[key].name);
    diag_help(diag, "%s", example);
    return false;
}

bool domain_decode(struct arena *arena, struct arena *scratch, const struct node *mapping,
                   const struct node *const *values, const char *what, struct diags *diags,
                   struct domain *domain)
{
    const struct decoding decoding = {arena, scratch, mapping, values, what, diags, domain};
    const struct decoding *d = &decoding;

    if (!decode_type(d)) {
        return false;
    }
    bool good = check_needed(d, TYPE_ENUM, DOMAIN_VALUES, "write values: [a, b]");
    good &= check_needed(d, TYPE_LIST, DOMAIN_OF, "write of: {type: string}");
    bool fit = check_fit(d);
    if (domain->type == TYPE_LIST) {
        good &= decode_of(d);
    }
    if (domain->type == TYPE_ENUM || domain->type == TYPE_BOOL) {
        good &= decode_values(d);
    } else if (domain->type == TYPE_STRING || domain->type == TYPE_PATH) {
        good &= decode_pattern(d);
    }
    /* A limit that does not fit was refused already. */
    return fit && decode_limits(d) && good;
}
