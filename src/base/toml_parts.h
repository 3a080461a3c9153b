/* Within toml_parse(): the text that is being read, and the readers of single values. */
#ifndef BASE_TOML_PARTS_H
#define BASE_TOML_PARTS_H

#include "base/base.h"
#include "base/error.h"
#include "base/toml.h"

struct toml_reader {
    struct arena *arena;
    const struct source *source;
    struct str text;
    size_t at;
    size_t depth, value_count;
    struct span *problem;
    struct error *err;
};

/* The character `ahead` places on; NUL behind the end. */
char toml_peek(const struct toml_reader *r, size_t ahead);
bool toml_comes(const struct toml_reader *r, const char *text);
/* Records a problem at the place where the reader is; -1. */
int toml_fail(struct toml_reader *r, const char *message);

/* At a quote. */
int toml_read_string(struct toml_reader *r, bool is_key, struct str *text) MUST_USE;
/* A number, a truth or a date: what the text is, or -1 where it is none. */
int toml_read_word(struct toml_reader *r, enum toml_kind *kind, struct str *text) MUST_USE;

#endif
