/* jansson defines macros of the same names as functions of ours. */
#include <jansson.h>
#undef json_boolean
#undef json_is_array
#undef json_is_object

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"

#include <inttypes.h>

#define FORMAT_MAX_BYTES ((size_t)1 << 30)

enum json_kind { KIND_OBJECT, KIND_ARRAY, KIND_STRING, KIND_INT, KIND_REAL, KIND_BOOL, KIND_NULL };

struct entry {
    struct str name; /* of a member; empty in an array */
    struct json *value;
};

struct json {
    enum json_kind kind;
    union {
        struct {
            struct entry *items;
            size_t count, capacity;
        } list; /* of objects and arrays */
        struct str text;
        int64_t integer;
        double real;
        bool truth;
    } u;
};

static struct json *value_make(struct arena *arena, enum json_kind kind)
{
    struct json *value = arena_alloc(arena, sizeof *value);

    value->kind = kind;
    return value;
}

static bool is_list(const struct json *value)
{
    return value && (value->kind == KIND_OBJECT || value->kind == KIND_ARRAY);
}

static void list_add(struct arena *arena, struct json *list, struct str name, struct json *value)
{
    *ARENA_PUSH(arena, list->u.list.items, list->u.list.count, list->u.list.capacity) =
        (struct entry){.name = name, .value = value};
}

static struct json *copy_value(struct arena *arena, const json_t *from);

static struct json *copy_list(struct arena *arena, const json_t *from, enum json_kind kind)
{
    struct json *list = value_make(arena, kind);
    size_t count = kind == KIND_ARRAY ? json_array_size(from) : json_object_size(from);

    list->u.list.items = arena_array(arena, count, sizeof *list->u.list.items);
    list->u.list.capacity = count;
    if (kind == KIND_ARRAY) {
        for (size_t i = 0; i < count; i++) {
            struct json *item = copy_value(arena, json_array_get(from, i));
            list_add(arena, list, (struct str){0}, item);
        }
        return list;
    }
    json_t *object = (json_t *)(uintptr_t)from; /* the iterators are not const */
    for (void *i = json_object_iter(object); i; i = json_object_iter_next(object, i)) {
        struct str name = str_copy(arena, str_from(json_object_iter_key(i)));
        list_add(arena, list, name, copy_value(arena, json_object_iter_value(i)));
    }
    return list;
}

/* check_size() has bounded the depth. */
static struct json *copy_value(struct arena *arena, const json_t *from)
{
    struct json *value;

    switch (json_typeof(from)) {
    case JSON_OBJECT:
        return copy_list(arena, from, KIND_OBJECT);
    case JSON_ARRAY:
        return copy_list(arena, from, KIND_ARRAY);
    case JSON_STRING:
        value = value_make(arena, KIND_STRING);
        value->u.text =
            str_copy(arena, (struct str){json_string_value(from), json_string_length(from)});
        return value;
    case JSON_INTEGER:
        return json_integer(arena, json_integer_value(from));
    case JSON_REAL:
        value = value_make(arena, KIND_REAL);
        value->u.real = json_real_value(from);
        return value;
    case JSON_TRUE:
    case JSON_FALSE:
        return json_boolean(arena, json_is_true(from));
    case JSON_NULL:
        break;
    }
    return json_null(arena);
}

/* The library's memory, overwritten before it is given back. A piece knows its size. */
union piece {
    size_t size_bytes;
    max_align_t align;
};

static void *piece_alloc(size_t size_bytes)
{
    union piece *piece = size_bytes < SIZE_MAX / 2 ? malloc(sizeof *piece + size_bytes) : NULL;

    if (!piece) {
        return NULL;
    }
    piece->size_bytes = size_bytes;
    return piece + 1;
}

static void piece_free(void *bytes)
{
    if (bytes) {
        union piece *piece = (union piece *)bytes - 1;
        memory_wipe(bytes, piece->size_bytes);
        free(piece);
    }
}

/* Depth and number of values, before anything is allocated for them: a text of
 * brackets takes a hundred times its length in memory. */
