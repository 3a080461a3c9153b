#include "test.h"

#include "base/digest.h"
#include "base/error.h"
#include "job/artifact.h"

#define HEX "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

static struct entry file(const char *output, const char *path)
{
    return (struct entry){
        .kind = ENTRY_FILE,
        .output = str_from(output),
        .path = str_from(path),
        .mode = 0644,
        .size_bytes = 4,
        .sha256 = STR(HEX),
    };
}

static struct entry linked(const char *output, const char *path, const char *target)
{
    return (struct entry){
        .kind = ENTRY_LINK,
        .output = str_from(output),
        .path = str_from(path),
        .target = str_from(target),
    };
}

static struct entry folder(const char *output, const char *path)
{
    return (struct entry){.kind = ENTRY_FOLDER, .output = str_from(output), .path = str_from(path)};
}

static void entries_are_sorted_by_output_and_path_as_one_text(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct entry entries[] = {file("b", "a"),   file("a", "b/c"), file("a", "b"),  file("a-b", "z"),
                              file("a.b", "y"), file("a0", "x"),  file("a", "b-c")};
    struct artifact artifact = {.entries = entries, .count = ARRAY_COUNT(entries)};
    static const char *const ORDER[] = {"a-b/z", "a.b/y", "a/b", "a/b-c", "a/b/c", "a0/x", "b/a"};

    (void)state;
    artifact_seal(&artifact, &arena);
    for (size_t i = 0; i < ARRAY_COUNT(ORDER); i++) {
        assert_str(
            str_format(&arena, "%.*s/%.*s", STR_ARG(entries[i].output), STR_ARG(entries[i].path)),
            ORDER[i]);
    }
}

static void the_content_is_the_digest_of_one_line_an_entry(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct entry entries[] = {linked("lib", "x.so", "x.so.1"), folder("lib", "empty"),
                              file("bin", "tool")};
    struct artifact artifact = {.entries = entries, .count = ARRAY_COUNT(entries)};
    struct str lines = STR("bin/tool\0"
                           "0755\0"
                           "4\0" HEX "\n"
                           "lib/empty\0"
                           "dir\0"
                           "0\0\n"
                           "lib/x.so\0"
                           "link\0"
                           "0\0"
                           "x.so.1\n");

    (void)state;
    entries[2].mode = 0755;
    artifact_seal(&artifact, &arena);
    struct str hex = str_slice(sha256_hex(&arena, lines), 0, 16);
    assert_int_equal(artifact.content.n, ARTIFACT_CONTENT_HEX);
    assert_true(str_equal(artifact.content, hex));
}

static void the_content_differs_when_anything_of_an_entry_does(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct entry entries[] = {file("a", "b"),   file("a", "b"),        file("a", "b"),
                              file("a", "b"),   linked("a", "b", "c"), linked("a", "b", "d"),
                              folder("a", "b"), file("a", "c"),        file("ab", "c")};
    struct str contents[ARRAY_COUNT(entries)];

    (void)state;
    entries[1].mode = 0755;
    entries[2].size_bytes = 5;
    entries[3].sha256 = STR("0f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08");
    for (size_t i = 0; i < ARRAY_COUNT(entries); i++) {
        struct artifact artifact = {.entries = &entries[i], .count = 1};
        artifact_seal(&artifact, &arena);
        contents[i] = artifact.content;
        for (size_t j = 0; j < i; j++) {
            assert_false(str_equal(contents[i], contents[j]));
        }
    }
}

static void nothing_at_all_has_a_content_too(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct artifact artifact = {0};
    struct error err = {0};

    (void)state;
    artifact_seal(&artifact, &arena);
    assert_str(artifact.content, "e3b0c44298fc1c14");
    assert_int_equal(artifact_check_names(&artifact, &arena, &err), 0);
}

static void a_link_stays_inside_or_leaves(void **state)
{
    (void)state;
    assert_true(artifact_link_stays_inside(STR("a/b"), STR("c")));
    assert_true(artifact_link_stays_inside(STR("a/b"), STR("../c/d")));
    assert_true(artifact_link_stays_inside(STR("a/b"), STR("./../c")));
    assert_true(artifact_link_stays_inside(STR("a/b/c"), STR("../..")));
    assert_false(artifact_link_stays_inside(STR("a/b"), STR("../..")));
    assert_false(artifact_link_stays_inside(STR("a"), STR("..")));
    assert_false(artifact_link_stays_inside(STR("a"), STR("/etc/passwd")));
    assert_false(artifact_link_stays_inside(STR("a"), STR("")));
    /* "b" could be a link to a folder higher up. */
    assert_false(artifact_link_stays_inside(STR("x/a"), STR("b/../e")));
}

static void good_names_are_taken(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct entry entries[] = {file("a", "b/c"),   file("a", "b-c"), folder("a", "d"),
                              file("a", "B/c"),   file("x", "b"),   linked("a", "b/l", "../d"),
                              file("a", "d/late")};
    struct artifact artifact = {.entries = entries, .count = ARRAY_COUNT(entries)};
    struct error err = {0};

    (void)state;
    assert_int_equal(artifact_check_names(&artifact, &arena, &err), 0);
}

