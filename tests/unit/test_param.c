#include "manifest/param.h"

#include "base/error.h"
#include "manifest/document.h"
#include "test.h"

struct fixture {
    struct arena arena;
    struct diags diags;
    const struct source *source;
    struct param *param;
};

static void fixture_free(struct fixture *f)
{
    arena_free(&f->arena);
}

/* The param "p" with this behind its name. */
static void decode(struct fixture *f, const char *value)
{
    f->diags = diags_make(&f->arena);
    f->source = source_make(&f->arena, STR("m.yaml"), str_format(&f->arena, "p: %s\n", value));
    const struct node *root = document_parse(&f->arena, f->source, &f->diags);
    assert_int_equal(f->diags.count, 0);
    f->param =
        param_decode(&f->arena, &f->arena, root->pairs[0].key, root->pairs[0].value, &f->diags);
}

static struct str show(struct fixture *f, const struct diag *diag)
{
    struct place place = source_place(f->source, diag->span.start);

    return str_format(&f->arena, "%zu:%zu %s: %.*s", place.line, place.column, diag->rule,
                      STR_ARG(diag->message));
}

static void accept(struct fixture *f, const char *value)
{
    decode(f, value);
    if (f->diags.count > 0) {
        fail_msg("%s", show(f, f->diags.items[0]).s);
    }
}

/* One error, and any warnings; an empty help: not asked. */
static void refused(const char *value, const char *expected, const char *help)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    decode(&f, value);
    assert_int_equal(f.diags.error_count, 1);
    size_t i = 0;
    while (f.diags.items[i]->severity != SEVERITY_ERROR) {
        i++;
    }
    assert_str(show(&f, f.diags.items[i]), expected);
    assert_int_equal(f.diags.items[i]->status, STATUS_MANIFEST);
    if (help[0]) {
        assert_true(f.diags.items[i]->help_count >= 1);
        assert_str(f.diags.items[i]->helps[0], help);
    }
}

/* The text as the param "p" takes it. */
static void takes(const char *declared, struct str text, const char *canonical)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    struct error err = {0};
    struct str result;

    accept(&f, declared);
    if (domain_check(&f.param->domain, &f.arena, text, &result, &err)) {
        fail_msg("'%.*s' %s", STR_ARG(text), err.message);
    }
    assert_str(result, canonical);
}

static void takes_not(const char *declared, struct str text, const char *message, const char *help)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    struct error err = {0};
    struct str result;

    accept(&f, declared);
    assert_int_equal(domain_check(&f.param->domain, &f.arena, text, &result, &err), -1);
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_string_equal(err.message, message);
    assert_string_equal(err.help, help);
}

#define ENUM   "{type: enum, values: [linux-x64, macos-arm64, no], default: no}"
#define INT    "{type: int, min: 1, max: 64, default: 4}"
#define NUMBER "{type: number, min: -1.5, max: 1e30, default: 1}"

static void every_key_of_a_param_is_decoded(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    accept(&f, "{type: string, pattern: 'a+', min-length: 2, max-length: 3, default: aa, "
               "help: What it is, env: P_2, variant: false}");
    assert_str(f.param->name, "p");
    assert_int_equal(f.param->span.length, 1);
    assert_int_equal(f.param->domain.type, TYPE_STRING);
    assert_str(f.param->domain.pattern, "a+");
    assert_int_equal(f.param->domain.min_length, 2);
    assert_int_equal(f.param->domain.max_length, 3);
    assert_int_equal(f.param->default_kind, DEFAULT_VALUE);
    assert_str(f.param->default_value.text, "aa");
    assert_str(f.param->help, "What it is");
    assert_str(f.param->env, "P_2");
    assert_int_equal(f.param->env_span.length, 3);
    assert_false(f.param->variant);
    accept(&f, "{required: true}");
    assert_int_equal(f.param->domain.type, TYPE_STRING);
    assert_int_equal(f.param->default_kind, DEFAULT_NONE);
    assert_true(f.param->variant);
    assert_false(f.param->domain.has_min_length || f.param->domain.has_max_length);
    accept(&f, "{default: x, required: false, variant: 'true'}");
    accept(&f, "{type: int, min: -3, max: 9223372036854775807, default: 0}");
    assert_true(f.param->domain.has_min && f.param->domain.has_max);
    assert_true(f.param->domain.min_int == -3 && f.param->domain.max_int == INT64_MAX);
    accept(&f, "{type: bool, default: false}");
    assert_int_equal(f.param->domain.value_count, 2);
    assert_int_equal(domain_find(&f.param->domain, STR("false")), 1);
    assert_true(domain_is_finite(&f.param->domain));
}

