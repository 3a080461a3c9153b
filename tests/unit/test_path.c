#include "test.h"

#include "base/path.h"

static void a_plain_path_has_no_problem(void **state)
{
    static const char *const PLAIN[] = {"a",   "a/b",          ".hidden", "a..b/c",
                                        "...", "a b/\xc3\xa4", "*"};

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(PLAIN); i++) {
        assert_null(path_problem(str_from(PLAIN[i])));
    }
}

static void every_other_path_is_told_what_is_wrong_with_it(void **state)
{
    static const struct {
        struct str path;
        const char *problem;
    } CASES[] = {
        {{"", 0}, "is empty"},
        {{"/a", 2}, "is absolute"},
        {{"/", 1}, "is absolute"},
        {{"a/", 2}, "ends in '/'"},
        {{"a//b", 4}, "has an empty segment"},
        {{".", 1}, "has a '.' segment"},
        {{"a/./b", 5}, "has a '.' segment"},
        {{"..", 2}, "has a '..' segment"},
        {{"a/..", 4}, "has a '..' segment"},
        {{"a\\b", 3}, "has a backslash"},
        {{"a\nb", 3}, "has a control character"},
        {{"a\0b", 3}, "has a NUL"},
        {{"a\x7f", 2}, "has a control character"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(CASES); i++) {
        const char *problem = path_problem(CASES[i].path);
        assert_non_null(problem);
        assert_string_equal(problem, CASES[i].problem);
    }
}

static void names_of_files_may_have_any_bytes(void **state)
{
    (void)state;
    assert_null(path_segments_problem(STR("a\\b/c\nd")));
    assert_string_equal(path_segments_problem(STR("a\\b/../c")), "has a '..' segment");
}

static void a_path_may_be_as_long_as_the_limit_and_no_longer(void **state)
{
    char bytes[PATH_BYTES_MAX + 1];

    (void)state;
    memset(bytes, 'x', sizeof bytes);
    assert_null(path_problem((struct str){bytes, PATH_BYTES_MAX}));
    assert_string_equal(path_problem((struct str){bytes, PATH_BYTES_MAX + 1}), "is too long");
}

static void a_folder_may_end_in_one_slash(void **state)
{
    (void)state;
    assert_null(path_or_folder_problem(STR("a/b/")));
    assert_null(path_or_folder_problem(STR("a")));
    assert_string_equal(path_or_folder_problem(STR("a//")), "ends in '/'");
    assert_string_equal(path_or_folder_problem(STR("/")), "is absolute");
    assert_string_equal(path_or_folder_problem(STR("../")), "has a '..' segment");
}

static void git_is_reserved_anywhere_and_jobrun_at_the_root(void **state)
{
    (void)state;
    assert_true(path_is_reserved(STR(".git")));
    assert_true(path_is_reserved(STR(".git/hooks/x")));
    assert_true(path_is_reserved(STR("vendor/.GIT/config")));
    assert_true(path_is_reserved(STR(".jobrun/store")));
    assert_true(path_is_reserved(STR(".jobrun/")));
    assert_false(path_is_reserved(STR(".github/x")));
    assert_true(path_is_reserved(STR("a/.jobrun")));
    assert_true(path_is_reserved(STR("a/.JobRun/store")));
    assert_false(path_is_reserved(STR("a/.jobrun-tmp")));
    assert_false(path_is_reserved(STR("")));
    assert_false(path_is_reserved(STR(".gitignore")));
    assert_false(path_is_reserved(STR("git")));
}

static void paths_are_joined_with_one_slash(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};

    (void)state;
    assert_str(path_below(&arena, STR("a"), STR("b")), "a/b");
    assert_str(path_below(&arena, STR("a/"), STR("b")), "a/b");
    assert_str(path_below(&arena, STR("/"), STR("b")), "/b");
    assert_str(path_below(&arena, STR(""), STR("b")), "b");
    assert_str(path_below(&arena, STR("a"), STR("")), "a");
    assert_str(path_without_slash(STR("a/b//")), "a/b");
    assert_str(path_without_slash(STR("/")), "/");
    assert_str(path_folder(STR("a/b/c")), "a/b");
    assert_str(path_folder(STR("a")), "");
    assert_str(path_folder(STR("a/")), "a");
}

static void a_path_is_below_a_folder_by_whole_segments(void **state)
{
    (void)state;
    assert_true(path_is_below(STR("a/b"), STR("a")));
    assert_true(path_is_below(STR("a/b/c"), STR("a")));
    assert_true(path_is_below(STR("a"), STR("")));
    assert_false(path_is_below(STR("a"), STR("a")));
    assert_false(path_is_below(STR("ab/c"), STR("a")));
    assert_false(path_is_below(STR("b/a"), STR("a")));
}

static int compare_for_sort(const void *a, const void *b)
{
    return path_compare(*(const struct str *)a, *(const struct str *)b);
}

static void what_is_in_a_folder_sorts_directly_behind_it(void **state)
{
    struct str paths[] = {STR("b"),   STR("a-b"),   STR("a/c"),   STR("a"),
                          STR("a/b"), STR("a\x01"), STR("a\xff"), STR("a/b/c")};

    (void)state;
    qsort(paths, ARRAY_COUNT(paths), sizeof paths[0], compare_for_sort);
    assert_str(paths[0], "a");
    assert_str(paths[1], "a/b");
    assert_str(paths[2], "a/b/c");
    assert_str(paths[3], "a/c");
    assert_str(paths[4], "a\x01");
    assert_str(paths[5], "a-b");
    assert_str(paths[6], "a\xff");
    assert_str(paths[7], "b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_path_has_no_problem),
        cmocka_unit_test(every_other_path_is_told_what_is_wrong_with_it),
        cmocka_unit_test(names_of_files_may_have_any_bytes),
        cmocka_unit_test(a_path_may_be_as_long_as_the_limit_and_no_longer),
        cmocka_unit_test(a_folder_may_end_in_one_slash),
        cmocka_unit_test(git_is_reserved_anywhere_and_jobrun_at_the_root),
        cmocka_unit_test(paths_are_joined_with_one_slash),
        cmocka_unit_test(a_path_is_below_a_folder_by_whole_segments),
        cmocka_unit_test(what_is_in_a_folder_sorts_directly_behind_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