static void bad_names_are_refused_as_damage(void **state)
{
    static const struct {
        struct entry entries[2];
        const char *message;
    } CASES[] = {
        {{{.output = {"A", 1}, .path = {"x", 1}}}, "'A' is not the name of an output"},
        {{{.output = {"a", 1}, .path = {"../x", 4}}}, "path 'a/../x' has a '..' segment"},
        {{{.output = {"a", 1}, .path = {"/x", 2}}}, "path 'a//x' is absolute"},
        {{{.output = {"a", 1}, .path = {"x/.Git/hooks", 12}}},
         "path 'a/x/.Git/hooks' leads into '.git' or '.jobrun', where nothing may land"},
        {{{.output = {"a", 1}, .path = {".git", 4}}},
         "path 'a/.git' leads into '.git' or '.jobrun', where nothing may land"},
        {{{.output = {"a", 1}, .path = {"x/.jobrun/y", 11}}},
         "path 'a/x/.jobrun/y' leads into '.git' or '.jobrun', where nothing may land"},
        {{{.output = {"a", 1}, .path = {"x\n", 2}}}, "path 'a/x\\n' has a control character"},
        {{{.kind = ENTRY_LINK, .output = {"a", 1}, .path = {"x", 1}, .target = {"/etc", 4}}},
         "link 'a/x' cannot be used: its target leaves the output"},
        {{{.kind = ENTRY_LINK, .output = {"a", 1}, .path = {"x", 1}, .target = {"b\n", 2}}},
         "link 'a/x' cannot be used: a backslash or control character is in its target"},
        {{{.output = {"a", 1}, .path = {"x/y", 3}}, {.output = {"a", 1}, .path = {"x", 1}}},
         "path 'a/x/y' lies below 'a/x', which is a file"},
        {{{.output = {"a", 1}, .path = {"x", 1}}, {.output = {"a", 1}, .path = {"x", 1}}},
         "two entries have the path 'a/x'"},
    };
    struct arena arena CLEANUP(arena_free) = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(CASES); i++) {
        struct entry entries[3] = {file("a", "w"), CASES[i].entries[0], CASES[i].entries[1]};
        struct artifact artifact = {.entries = entries, .count = entries[2].output.s ? 3 : 2};
        struct error err = {0};
        assert_int_equal(artifact_check_names(&artifact, &arena, &err), -1);
        assert_string_equal(err.message, CASES[i].message);
        assert_int_equal(err.kind, ERROR_DAMAGED);
    }
}

static void nothing_may_lie_below_a_link_even_with_names_between_them(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct entry entries[] = {file("a", "l/x"), file("a", "l-m"), file("a", "l.m"),
                              linked("a", "l", "k"), file("b", "l/x")};
    struct artifact artifact = {.entries = entries, .count = ARRAY_COUNT(entries)};
    struct error err = {0};

    (void)state;
    assert_int_equal(artifact_check_names(&artifact, &arena, &err), -1);
    assert_string_equal(err.message, "path 'a/l/x' lies below 'a/l', which is a link");
}

static void more_entries_than_the_limit_are_refused(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct artifact artifact = {.entries = NULL, .count = ARTIFACT_ENTRIES_MAX + 1};
    struct error err = {0};

    (void)state;
    assert_int_equal(artifact_check_names(&artifact, &arena, &err), -1);
    assert_int_equal(err.kind, ERROR_DAMAGED);
}

static void sizes_are_added_up_without_overflow(void **state)
{
    struct entry entries[] = {file("a", "x"), file("b", "y"), linked("a", "l", "x")};
    struct artifact artifact = {.entries = entries, .count = ARRAY_COUNT(entries)};

    (void)state;
    assert_int_equal(artifact_size_bytes(&artifact, (struct str){0}), 8);
    assert_int_equal(artifact_size_bytes(&artifact, STR("b")), 4);
    assert_int_equal(artifact_size_bytes(&artifact, STR("c")), 0);
    entries[0].size_bytes = UINT64_MAX - 1;
    assert_true(artifact_size_bytes(&artifact, (struct str){0}) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_sorted_by_output_and_path_as_one_text),
        cmocka_unit_test(the_content_is_the_digest_of_one_line_an_entry),
        cmocka_unit_test(the_content_differs_when_anything_of_an_entry_does),
        cmocka_unit_test(nothing_at_all_has_a_content_too),
        cmocka_unit_test(a_link_stays_inside_or_leaves),
        cmocka_unit_test(good_names_are_taken),
        cmocka_unit_test(bad_names_are_refused_as_damage),
        cmocka_unit_test(nothing_may_lie_below_a_link_even_with_names_between_them),
        cmocka_unit_test(more_entries_than_the_limit_are_refused),
        cmocka_unit_test(sizes_are_added_up_without_overflow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
