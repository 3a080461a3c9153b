#include "test.h"

#include "manifest/manifest.h"

static void a_size_is_a_number_and_a_unit(void **state)
{
    (void)state;
    int64_t bytes = 0;

    assert_true(size_parse(STR("0B"), &bytes));
    assert_int_equal(bytes, 0);
    assert_true(size_parse(STR("3KiB"), &bytes));
    assert_int_equal(bytes, 3072);
    assert_true(size_parse(STR("20GiB"), &bytes));
    assert_int_equal(bytes, INT64_C(20) << 30);
    assert_true(size_parse(STR("8388607TiB"), &bytes));
    assert_int_equal(bytes, INT64_C(8388607) << 40);
}

static void what_is_not_a_size_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",       "B",     "10",    "10GB",  "10 GiB", "-1B",        "+1B",
        "1.5GiB", "10gib", "GiB10", "1KiBx", "0x1B",   "8388608TiB", "99999999999999999999B"};
    int64_t bytes = 7;

    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        assert_false(size_parse(str_from(bad[i]), &bytes));
    }
    assert_int_equal(bytes, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_size_is_a_number_and_a_unit),
        cmocka_unit_test(what_is_not_a_size_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
