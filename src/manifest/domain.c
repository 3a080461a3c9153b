#include "manifest/param.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/pattern.h"
#include "manifest/number.h"

static const char *const TYPE_NAMES[] = {
    [TYPE_STRING] = "string", [TYPE_ENUM] = "enum", [TYPE_INT] = "int",   [TYPE_NUMBER] = "number",
    [TYPE_BOOL] = "bool",     [TYPE_PATH] = "path", [TYPE_LIST] = "list",
};

const char *param_type_name(enum param_type type)
{
    return TYPE_NAMES[type];
}

bool domain_is_finite(const struct domain *domain)
{
    return domain->type == TYPE_ENUM || domain->type == TYPE_BOOL;
}

ptrdiff_t domain_find(const struct domain *domain, struct str value)
{
    for (size_t i = 0; i < domain->value_count; i++) {
        if (str_equal(domain->values[i], value)) {
            return (ptrdiff_t)i;
        }
    }
    return -1;
}

static struct str join_values(const struct domain *domain, struct arena *arena)
{
    struct value all = {.is_list = true, .items = domain->values, .count = domain->value_count};

    return value_show(&all, arena);
}

static int check_enum(const struct domain *domain, struct arena *arena, struct str text,
                      struct error *err)
{
    if (domain_find(domain, text) >= 0) {
        return 0;
    }
    struct str platform = platform_canonical(text);
    ptrdiff_t nearest = str_nearest(text, domain->values, domain->value_count);
    error_set(err, ERROR_USAGE, "is not one of %.*s", STR_ARG(join_values(domain, arena)));
    for (size_t i = 0; platform_is_known(text) && i < domain->value_count; i++) {
        if (str_equal(platform_canonical(domain->values[i]), platform)) {
            nearest = (ptrdiff_t)i;
        }
    }
    if (nearest >= 0) {
        error_help(err, "did you mean '%.*s'?", STR_ARG(domain->values[nearest]));
    }
    return -1;
}

static int check_bool(struct str text, struct error *err)
{
    static const char *const TRUE_WORDS[] = {"yes", "on", "1", "y"};
    static const char *const FALSE_WORDS[] = {"no", "off", "0", "n"};
    const char *meant = NULL;

    if (str_is(text, "true") || str_is(text, "false")) {
        return 0;
    }
    for (size_t i = 0; i < ARRAY_COUNT(TRUE_WORDS); i++) {
        if (text.n == strlen(TRUE_WORDS[i]) && strncasecmp(text.s, TRUE_WORDS[i], text.n) == 0) {
            meant = "true";
        }
        if (text.n == strlen(FALSE_WORDS[i]) && strncasecmp(text.s, FALSE_WORDS[i], text.n) == 0) {
            meant = "false";
        }
    }
    if (text.n == 4 && strncasecmp(text.s, "true", 4) == 0) {
        meant = "true";
    } else if (text.n == 5 && strncasecmp(text.s, "false", 5) == 0) {
        meant = "false";
    }
    error_set(err, ERROR_USAGE, "is not true or false");
    return meant ? error_help(err, "write %s", meant) : -1;
}

static bool is_digits(struct str text)
{
    text = str_after(text, str_starts(text, STR("-")) ? 1 : 0);
    for (size_t i = 0; i < text.n; i++) {
        if (text.s[i] < '0' || text.s[i] > '9') {
            return false;
        }
    }
    return text.n > 0;
}

static int check_int(const struct domain *domain, struct str text, struct error *err)
{
    char canonical[32];
    struct str unsigned_text = str_after(text, str_starts(text, STR("+")) ? 1 : 0);
    int64_t value;

    if (!is_digits(unsigned_text) || (unsigned_text.n < text.n && text.s[1] == '-')) {
        return error_set(err, ERROR_USAGE, "is not a whole number");
    }
    if (!str_to_int64(unsigned_text, &value)) {
        return error_set(err, ERROR_USAGE, "does not fit in 64 bits");
    }
    snprintf(canonical, sizeof canonical, "%lld", (long long)value);
    if (!str_is(text, canonical)) {
        error_set(err, ERROR_USAGE, "is not a whole number in its shortest form");
        return error_help(err, "write %s", canonical);
    }
    if (domain->has_min && value < domain->min_int) {
        return error_set(err, ERROR_USAGE, "is less than %lld", (long long)domain->min_int);
    }
    if (domain->has_max && value > domain->max_int) {
        return error_set(err, ERROR_USAGE, "is more than %lld", (long long)domain->max_int);
    }
    return 0;
}

