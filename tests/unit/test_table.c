#include "test.h"

#include "base/table.h"

static void what_was_put_there_is_found_and_nothing_else(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct table table = table_make(&arena);
    int one = 1, two = 2;

    (void)state;
    assert_null(table_find(&table, STR("a")));
    assert_null(*table_at(&table, STR("a")));
    *table_at(&table, STR("a")) = &one;
    *table_at(&table, STR("")) = &two;
    assert_ptr_equal(*table_at(&table, STR("a")), &one);
    assert_ptr_equal(table_find(&table, STR("a")), &one);
    assert_ptr_equal(table_find(&table, (struct str){0}), &two);
    assert_null(table_find(&table, STR("ab")));
    assert_int_equal(table.count, 2);
}

static void it_grows_with_its_keys(void **state)
{
    struct arena arena CLEANUP(arena_free) = {0};
    struct table table = table_make(&arena);
    static int values[10000];

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
        *table_at(&table, str_format(&arena, "job-%zu", i)) = &values[i];
    }
    assert_int_equal(table.count, ARRAY_COUNT(values));
    for (size_t i = 0; i < ARRAY_COUNT(values); i++) {
        assert_ptr_equal(table_find(&table, str_format(&arena, "job-%zu", i)), &values[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_put_there_is_found_and_nothing_else),
        cmocka_unit_test(it_grows_with_its_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
