#include "test.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/file_url.h"

static void the_path_of_an_address_is_decoded(void **state)
{
    static const struct {
        const char *url, *path;
    } CASES[] = {{"file:///a/b", "/a/b"},
                 {"FILE:///a%20b/%c3%A9", "/a b/\xc3\xa9"},
                 {"file://localhost/a", "/a"}};
    struct arena arena CLEANUP(arena_free) = {0};
    struct error err = {0};
    struct str path;

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(CASES); i++) {
        assert_true(file_url_is(str_from(CASES[i].url)));
        assert_int_equal(file_url_path(&arena, str_from(CASES[i].url), &path, &err), 0);
        assert_str(path, CASES[i].path);
    }
    assert_false(file_url_is(STR("file:/a")));
    assert_false(file_url_is(STR("/file:///a")));
}

static void what_is_no_folder_of_this_machine_is_refused(void **state)
{
    static const char *const CASES[] = {"file://", "file://other/a", "file://localhost",
                                        "file:///a%2", "file:///a%zz"};
    struct arena arena CLEANUP(arena_free) = {0};
    struct str path;

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(CASES); i++) {
        struct error err = {0};
        assert_int_equal(file_url_path(&arena, str_from(CASES[i]), &path, &err), -1);
        assert_int_equal(err.kind, ERROR_USAGE);
    }
}

static void an_address_is_made_of_any_bytes(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct str path;
    struct error err = {0};

    (void)state;
    assert_str(file_url_encode(&arena, STR("a b/-._~/\x1b\xff#?%:")),
               "a%20b/-._~/%1B%FF%23%3F%25%3A");
    assert_str(file_url_format(&arena, (struct str){0}, STR("/a b")), "file:///a%20b");
    assert_str(file_url_format(&arena, STR("host"), STR("/a")), "file://host/a");
    struct str url = file_url_format(&arena, STR("localhost"), STR("/\xe2\x80\xae/%41"));
    assert_int_equal(file_url_path(&arena, url, &path, &err), 0);
    assert_str(path, "/\xe2\x80\xae/%41");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_path_of_an_address_is_decoded),
        cmocka_unit_test(what_is_no_folder_of_this_machine_is_refused),
        cmocka_unit_test(an_address_is_made_of_any_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
