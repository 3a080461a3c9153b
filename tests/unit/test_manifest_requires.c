#include "manifest_lines.h"

#include "manifest/document.h"

static void requirements_are_read_by_kind(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    struct diags diags = diags_make(&arena);
    const struct manifest *m = manifest_parse(
        &arena,
        source_make(&arena, STR("t.yaml"),
                    STR("job: t\nhelp: h\ncommand: [x]\nrequires:\n"
                        "  platform: [linux-64, macos-arm64]\n  tools: [cargo, maturin]\n"
                        "  env: CI\n  clean-tree: true\n  lfs: [a/, b]\n  history: full\n"
                        "  disk: 20GiB\n")),
        STR("t"), NULL, &diags);
    static const enum requirement_kind kinds[] = {
        REQUIRE_PLATFORM, REQUIRE_TOOL, REQUIRE_TOOL,    REQUIRE_ENVIRONMENT, REQUIRE_CLEAN_TREE,
        REQUIRE_LFS,      REQUIRE_LFS,  REQUIRE_HISTORY, REQUIRE_DISK};
    static const size_t texts[] = {2, 1, 1, 1, 0, 1, 1, 0, 0};

    assert_str(lines_of(&arena, &diags), "");
    assert_int_equal(m->requirement_count, ARRAY_COUNT(kinds));
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
        assert_int_equal(m->requirements[i].kind, kinds[i]);
        assert_int_equal(m->requirements[i].text_count, texts[i]);
    }
    assert_str(m->requirements[2].texts[0]->node->text, "maturin");
    assert_int_equal(m->requirements[8].size_bytes, INT64_C(20) << 30);
}

static void a_requirement_that_is_broken_leaves_the_others(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    struct diags diags = diags_make(&arena);
    const struct manifest *m = manifest_parse(
        &arena,
        source_make(&arena, STR("t.yaml"),
                    STR("job: t\nhelp: h\ncommand: [x]\n"
                        "requires: {tools: [[a], b], history: some, clean-tree: false}\n")),
        STR("t"), NULL, &diags);

    assert_int_equal(diags.error_count, 2);
    assert_int_equal(m->requirement_count, 1);
    assert_str(m->requirements[0].texts[0]->node->text, "b");
}

static void texts_say_why_they_can_be_none(void **state)
{
    (void)state;
    assert_null(requirement_problem(REQUIRE_PLATFORM, STR("win-64")));
    assert_non_null(requirement_problem(REQUIRE_PLATFORM, STR("linux")));
    assert_null(requirement_problem(REQUIRE_TOOL, STR("g++")));
    assert_non_null(requirement_problem(REQUIRE_TOOL, STR("a/b")));
    assert_non_null(requirement_problem(REQUIRE_TOOL, STR("a\nb")));
    assert_non_null(requirement_problem(REQUIRE_ENVIRONMENT, STR("a b")));
    assert_null(requirement_problem(REQUIRE_LFS, STR("a b")));
}

static void what_a_param_may_bring_is_not_judged(void **state)
{
    (void)state;
    expect_lines("params: {p: {type: string, default: x}}\ncommand: [x]\n"
                 "requires: {platform: '${params.p}', tools: ['x${params.p}'], env: '${params.p}',"
                 " lfs: ['${params.p}/x']}\n",
                 "");
}

static void ci_is_read_as_it_is(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    struct diags diags = diags_make(&arena);
    const struct manifest *m =
        manifest_parse(&arena,
                       source_make(&arena, STR("t.yaml"),
                                   STR("job: t\nhelp: h\ncommand: [x]\n"
                                       "ci: {a: [1, {b: '${job.name}'}], c: {}, d: []}\n")),
                       STR("t"), NULL, &diags);

    assert_str(lines_of(&arena, &diags), "");
    assert_int_equal(m->ci->kind, CI_MAPPING);
    assert_int_equal(m->ci->count, 3);
    assert_str(m->ci->names[0], "a");
    assert_int_equal(m->ci->items[0].kind, CI_LIST);
    assert_int_equal(m->ci->items[0].items[0].kind, CI_TEXT);
    assert_int_equal(m->ci->items[0].items[1].kind, CI_MAPPING);
    assert_int_equal(m->ci->items[1].count, 0);
    assert_int_equal(m->ci->items[2].kind, CI_LIST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requirements_are_read_by_kind),
        cmocka_unit_test(a_requirement_that_is_broken_leaves_the_others),
        cmocka_unit_test(texts_say_why_they_can_be_none),
        cmocka_unit_test(what_a_param_may_bring_is_not_judged),
        cmocka_unit_test(ci_is_read_as_it_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