static void the_values_of_an_enum_are_text(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    accept(&f, "{type: enum, values: [no, 1.10, \"null\"], default: no}");
    assert_int_equal(f.param->domain.value_count, 3);
    assert_str(f.param->domain.values[0], "no");
    assert_str(f.param->domain.values[1], "1.10");
    assert_str(f.param->domain.values[2], "null");
    assert_int_equal(domain_find(&f.param->domain, STR("null")), 2);
    assert_int_equal(domain_find(&f.param->domain, STR("x")), -1);
    assert_true(domain_is_finite(&f.param->domain));
}

static void a_list_has_a_domain_for_its_elements(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    accept(&f, "{type: list, of: {type: int, min: 1}, min-length: 0, max-length: 3, default: []}");
    assert_int_equal(f.param->domain.of->type, TYPE_INT);
    assert_true(f.param->domain.of->min_int == 1);
    assert_int_equal(f.param->domain.max_length, 3);
    assert_true(f.param->default_value.is_list);
    assert_int_equal(f.param->default_value.count, 0);
    assert_false(domain_is_finite(&f.param->domain));
    accept(&f, "{type: list, of: {type: enum, values: [a, b, c]}, default: [c, a]}");
    assert_int_equal(f.param->default_value.count, 2);
    assert_str(f.param->default_value.items[0], "a");
    accept(&f, "{type: list, of: {}, required: true}");
    assert_int_equal(f.param->domain.of->type, TYPE_STRING);
}

static void what_is_no_param_is_refused(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    refused("[a]", "1:4 type: param 'p' must be a mapping, not a list", "");
    refused("text", "1:4 type: param 'p' must be a mapping, not text", "");
    refused("", "1:3 type: the value of param 'p' is missing", "");
    refused("null", "1:4 type: param 'p' must be a mapping, not null", "");
    refused("~", "1:4 type: param 'p' must be a mapping, not ~", "");
    refused("{defualt: x, required: true}", "1:5 unknown-key: unknown key 'defualt' in param 'p'",
            "did you mean 'default'?");
    refused("{required: true, xyzzy: 1}", "1:21 unknown-key: unknown key 'xyzzy' in param 'p'",
            "known keys are: type, values, of, pattern, min, max, min-length, max-length, default, "
            "required, help, env, variant");
    const struct node name = {.text = STR("Build_X")};
    decode(&f, "{required: true}");
    param_decode(&f.arena, &f.arena, &name,
                 document_parse(&f.arena, f.source, &f.diags)->pairs[0].value, &f.diags);
    assert_int_equal(f.diags.count, 1);
    assert_str(f.diags.items[0]->message, "'Build_X' cannot be the name of a param");
}

static void a_type_that_there_is_not_is_refused(void **state)
{
    (void)state;
    refused("{type: strng, default: x}", "1:11 value: unknown type 'strng'",
            "did you mean 'string'?");
    refused("{type: xyzzy, min: 3, default: x}", "1:11 value: unknown type 'xyzzy'",
            "the types are: string, enum, int, number, bool, path, list");
    refused("{type: [int], required: true}",
            "1:11 type: 'type' of param 'p' must be text, not a list", "");
}

static void constraints_that_do_not_fit_the_type_are_refused(void **state)
{
    (void)state;
    refused("{type: int, pattern: x, default: 1}", "1:16 conflict: 'pattern' does not fit type int",
            "'pattern' is for string and path");
    refused("{min: 1, default: x}", "1:5 conflict: 'min' does not fit type string",
            "'min' is for int and number");
    refused("{type: bool, max: 1, default: true}", "1:17 conflict: 'max' does not fit type bool",
            "");
    refused("{values: [a], default: a}", "1:5 conflict: 'values' does not fit type string",
            "'values' is for enum");
    refused("{type: enum, values: [a], min-length: 1, default: a}",
            "1:30 conflict: 'min-length' does not fit type enum",
            "'min-length' is for string, path and list");
    refused("{type: enum, values: [a], min-length: x, default: a}",
            "1:30 conflict: 'min-length' does not fit type enum", "");
    refused("{type: int, max-length: 1, default: 1}",
            "1:16 conflict: 'max-length' does not fit type int", "");
    refused("{of: {type: int}, required: true}", "1:5 conflict: 'of' does not fit type string",
            "'of' is for list");
    refused("{type: list, of: {}, pattern: x, required: true}",
            "1:25 conflict: 'pattern' does not fit type list",
            "put it into 'of', which describes the elements");
}