static int check_number(const struct domain *domain, struct arena *arena, struct str text,
                        struct error *err)
{
    double value;
    struct str canonical;

    if (!str_to_double(text, &value) || !number_canonical(arena, text, &canonical)) {
        if (!number_meant(arena, text, &canonical)) {
            return error_set(err, ERROR_USAGE,
                             number_has_form(text) ? "is out of range" : "is not a number");
        }
    }
    if (!str_equal(text, canonical)) {
        error_set(err, ERROR_USAGE, "is not a number in its shortest form");
        return error_help(err, "write %.*s", STR_ARG(canonical));
    }
    if (domain->has_min && value < domain->min) {
        return error_set(err, ERROR_USAGE, "is less than %.15g", domain->min);
    }
    if (domain->has_max && value > domain->max) {
        return error_set(err, ERROR_USAGE, "is more than %.15g", domain->max);
    }
    return 0;
}

static int check_pattern(const struct domain *domain, struct str text, struct error *err)
{
    struct pattern *pattern CLEANUP(pattern_close) = NULL;
    size_t offset;

    if (pattern_open(domain->pattern, &pattern, &offset, err)) {
        return error_prefix(err, "cannot be compared with the pattern '%.*s'",
                            STR_ARG(domain->pattern));
    }
    int matches = pattern_match(pattern, text, err);
    if (matches < 0) {
        return error_prefix(err, "cannot be compared with the pattern '%.*s'",
                            STR_ARG(domain->pattern));
    }
    if (matches == 0) {
        return error_set(err, ERROR_USAGE, "does not match the pattern '%.*s'",
                         STR_ARG(domain->pattern));
    }
    return 0;
}

static int64_t count_characters(struct str text)
{
    int64_t count = 0;

    for (size_t i = 0; i < text.n; i++) {
        count += ((unsigned char)text.s[i] & 0xC0) != 0x80;
    }
    return count;
}

static int check_length(const struct domain *domain, int64_t length, const char *unit,
                        struct error *err)
{
    if (domain->has_min_length && length < domain->min_length) {
        return error_set(err, ERROR_USAGE, "has %lld %s, fewer than %lld", (long long)length, unit,
                         (long long)domain->min_length);
    }
    if (domain->has_max_length && length > domain->max_length) {
        return error_set(err, ERROR_USAGE, "has %lld %s, more than %lld", (long long)length, unit,
                         (long long)domain->max_length);
    }
    return 0;
}

static bool goes_up(struct str path)
{
    struct str segment;
    bool more = true;

    while (more) {
        more = str_cut(path, '/', &segment, &path);
        if (str_is(segment, "..")) {
            return true;
        }
    }
    return false;
}

static int check_text(const struct domain *domain, struct str text, struct error *err)
{
    bool empty_allowed = (domain->has_min_length && domain->min_length == 0) || domain->pattern.s;

    if (text.n == 0 && !empty_allowed) {
        return error_set(err, ERROR_USAGE, "is empty");
    }
    if (domain->type == TYPE_PATH && goes_up(text)) {
        return error_set(err, ERROR_USAGE, "is a path with '..'");
    }
    if (check_length(domain, count_characters(text), "characters", err)) {
        return -1;
    }
    return domain->pattern.s ? check_pattern(domain, text, err) : 0;
}

int domain_check(const struct domain *domain, struct arena *arena, struct str text,
                 struct str *canonical, struct error *err)
{
    int result = -1;

