/*
 * Params: the typed values that a job takes.
 *
 * A domain says which values a param, or an element of a list, can have. Values
 * are text in one spelling, so that equal values have equal addresses: a bool is
 * `true` or `false`, a number has its shortest form. Another spelling is refused
 * with the right one in the help; no value is ever changed silently.
 */
#ifndef MANIFEST_PARAM_H
#define MANIFEST_PARAM_H

#include "base/base.h"
#include "base/diag.h"
#include "base/source.h"

struct arena;
struct error;
struct node;

enum param_type {
    TYPE_STRING,
    TYPE_ENUM,
    TYPE_INT,
    TYPE_NUMBER,
    TYPE_BOOL,
    TYPE_PATH, /* relative without "..", or absolute outside of placeholders in paths */
    TYPE_LIST
};

const char *param_type_name(enum param_type type);

#define PARAM_VALUE_BYTES_MAX 65536
#define PARAM_LIST_MAX        1000

struct domain {
    enum param_type type;
    struct str *values; /* of an enum, in the manifest's order; `true`, `false` of a bool */
    size_t value_count;
    struct span values_span; /* of `values`; all zero: not written */
    struct str pattern;      /* .s NULL: none; anchored at both ends */
    bool has_min, has_max;
    double min, max;          /* of a number */
    int64_t min_int, max_int; /* of an int */
    bool has_min_length, has_max_length;
    int64_t min_length, max_length; /* characters of a text, elements of a list */
    const struct domain *of;        /* of a list */
    struct str values_of;           /* of elements: the param whose values they take; .s NULL:
                                       they have their own */
    struct span values_of_span;
};

enum default_kind {
    DEFAULT_NONE, /* the param is required */
    DEFAULT_VALUE,
    DEFAULT_HOST, /* the platform of this machine */
    DEFAULT_ALL   /* of a list of an enum: all its values */
};

/* A value: text, or a list. */
struct value {
    bool is_list;
    struct str text;
    struct str *items;
    size_t count;
};

struct param {
    struct str name;
    struct span span; /* of the name */
    struct domain domain;
    enum default_kind default_kind;
    struct value default_value;
    struct span default_span;
    const struct node *default_node; /* until param_take_values(); else NULL */
    struct str help;                 /* empty: none */
    struct str env;                  /* the variable that may give the value; empty: none */
    struct span env_span;
    bool variant;
};

/* Decodes `name: {type: ...}`: the form of the name too, but not whether it is
 * reserved. Never NULL; problems are in `diags`. What is needed for the call alone is
 * in `scratch`. */
struct param *param_decode(struct arena *arena, struct arena *scratch, const struct node *name,
                           const struct node *value, struct diags *diags);

/* Gives the elements of a list with `values-of` the values of another param, an
 * enum, and reads its default, which can be checked only then. */
void param_take_values(struct param *param, struct arena *arena, const struct domain *from,
                       struct diags *diags);

/* One text (an element, for lists) against the domain. 0 with the canonical
 * spelling in *canonical, or -1 with ERROR_USAGE: the message says what is wrong
 * and is made to stand behind "value 'x' of param 'p' ", as in "is not one of
 * a, b, c"; the help names the nearest value. */
int domain_check(const struct domain *domain, struct arena *arena, struct str text,
                 struct str *canonical, struct error *err) MUST_USE;
/* A whole value, lists with their lengths and without repeated enum elements;
 * an enum list comes out in the order of `values`. */
int domain_check_value(const struct domain *domain, struct arena *arena, const struct value *value,
                       struct value *canonical, struct error *err) MUST_USE;

/* Whether some value that `from` takes is refused by `into`, as far as that can be
 * shown: *witness is one, and the error says why. Neither is of a list; domains whose
 * values can be counted, or that have a pattern, are not looked into. */
bool domain_exceeds(const struct domain *from, const struct domain *into, struct arena *arena,
                    struct str *witness, struct error *err);

/* "one of a, b, c", "int from 1 to 64", "text that matches ...": for --help. */
struct str domain_describe(const struct domain *domain, struct arena *arena);

/* Whether the values can be counted (enum, bool). */
bool domain_is_finite(const struct domain *domain);
/* Position in `values`, or -1. */
ptrdiff_t domain_find(const struct domain *domain, struct str value);

/* The value of a param nobody gave, with `host` for DEFAULT_HOST (an alias of
 * conda's counts); ERROR_USAGE where it is required, or the host is none of its
 * values. */
int param_default(const struct param *param, struct arena *arena, struct str host,
                  struct value *value, struct error *err) MUST_USE;

/* The value as it stands in an address: percent-encoded, lists joined by '+'. */
struct str value_address_text(const struct value *value, struct arena *arena);
/* For people: lists joined by ", ". */
struct str value_show(const struct value *value, struct arena *arena);
bool value_equal(const struct value *a, const struct value *b);

/* jobrun's name of a platform ("linux-x64") for it or for conda's ("linux-64");
 * the text itself where it is neither. */
struct str platform_canonical(struct str name);
/* Whether it is the name of a platform, jobrun's or conda's. */
bool platform_is_known(struct str name);
/* jobrun's names of all of them. */
#define PLATFORM_COUNT 5
void platform_names(struct str names[PLATFORM_COUNT]);

#endif
