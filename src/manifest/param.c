#include "manifest/param.h"

#include "base/arena.h"
#include "base/error.h"
#include "manifest/decode.h"
#include "manifest/document.h"
#include "manifest/domain_decode.h"
#include "manifest/template.h"

enum { KEY_DEFAULT = DOMAIN_KEY_COUNT, KEY_REQUIRED, KEY_HELP, KEY_ENV, KEY_VARIANT, KEY_COUNT };

static const char *const KEYS[KEY_COUNT] = {
    DOMAIN_KEY_ROWS, "default", "required", "help", "env", "variant",
};

struct decoding {
    struct arena *arena;
    struct arena *scratch; /* for what messages call things */
    struct diags *diags;
    const char *what; /* "param 'x'" */
    struct param *param;
    const struct node *values; /* of `values`, or NULL */
};

static const char *name_key(const struct decoding *d, const char *key)
{
    return str_format(d->scratch, "'%s' of %s", key, d->what).s;
}

/* "default 'x' of param 'p' is not ...", where the domain says no. */
static void refuse_default(const struct decoding *d, const struct node *node, const char *subject,
                           const struct error *err)
{
    struct diag *diag = rule_report(d->diags, RULE_DEFAULT, node->span, "%s of %s %s", subject,
                                    d->what, err->message);

    if (err->help[0]) {
        diag_help(diag, "%s", err->help);
    }
    if (node->kind == NODE_SCALAR ? node->text.n == 0 : node->count == 0) {
        diag_help(diag, "add min-length: 0 where it may be empty");
    }
}

static bool refuse_placeholder(const struct decoding *d, const struct node *node)
{
    size_t offset, length;

    if (!template_find_in_script(node->text, 0, &offset, &length)) {
        return false;
    }
    rule_report(d->diags, RULE_PLACEHOLDER, node_span_within(node, offset, length),
                "a placeholder cannot stand in a default");
    return true;
}

/* One text of the default against the domain (an element's, for lists). */
static bool check_default_text(const struct decoding *d, const struct node *node,
                               const char *subject, struct error *err)
{
    struct str canonical;

    if (refuse_placeholder(d, node)) {
        return false;
    }
    if (domain_check(&d->param->domain, d->arena, node->text, &canonical, err)) {
        struct str named = str_format(d->scratch, "%s '%.*s'", subject, STR_ARG(node->text));
        refuse_default(d, node, named.s, err);
        return false;
    }
    return true;
}

static struct value all_values(const struct domain *of, struct arena *arena)
{
    struct value value = {.is_list = true, .count = of->value_count};

    value.items = arena_array(arena, of->value_count, sizeof *value.items);
    for (size_t i = 0; i < of->value_count; i++) {
        value.items[i] = of->values[i];
    }
    return value;
}

static void decode_default_all(const struct decoding *d, const struct node *node)
{
    const struct domain *domain = &d->param->domain;
    struct error err = {0};

    if (domain->of->type != TYPE_ENUM) {
        error_set(&err, ERROR_USAGE, "is only for a list of an enum");
        error_help(&err, "write the elements: [a, b]");
        refuse_default(d, node, "default 'all'", &err);
        return;
    }
    struct value all = all_values(domain->of, d->arena);
    if (domain_check_value(domain, d->arena, &all, &all, &err)) {
        refuse_default(d, node, "default 'all'", &err);
        return;
    }
    d->param->default_kind = DEFAULT_ALL;
}

static void decode_default_list(const struct decoding *d, const struct node *node)
{
    struct param *param = d->param;
    struct value *value = &param->default_value;
    const struct node **nodes;
    struct error err = {0};
    bool good = true;

    value->is_list = true;
    if (node->kind == NODE_SCALAR && str_is(node->text, "all")) {
        decode_default_all(d, node);
        return;
    }
    if (!decode_text_list(d->arena, node, name_key(d, "default"), d->diags, &value->items, &nodes,
                          &value->count)) {
        return;
    }
    /* A pattern that takes too long for one takes too long for others. */
    for (size_t i = 0; i < value->count && err.kind != ERROR_LIMIT; i++) {
        good &= check_default_text(d, nodes[i], "default element", &err);
    }
    if (good && value->count == node->count &&
        domain_check_value(&param->domain, d->arena, value, value, &err)) {
        refuse_default(d, node, "the default", &err);
    }
}