static void constraints_that_a_type_needs_are_missed(void **state)
{
    (void)state;
    refused("{type: list, required: true}", "1:11 missing-key: type list needs 'of'",
            "write of: {type: string}");
    refused("{type: enum, default: x}", "1:11 missing-key: type enum needs 'values'",
            "write values: [a, b]");
}

static void exactly_one_of_default_and_required_is_given(void **state)
{
    (void)state;
    refused("{type: string}",
            "1:1 missing-key: param 'p' has neither 'default' nor 'required: true'",
            "give it a default, or write required: true");
    refused("{required: false}",
            "1:15 missing-key: param 'p' has neither 'default' nor 'required: true'", "");
    refused("{default: x, required: true}",
            "1:27 conflict: param 'p' is required and has a default", "keep one of the two");
    refused("{required: yes}",
            "1:15 type: 'required' of param 'p' must be true or false, not 'yes'", "");
    refused("{default: null}", "1:14 type: 'default' of param 'p' must be a value, not null",
            "write required: true for a param without a default");
}

static void impossible_values_of_an_enum_are_refused(void **state)
{
    (void)state;
    refused("{type: enum, values: [], required: true}",
            "1:25 value: 'values' of param 'p' must not be an empty list", "");
    refused("{type: enum, values: a, required: true}",
            "1:25 type: 'values' of param 'p' must be a list, not text", "");
    refused("{type: enum, values: [a, b, a], required: true}",
            "1:32 value: value 'a' is given twice", "");
    refused("{type: enum, values: [a, ''], required: true}",
            "1:29 value: a value of an enum must not be empty", "");
    refused("{type: enum, values: [a, [b]], required: true}",
            "1:29 type: an item of 'values' of param 'p' must be text, not a list", "");
    refused("{type: enum, values: [a, null], required: true}",
            "1:29 type: an item of 'values' of param 'p' must be text, not null", "");
    refused("{type: enum, values: [a, ~], required: true}",
            "1:29 type: an item of 'values' of param 'p' must be text, not ~",
            "write \"~\" where the text is meant");
}

static void impossible_limits_are_refused(void **state)
{
    (void)state;
    refused("{type: int, min: 3, max: 2, default: 1}", "1:29 conflict: 'max' is less than 'min'",
            "");
    refused("{type: number, min: 0.5, max: 0.25, required: true}",
            "1:34 conflict: 'max' is less than 'min'", "");
    refused("{min-length: 3, max-length: 2, default: x}",
            "1:32 conflict: 'max-length' is less than 'min-length'", "");
    refused("{type: int, min: 1.5, required: true}",
            "1:21 type: 'min' of param 'p' must be a whole number, not '1.5'", "");
    refused("{type: int, min: 07, required: true}",
            "1:21 type: 'min' of param 'p' must be a whole number without leading zeros",
            "write 7");
    refused("{type: number, min: x, required: true}",
            "1:24 type: 'min' of param 'p' must be a number, not 'x'", "");
    refused("{min-length: -1, required: true}",
            "1:17 value: 'min-length' of param 'p' must be from 0 to 65536", "");
    refused("{max-length: 65537, required: true}",
            "1:17 value: 'max-length' of param 'p' must be from 1 to 65536", "");
    refused("{type: list, of: {}, max-length: 1001, required: true}",
            "1:37 value: 'max-length' of param 'p' must be from 1 to 1000", "");
}

static void a_pattern_that_cannot_be_read_is_shown_where_it_breaks(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    decode(&f, "{pattern: 'ab(c', required: true}");
    assert_int_equal(f.diags.count, 1);
    assert_string_equal(f.diags.items[0]->rule, "pattern");
    assert_int_equal(source_place(f.source, f.diags.items[0]->span.start).column, 19);
    refused("{pattern: '', required: true}", "1:14 value: 'pattern' of param 'p' must not be empty",
            "");
}

static void impossible_elements_are_refused(void **state)
{
    (void)state;
    refused("{type: list, of: string, required: true}",
            "1:21 type: 'of' of param 'p' must be a mapping, not text", "");
    refused("{type: list, of: {type: list, of: {}}, required: true}",
            "1:28 value: the elements of a list cannot be lists", "");
    refused("{type: list, of: {default: x}, required: true}",
            "1:22 unknown-key: unknown key 'default' in 'of' of param 'p'", "");
    refused("{type: list, of: {values-of: platform, type: enum}, default: [x]}",
            "1:43 conflict: 'type' cannot stand beside 'values-of'", "");
    refused("{type: list, of: {type: enum, values: []}, default: [x]}",
            "1:42 value: 'values' of the elements of param 'p' must not be an empty list", "");
    refused("{type: list, of: {type: int, min: 2, max: 1}, default: [x]}",
            "1:46 conflict: 'max' is less than 'min'", "");
}