static int check_size(struct str text, struct error *err)
{
    size_t depth = 0;
    size_t values = 1;
    size_t line = 1;
    size_t line_start = 0;
    bool in_string = false;

    for (size_t i = 0; i < text.n; i++) {
        char c = text.s[i];
        if (c == '\n') {
            line++;
            line_start = i + 1;
        } else if (c == '"') {
            in_string = !in_string;
        } else if (in_string) {
            i += c == '\\';
        } else if (c == '[' || c == '{') {
            values++;
            if (++depth > JSON_DEPTH_MAX) {
                return error_set(err, ERROR_DAMAGED,
                                 "JSON: line %zu, column %zu: nested deeper than %d", line,
                                 i - line_start + 1, JSON_DEPTH_MAX);
            }
        } else if (c == ']' || c == '}') {
            depth -= depth > 0;
        } else if (c == ',') {
            values++;
        }
    }
    if (values > JSON_VALUES_MAX) {
        return error_set(err, ERROR_LIMIT, "JSON: more than %d values", JSON_VALUES_MAX);
    }
    return 0;
}

int json_parse(struct arena *arena, struct str text, size_t max_bytes, struct json **value,
               struct error *err)
{
    json_error_t problem;

    if (text.n > max_bytes) {
        return error_set(err, ERROR_LIMIT, "JSON: %zu bytes, the maximum is %zu", text.n,
                         max_bytes);
    }
    if (check_size(text, err)) {
        return -1;
    }
    json_set_alloc_funcs(piece_alloc, piece_free);
    json_t *parsed = json_loadb(text.s ? text.s : "", text.n,
                                JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
    if (!parsed) {
        if (json_error_code(&problem) == json_error_out_of_memory) {
            memory_exhausted();
        }
        struct str what = str_printable(arena, str_from(problem.text));
        return error_set(err, ERROR_DAMAGED, "JSON: line %d, column %d: %.*s", problem.line,
                         problem.column, STR_ARG(what));
    }
    *value = copy_value(arena, parsed);
    json_decref(parsed);
    return 0;
}

const struct json *json_member(const struct json *object, const char *name)
{
    if (json_is_object(object)) {
        for (size_t i = 0; i < object->u.list.count; i++) {
            if (str_is(object->u.list.items[i].name, name)) {
                return object->u.list.items[i].value;
            }
        }
    }
    return NULL;
}

size_t json_count(const struct json *array_or_object)
{
    return is_list(array_or_object) ? array_or_object->u.list.count : 0;
}

const struct json *json_item(const struct json *array_or_object, size_t index)
{
    return index < json_count(array_or_object) ? array_or_object->u.list.items[index].value : NULL;
}

struct str json_name(const struct json *object, size_t index)
{
    return json_is_object(object) && index < json_count(object) ? object->u.list.items[index].name
                                                                : (struct str){0};
}

bool json_is_object(const struct json *value)
{
    return value && value->kind == KIND_OBJECT;
}

bool json_is_array(const struct json *value)
{
    return value && value->kind == KIND_ARRAY;
}

bool json_get_str(const struct json *value, struct str *text)
{
    if (!value || value->kind != KIND_STRING) {
        return false;
    }
    *text = value->u.text;
    return true;
}

bool json_get_int(const struct json *value, int64_t *number)
{
    if (!value || value->kind != KIND_INT) {
        return false;
    }
    *number = value->u.integer;
    return true;
}

bool json_get_bool(const struct json *value, bool *truth)
{
    if (!value || value->kind != KIND_BOOL) {
        return false;
    }
    *truth = value->u.truth;
    return true;
}

struct json *json_object(struct arena *arena)
{
    return value_make(arena, KIND_OBJECT);
}

struct json *json_array(struct arena *arena)
{
    return value_make(arena, KIND_ARRAY);
}

/* A copy that json_parse() would accept. */
static struct str repaired(struct arena *arena, struct str text)
{
    if (str_index(text, '\0') == text.n && str_utf8_invalid_at(text) == text.n) {
        return str_copy(arena, text);
    }
    struct buf buf = buf_make(arena, FORMAT_MAX_BYTES);
    for (size_t at = 0; at < text.n;) {
        size_t length = text.s[at] == '\0' ? 0 : str_utf8_length(str_after(text, at));
        buf_add(&buf, length > 0 ? str_slice(text, at, length) : STR("\xEF\xBF\xBD"));
        at += length > 0 ? length : 1;
    }
    return buf_str(&buf);
}

struct json *json_string(struct arena *arena, struct str text)
{
    struct json *value = value_make(arena, KIND_STRING);

    value->u.text = repaired(arena, text);
    return value;
}

struct json *json_integer(struct arena *arena, int64_t number)
{
    struct json *value = value_make(arena, KIND_INT);

    value->u.integer = number;
    return value;
}

struct json *json_boolean(struct arena *arena, bool truth)
{
    struct json *value = value_make(arena, KIND_BOOL);