static bool has_platform(const struct domain *domain)
{
    for (size_t i = 0; i < domain->value_count; i++) {
        if (platform_is_known(domain->values[i])) {
            return true;
        }
    }
    return false;
}

/* Of two values for one platform none could be this machine's. */
static void check_host(const struct decoding *d, const struct node *node)
{
    const struct domain *domain = &d->param->domain;

    for (size_t i = 0; i < domain->value_count; i++) {
        for (size_t j = 0; j < i; j++) {
            struct str a = domain->values[j], b = domain->values[i];
            if (!platform_is_known(a) || !str_equal(platform_canonical(a), platform_canonical(b))) {
                continue;
            }
            struct diag *diag = rule_report(
                d->diags, RULE_DEFAULT, node->span,
                "default 'host' of %s is two values: '%.*s' and '%.*s' mean the same platform",
                d->what, STR_ARG(a), STR_ARG(b));
            if (d->values != NULL) {
                diag_label(diag, d->values->span, "the values");
            }
            diag_help(diag, "keep one of the two");
            return;
        }
    }
}

static void decode_default_text(const struct decoding *d, const struct node *node)
{
    struct param *param = d->param;
    const struct domain *domain = &param->domain;
    struct error err = {0};
    struct str text;

    if (!decode_text(node, name_key(d, "default"), d->diags, &text)) {
        return;
    }
    if (domain->type == TYPE_ENUM && str_is(text, "host") && domain_find(domain, text) < 0 &&
        has_platform(domain)) {
        check_host(d, node);
        param->default_kind = DEFAULT_HOST;
        return;
    }
    param->default_value.text = text;
    if (check_default_text(d, node, "default", &err) &&
        domain_check_value(domain, d->arena, &param->default_value, &param->default_value, &err)) {
        refuse_default(d, node, "the default", &err);
    }
}

/* Those of the elements are another param's, and not known yet. */
static bool lacks_values(const struct domain *domain)
{
    return domain->type == TYPE_LIST && domain->of->values_of.s != NULL &&
           domain->of->values == NULL;
}

static void decode_default(const struct decoding *d, const struct node *node, bool domain_is_good)
{
    d->param->default_kind = DEFAULT_VALUE;
    d->param->default_span = node->span;
    if (node_is_null(node)) {
        struct diag *diag = rule_report(d->diags, RULE_TYPE, node->span,
                                        "'default' of %s must be a value, not null", d->what);
        diag_help(diag, "write required: true for a param without a default");
    } else if (!domain_is_good) {
        /* What is wrong was said at the domain. */
        d->param->default_value.is_list = d->param->domain.type == TYPE_LIST;
    } else if (lacks_values(&d->param->domain)) {
        d->param->default_value.is_list = true;
        d->param->default_node = node;
    } else if (d->param->domain.type == TYPE_LIST) {
        decode_default_list(d, node);
    } else {
        decode_default_text(d, node);
    }
}

/* Exactly one of `default` and `required: true`. */
static void check_required(const struct decoding *d, const struct node *name,
                           const struct node *const *values)
{
    const struct node *required = values[KEY_REQUIRED];
    const struct node *value = values[KEY_DEFAULT];
    bool is_required = true;

    if (required != NULL &&
        !decode_bool(required, name_key(d, "required"), d->diags, &is_required)) {
        return;
    }
    is_required = is_required && required != NULL;
    if (is_required && value != NULL) {
        struct diag *diag = rule_report(d->diags, RULE_CONFLICT, required->span,
                                        "%s is required and has a default", d->what);
        diag_label(diag, value->span, "the default");
        diag_help(diag, "keep one of the two");
    } else if (!is_required && value == NULL) {
        struct diag *diag =
            rule_report(d->diags, RULE_MISSING_KEY, required ? required->span : name->span,
                        "%s has neither 'default' nor 'required: true'", d->what);
        diag_help(diag, "give it a default, or write required: true");
    }
}

