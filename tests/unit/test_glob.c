#include "test.h"

#include "base/glob.h"

#include <time.h>

static void assert_matches(const char *pattern, const char *path, bool expected)
{
    if (glob_match(str_from(pattern), str_from(path)) != expected) {
        fail_msg("'%s' %s '%s'", pattern, expected ? "does not match" : "matches", path);
    }
}

static void a_star_stays_within_a_segment(void **state)
{
    (void)state;
    assert_matches("*.whl", "a.whl", true);
    assert_matches("*.whl", ".whl", true);
    assert_matches("*", ".hidden", true);
    assert_matches("*.whl", "dist/a.whl", false);
    assert_matches("dist/*.whl", "dist/a.whl", true);
    assert_matches("dist/*", "dist", false);
    assert_matches("a*b*c", "aXbYbZc", true);
    assert_matches("a*b*c", "aXbYbZ", false);
    assert_matches("*a", "ba", true);
    assert_matches("a*", "a", true);
    assert_matches("dist/x", "dist/x", true);
    assert_matches("dist/x", "dist/xy", false);
    assert_matches("", "", true);
    assert_matches("", "a", false);
    assert_matches("*", "", false);
}

static void a_pattern_of_stars_alone_is_everything(void **state)
{
    (void)state;
    assert_true(glob_is_everything(STR("*")));
    assert_true(glob_is_everything(STR("**/*/")));
    assert_false(glob_is_everything(STR("")));
    assert_false(glob_is_everything(STR("*.o")));
    assert_false(glob_is_everything(STR("a/**")));
}

static void a_question_mark_is_one_character(void **state)
{
    (void)state;
    assert_matches("a?c", "abc", true);
    assert_matches("a?c",
                   "a\xe2\x82\xac"
                   "c",
                   true);
    assert_matches("a?c", "ac", false);
    assert_matches("a?c", "a/c", false);
    assert_matches("*?", "\xe2\x82\xac", true);
    assert_matches("*??", "\xe2\x82\xac", false);
}

static void a_class_is_one_of_its_characters(void **state)
{
    (void)state;
    assert_matches("[a-c]x", "bx", true);
    assert_matches("[a-c]x", "dx", false);
    assert_matches("[!a-c]x", "dx", true);
    assert_matches("[!a-c]x", "ax", false);
    assert_matches("[]]", "]", true);
    assert_matches("[!]]", "]", false);
    assert_matches("[!]]", "a", true);
    assert_matches("[a-]", "-", true);
    assert_matches("[-a]", "-", true);
    assert_matches("[\xc3\xa0-\xc3\xa9]", "\xc3\xa4", true);
    assert_matches("[\xc3\xa0-\xc3\xa9]", "\xc3\xbc", false);
    assert_matches("[!a]", "\xe2\x82\xac", true);
    assert_matches("*[0-9].txt", "a12.txt", true);
    assert_matches("[*]", "*", true);
    assert_matches("[*]", "x", false);
}

static void two_stars_are_any_number_of_segments(void **state)
{
    (void)state;
    assert_matches("**", "a", true);
    assert_matches("**", "a/b/c", true);
    assert_matches("**/x", "x", true);
    assert_matches("**/x", "a/b/x", true);
    assert_matches("a/**", "a/b/c", true);
    assert_matches("a/**", "b/c", false);
    assert_matches("a/**/z", "a/z", true);
    assert_matches("a/**/z", "a/b/c/z", true);
    assert_matches("a/**/z", "a/b/c/zz", false);
    assert_matches("**/b/**/c", "a/b/b/x/c", true);
    assert_matches("**/b/*/c", "b/b/x/c", true);
    assert_matches("**/b/*/c", "b/b/c", true);
    assert_matches("**/b/*/c", "a/b/c", false);
    assert_matches("**/*.h", "src/base/str.h", true);
}

static void a_backslash_is_a_character_like_others(void **state)
{
    (void)state;
    assert_matches("\\*", "\\a", true);
    assert_matches("\\*", "*", false);
}

/* The same by definition, without any cleverness. */
static bool matches_slowly(const char *pattern, const char *path)
{
    if (pattern[0] == '\0') {
        return path[0] == '\0';
    }
    if (pattern[0] == '*') {
        return matches_slowly(pattern + 1, path) ||
               (path[0] != '\0' && path[0] != '/' && matches_slowly(pattern, path + 1));
    }
    if (path[0] == '\0' || (pattern[0] == '?' ? path[0] == '/' : pattern[0] != path[0])) {
        return false;
    }
    return matches_slowly(pattern + 1, path + 1);
}