static void the_other_keys_are_checked_too(void **state)
{
    (void)state;
    refused("{required: true, env: 2X}", "1:26 name: '2X' cannot be the name of a variable",
            "use letters, digits and '_', not beginning with a digit");
    refused("{required: true, env: [X]}", "1:26 type: 'env' of param 'p' must be text, not a list",
            "");
    refused("{required: true, help: {a: b}}",
            "1:27 type: 'help' of param 'p' must be text, not a mapping", "");
    refused("{required: true, variant: no}",
            "1:30 type: 'variant' of param 'p' must be true or false, not 'no'", "");
}

static void a_default_that_the_param_refuses_is_refused(void **state)
{
    (void)state;
    refused("{type: int, default: x}",
            "1:25 default: default 'x' of param 'p' is not a whole number", "");
    refused("{type: int, default: 07}",
            "1:25 default: default '07' of param 'p' is not a whole number in its shortest form",
            "write 7");
    refused("{type: enum, values: [linux, macos], default: linus}",
            "1:50 default: default 'linus' of param 'p' is not one of linux, macos",
            "did you mean 'linux'?");
    refused("{type: bool, default: yes}",
            "1:26 default: default 'yes' of param 'p' is not true or false", "write true");
    refused("{default: ''}", "1:14 default: default '' of param 'p' is empty",
            "add min-length: 0 where it may be empty");
    refused("{default: [x]}", "1:14 type: 'default' of param 'p' must be text, not a list", "");
    refused("{default: ~}", "1:14 type: 'default' of param 'p' must be text, not ~", "");
    refused("{default: 'a ${params.x}'}",
            "1:17 placeholder: a placeholder cannot stand in a default", "");
    refused("{type: list, of: {}, default: []}",
            "1:34 default: the default of param 'p' is an empty list",
            "add min-length: 0 where it may be empty");
    refused("{type: list, of: {}, default: x}",
            "1:34 type: 'default' of param 'p' must be a list, not text", "");
    refused("{type: list, of: {type: int}, default: [1, x]}",
            "1:47 default: default element 'x' of param 'p' is not a whole number", "");
    refused("{type: list, of: {type: enum, values: [a]}, default: [a, a]}",
            "1:57 default: the default of param 'p' has the element 'a' twice", "");
}

static void host_and_all_are_defaults(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    (void)state;
    accept(&f, "{type: enum, values: [linux-x64, osx-arm64], default: host}");
    assert_int_equal(f.param->default_kind, DEFAULT_HOST);
    accept(&f, "{type: enum, values: [host, linux-x64], default: host}");
    assert_int_equal(f.param->default_kind, DEFAULT_VALUE);
    accept(&f, "{default: host}");
    assert_int_equal(f.param->default_kind, DEFAULT_VALUE);
    accept(&f, "{type: list, of: {type: enum, values: [a, b]}, default: all}");
    assert_int_equal(f.param->default_kind, DEFAULT_ALL);
    refused("{type: enum, values: [debug, release], default: host}",
            "1:52 default: default 'host' of param 'p' is not one of debug, release", "");
    refused("{type: list, of: {}, default: all}",
            "1:34 default: default 'all' of param 'p' is only for a list of an enum",
            "write the elements: [a, b]");
    refused("{type: list, of: {type: enum, values: [a, b]}, max-length: 1, default: all}",
            "1:75 default: default 'all' of param 'p' has 2 elements, more than 1", "");
    refused("{type: enum, values: [a, b], default: all}",
            "1:42 default: default 'all' of param 'p' is not one of a, b", "");
}