    value->u.truth = truth;
    return value;
}

struct json *json_null(struct arena *arena)
{
    return value_make(arena, KIND_NULL);
}

void json_set(struct arena *arena, struct json *object, const char *name, struct json *value)
{
    if (!json_is_object(object) || !value || json_member(object, name)) {
        BUG("cannot set the member '%s'", name);
    }
    list_add(arena, object, repaired(arena, str_from(name)), value);
}

void json_set_str(struct arena *arena, struct json *object, const char *name, struct str text)
{
    json_set(arena, object, name, json_string(arena, text));
}

void json_set_int(struct arena *arena, struct json *object, const char *name, int64_t number)
{
    json_set(arena, object, name, json_integer(arena, number));
}

void json_push(struct arena *arena, struct json *array, struct json *value)
{
    if (!json_is_array(array) || !value) {
        BUG("this is not an array and a value");
    }
    list_add(arena, array, (struct str){0}, value);
}

static void add_string(struct buf *buf, struct str text)
{
    static const char letters[] = "\b\f\n\r\t\"\\";
    static const char escapes[] = "bfnrt\"\\";

    buf_add_char(buf, '"');
    while (text.n > 0) {
        size_t plain = 0;
        while (plain < text.n && (unsigned char)text.s[plain] >= 0x20 && text.s[plain] != '"' &&
               text.s[plain] != '\\') {
            plain++;
        }
        buf_add(buf, str_slice(text, 0, plain));
        text = str_after(text, plain);
        if (text.n > 0) {
            const char *letter = text.s[0] ? strchr(letters, text.s[0]) : NULL;
            if (letter) {
                buf_addf(buf, "\\%c", escapes[letter - letters]);
            } else {
                buf_addf(buf, "\\u%04x", (unsigned)(unsigned char)text.s[0]);
            }
            text = str_after(text, 1);
        }
    }
    buf_add_char(buf, '"');
}

static void add_line_end(struct buf *buf, bool pretty, size_t depth)
{
    if (pretty) {
        buf_add_char(buf, '\n');
        buf_add_repeat(buf, ' ', 2 * depth);
    }
}

static void add_value(struct buf *buf, const struct json *value, bool pretty, size_t depth);

static void add_list(struct buf *buf, const struct json *list, bool pretty, size_t depth)
{
    bool is_object = json_is_object(list);

    if (depth >= JSON_DEPTH_MAX) {
        BUG("a document that json_parse() would refuse");
    }
    buf_add_char(buf, is_object ? '{' : '[');
    for (size_t i = 0; i < list->u.list.count; i++) {
        if (i > 0) {
            buf_add_char(buf, ',');
        }
        add_line_end(buf, pretty, depth + 1);
        if (is_object) {
            add_string(buf, list->u.list.items[i].name);
            buf_add(buf, pretty ? STR(": ") : STR(":"));
        }
        add_value(buf, list->u.list.items[i].value, pretty, depth + 1);
    }
    if (list->u.list.count > 0) {
        add_line_end(buf, pretty, depth);
    }
    buf_add_char(buf, is_object ? '}' : ']');
}

static void add_real(struct buf *buf, double real)
{
    char text[40];

    /* 17 digits give the same double back. */
    snprintf(text, sizeof text, "%.17g", real);
    buf_addf(buf, "%s%s", text, strpbrk(text, ".e") ? "" : ".0");
}

static void add_value(struct buf *buf, const struct json *value, bool pretty, size_t depth)
{
    switch (value->kind) {
    case KIND_OBJECT:
    case KIND_ARRAY:
        add_list(buf, value, pretty, depth);
        break;
    case KIND_STRING:
        add_string(buf, value->u.text);
        break;
    case KIND_INT:
        buf_addf(buf, "%" PRId64, value->u.integer);
        break;
    case KIND_REAL:
        add_real(buf, value->u.real);
        break;
    case KIND_BOOL:
        buf_add(buf, value->u.truth ? STR("true") : STR("false"));
        break;
    case KIND_NULL:
        buf_add(buf, STR("null"));
        break;
    }
}

struct str json_format(struct arena *arena, const struct json *value, bool pretty)
{
    struct buf buf = buf_make(arena, FORMAT_MAX_BYTES);

    add_value(&buf, value, pretty, 0);
    if (pretty) {
        buf_add_char(&buf, '\n');
    }
    if (buf.truncated) {
        memory_exhausted();
    }
    return buf_str(&buf);
}
