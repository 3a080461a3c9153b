#include "test.h"

#include "sys/host.h"

#include <unistd.h>

static struct arena arena;

static int free_arena(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void times_are_written_in_utc(void **state)
{
    (void)state;
    assert_str(host_format_time(&arena, 0), "1970-01-01T00:00:00Z");
    assert_str(host_format_time(&arena, INT64_C(1769903999999)), "2026-01-31T23:59:59Z");
    assert_str(host_format_time_compact(&arena, INT64_C(1769903999000)), "20260131T235959Z");
}

static void times_after_2038_and_2100_are_right(void **state)
{
    (void)state;
    assert_str(host_format_time(&arena, INT64_C(2147483648000)), "2038-01-19T03:14:08Z");
    /* 2100 is no leap year, 2400 is one. */
    assert_str(host_format_time(&arena, INT64_C(4107542400000)), "2100-03-01T00:00:00Z");
    assert_str(host_format_time(&arena, INT64_C(13574563200000)), "2400-02-29T00:00:00Z");
    assert_str(host_format_time_compact(&arena, INT64_C(4107542399000)), "21000228T235959Z");
}

static void times_out_of_range_become_the_nearest(void **state)
{
    (void)state;
    assert_str(host_format_time(&arena, INT64_MAX), "9999-12-31T23:59:59Z");
    assert_str(host_format_time(&arena, INT64_C(253402300800000)), "9999-12-31T23:59:59Z");
    assert_str(host_format_time(&arena, INT64_MIN), "1970-01-01T00:00:00Z");
    assert_str(host_format_time(&arena, -1), "1970-01-01T00:00:00Z");
}

static void the_clocks_go_forward(void **state)
{
    (void)state;
    int64_t before = host_monotonic_ms();
    usleep(5000);
    int64_t passed = host_monotonic_ms() - before;
    assert_true(passed >= 4 && passed < 60000);
    assert_true(host_now_ms() > INT64_C(1700000000000));
}

static void the_machine_has_a_name_a_user_and_processors(void **state)
{
    (void)state;
    char name[256] = {0};
    gethostname(name, sizeof name - 1);
    assert_str(host_name(&arena), name);
    assert_true(host_user(&arena).n > 0);
    assert_true(host_cpu_count() >= 1);
    struct str platform = host_platform();
    assert_true(platform.n == 0 || str_index(platform, '-') < platform.n);
}

static void random_ids_differ_and_are_hexadecimal(void **state)
{
    (void)state;
    struct str a = host_random_id(&arena);
    struct str b = host_random_id(&arena);
    assert_int_equal(a.n, 32);
    assert_false(str_equal(a, b));
    for (size_t i = 0; i < a.n; i++) {
        assert_non_null(strchr("0123456789abcdef", a.s[i]));
    }
}

static void more_random_bytes_than_one_call_gives_are_all_set(void **state)
{
    (void)state;
    unsigned char bytes[1024] = {0};
    size_t zeros = 0;
    host_random(bytes, sizeof bytes - 1);
    for (size_t i = 0; i < sizeof bytes - 1; i++) {
        zeros += bytes[i] == 0;
    }
    assert_true(zeros < 100);
    assert_int_equal(bytes[sizeof bytes - 1], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_written_in_utc),
        cmocka_unit_test(times_after_2038_and_2100_are_right),
        cmocka_unit_test(times_out_of_range_become_the_nearest),
        cmocka_unit_test(the_clocks_go_forward),
        cmocka_unit_test(the_machine_has_a_name_a_user_and_processors),
        cmocka_unit_test(random_ids_differ_and_are_hexadecimal),
        cmocka_unit_test(more_random_bytes_than_one_call_gives_are_all_set),
    };
    return cmocka_run_group_tests_name("host", tests, NULL, free_arena);
}