static void texts_are_checked(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    struct buf text = buf_make(&f.arena, BUF_MAX_DEFAULT);

    (void)state;
    takes("{required: true}", STR("a\n\x1b ,+"), "a\n\x1b ,+");
    takes_not("{required: true}", STR(""), "is empty", "");
    takes("{min-length: 0, required: true}", STR(""), "");
    takes("{pattern: 'a*', required: true}", STR(""), "");
    takes_not("{pattern: 'a+', required: true}", STR(""), "does not match the pattern 'a+'", "");
    takes_not("{pattern: 'a*', min-length: 1, required: true}", STR(""),
              "has 0 characters, fewer than 1", "");
    takes("{pattern: 'a|ab', required: true}", STR("ab"), "ab");
    takes_not("{pattern: 'a', required: true}", STR("ab"), "does not match the pattern 'a'", "");
    takes("{max-length: 2, required: true}", STR("\xC3\xA9\xF0\x9F\x98\x80"),
          "\xC3\xA9\xF0\x9F\x98\x80");
    takes_not("{max-length: 2, required: true}", STR("abc"), "has 3 characters, more than 2", "");
    takes_not("{required: true}", STR("a\0b"), "holds a NUL byte", "");
    takes_not("{required: true}", STR("a\xFF"), "is not UTF-8", "");
    buf_add_repeat(&text, 'x', PARAM_VALUE_BYTES_MAX);
    takes("{required: true}", buf_str(&text), buf_str(&text).s);
    buf_add_char(&text, 'x');
    takes_not("{required: true}", buf_str(&text),
              "has 65537 bytes, more than the 65536 that are allowed", "");
}

static void paths_are_checked(void **state)
{
    (void)state;
    takes("{type: path, required: true}", STR("a/b..c/...d"), "a/b..c/...d");
    takes("{type: path, required: true}", STR("/usr/lib"), "/usr/lib");
    takes_not("{type: path, required: true}", STR(""), "is empty", "");
    takes_not("{type: path, required: true}", STR("a/.."), "is a path with '..'", "");
    takes_not("{type: path, required: true}", STR("../a"), "is a path with '..'", "");
    takes_not("{type: path, pattern: 'a/.*', required: true}", STR("b"),
              "does not match the pattern 'a/.*'", "");
}

static void enums_and_bools_are_checked(void **state)
{
    (void)state;
    takes(ENUM, STR("macos-arm64"), "macos-arm64");
    takes_not(ENUM, STR("linux-x46"), "is not one of linux-x64, macos-arm64, no",
              "did you mean 'linux-x64'?");
    takes_not(ENUM, STR("osx-arm64"), "is not one of linux-x64, macos-arm64, no",
              "did you mean 'macos-arm64'?");
    takes_not(ENUM, STR("freebsd"), "is not one of linux-x64, macos-arm64, no", "");
    takes_not(ENUM, STR(""), "is not one of linux-x64, macos-arm64, no", "");
    takes("{type: bool, default: true}", STR("false"), "false");
    takes_not("{type: bool, default: true}", STR("yes"), "is not true or false", "write true");
    takes_not("{type: bool, default: true}", STR("True"), "is not true or false", "write true");
    takes_not("{type: bool, default: true}", STR("1"), "is not true or false", "write true");
    takes_not("{type: bool, default: true}", STR("No"), "is not true or false", "write false");
    takes_not("{type: bool, default: true}", STR("FALSE"), "is not true or false", "write false");
    takes_not("{type: bool, default: true}", STR("0"), "is not true or false", "write false");
    takes_not("{type: bool, default: true}", STR("maybe"), "is not true or false", "");
}

static void whole_numbers_have_one_spelling(void **state)
{
    (void)state;
    takes(INT, STR("1"), "1");
    takes(INT, STR("64"), "64");
    takes("{type: int, required: true}", STR("-9223372036854775808"), "-9223372036854775808");
    takes_not(INT, STR("0"), "is less than 1", "");
    takes_not(INT, STR("65"), "is more than 64", "");
    takes_not(INT, STR("007"), "is not a whole number in its shortest form", "write 7");
    takes_not(INT, STR("+7"), "is not a whole number in its shortest form", "write 7");
    takes_not(INT, STR("-0"), "is not a whole number in its shortest form", "write 0");
    takes_not(INT, STR("+-7"), "is not a whole number", "");
    takes_not(INT, STR("1.0"), "is not a whole number", "");
    takes_not(INT, STR("0x7"), "is not a whole number", "");
    takes_not(INT, STR(" 7"), "is not a whole number", "");
    takes_not(INT, STR(""), "is not a whole number", "");
    takes_not(INT, STR("9223372036854775808"), "does not fit in 64 bits", "");
}

