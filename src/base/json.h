/*
 * JSON (RFC 8259) values in an arena; jansson reads and writes them.
 *
 * Numbers are 64-bit integers or doubles. Objects keep the order in which their
 * members were added; a document with a member twice is refused. A getter that
 * asks for what is not there, or for another type, returns NULL, so that
 * hostile documents need no type checks of their own. A document may hold secrets:
 * nothing of it is left in memory but what is in the arena (arena_wipe).
 *
 *     const struct json *files = json_member(json_member(doc, "a"), "files");
 *     for (size_t i = 0; i < json_count(files); i++) ...
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/base.h"
#include "base/str.h"

struct arena;
struct error;
struct json;

/* jansson has functions of these names. Ours are linked under others: otherwise
 * the library's own calls would end up in this program's functions. */
#define json_object  base_json_object
#define json_array   base_json_array
#define json_string  base_json_string
#define json_integer base_json_integer
#define json_null    base_json_null

#define JSON_DEPTH_MAX  64
#define JSON_VALUES_MAX 2000000 /* a small text can hold very many values */

/* Refuses text over max_bytes, nesting over JSON_DEPTH_MAX, more values than
 * JSON_VALUES_MAX (ERROR_LIMIT), NUL characters and anything behind the
 * document (ERROR_DAMAGED); with line and column where there is a place. */
int json_parse(struct arena *arena, struct str text, size_t max_bytes, struct json **value,
               struct error *err) MUST_USE;

/* All of these take NULL. */
const struct json *json_member(const struct json *object, const char *name);
size_t json_count(const struct json *array_or_object); /* 0 for everything else */
const struct json *json_item(const struct json *array_or_object, size_t index);
struct str json_name(const struct json *object, size_t index); /* of the member */
bool json_is_object(const struct json *value);
bool json_is_array(const struct json *value);
bool json_get_str(const struct json *value, struct str *text);
bool json_get_int(const struct json *value, int64_t *number);
bool json_get_bool(const struct json *value, bool *truth);

struct json *json_object(struct arena *arena);
struct json *json_array(struct arena *arena);
struct json *json_string(struct arena *arena,
                         struct str text); /* broken UTF-8 and NUL become U+FFFD */
struct json *json_integer(struct arena *arena, int64_t number);
struct json *json_boolean(struct arena *arena, bool truth);
struct json *json_null(struct arena *arena);
/* The name is copied; the value is not. A name that is there is a bug. */
void json_set(struct arena *arena, struct json *object, const char *name, struct json *value);
void json_set_str(struct arena *arena, struct json *object, const char *name, struct str text);
void json_set_int(struct arena *arena, struct json *object, const char *name, int64_t number);
void json_push(struct arena *arena, struct json *array, struct json *value);

/* The document as text, indented by two and with a line end behind it when
 * `pretty`, else on one line without one. */
struct str json_format(struct arena *arena, const struct json *value, bool pretty);

#endif
