#include "base/toml.h"

#include "base/arena.h"
#include "base/toml_parts.h"

char toml_peek(const struct toml_reader *r, size_t ahead)
{
    return r->at + ahead < r->text.n ? r->text.s[r->at + ahead] : '\0';
}

bool toml_comes(const struct toml_reader *r, const char *text)
{
    return str_starts(str_after(r->text, r->at), str_from(text));
}

static int fail_at(struct toml_reader *r, struct span span, enum error_kind kind,
                   const char *message)
{
    *r->problem = span;
    return error_set(r->err, kind, "%s", message);
}

int toml_fail(struct toml_reader *r, const char *message)
{
    size_t at = r->at < r->text.n ? r->at : r->text.n;

    return fail_at(r, span_make(r->source, at, at < r->text.n ? 1 : 0), ERROR_FAILED, message);
}

static struct span span_from(const struct toml_reader *r, size_t start)
{
    return span_make(r->source, start, r->at - start);
}

/* --- between values --- */

static void skip_blanks(struct toml_reader *r)
{
    while (toml_peek(r, 0) == ' ' || toml_peek(r, 0) == '\t') {
        r->at++;
    }
}

static int skip_comment(struct toml_reader *r)
{
    while (r->at < r->text.n && !toml_comes(r, "\n") && !toml_comes(r, "\r\n")) {
        unsigned char c = (unsigned char)toml_peek(r, 0);
        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return toml_fail(r, "a control character in a comment");
        }
        r->at++;
    }
    return 0;
}

/* Blanks and a comment up to the end of the line, which must come. */
static int end_line(struct toml_reader *r)
{
    skip_blanks(r);
    if (toml_peek(r, 0) == '#' && skip_comment(r) < 0) {
        return -1;
    }
    if (r->at >= r->text.n) {
        return 0;
    }
    if (!toml_comes(r, "\n") && !toml_comes(r, "\r\n")) {
        return toml_fail(r, "something behind the value, where the line must end");
    }
    r->at += toml_comes(r, "\n") ? 1 : 2;
    return 0;
}

/* Within an array: blanks, comments and line ends. */
static int skip_lines(struct toml_reader *r)
{
    for (;;) {
        skip_blanks(r);
        if (toml_comes(r, "\n") || toml_comes(r, "\r\n")) {
            r->at += toml_comes(r, "\n") ? 1 : 2;
        } else if (toml_peek(r, 0) != '#') {
            return 0;
        } else if (skip_comment(r) < 0) {
            return -1;
        }
    }
}

/* --- tables --- */

static struct toml *make_value(struct toml_reader *r, enum toml_kind kind, struct span span)
{
    struct toml *value = arena_alloc(r->arena, sizeof *value);

    r->value_count++;
    *value = (struct toml){.kind = kind, .span = span};
    return value;
}

static int check_limits(struct toml_reader *r)
{
    if (r->depth > TOML_DEPTH_MAX || r->value_count > TOML_VALUES_MAX) {
        return fail_at(r, span_make(r->source, r->at, 0), ERROR_LIMIT,
                       r->depth > TOML_DEPTH_MAX ? "values lie too deep in one another"
                                                 : "the file has too many values");
    }
    return 0;
}

static struct toml *find(const struct toml *table, struct str name)
{
    for (size_t i = 0; table->kind == TOML_TABLE && i < table->count; i++) {
        if (str_equal(table->keys[i].name, name)) {
            return table->items[i];
        }
    }
    return NULL;
}

static void add(struct toml_reader *r, struct toml *table, struct toml_key key, struct toml *value)
{
    size_t count = table->count;

    *ARENA_PUSH(r->arena, table->keys, count, table->key_capacity) = key;
    *ARENA_PUSH(r->arena, table->items, table->count, table->capacity) = value;
}

/* --- keys --- */

