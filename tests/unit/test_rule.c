#include "base/arena.h"
#include "manifest/rule.h"
#include "test.h"

static void a_rule_is_found_by_its_id(void **state)
{
    (void)state;
    for (size_t i = 0; i < RULE_COUNT; i++) {
        assert_ptr_equal(rule_find(str_from(RULES[i].id)), &RULES[i]);
        assert_string_equal(rule_id((enum rule_number)i), RULES[i].id);
    }
    assert_null(rule_find(STR("")));
    assert_null(rule_find(STR("unknown")));
    assert_null(rule_find((struct str){0}));
}

static void a_row_is_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < RULE_COUNT; i++) {
        const struct rule *rule = &RULES[i];
        const char *const texts[] = {rule->explanation, rule->bad, rule->good};

        assert_true(rule->id[0] != '\0' && rule->group[0] != '\0' && rule->summary[0] != '\0');
        for (size_t j = 0; j < ARRAY_COUNT(texts); j++) {
            assert_true(str_ends(str_from(texts[j]), STR("\n")));
            assert_false(str_ends(str_from(texts[j]), STR("\n\n")));
        }
    }
}

static void the_severity_is_the_rules(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    struct diags diags = diags_make(&arena);
    struct diag *warning = rule_report(&diags, RULE_UNUSED, (struct span){0}, "%s '%d'", "x", 1);

    assert_int_equal(warning->severity, SEVERITY_WARNING);
    assert_int_equal(warning->status, STATUS_OK);
    assert_string_equal(warning->rule, "unused");
    assert_true(str_is(warning->message, "x '1'"));
    assert_int_equal(diags.error_count, 0);
    assert_int_equal(diags_status(&diags), STATUS_OK);

    struct diag *error = rule_report(&diags, RULE_TYPE, (struct span){0}, "y");
    assert_int_equal(error->severity, SEVERITY_ERROR);
    assert_int_equal(error->status, STATUS_MANIFEST);
    assert_int_equal(diags.error_count, 1);
    assert_int_equal(diags_status(&diags), STATUS_MANIFEST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_is_found_by_its_id),
        cmocka_unit_test(a_row_is_complete),
        cmocka_unit_test(the_severity_is_the_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