static void a_number_has_one_spelling_and_is_never_changed_silently(void **state)
{
    static const char *const SHORTEST[] = {
        "1",
        "1.5",
        "0",
        "100",
        "-0.001",
        "0.001",
        "0.1000000000000000000001",
        "1e-25",
        "1e21",
        "100000000000000000000",
    };
    static const char *const LONGER[][2] = {
        {"1.50", "write 1.5"},       {"15e-1", "write 1.5"},
        {"0.15E1", "write 1.5"},     {"-0.0", "write 0"},
        {"0e5", "write 0"},          {"1e2", "write 100"},
        {"01", "write 1"},           {"+1", "write 1"},
        {".5", "write 0.5"},         {"00.5", "write 0.5"},
        {"5.", "write 5"},           {"-.5", "write -0.5"},
        {"1.e2", "write 100"},       {"1e+2", "write 100"},
        {"123e25", "write 1.23e27"}, {"1e20", "write 100000000000000000000"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(SHORTEST); i++) {
        takes(NUMBER, str_from(SHORTEST[i]), SHORTEST[i]);
    }
    for (size_t i = 0; i < ARRAY_COUNT(LONGER); i++) {
        takes_not(NUMBER, str_from(LONGER[i][0]), "is not a number in its shortest form",
                  LONGER[i][1]);
    }
    takes_not(NUMBER, STR("-1.6"), "is less than -1.5", "");
    takes_not(NUMBER, STR("2e30"), "is more than 1e+30", "");
    takes_not(NUMBER, STR("1e400"), "is out of range", "");
    takes_not(NUMBER, STR("-1.5e100001"), "is out of range", "");
    takes_not(NUMBER, STR("1e"), "is not a number", "");
    takes_not(NUMBER, STR("."), "is not a number", "");
    takes_not(NUMBER, STR("-"), "is not a number", "");
    takes_not(NUMBER, STR("1.x"), "is not a number", "");
    takes_not(NUMBER, STR("0x5"), "is not a number", "");
    takes_not(NUMBER, STR("nan"), "is not a number", "");
    takes_not(NUMBER, STR(""), "is not a number", "");
}

/* The list of the words between spaces; "" is the empty list. */
static struct value list_of(struct arena *arena, const char *words)
{
    struct value value = {.is_list = true};
    struct str rest = str_from(words), word;
    size_t capacity = 0;

    while (rest.n > 0) {
        str_cut(rest, ' ', &word, &rest);
        *ARENA_PUSH(arena, value.items, value.count, capacity) = word;
    }
    return value;
}

static void check_list(const char *declared, const char *words, const char *expected)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    struct error err = {0};
    struct value result = {0};

    accept(&f, declared);
    struct value value = list_of(&f.arena, words);
    int failed = domain_check_value(&f.param->domain, &f.arena, &value, &result, &err);
    assert_str(failed ? str_from(err.message) : value_show(&result, &f.arena), expected);
}

static void lists_are_checked(void **state)
{
    static const char ENUMS[] =
        "{type: list, of: {type: enum, values: [a, b, c]}, max-length: 2, required: true}";
    static const char INTS[] = "{type: list, of: {type: int}, min-length: 0, required: true}";

    (void)state;
    check_list(ENUMS, "c a", "a, c");
    check_list(ENUMS, "a a", "has the element 'a' twice");
    check_list(ENUMS, "a b c", "has 3 elements, more than 2");
    check_list(ENUMS, "x", "has the element 'x' that is not one of a, b, c");
    check_list(ENUMS, "", "is an empty list");
    check_list(INTS, "", "");
    check_list(INTS, "2 1 2", "2, 1, 2");
    check_list(INTS, "2 01",
               "has the element '01' that is not a whole number in its shortest form");
    check_list("{type: list, of: {}, min-length: 2, required: true}", "x",
               "has 1 elements, fewer than 2");
}

static void a_list_and_a_text_are_not_the_same(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    struct error err = {0};
    struct value result;
    struct value text = {.text = STR("x")};
    struct value list = list_of(&f.arena, "x");
    struct str empty = STR("");
    struct value empties = {.is_list = true, .items = &empty, .count = 1};

    (void)state;
    accept(&f, "{required: true}");
    assert_int_equal(domain_check_value(&f.param->domain, &f.arena, &text, &result, &err), 0);
    assert_true(value_equal(&text, &result));
    assert_int_equal(domain_check_value(&f.param->domain, &f.arena, &list, &result, &err), -1);
    assert_string_equal(err.message, "is a list");
    accept(&f, "{type: list, of: {min-length: 0}, min-length: 0, required: true}");
    assert_int_equal(domain_check_value(&f.param->domain, &f.arena, &text, &result, &err), -1);
    assert_string_equal(err.message, "is not a list");
    assert_int_equal(domain_check_value(&f.param->domain, &f.arena, &empties, &result, &err), -1);
    assert_string_equal(err.message,
                        "is one empty element, which has the address of the empty list");
}

