/*
 * Why a text is not JSON. The library that reads it knows, but says it in its
 * own words and gives the end of a token for its place, so a text that it has
 * refused is looked at once more here.
 */
#include "base/arena.h"
#include "base/json.h"
#include "job/given_file.h"
#include "job/shown.h"

#define NAMES_COMPARED_MAX 1000 /* of one object */

struct checker {
    struct arena *arena;
    const struct source *source;
    size_t at;
    size_t depth;
    struct span span; /* of the problem */
    struct str problem;
};

static bool fail(struct checker *c, size_t start, size_t length, struct str problem)
{
    c->span = span_make(c->source, start, length);
    c->problem = problem;
    return false;
}

/* '\0' at the end. */
static char here(const struct checker *c)
{
    return c->at < c->source->text.n ? c->source->text.s[c->at] : '\0';
}

static bool at_end(const struct checker *c)
{
    return c->at >= c->source->text.n;
}

static bool is_one_of(char byte, const char *set)
{
    return byte != '\0' && strchr(set, byte) != NULL;
}

static void skip_blanks(struct checker *c)
{
    while (is_one_of(here(c), " \t\r\n")) {
        c->at++;
    }
}

/* From here to what can end a word. */
static size_t word_length(const struct checker *c)
{
    size_t end = c->at;

    while (end < c->source->text.n && !is_one_of(c->source->text.s[end], " \t\r\n,:[]{}\"")) {
        end++;
    }
    return end - c->at;
}

static bool expected(struct checker *c, const char *what)
{
    if (at_end(c)) {
        return fail(c, c->at, 0, str_format(c->arena, "the file ends where %s is expected", what));
    }
    size_t length = word_length(c);
    return fail(c, c->at, length > 0 ? length : 1,
                str_format(c->arena, "%s is expected here", what));
}

/* The four digits behind "\u"; -1 where they are none. */
static int32_t unicode_escape(const struct checker *c)
{
    int32_t code = 0;

    for (size_t i = 0; i < 4; i++) {
        size_t at = c->at + 2 + i;
        char digit = at < c->source->text.n ? c->source->text.s[at] : '\0';
        const char *digits = "0123456789abcdef";
        const char *found = is_one_of(digit, "ABCDEF") ? strchr(digits, digit - 'A' + 'a')
                            : is_one_of(digit, digits) ? strchr(digits, digit)
                                                       : NULL;
        if (found == NULL) {
            return -1;
        }
        code = code * 16 + (int32_t)(found - digits);
    }
    return code;
}

static bool check_escape(struct checker *c)
{
    char kind = c->at + 1 < c->source->text.n ? c->source->text.s[c->at + 1] : '\0';

    if (is_one_of(kind, "\"\\/bfnrt")) {
        c->at += 2;
        return true;
    }
    if (kind != 'u') {
        return fail(c, c->at, 2, STR("this is no escape of JSON: write \\\\ for a backslash"));
    }
    int32_t code = unicode_escape(c);
    if (code < 0) {
        return fail(c, c->at, 2, STR("four hexadecimal digits are expected behind \\u"));
    }
    if (code == 0) {
        return fail(c, c->at, 6, STR("a NUL character cannot stand in a param"));
    }
    size_t start = c->at;
    c->at += 6;
    if (code < 0xD800 || code > 0xDFFF) {
        return true;
    }
    int32_t second = code < 0xDC00 && here(c) == '\\' ? unicode_escape(c) : -1;
    if (second < 0xDC00 || second > 0xDFFF) {
        return fail(c, start, 6, STR("this is half a character: a surrogate without its pair"));
    }
    c->at += 6;
    return true;
}

static bool check_string(struct checker *c)
{
    size_t start = c->at++;

    while (here(c) != '"') {
        if (at_end(c) || here(c) == '\n') {
            return fail(c, start, c->at - start, STR("the text that begins here does not end"));
        }
        size_t length = str_utf8_length(str_after(c->source->text, c->at));
        if (length == 0) {
            return fail(c, c->at, 1, STR("this byte is not UTF-8"));
        }
        if ((unsigned char)here(c) < ' ') {
            return fail(c, c->at, 1,
                        STR("a control character in a text: write \\t for a tab, \\u001b for ESC"));
        }
        if (here(c) != '\\') {
            c->at += length;
        } else if (!check_escape(c)) {
            return false;
        }
    }
    c->at++;
    return true;
}

static size_t skip_digits(struct checker *c)
{
    size_t start = c->at;

    while (is_one_of(here(c), "0123456789")) {
        c->at++;
    }
    return c->at - start;
}

