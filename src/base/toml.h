/*
 * TOML 1.0 as a tree with places: for the files of other programs (pixi.toml,
 * pyproject.toml) that must agree with the manifests.
 *
 *     const struct toml *root;
 *     if (toml_parse(arena, source, &root, &span, err) < 0) ...
 *     const struct toml *tasks = toml_find(root, "tasks");
 *
 * Strict: what TOML refuses is refused (a key twice, a table that is defined again,
 * a bare word). Strings are read; numbers, truths and dates are checked and kept as
 * they are written.
 */
#ifndef BASE_TOML_H
#define BASE_TOML_H

#include "base/base.h"
#include "base/source.h"
#include "base/str.h"

struct arena;
struct error;

#define TOML_BYTES_MAX  ((size_t)4 << 20)
#define TOML_DEPTH_MAX  64    /* of arrays and inline tables in one another */
#define TOML_VALUES_MAX 20000 /* values and tables */

enum toml_kind { TOML_STRING, TOML_NUMBER, TOML_BOOL, TOML_DATE, TOML_ARRAY, TOML_TABLE };

struct toml {
    enum toml_kind kind;
    struct span span;
    struct str text;       /* of what is no array and no table */
    struct toml **items;   /* of an array; the values of a table */
    struct toml_key *keys; /* of a table, as `items` */
    size_t count, capacity, key_capacity;
    bool is_closed;  /* nothing is added any more: an inline table, a plain array */
    bool is_defined; /* a table that has had its [header] */
    bool by_dots;    /* a table that a dotted key made */
};

struct toml_key {
    struct str name;
    struct span span;
};

/* -1: the place of the problem is in *span (ERROR_FAILED, ERROR_LIMIT). */
int toml_parse(struct arena *arena, const struct source *source, const struct toml **root,
               struct span *span, struct error *err) MUST_USE;

/* The value of a key, or NULL; also where `table` is none, or NULL. */
const struct toml *toml_find(const struct toml *table, const char *key);

#endif
