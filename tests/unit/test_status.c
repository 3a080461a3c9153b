#include "test.h"

#include "base/status.h"

#include <signal.h>

static void the_first_of_the_order_wins(void **state)
{
    (void)state;
    static const int order[] = {2, 120, 121, 122, 123, 118, 124, 125, 126, 127, 130, 0};

    for (size_t i = 0; i < ARRAY_COUNT(order); i++) {
        for (size_t k = i; k < ARRAY_COUNT(order); k++) {
            enum status a = (enum status)order[i];
            enum status b = (enum status)order[k];
            assert_int_equal(status_worse(a, b), a);
            assert_int_equal(status_worse(b, a), a);
        }
    }
}

static void the_table_is_in_order_and_ends(void **state)
{
    (void)state;
    size_t rows = 0;

    for (; STATUS_TABLE[rows].meaning; rows++) {
        assert_true(rows == 0 || STATUS_TABLE[rows].status > STATUS_TABLE[rows - 1].status);
    }
    assert_int_equal(rows, 12);
}

static void each_kind_of_error_has_a_status(void **state)
{
    (void)state;
    static const int expected[] = {
        [ERROR_NONE] = 0,       [ERROR_FAILED] = 125,      [ERROR_USAGE] = 2,
        [ERROR_MANIFEST] = 120, [ERROR_NOT_ALLOWED] = 121, [ERROR_NOT_FOUND] = 122,
        [ERROR_CONFLICT] = 123, [ERROR_DAMAGED] = 123,     [ERROR_UNREACHABLE] = 123,
        [ERROR_LIMIT] = 123,    [ERROR_OUTPUTS] = 118,     [ERROR_INTERRUPTED] = 130,
        [ERROR_INTERNAL] = 125,
    };
    for (size_t kind = 0; kind < ARRAY_COUNT(expected); kind++) {
        struct error err = {.kind = (enum error_kind)kind};
        assert_int_equal(status_of_error(&err), expected[kind]);
    }
}

static void an_interruption_has_the_status_of_its_signal(void **state)
{
    (void)state;
    struct error err = {.kind = ERROR_INTERRUPTED, .signal_number = SIGTERM};
    assert_int_equal(status_of_error(&err), 128 + SIGTERM);
    error_set(&err, ERROR_INTERRUPTED, "another");
    assert_int_equal(status_of_error(&err), 128 + SIGINT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_of_the_order_wins),
        cmocka_unit_test(the_table_is_in_order_and_ends),
        cmocka_unit_test(each_kind_of_error_has_a_status),
        cmocka_unit_test(an_interruption_has_the_status_of_its_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
