/* Params in a file of JSON. */
#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "job/given_file.h"
#include "manifest/document.h"

/* The places of JSON values, which its parser does not give: a walk over text
 * that the parser has accepted, so that only strings and brackets count. */
struct cursor {
    const struct source *source;
    size_t at;
};

static char byte_at(const struct cursor *cursor)
{
    return cursor->at < cursor->source->text.n ? cursor->source->text.s[cursor->at] : '\0';
}

static bool is_one_of(char byte, const char *set)
{
    return byte != '\0' && strchr(set, byte) != NULL;
}

static void skip_all_of(struct cursor *cursor, const char *set)
{
    while (is_one_of(byte_at(cursor), set)) {
        cursor->at++;
    }
}

static void skip_string(struct cursor *cursor)
{
    cursor->at++;
    while (byte_at(cursor) != '"' && byte_at(cursor) != '\0') {
        cursor->at += byte_at(cursor) == '\\' ? 2 : 1;
    }
    cursor->at++;
}

static struct span skip_value(struct cursor *cursor)
{
    size_t depth = 0;

    skip_all_of(cursor, " \t\r\n,:");
    size_t start = cursor->at;
    do {
        char byte = byte_at(cursor);
        if (byte == '"') {
            skip_string(cursor);
        } else if (is_one_of(byte, "[{")) {
            depth++;
            cursor->at++;
        } else if (is_one_of(byte, "]}")) {
            depth--;
            cursor->at++;
        } else if (depth > 0) {
            cursor->at++;
        } else {
            while (byte_at(cursor) != '\0' && !is_one_of(byte_at(cursor), " \t\r\n,:]}")) {
                cursor->at++;
            }
        }
    } while (depth > 0 && cursor->at < cursor->source->text.n);
    return span_make(cursor->source, start, cursor->at - start);
}

/* The text that a JSON value is for a param; "text", or what it is instead.
 * A number is what stands in the file, to the last digit. */
static const char *json_form(const struct json *value, struct span span, struct str *text)
{
    struct str raw = str_slice(span.source->text, span.start, span.length);
    bool truth;

    if (json_is_array(value)) {
        return "a list";
    }
    if (json_is_object(value)) {
        return "a mapping";
    }
    if (json_get_str(value, text)) {
        return "text";
    }
    if (json_get_bool(value, &truth)) {
        *text = truth ? STR("true") : STR("false");
        return "text";
    }
    *text = raw;
    return str_is(raw, "null") ? "null" : "text";
}

static void take_json_list(struct givens *givens, struct given *given, const struct json *list,
                           struct span span)
{
    struct cursor cursor = {span.source, span.start + 1};

    for (size_t i = 0; i < json_count(list); i++) {
        struct str text;
        struct span item = skip_value(&cursor);
        const char *form = json_form(json_item(list, i), item, &text);
        if (strcmp(form, "text") == 0) {
            given_add(givens, given, text, item);
        } else {
            given_refuse_element(givens, given, item, form);
        }
    }
}

/* In words of our own: those of the library are made for programmers. */
static void report_problem(struct givens *givens, const struct source *file,
                           const struct error *problem)
{
    struct str words;
    struct span span = given_json_problem(givens->arena, file, &words);

    if (words.s == NULL) {
        words = problem->kind == ERROR_LIMIT ? str_from(problem->message)
                                             : STR("the file is not valid JSON");
        span = (struct span){.source = file};
    }
    givens->file_failed = true;
    diag_error(givens->diags, STATUS_USAGE, "param", span, "%.*s", STR_ARG(words));
}

void givens_take_json(struct givens *givens, const struct source *file)
{
    struct error problem = {0};
    struct cursor cursor = {file, 0};
    struct json *root;
    struct str text;

    if (json_parse(givens->arena, file->text, DOCUMENT_BYTES_MAX, &root, &problem) != 0) {
        report_problem(givens, file, &problem);
        return;
    }
    struct span whole = skip_value(&cursor);
    if (!json_is_object(root)) {
        givens_report_no_mapping(givens, whole, json_form(root, whole, &text));
        return;
    }
    cursor.at = whole.start + 1;
    for (size_t i = 0; i < json_count(root); i++) {
        struct span name = skip_value(&cursor);
        struct span span = skip_value(&cursor);
        const struct json *value = json_item(root, i);
        const char *form = json_form(value, span, &text);
        struct given *given = given_begin_value(givens, json_name(root, i), name, span, form);
        if (given != NULL && strcmp(form, "text") == 0) {
            given_add(givens, given, text, span);
        } else if (given != NULL) {
            take_json_list(givens, given, value, span);
        }
    }
}