    if (domain->type == TYPE_LIST) {
        domain = domain->of;
    }
    if (text.n > PARAM_VALUE_BYTES_MAX) {
        return error_set(err, ERROR_USAGE, "has %zu bytes, more than the %d that are allowed",
                         text.n, PARAM_VALUE_BYTES_MAX);
    }
    if (str_index(text, '\0') < text.n) {
        return error_set(err, ERROR_USAGE, "holds a NUL byte");
    }
    if (str_utf8_invalid_at(text) < text.n) {
        return error_set(err, ERROR_USAGE, "is not UTF-8");
    }
    switch (domain->type) {
    case TYPE_ENUM:
        result = check_enum(domain, arena, text, err);
        break;
    case TYPE_BOOL:
        result = check_bool(text, err);
        break;
    case TYPE_INT:
        result = check_int(domain, text, err);
        break;
    case TYPE_NUMBER:
        result = check_number(domain, arena, text, err);
        break;
    case TYPE_STRING:
    case TYPE_PATH:
        result = check_text(domain, text, err);
        break;
    case TYPE_LIST:
        BUG("a list of lists");
    }
    if (result == 0) {
        *canonical = text;
    }
    return result;
}

/* A command gets a list as lines. */
static int check_item(const struct domain *of, struct arena *arena, struct str item,
                      struct str *canonical, struct error *err)
{
    struct error inner = {0};
    int result = domain_check(of, arena, item, canonical, &inner);

    if (result == 0 && str_index(item, '\n') < item.n) {
        result = error_set(&inner, ERROR_USAGE,
                           "holds a line end, and lists are handed over one element a line");
    }
    if (result == 0) {
        return 0;
    }
    error_set(err, inner.kind, "has the element '%.*s' that %s", STR_ARG(item), inner.message);
    return inner.help[0] ? error_help(err, "%s", inner.help) : -1;
}

/* The elements in the order of the enum's values; none may be there twice. */
static int order_enum(const struct domain *of, struct arena *arena, struct value *list,
                      struct error *err)
{
    bool *chosen = arena_array(arena, of->value_count, sizeof *chosen);
    size_t count = 0;

    for (size_t i = 0; i < list->count; i++) {
        bool *choice = &chosen[domain_find(of, list->items[i])];
        if (*choice) {
            return error_set(err, ERROR_USAGE, "has the element '%.*s' twice",
                             STR_ARG(list->items[i]));
        }
        *choice = true;
    }
    for (size_t i = 0; i < of->value_count; i++) {
        if (chosen[i]) {
            list->items[count++] = of->values[i];
        }
    }
    return 0;
}

static int check_list(const struct domain *domain, struct arena *arena, const struct value *value,
                      struct value *canonical, struct error *err)
{
    bool empty_allowed = domain->has_min_length && domain->min_length == 0;
    struct value list = {.is_list = true, .count = value->count};

    if (value->count == 0 && !empty_allowed) {
        return error_set(err, ERROR_USAGE, "is an empty list");
    }
    if (value->count > PARAM_LIST_MAX) {
        return error_set(err, ERROR_USAGE, "has %zu elements, more than the %d that are allowed",
                         value->count, PARAM_LIST_MAX);
    }
    if (check_length(domain, (int64_t)value->count, "elements", err)) {
        return -1;
    }
    list.items = arena_array(arena, value->count, sizeof *list.items);
    for (size_t i = 0; i < value->count; i++) {
        if (check_item(domain->of, arena, value->items[i], &list.items[i], err)) {
            return -1;
        }
    }
    if (empty_allowed && list.count == 1 && list.items[0].n == 0) {
        return error_set(err, ERROR_USAGE,
                         "is one empty element, which has the address of the empty list");
    }
    if (domain->of->type == TYPE_ENUM && order_enum(domain->of, arena, &list, err)) {
        return -1;
    }
    *canonical = list;
    return 0;
}

int domain_check_value(const struct domain *domain, struct arena *arena, const struct value *value,
                       struct value *canonical, struct error *err)
{
    struct str text;

    if (domain->type == TYPE_LIST && value->is_list) {
        return check_list(domain, arena, value, canonical, err);
    }
    if (domain->type == TYPE_LIST || value->is_list) {
        return error_set(err, ERROR_USAGE, value->is_list ? "is a list" : "is not a list");
    }
    if (domain_check(domain, arena, value->text, &text, err)) {
        return -1;
    }
    *canonical = (struct value){.text = text};
    return 0;
}
