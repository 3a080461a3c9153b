#include "test.h"

#include "base/error.h"
#include "base/json.h"

static struct arena arena;

static int free_arena(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static const struct json *parse(struct str text)
{
    struct error err = {0};
    struct json *value = NULL;

    if (json_parse(&arena, text, 1 << 20, &value, &err)) {
        fail_msg("%s", err.message);
    }
    return value;
}

static void assert_refused(struct str text, enum error_kind kind, const char *part)
{
    struct error err = {0};
    struct json *value = NULL;

    if (json_parse(&arena, text, 1 << 20, &value, &err) == 0) {
        fail_msg("accepted: %.*s", STR_ARG(text));
    }
    assert_null(value);
    assert_int_equal(err.kind, kind);
    if (!str_contains(str_from(err.message), str_from(part))) {
        fail_msg("'%s' does not say '%s'", err.message, part);
    }
}

static void values_are_read_with_their_types(void **state)
{
    (void)state;
    const struct json *doc =
        parse(STR("{\"s\": \"a\\u00e9\\n\", \"i\": -9223372036854775808, \"t\": true, \"n\": null, "
                  "\"r\": 1.5, \"a\": [1, \"x\", {}], \"\": 7}"));
    struct str text;
    int64_t number;
    bool truth;

    assert_true(json_is_object(doc));
    assert_int_equal(json_count(doc), 7);
    assert_true(json_get_str(json_member(doc, "s"), &text));
    assert_str(text, "a\xc3\xa9\n");
    assert_int_equal(text.s[text.n], '\0');
    assert_true(json_get_int(json_member(doc, "i"), &number));
    assert_true(number == INT64_MIN);
    assert_true(json_get_bool(json_member(doc, "t"), &truth));
    assert_true(truth);
    assert_true(json_is_array(json_member(doc, "a")));
    assert_int_equal(json_count(json_member(doc, "a")), 3);
    assert_true(json_is_object(json_item(json_member(doc, "a"), 2)));
    assert_str(json_name(doc, 1), "i");
    assert_true(json_get_int(json_member(doc, ""), &number));
    assert_false(json_get_int(json_member(doc, "r"), &number));
    assert_int_equal(number, 7);
}

static void another_type_or_nothing_gives_nothing(void **state)
{
    (void)state;
    const struct json *doc = parse(STR("{\"a\": [1]}"));
    struct str text;
    int64_t number;
    bool truth;

    assert_null(json_member(doc, "b"));
    assert_null(json_member(json_member(doc, "a"), "a"));
    assert_null(json_member(NULL, "a"));
    assert_null(json_item(doc, 1));
    assert_null(json_item(json_item(json_member(doc, "a"), 0), 0));
    assert_int_equal(json_count(NULL), 0);
    assert_int_equal(json_count(json_item(json_member(doc, "a"), 0)), 0);
    assert_str(json_name(json_member(doc, "a"), 0), "");
    assert_str(json_name(doc, 5), "");
    assert_false(json_get_str(doc, &text));
    assert_false(json_get_int(NULL, &number));
    assert_false(json_get_bool(json_member(doc, "a"), &truth));
}

static void scalars_are_documents_too(void **state)
{
    (void)state;
    int64_t number;

    assert_true(json_get_int(parse(STR(" 12 ")), &number));
    assert_int_equal(number, 12);
}

static void hostile_text_is_refused_with_its_place(void **state)
{
    (void)state;
    assert_refused(STR("{\"a\": 1,\n \"a\": 2}"), ERROR_DAMAGED, "line 2, column ");
    assert_refused(STR("[1] x"), ERROR_DAMAGED, "line 1, column ");
    assert_refused(STR("[1]\0"), ERROR_DAMAGED, "line 1, column ");
    assert_refused(STR("[\"\\u0000\"]"), ERROR_DAMAGED, "line 1, column ");
    assert_refused(STR("{\"\\u0000\": 1}"), ERROR_DAMAGED, "line 1, column ");
    assert_refused(STR("[\"\0\"]"), ERROR_DAMAGED, "line 1, column ");
    assert_refused(STR("[\"\xff\"]"), ERROR_DAMAGED, "byte 0xff");
    assert_refused(STR(""), ERROR_DAMAGED, "line 1");
    assert_refused((struct str){0}, ERROR_DAMAGED, "line 1");
    assert_refused(STR("[1"), ERROR_DAMAGED, "line 1");
    assert_refused(STR("[99999999999999999999]"), ERROR_DAMAGED, "line 1");
    assert_refused(STR("[1e999]"), ERROR_DAMAGED, "line 1");
    assert_refused(STR("[\"\\"), ERROR_DAMAGED, "line 1");
}

static struct str nested(size_t depth)
{
    struct buf buf = buf_make(&arena, BUF_MAX_DEFAULT);

    buf_add(&buf, STR("\n"));
    buf_add_repeat(&buf, '[', depth);
    /* Brackets in a string do not count. */
    buf_add(&buf, STR("\"[[[[\\\"[[\\\\\""));
    buf_add_repeat(&buf, ']', depth);
    return buf_str(&buf);
}

static void deep_nesting_is_refused_with_its_place(void **state)
{
    (void)state;
    assert_true(json_is_array(parse(nested(JSON_DEPTH_MAX))));
    assert_refused(nested(JSON_DEPTH_MAX + 1), ERROR_DAMAGED, "line 2, column 65: nested deeper");
}

static void too_large_a_text_is_refused(void **state)
{
    (void)state;
    struct error err = {0};
    struct json *value = NULL;

    assert_int_equal(json_parse(&arena, STR("[1,2]"), 5, &value, &err), 0);
    assert_int_equal(json_parse(&arena, STR("[1,2]"), 4, &value, &err), -1);
    assert_int_equal(err.kind, ERROR_LIMIT);
}

static void too_many_values_are_refused(void **state)
{
    (void)state;
    struct arena own CLEANUP(arena_free) = {0};
    struct error err = {0};
    struct json *value = NULL;
    struct buf buf = buf_make(&own, BUF_MAX_DEFAULT);

    buf_add_char(&buf, '[');
    for (int i = 0; i < JSON_VALUES_MAX; i++) {
        buf_add(&buf, STR("0,"));
    }
    buf_add(&buf, STR("0]"));
    assert_int_equal(json_parse(&own, buf_str(&buf), SIZE_MAX, &value, &err), -1);
    assert_int_equal(err.kind, ERROR_LIMIT);
}

static struct json *make_document(void)
{
    struct json *doc = json_object(&arena);
    struct json *list = json_array(&arena);

    json_set_str(&arena, doc, "name", STR("a/b \"q\" \\ \n\x01 \xc3\xa9"));
    json_set_int(&arena, doc, "count", -5);
    json_push(&arena, list, json_boolean(&arena, true));
    json_push(&arena, list, json_boolean(&arena, false));
    json_push(&arena, list, json_null(&arena));
    json_push(&arena, list, json_integer(&arena, INT64_MAX));
    json_set(&arena, doc, "list", list);
    json_set(&arena, doc, "empty", json_object(&arena));
    json_set(&arena, doc, "none", json_array(&arena));
    return doc;
}

static void a_document_is_written_in_order(void **state)
{
    (void)state;
    assert_str(json_format(&arena, make_document(), false),
               "{\"name\":\"a/b \\\"q\\\" \\\\ \\n\\u0001 \xc3\xa9\",\"count\":-5,"
               "\"list\":[true,false,null,9223372036854775807],\"empty\":{},\"none\":[]}");
}

static void a_pretty_document_is_indented_by_two(void **state)
{
    (void)state;
    struct json *doc = json_object(&arena);
    struct json *list = json_array(&arena);

    json_push(&arena, list, json_integer(&arena, 1));
    json_push(&arena, list, json_object(&arena));
    json_set(&arena, doc, "a", list);
    assert_str(json_format(&arena, doc, true), "{\n  \"a\": [\n    1,\n    {}\n  ]\n}\n");
}

static void what_was_written_is_read_back(void **state)
{
    (void)state;
    struct str text = json_format(&arena, make_document(), true);

    assert_true(str_equal(json_format(&arena, parse(text), true), text));
    assert_str(json_format(&arena, parse(STR("[1.0, 0.1, 1e300, -0.0]")), false),
               "[1.0,0.10000000000000001,1.0000000000000001e+300,-0.0]");
}

static void broken_text_is_repaired(void **state)
{
    (void)state;
    assert_str(json_format(&arena, json_string(&arena, STR("a\xff\xe2\x82z\0")), false),
               "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd\"");
}

static void a_large_array_is_built_and_read_in_linear_time(void **state)
{
    (void)state;
    struct arena own CLEANUP(arena_free) = {0};
    struct error err = {0};
    struct json *list = json_array(&own);
    struct json *again = NULL;

    for (int64_t i = 0; i < 100000; i++) {
        struct json *item = json_object(&own);
        json_set_int(&own, item, "i", i);
        json_push(&own, list, item);
    }
    struct str text = json_format(&own, list, false);
    assert_int_equal(json_parse(&own, text, 16 << 20, &again, &err), 0);
    assert_int_equal(json_count(again), 100000);
    int64_t number = 0;
    assert_true(json_get_int(json_member(json_item(again, 99999), "i"), &number));
    assert_int_equal(number, 99999);
    /* What is built by doubling stays within a few times of what it holds. */
    assert_true(own.total_bytes < 64 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_read_with_their_types),
        cmocka_unit_test(another_type_or_nothing_gives_nothing),
        cmocka_unit_test(scalars_are_documents_too),
        cmocka_unit_test(hostile_text_is_refused_with_its_place),
        cmocka_unit_test(deep_nesting_is_refused_with_its_place),
        cmocka_unit_test(too_large_a_text_is_refused),
        cmocka_unit_test(too_many_values_are_refused),
        cmocka_unit_test(a_document_is_written_in_order),
        cmocka_unit_test(a_pretty_document_is_indented_by_two),
        cmocka_unit_test(what_was_written_is_read_back),
        cmocka_unit_test(broken_text_is_repaired),
        cmocka_unit_test(a_large_array_is_built_and_read_in_linear_time),
    };
    return cmocka_run_group_tests(tests, NULL, free_arena);
}