static bool is_bare(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

static int read_key(struct toml_reader *r, struct toml_key *key)
{
    size_t start = r->at;

    if (toml_peek(r, 0) == '"' || toml_peek(r, 0) == '\'') {
        if (toml_read_string(r, true, &key->name) < 0) {
            return -1;
        }
    } else {
        while (is_bare(toml_peek(r, 0))) {
            r->at++;
        }
        key->name = str_slice(r->text, start, r->at - start);
        if (r->at == start) {
            return toml_fail(r, "a key is missing");
        }
    }
    key->span = span_from(r, start);
    skip_blanks(r);
    return 0;
}

/* The next part of a dotted key, where there is one. */
static bool take_dot(struct toml_reader *r)
{
    if (toml_peek(r, 0) != '.') {
        return false;
    }
    r->at++;
    skip_blanks(r);
    return true;
}

/* --- values --- */

static int read_value(struct toml_reader *r, struct toml **value);

/* "key = value", below `table`. */
static int read_pair(struct toml_reader *r, struct toml *table)
{
    struct toml_key key;
    struct toml *value;

    if (read_key(r, &key) < 0) {
        return -1;
    }
    while (take_dot(r)) {
        struct toml *next = find(table, key.name);
        if (next != NULL && !next->by_dots) {
            return fail_at(r, key.span, ERROR_FAILED, "a key below a value that is there already");
        }
        if (next == NULL) {
            next = make_value(r, TOML_TABLE, key.span);
            next->by_dots = true;
            add(r, table, key, next);
        }
        table = next;
        if (read_key(r, &key) < 0 || check_limits(r) < 0) {
            return -1;
        }
    }
    if (find(table, key.name) != NULL) {
        return fail_at(r, key.span, ERROR_FAILED, "a key that is there already");
    }
    if (toml_peek(r, 0) != '=') {
        return toml_fail(r, "'=' is missing behind a key");
    }
    r->at++;
    skip_blanks(r);
    if (read_value(r, &value) < 0) {
        return -1;
    }
    add(r, table, key, value);
    return 0;
}

static int read_array(struct toml_reader *r, struct toml *array)
{
    array->is_closed = true;
    for (r->at++;;) {
        struct toml *item;
        if (skip_lines(r) < 0) {
            return -1;
        }
        if (toml_peek(r, 0) == ']') {
            break;
        }
        if (read_value(r, &item) < 0 || skip_lines(r) < 0) {
            return -1;
        }
        *ARENA_PUSH(r->arena, array->items, array->count, array->capacity) = item;
        if (toml_peek(r, 0) == ',') {
            r->at++;
        } else if (toml_peek(r, 0) != ']') {
            return toml_fail(r, "',' or ']' is missing in an array");
        }
    }
    r->at++;
    return 0;
}

static void close_tables(struct toml *table)
{
    table->is_closed = true;
    table->by_dots = false;
    for (size_t i = 0; i < table->count; i++) {
        if (table->items[i]->by_dots) {
            close_tables(table->items[i]);
        }
    }
}

static int read_inline_table(struct toml_reader *r, struct toml *table)
{
    r->at++;
    skip_blanks(r);
    for (bool is_first = true; toml_peek(r, 0) != '}' || !is_first; is_first = false) {
        if (read_pair(r, table) < 0) {
            return -1;
        }
        skip_blanks(r);
        if (toml_peek(r, 0) == '}') {
            break;
        }
        if (toml_peek(r, 0) != ',') {
            return toml_fail(r, "',' or '}' is missing in an inline table");
        }
        r->at++;
        skip_blanks(r);
    }
    r->at++;
    close_tables(table);
    return 0;
}

static int read_value(struct toml_reader *r, struct toml **value)
{
    struct toml *made = make_value(r, TOML_STRING, (struct span){0});
    size_t start = r->at;
    int result;

    r->depth++;
    if (check_limits(r) < 0) {
        return -1;
    }
    switch (toml_peek(r, 0)) {
    case '"':
    case '\'':
        result = toml_read_string(r, false, &made->text);
        break;
    case '[':
        made->kind = TOML_ARRAY;
        result = read_array(r, made);
        break;
    case '{':
        made->kind = TOML_TABLE;
        result = read_inline_table(r, made);
        break;
    default:
        result = toml_read_word(r, &made->kind, &made->text);
    }
    r->depth--;
    made->span = span_from(r, start);
    *value = made;
    return result;
}

/* --- headers --- */

/* A table on the way to that of a header; of an array of tables it is the last one. */
static int step_into(struct toml_reader *r, struct toml **table, struct toml_key key)
{
    struct toml *next = find(*table, key.name);

    if (next == NULL) {
        next = make_value(r, TOML_TABLE, key.span);
        add(r, *table, key, next);
    }
    if (next->kind == TOML_ARRAY && !next->is_closed && next->count > 0) {
        next = next->items[next->count - 1];
    }
    if (next->kind != TOML_TABLE || next->is_closed) {
        return fail_at(r, key.span, ERROR_FAILED, "a table below a value that is none");
    }
    *table = next;
    return 0;
}

static int define_table(struct toml_reader *r, struct toml **table, struct toml_key key)
{
    struct toml *found = find(*table, key.name);

    if (found == NULL) {
        found = make_value(r, TOML_TABLE, key.span);
        add(r, *table, key, found);
    }
    if (found->kind != TOML_TABLE || found->is_closed || found->is_defined || found->by_dots) {
        return fail_at(r, key.span, ERROR_FAILED, "a table that is there already");
    }
    found->is_defined = true;
    *table = found;
    return 0;
}

static int append_table(struct toml_reader *r, struct toml **table, struct toml_key key)
{
    struct toml *array = find(*table, key.name);
    struct toml *made = make_value(r, TOML_TABLE, key.span);

    if (array == NULL) {
        array = make_value(r, TOML_ARRAY, key.span);
        add(r, *table, key, array);
    }
    if (array->kind != TOML_ARRAY || array->is_closed) {
        return fail_at(r, key.span, ERROR_FAILED, "an array of tables, where something else is");
    }
    made->is_defined = true;
    *ARENA_PUSH(r->arena, array->items, array->count, array->capacity) = made;
    *table = made;
    return 0;
}

/* "[a.b]" or "[[a.b]]" */
static int read_header(struct toml_reader *r, struct toml *root, struct toml **table)
{
    bool is_array = toml_comes(r, "[[");
    struct toml_key key;

    r->at += is_array ? 2 : 1;
    skip_blanks(r);
    *table = root;
    if (read_key(r, &key) < 0) {
        return -1;
    }
    while (take_dot(r)) {
        if (step_into(r, table, key) < 0 || read_key(r, &key) < 0 || check_limits(r) < 0) {
            return -1;
        }
    }
    if (!toml_comes(r, is_array ? "]]" : "]")) {
        return toml_fail(r, "']' is missing behind the name of a table");
    }
    r->at += is_array ? 2 : 1;
    return is_array ? append_table(r, table, key) : define_table(r, table, key);
}

static int read_document(struct toml_reader *r, struct toml *root)
{
    struct toml *table = root;

    r->at += toml_comes(r, "\xEF\xBB\xBF") ? 3 : 0;
    while (r->at < r->text.n) {
        char c;
        skip_blanks(r);
        c = toml_peek(r, 0);
        if (c == '[' ? read_header(r, root, &table) < 0
                     : r->at < r->text.n && c != '#' && c != '\n' && c != '\r' &&
                           read_pair(r, table) < 0) {
            return -1;
        }
        if (end_line(r) < 0 || check_limits(r) < 0) {
            return -1;
        }
    }
    return 0;
}

int toml_parse(struct arena *arena, const struct source *source, const struct toml **root,
               struct span *span, struct error *err)
{
    struct toml_reader r = {
        .arena = arena, .source = source, .text = source->text, .problem = span, .err = err};
    struct toml *made = make_value(&r, TOML_TABLE, span_make(source, 0, 0));

    if (r.text.n > TOML_BYTES_MAX) {
        return fail_at(&r, made->span, ERROR_LIMIT, "the file is too large");
    }
    r.at = str_utf8_invalid_at(r.text);
    if (r.at < r.text.n) {
        return toml_fail(&r, "the text is not UTF-8");
    }
    r.at = 0;
    *root = made;
    return read_document(&r, made);
}

const struct toml *toml_find(const struct toml *table, const char *key)
{
    return table != NULL ? find(table, str_from(key)) : NULL;
}