static void make_text(char text[8], const char *letters, size_t letter_count, size_t seed)
{
    size_t n = 0;

    for (; seed > 0 && n < 7; seed /= letter_count + 1) {
        size_t letter = seed % (letter_count + 1);
        if (letter == 0) {
            break;
        }
        text[n++] = letters[letter - 1];
    }
    text[n] = '\0';
}

static void all_short_patterns_agree_with_the_definition(void **state)
{
    (void)state;
    size_t matches = 0;

    for (size_t i = 1; i < 1024; i++) {
        char pattern[8];
        make_text(pattern, "ab*", 3, i);
        for (size_t k = 1; k < 1024; k++) {
            char path[8];
            make_text(path, "aab", 3, k);
            if (strstr(pattern, "**")) {
                continue;
            }
            /* An empty path has no segment that a star could be in. */
            bool expected =
                matches_slowly(pattern, path) && (pattern[0] == '\0') == (path[0] == '\0');
            assert_matches(pattern, path, expected);
            matches += expected;
        }
    }
    assert_true(matches > 1000);
}

static void time_does_not_explode(void **state)
{
    (void)state;
    char path[2001];
    clock_t begin = clock();

    memset(path, 'a', 2000);
    path[2000] = '\0';
    assert_matches("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", path, false);
    for (size_t i = 1; i < 2000; i += 2) {
        path[i] = '/';
    }
    assert_matches("**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/a/**/b", path, false);
    assert_true(clock() - begin < 2 * CLOCKS_PER_SEC);
}

static void a_walk_goes_only_where_a_match_may_be(void **state)
{
    (void)state;
    assert_true(glob_may_match_below(STR("dist/x/*.whl"), STR("")));
    assert_true(glob_may_match_below(STR("dist/x/*.whl"), STR("dist")));
    assert_true(glob_may_match_below(STR("dist/x/*.whl"), STR("dist/x/")));
    assert_false(glob_may_match_below(STR("dist/x/*.whl"), STR("dist/y")));
    assert_false(glob_may_match_below(STR("dist/x/*.whl"), STR("dist/x/y")));
    assert_true(glob_may_match_below(STR("d*/**/z"), STR("dist/a/b/c")));
    assert_false(glob_may_match_below(STR("d*/**/z"), STR("src/a")));
    assert_false(glob_may_match_below(STR("*.whl"), STR("a.whl")));
}

static void the_fixed_prefix_is_a_folder(void **state)
{
    (void)state;
    assert_str(glob_fixed_prefix(STR("dist/x/*.whl")), "dist/x/");
    assert_str(glob_fixed_prefix(STR("dist/x?/a")), "dist/");
    assert_str(glob_fixed_prefix(STR("*.whl")), "");
    assert_str(glob_fixed_prefix(STR("dist/x.whl")), "dist/");
    assert_str(glob_fixed_prefix(STR("dist/")), "dist/");
    assert_str(glob_fixed_prefix(STR("x")), "");
    assert_true(glob_has_magic(STR("a[b]")));
    assert_true(glob_has_magic(STR("a?")));
    assert_true(glob_has_magic(STR("**")));
    assert_false(glob_has_magic(STR("a/b]")));
}

static void a_malformed_pattern_has_a_problem(void **state)
{
    (void)state;
    assert_null(glob_problem(STR("a/**/[!a-z]?*.x]")));
    assert_null(glob_problem(STR("[]a]")));
    assert_string_equal(glob_problem(STR("a[b")), "unclosed '['");
    assert_string_equal(glob_problem(STR("a[b/c]")), "unclosed '['");
    assert_string_equal(glob_problem(STR("[]")), "unclosed '['");
    assert_string_equal(glob_problem(STR("[!]")), "unclosed '['");
    assert_string_equal(glob_problem(STR("a/b**")), "'**' must be a whole segment");
    assert_string_equal(glob_problem(STR("***")), "'**' must be a whole segment");
    assert_non_null(glob_problem(STR("[^a]")));
    assert_non_null(glob_problem(STR("[z-a]")));
    assert_non_null(glob_problem(STR("a\xff")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_star_stays_within_a_segment),
        cmocka_unit_test(a_pattern_of_stars_alone_is_everything),
        cmocka_unit_test(a_question_mark_is_one_character),
        cmocka_unit_test(a_class_is_one_of_its_characters),
        cmocka_unit_test(two_stars_are_any_number_of_segments),
        cmocka_unit_test(a_backslash_is_a_character_like_others),
        cmocka_unit_test(all_short_patterns_agree_with_the_definition),
        cmocka_unit_test(time_does_not_explode),
        cmocka_unit_test(a_walk_goes_only_where_a_match_may_be),
        cmocka_unit_test(the_fixed_prefix_is_a_folder),
        cmocka_unit_test(a_malformed_pattern_has_a_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