static void a_thousand_elements_are_the_most(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    struct error err = {0};
    struct value result;
    struct value value = {.is_list = true, .count = PARAM_LIST_MAX};

    (void)state;
    accept(&f, "{type: list, of: {}, required: true}");
    value.items = arena_array(&f.arena, PARAM_LIST_MAX + 1, sizeof *value.items);
    for (size_t i = 0; i <= PARAM_LIST_MAX; i++) {
        value.items[i] = STR("x");
    }
    assert_int_equal(domain_check_value(&f.param->domain, &f.arena, &value, &result, &err), 0);
    value.count++;
    assert_int_equal(domain_check_value(&f.param->domain, &f.arena, &value, &result, &err), -1);
    assert_string_equal(err.message, "has 1001 elements, more than the 1000 that are allowed");
}

static void check_default(const char *declared, const char *host, const char *expected)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    struct error err = {0};
    struct value value = {0};

    accept(&f, declared);
    int failed = param_default(f.param, &f.arena, str_from(host), &value, &err);
    if (failed) {
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_string_equal(err.help, "give --p");
    }
    assert_str(failed ? str_from(err.message) : value_show(&value, &f.arena), expected);
}

static void a_param_that_nobody_gave_has_its_default(void **state)
{
    static const char HOST[] = "{type: enum, values: [linux-64, macos-x64], default: host}";

    (void)state;
    check_default("{default: x}", "linux-x64", "x");
    check_default("{type: number, default: 1.5}", "linux-x64", "1.5");
    check_default("{required: true}", "linux-x64", "param 'p' is required");
    check_default("{type: list, of: {type: enum, values: [b, a]}, default: all}", "", "b, a");
    check_default(HOST, "linux-x64", "linux-64");
    check_default(HOST, "osx-64", "macos-x64");
    check_default(HOST, "linux-arm64",
                  "param 'p' has this machine as its default, but 'linux-arm64' is none of its "
                  "values");
}

static void platforms_have_the_names_of_conda_too(void **state)
{
    static const char *const NAMES[][2] = {
        {"linux-x64", "linux-64"},    {"linux-arm64", "linux-aarch64"}, {"macos-x64", "osx-64"},
        {"macos-arm64", "osx-arm64"}, {"windows-x64", "win-64"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(NAMES); i++) {
        assert_str(platform_canonical(str_from(NAMES[i][0])), NAMES[i][0]);
        assert_str(platform_canonical(str_from(NAMES[i][1])), NAMES[i][0]);
        assert_true(platform_is_known(str_from(NAMES[i][1])));
    }
    assert_str(platform_canonical(STR("plan9")), "plan9");
    assert_false(platform_is_known(STR("plan9")));
}

static void values_in_an_address_are_encoded(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct value text = {.text = STR("a+b/\xC3\xA9 c")};
    struct value truth = {.text = STR("true")};
    struct value empty = {.text = STR("")};
    struct value list = list_of(&arena, "a+b c,d e");
    struct value empty_list = list_of(&arena, "");

    (void)state;
    assert_str(value_address_text(&text, &arena), "a%2Bb%2F%C3%A9%20c");
    assert_str(value_address_text(&truth, &arena), "true");
    assert_str(value_address_text(&empty, &arena), "");
    assert_str(value_address_text(&list, &arena), "a%2Bb+c%2Cd+e");
    assert_str(value_address_text(&empty_list, &arena), "");
    assert_str(value_show(&list, &arena), "a+b, c,d, e");
    assert_str(value_show(&text, &arena), "a+b/\xC3\xA9 c");
}

static void values_are_compared_with_all_of_their_elements(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct value a = list_of(&arena, "x y");
    struct value b = list_of(&arena, "x y");
    struct value text = {.text = STR("x")}, other = {.text = STR("y")};

    (void)state;
    assert_true(value_equal(&a, &b));
    b.items[1] = STR("z");
    assert_false(value_equal(&a, &b));
    b.count = 1;
    assert_false(value_equal(&a, &b));
    assert_false(value_equal(&b, &text));
    assert_true(value_equal(&text, &text));
    assert_false(value_equal(&text, &other));
}

static void check_describe(const char *declared, const char *expected)
{
    struct fixture f CLEANUP(fixture_free) = {0};

    accept(&f, declared);
    assert_str(domain_describe(&f.param->domain, &f.arena), expected);
}

static void a_domain_describes_itself(void **state)
{
    (void)state;
    check_describe("{required: true}", "text");
    check_describe("{pattern: 'a+', max-length: 3, required: true}",
                   "text of at most 3 characters that matches a+");
    check_describe(ENUM, "one of linux-x64, macos-arm64, no");
    check_describe("{type: bool, default: true}", "true or false");
    check_describe(INT, "int from 1 to 64");
    check_describe("{type: int, min: 1, default: 4}", "int of at least 1");
    check_describe("{type: number, max: 2.5, default: 1}", "number of at most 2.5");
    check_describe("{type: path, min-length: 0, required: true}", "path");
    check_describe("{type: list, of: {type: enum, values: [a, b]}, max-length: 2, default: all}",
                   "list of at most 2 elements, each one of a, b");
}

static void a_limit_of_numbers_says_how_it_is_written(void **state)
{
    (void)state;
    refused("{type: number, min: .5, default: 1}",
            "1:24 type: 'min' of param 'p' must be a number, not '.5'", "write 0.5");
    takes_not(INT, STR("011"), "is not a whole number in its shortest form", "write 11");
}

static void an_element_with_a_line_end_is_refused(void **state)
{
    struct fixture f CLEANUP(fixture_free) = {0};
    struct str items[] = {STR("a"), STR("b\nc")};
    struct value list = {.is_list = true, .items = items, .count = 2};
    struct error err = {0};

    (void)state;
    accept(&f, "{type: list, of: {type: string}, default: [a]}");
    assert_int_equal(domain_check_value(&f.param->domain, &f.arena, &list, &list, &err), -1);
    assert_string_equal(err.message, "has the element 'b\nc' that holds a line end, and lists are "
                                     "handed over one element a line");
    refused("{type: list, of: {type: string}, default: [\"a\\nb\"]}",
            "1:46 default: the default of param 'p' has the element 'a\\nb' that holds a line end, "
            "and lists are handed over one element a line",
            "");
}

static void a_pattern_that_takes_too_long_is_tried_once(void **state)
{
    (void)state;
    refused("{type: list, of: {pattern: '(a|aa)+$'}, default: ["
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!, "
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!, b]}",
            "1:54 default: default element 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' of param "
            "'p' cannot be compared with the pattern '(a|aa)+$': the pattern takes too long to "
            "match",
            "");
}