static void decode_rest(const struct decoding *d, const struct node *const *values)
{
    struct param *param = d->param;

    if (values[KEY_HELP] != NULL) {
        decode_text(values[KEY_HELP], name_key(d, "help"), d->diags, &param->help);
    }
    if (values[KEY_ENV] != NULL) {
        const struct node *env = values[KEY_ENV];
        if (decode_is_text(env, name_key(d, "env"), d->diags) &&
            decode_env_name(env, "a variable", d->diags)) {
            param->env = env->text;
            param->env_span = env->span;
        }
    }
    if (values[KEY_VARIANT] != NULL) {
        decode_bool(values[KEY_VARIANT], name_key(d, "variant"), d->diags, &param->variant);
    }
}

struct param *param_decode(struct arena *arena, struct arena *scratch, const struct node *name,
                           const struct node *value, struct diags *diags)
{
    struct param *param = arena_alloc(arena, sizeof *param);
    struct str what = str_format(scratch, "param '%.*s'", STR_ARG(name->text));
    struct decoding d = {arena, scratch, diags, what.s, param, NULL};
    const struct node *values[KEY_COUNT];

    *param = (struct param){.name = name->text, .span = name->span, .variant = true};
    decode_param_name(name, "a param", diags);
    if (!decode_mapping(arena, value, KEYS, KEY_COUNT, values, what.s, diags)) {
        return param;
    }
    d.values = values[DOMAIN_VALUES];
    bool good = domain_decode(arena, scratch, value, values, what.s, diags, &param->domain);
    if (!value->lacks_keys) {
        check_required(&d, name, values);
    }
    if (values[KEY_DEFAULT] != NULL) {
        decode_default(&d, values[KEY_DEFAULT], good);
    }
    decode_rest(&d, values);
    return param;
}

void param_take_values(struct param *param, struct arena *arena, const struct domain *from,
                       struct diags *diags)
{
    struct str what = str_format(arena, "param '%.*s'", STR_ARG(param->name));
    struct decoding d = {arena, arena, diags, what.s, param, NULL};
    struct domain *of = arena_alloc(arena, sizeof *of);

    *of = *param->domain.of;
    of->values = from->values;
    of->value_count = from->value_count;
    param->domain.of = of;
    if (param->default_node != NULL) {
        decode_default_list(&d, param->default_node);
        param->default_node = NULL;
    }
}

/* The value of an enum of platforms that means this machine. */
static int host_value(const struct param *param, struct str host, struct value *value,
                      struct error *err)
{
    const struct domain *domain = &param->domain;

    for (size_t i = 0; i < domain->value_count; i++) {
        if (str_equal(platform_canonical(domain->values[i]), platform_canonical(host))) {
            *value = (struct value){.text = domain->values[i]};
            return 0;
        }
    }
    error_set(err, ERROR_USAGE,
              "param '%.*s' has this machine as its default, but '%.*s' is none of its values",
              STR_ARG(param->name), STR_ARG(host));
    return error_help(err, "give --%.*s", STR_ARG(param->name));
}

int param_default(const struct param *param, struct arena *arena, struct str host,
                  struct value *value, struct error *err)
{
    switch (param->default_kind) {
    case DEFAULT_NONE:
        break;
    case DEFAULT_VALUE:
        *value = param->default_value;
        return 0;
    case DEFAULT_HOST:
        return host_value(param, host, value, err);
    case DEFAULT_ALL:
        *value = all_values(param->domain.of, arena);
        return 0;
    }
    error_set(err, ERROR_USAGE, "param '%.*s' is required", STR_ARG(param->name));
    return error_help(err, "give --%.*s", STR_ARG(param->name));
}
