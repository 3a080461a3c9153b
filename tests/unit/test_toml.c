#include "test.h"

#include "base/error.h"
#include "base/toml.h"

static const struct toml *parse(struct arena *arena, const char *text)
{
    const struct toml *root = NULL;
    struct span span = {0};
    struct error err = {0};

    if (toml_parse(arena, source_make(arena, STR("t.toml"), str_from(text)), &root, &span, &err)) {
        fail_msg("%s at %u", err.message, (unsigned)span.start);
    }
    return root;
}

static void expect_problem(const char *text, size_t at, const char *message)
{
    struct arena arena CLEANUP(arena_free) = {0};
    const struct toml *root;
    struct span span = {0};
    struct error err = {0};

    assert_int_equal(
        toml_parse(&arena, source_make(&arena, STR("t.toml"), str_from(text)), &root, &span, &err),
        -1);
    assert_string_equal(err.message, message);
    assert_int_equal(span.start, at);
}

static void tables_and_values_are_read(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    const struct toml *root = parse(&arena, "# pixi\n"
                                            "[workspace]\nname = \"tally\" # x\n"
                                            "platforms = [\n  \"linux-64\", # a\n  'win-64',\n]\n"
                                            "[feature.cuda.tasks]\n"
                                            "build = { cmd = [\"a\", 'b'], depends-on = [] }\n"
                                            "a.b.c = 1\na.d = 2024-01-01\n"
                                            "[[x]]\ny = true\n[[x]]\ny = 1e6\n");
    const struct toml *tasks = toml_find(toml_find(toml_find(root, "feature"), "cuda"), "tasks");

    assert_str(toml_find(toml_find(root, "workspace"), "name")->text, "tally");
    assert_str(toml_find(toml_find(root, "workspace"), "platforms")->items[1]->text, "win-64");
    assert_str(toml_find(toml_find(tasks, "build"), "cmd")->items[0]->text, "a");
    assert_int_equal(toml_find(toml_find(tasks, "a"), "d")->kind, TOML_DATE);
    assert_str(toml_find(toml_find(root, "x")->items[1], "y")->text, "1e6");
    assert_null(toml_find(root, "y"));
    assert_null(toml_find(NULL, "y"));
    assert_null(toml_find(toml_find(toml_find(root, "workspace"), "name"), "y"));
}

static void strings_are_read(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    const struct toml *root = parse(&arena, "a = \"\\t\\u00e9\\U0001F600\\\"\"\n"
                                            "b = '\\t'\n"
                                            "c = \"\"\"\nx \\\n   y\"\"\"\"\n"
                                            "d = '''\n'a'\\'''\n"
                                            "\"e f\" = ''\n");

    assert_str(toml_find(root, "a")->text, "\t\xc3\xa9\xf0\x9f\x98\x80\"");
    assert_str(toml_find(root, "b")->text, "\\t");
    assert_str(toml_find(root, "c")->text, "x y\"");
    assert_str(toml_find(root, "d")->text, "'a'\\");
    assert_str(toml_find(root, "e f")->text, "");
}

static void what_is_no_toml_is_refused_at_its_place(void **state)
{
    (void)state;
    expect_problem("a = 1\na = 2\n", 6, "a key that is there already");
    expect_problem("[a]\n[a]\n", 5, "a table that is there already");
    expect_problem("a = {b = 1}\n[a.c]\n", 13, "a table below a value that is none");
    expect_problem("a.b = 1\na.b.c = 2\n", 10, "a key below a value that is there already");
    expect_problem("[a.b]\n[a]\nb.c = 1\n", 10, "a key below a value that is there already");
    expect_problem("a = [1]\n[[a]]\n", 10, "an array of tables, where something else is");
    expect_problem("a = word\n", 4, "a value that is none of TOML's");
    expect_problem("a =\n", 3, "a value is missing");
    expect_problem("a 1\n", 2, "'=' is missing behind a key");
    expect_problem("a = 1 b = 2\n", 6, "something behind the value, where the line must end");
    expect_problem("a = \"x\n", 6, "a string without its closing quote");
    expect_problem("a = \"\\x\"\n", 5, "an escape that TOML does not know");
    expect_problem("a = [1 2]\n", 7, "',' or ']' is missing in an array");
    expect_problem("[a\n", 2, "']' is missing behind the name of a table");
    expect_problem("a = 2023-02-29\n", 4, "a value that is none of TOML's");
}

static void depth_and_size_have_limits(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    struct buf deep = buf_make(&arena, BUF_MAX_DEFAULT), many = buf_make(&arena, BUF_MAX_DEFAULT);

    buf_add(&deep, STR("a = "));
    buf_add_repeat(&deep, '[', 100000);
    expect_problem(buf_str(&deep).s, 4 + TOML_DEPTH_MAX, "values lie too deep in one another");
    buf_add(&many, STR("a = ["));
    for (size_t i = 0; i < TOML_VALUES_MAX; i++) {
        buf_add(&many, STR("1,"));
    }
    buf_add(&many, STR("]\n"));
    expect_problem(buf_str(&many).s, 5 + 2 * (TOML_VALUES_MAX - 2), "the file has too many values");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_and_values_are_read),
        cmocka_unit_test(strings_are_read),
        cmocka_unit_test(what_is_no_toml_is_refused_at_its_place),
        cmocka_unit_test(depth_and_size_have_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