static bool check_number(struct checker *c)
{
    size_t start = c->at;
    size_t length = word_length(c);
    struct str whole = str_slice(c->source->text, start, length);
    int64_t integer;
    double real;

    c->at += here(c) == '-';
    bool leading_zero = here(c) == '0';
    size_t digits = skip_digits(c);
    bool good = digits > 0 && (digits == 1 || !leading_zero);
    bool is_integer = true;
    if (here(c) == '.') {
        is_integer = false;
        c->at++;
        good &= skip_digits(c) > 0;
    }
    if (is_one_of(here(c), "eE")) {
        is_integer = false;
        c->at++;
        c->at += is_one_of(here(c), "+-");
        good &= skip_digits(c) > 0;
    }
    if (!good || c->at != start + length) {
        return fail(c, start, length,
                    STR("this is not a number as JSON has them: where it is text, write it in "
                        "double quotes"));
    }
    if (is_integer ? !str_to_int64(whole, &integer) : !str_to_double(whole, &real)) {
        return fail(c, start, length, STR("this number is too large"));
    }
    return true;
}

static bool check_word(struct checker *c)
{
    size_t length = word_length(c);
    struct str word = str_slice(c->source->text, c->at, length);

    if (str_is(word, "true") || str_is(word, "false") || str_is(word, "null")) {
        c->at += length;
        return true;
    }
    if (length == 0 || at_end(c)) {
        return expected(c, "a value");
    }
    return fail(c, c->at, length, STR("this is no value of JSON: text stands in double quotes"));
}

static bool check_value(struct checker *c);

static bool check_list(struct checker *c)
{
    c->at++;
    skip_blanks(c);
    if (here(c) == ']') {
        c->at++;
        return true;
    }
    for (;;) {
        if (!check_value(c)) {
            return false;
        }
        if (here(c) == ']') {
            c->at++;
            return true;
        }
        if (here(c) != ',') {
            return expected(c, "',' or ']'");
        }
        c->at++;
    }
}

static bool has_name(const struct str *names, size_t count, struct str name)
{
    for (size_t i = 0; i < count; i++) {
        if (str_equal(names[i], name)) {
            return true;
        }
    }
    return false;
}

static bool check_name(struct checker *c, struct str *name)
{
    size_t start = c->at;

    if (here(c) != '"') {
        return expected(c, "a name in double quotes");
    }
    if (!check_string(c)) {
        return false;
    }
    *name = str_slice(c->source->text, start + 1, c->at - start - 2);
    skip_blanks(c);
    if (here(c) != ':') {
        return expected(c, "':'");
    }
    c->at++;
    return true;
}

static bool check_object(struct checker *c)
{
    struct str *names = NULL;
    size_t count = 0, capacity = 0;

    c->at++;
    skip_blanks(c);
    if (here(c) == '}') {
        c->at++;
        return true;
    }
    for (;;) {
        struct str name;
        skip_blanks(c);
        size_t start = c->at;
        if (!check_name(c, &name)) {
            return false;
        }
        if (has_name(names, count, name)) {
            return fail(c, start, name.n + 2,
                        str_format(c->arena, "the name '%.*s' stands here a second time",
                                   STR_ARG(shown_text(c->arena, name))));
        }
        if (count < NAMES_COMPARED_MAX) {
            *ARENA_PUSH(c->arena, names, count, capacity) = name;
        }
        if (!check_value(c)) {
            return false;
        }
        if (here(c) == '}') {
            c->at++;
            return true;
        }
        if (here(c) != ',') {
            return expected(c, "',' or '}'");
        }
        c->at++;
    }
}

/* With the blanks around it. */
static bool check_value(struct checker *c)
{
    bool good;

    skip_blanks(c);
    if (is_one_of(here(c), "[{")) {
        if (++c->depth > JSON_DEPTH_MAX) {
            return fail(c, c->at, 1, STR("this is nested too deep"));
        }
        good = here(c) == '[' ? check_list(c) : check_object(c);
        c->depth--;
    } else if (here(c) == '"') {
        good = check_string(c);
    } else if (is_one_of(here(c), "-+.0123456789")) {
        good = check_number(c);
    } else {
        good = check_word(c);
    }
    skip_blanks(c);
    return good;
}

struct span given_json_problem(struct arena *arena, const struct source *file, struct str *problem)
{
    struct checker c = {.arena = arena, .source = file};

    skip_blanks(&c);
    if (at_end(&c)) {
        fail(&c, 0, 0, STR("the file is empty"));
    } else if (str_starts(file->text, STR("\xEF\xBB\xBF"))) {
        fail(&c, 0, 3, STR("the file begins with a byte-order mark: save it without"));
    } else if (check_value(&c) && !at_end(&c)) {
        fail(&c, c.at, word_length(&c) > 0 ? word_length(&c) : 1,
             STR("nothing can stand behind the value that the file holds"));
    }
    *problem = c.problem;
    return c.span;
}