static void the_host_is_one_value_only(void **state)
{
    (void)state;
    refused("{type: enum, values: [linux-64, osx-64, linux-x64], default: host}",
            "1:65 default: default 'host' of param 'p' is two values: 'linux-64' and 'linux-x64' "
            "mean the same platform",
            "keep one of the two");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_of_a_param_is_decoded),
        cmocka_unit_test(the_values_of_an_enum_are_text),
        cmocka_unit_test(a_list_has_a_domain_for_its_elements),
        cmocka_unit_test(what_is_no_param_is_refused),
        cmocka_unit_test(a_type_that_there_is_not_is_refused),
        cmocka_unit_test(constraints_that_do_not_fit_the_type_are_refused),
        cmocka_unit_test(constraints_that_a_type_needs_are_missed),
        cmocka_unit_test(exactly_one_of_default_and_required_is_given),
        cmocka_unit_test(impossible_values_of_an_enum_are_refused),
        cmocka_unit_test(impossible_limits_are_refused),
        cmocka_unit_test(a_pattern_that_cannot_be_read_is_shown_where_it_breaks),
        cmocka_unit_test(impossible_elements_are_refused),
        cmocka_unit_test(the_other_keys_are_checked_too),
        cmocka_unit_test(a_default_that_the_param_refuses_is_refused),
        cmocka_unit_test(host_and_all_are_defaults),
        cmocka_unit_test(texts_are_checked),
        cmocka_unit_test(paths_are_checked),
        cmocka_unit_test(enums_and_bools_are_checked),
        cmocka_unit_test(whole_numbers_have_one_spelling),
        cmocka_unit_test(a_number_has_one_spelling_and_is_never_changed_silently),
        cmocka_unit_test(lists_are_checked),
        cmocka_unit_test(a_list_and_a_text_are_not_the_same),
        cmocka_unit_test(a_thousand_elements_are_the_most),
        cmocka_unit_test(a_param_that_nobody_gave_has_its_default),
        cmocka_unit_test(platforms_have_the_names_of_conda_too),
        cmocka_unit_test(values_in_an_address_are_encoded),
        cmocka_unit_test(values_are_compared_with_all_of_their_elements),
        cmocka_unit_test(a_domain_describes_itself),
        cmocka_unit_test(a_limit_of_numbers_says_how_it_is_written),
        cmocka_unit_test(an_element_with_a_line_end_is_refused),
        cmocka_unit_test(a_pattern_that_takes_too_long_is_tried_once),
        cmocka_unit_test(the_host_is_one_value_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
