#include "test.h"

#include "manifest/manifest.h"

static void a_duration_is_a_number_and_a_unit(void **state)
{
    (void)state;
    int64_t ms = 0;

    assert_true(duration_parse(STR("90s"), &ms));
    assert_int_equal(ms, 90000);
    assert_true(duration_parse(STR("60m"), &ms));
    assert_int_equal(ms, 3600000);
    assert_true(duration_parse(STR("2h"), &ms));
    assert_int_equal(ms, 7200000);
    assert_true(duration_parse(STR("0s"), &ms));
    assert_int_equal(ms, 0);
}

static void a_duration_is_at_most_thirty_days(void **state)
{
    (void)state;
    int64_t ms = 0;

    assert_true(duration_parse(STR("720h"), &ms));
    assert_int_equal(ms, INT64_C(2592000000));
    assert_false(duration_parse(STR("721h"), &ms));
    assert_false(duration_parse(STR("2592001s"), &ms));
    assert_false(duration_parse(STR("9223372036854775807h"), &ms));
    assert_false(duration_parse(STR("99999999999999999999s"), &ms));
    assert_int_equal(ms, INT64_C(2592000000));
}

static void what_is_not_a_duration_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",      "s",   "60", "-1s", "1d",  "1.5h",
                                      "1h30m", "1 s", "1S", "s1",  "+1s", "0x1s"};
    int64_t ms = 7;

    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        assert_false(duration_parse(str_from(bad[i]), &ms));
    }
    assert_int_equal(ms, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_duration_is_a_number_and_a_unit),
        cmocka_unit_test(a_duration_is_at_most_thirty_days),
        cmocka_unit_test(what_is_not_a_duration_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
