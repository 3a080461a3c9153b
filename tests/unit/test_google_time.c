#include "test.h"

#include "store/google_time.h"

/* 2026-01-31T23:59:59Z */
#define MOMENT_MS INT64_C(1769903999000)

static void a_time_of_rfc_3339(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {
        "2026-01-31T23:59:59Z",      "2026-01-31T23:59:59.1Z",    "2026-01-31T23:59:59.123456789Z",
        "2026-02-01T00:59:59+01:00", "2026-01-31T18:29:59-05:30", "2026-01-31T23:59:59-00:00",
    };
    int64_t time_ms;

    for (size_t i = 0; i < ARRAY_COUNT(TEXTS); i++) {
        assert_true(google_time_parse(str_from(TEXTS[i]), &time_ms));
        assert_int_equal(time_ms, MOMENT_MS);
    }
}

/* What date(1) says of each. */
static void days_are_counted_over_leap_years(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t seconds;
    } CASES[] = {
        {"1970-01-01T00:00:00Z", 0},          {"2000-02-29T00:00:00Z", 951782400},
        {"2000-03-01T00:00:00Z", 951868800},  {"2024-02-29T12:00:00Z", 1709208000},
        {"2024-12-31T00:00:00Z", 1735603200}, {"2100-03-01T00:00:00Z", 4107542400},
    };
    int64_t time_ms;

    for (size_t i = 0; i < ARRAY_COUNT(CASES); i++) {
        assert_true(google_time_parse(str_from(CASES[i].text), &time_ms));
        assert_int_equal(time_ms, CASES[i].seconds * 1000);
    }
}

static void other_texts_are_no_time(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {
        "",
        "tomorrow",
        "2026-01-31",
        "2026-01-31T23:59:59",
        "2026-01-31 23:59:59Z",
        "2026-01-31T23:59:59.Z",
        "2026-01-31T23:59:59Zx",
        "2026-01-31T23:59:59+0100",
        "2026-13-31T23:59:59Z",
        "2026-00-31T23:59:59Z",
        "2026-01-32T23:59:59Z",
        "2026-01-31T24:59:59Z",
        "2026-01-31T23:60:59Z",
        "26-01-31T23:59:59Z",
        "2026-1-31T23:59:59Z",
    };
    int64_t time_ms;

    for (size_t i = 0; i < ARRAY_COUNT(TEXTS); i++) {
        if (google_time_parse(str_from(TEXTS[i]), &time_ms)) {
            fail_msg("'%s' was taken", TEXTS[i]);
        }
    }
}

static void the_date_of_an_answer(void **state)
{
    (void)state;
    static const char *const OTHERS[] = {
        "",
        "Sat, 31 Jan 2026 23:59:59",
        "Sat, 31 Jan 2026 23:59:59 GMTx",
        "Sat, 31 Foo 2026 23:59:59 GMT",
        "Saturday, 31-Jan-26 23:59:59 GMT",
        "Sat Jan 31 23:59:59 2026",
        "Sat, 31 Jan 2026 25:59:59 GMT",
    };
    int64_t time_ms;

    assert_true(google_time_parse_http(STR("Sat, 31 Jan 2026 23:59:59 GMT"), &time_ms));
    assert_int_equal(time_ms, MOMENT_MS);
    for (size_t i = 0; i < ARRAY_COUNT(OTHERS); i++) {
        if (google_time_parse_http(str_from(OTHERS[i]), &time_ms)) {
            fail_msg("'%s' was taken", OTHERS[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_of_rfc_3339),
        cmocka_unit_test(days_are_counted_over_leap_years),
        cmocka_unit_test(other_texts_are_no_time),
        cmocka_unit_test(the_date_of_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
