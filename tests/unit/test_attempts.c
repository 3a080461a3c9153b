#include "test.h"

#include "store/attempts.h"

#define START_MS UINT64_C(1000000)

static struct attempt answered(int status, bool is_idempotent)
{
    return (struct attempt){.status = status, .retry_after_ms = -1, .is_idempotent = is_idempotent};
}

static struct attempt failed(enum attempt_failure failure, bool is_idempotent)
{
    return (struct attempt){
        .failure = failure, .retry_after_ms = -1, .is_idempotent = is_idempotent};
}

static enum attempt_verdict first_verdict(struct attempt attempt)
{
    struct attempts attempts = {0};
    attempts_begin(&attempts, START_MS);
    return attempts_judge(&attempts, &attempt, START_MS, ATTEMPTS_DEADLINE_MS, 0).verdict;
}

static void passing_statuses_are_sent_again_where_that_does_no_harm(void **state)
{
    (void)state;
    static const int passing[] = {408, 429, 500, 502, 503, 504};
    static const int staying[] = {200, 201, 204, 206, 301, 304, 308, 400, 401, 403,
                                  404, 409, 410, 412, 413, 416, 499, 501, 505, 511};
    for (size_t i = 0; i < ARRAY_COUNT(passing); i++) {
        assert_int_equal(first_verdict(answered(passing[i], true)), VERDICT_AGAIN);
        assert_int_equal(first_verdict(answered(passing[i], false)), VERDICT_DONE);
    }
    for (size_t i = 0; i < ARRAY_COUNT(staying); i++) {
        assert_int_equal(first_verdict(answered(staying[i], true)), VERDICT_DONE);
        assert_int_equal(first_verdict(answered(staying[i], false)), VERDICT_DONE);
    }
}

static void what_cannot_have_arrived_is_sent_again_in_any_case(void **state)
{
    (void)state;
    assert_int_equal(first_verdict(failed(ATTEMPT_NOT_SENT, true)), VERDICT_AGAIN);
    assert_int_equal(first_verdict(failed(ATTEMPT_NOT_SENT, false)), VERDICT_AGAIN);
    assert_int_equal(first_verdict(failed(ATTEMPT_LOST, true)), VERDICT_AGAIN);
    assert_int_equal(first_verdict(failed(ATTEMPT_LOST, false)), VERDICT_DONE);
}

static void certificates_and_local_failures_stay(void **state)
{
    (void)state;
    assert_int_equal(first_verdict(failed(ATTEMPT_TLS, true)), VERDICT_DONE);
    assert_int_equal(first_verdict(failed(ATTEMPT_LOCAL, true)), VERDICT_DONE);
}

static void a_401_is_answered_with_another_authorization_once(void **state)
{
    (void)state;
    struct attempts attempts = {0};
    struct attempt refused = answered(401, false);
    refused.can_renew = true;
    attempts_begin(&attempts, START_MS);
    assert_int_equal(attempts_judge(&attempts, &refused, START_MS, 1, UINT32_MAX).verdict,
                     VERDICT_RENEW);
    assert_int_equal(attempts_judge(&attempts, &refused, START_MS, 1, UINT32_MAX).verdict,
                     VERDICT_DONE);
    attempts_progress(&attempts, START_MS);
    assert_int_equal(attempts_judge(&attempts, &refused, START_MS, 1, UINT32_MAX).verdict,
                     VERDICT_RENEW);
    assert_int_equal(first_verdict(answered(401, true)), VERDICT_DONE);
}

static void waits_double_up_to_a_limit_and_are_random(void **state)
{
    (void)state;
    static const uint64_t most[] = {1000, 2000, 4000, 8000, 16000, 32000, 32000, 32000};
    struct attempt attempt = answered(503, true);
    struct attempts attempts = {0};
    attempts_begin(&attempts, START_MS);
    for (size_t i = 0; i < ARRAY_COUNT(most); i++) {
        uint32_t randoms[] = {0, UINT32_MAX / 2 + 1, UINT32_MAX};
        uint64_t expected[] = {0, most[i] / 2, most[i] - 1};
        for (size_t j = 0; j < ARRAY_COUNT(randoms); j++) {
            struct attempts copy = attempts;
            struct attempt_decision decision =
                attempts_judge(&copy, &attempt, START_MS, UINT64_MAX, randoms[j]);
            assert_int_equal(decision.verdict, VERDICT_AGAIN);
            assert_int_equal(decision.wait_ms, expected[j]);
        }
        (void)attempts_judge(&attempts, &attempt, START_MS, UINT64_MAX, 0);
        assert_int_equal(attempts.count, i + 1);
    }
}

static void retry_after_is_kept_where_it_is_longer(void **state)
{
    (void)state;
    static const struct {
        int64_t asked_ms;
        uint32_t random;
        uint64_t wait_ms;
    } rows[] = {{-1, 0, 0},
                {0, 0, 0},
                {5000, 0, 5000},
                {5000, UINT32_MAX, 5000},
                {500, UINT32_MAX, 999},
                {3600000, 0, 60000},
                {INT64_MAX, 0, 60000}};
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        struct attempts attempts = {0};
        struct attempt attempt = answered(429, true);
        attempt.retry_after_ms = rows[i].asked_ms;
        struct attempt_decision decision =
            attempts_judge(&attempts, &attempt, START_MS, ATTEMPTS_DEADLINE_MS, rows[i].random);
        assert_int_equal(decision.verdict, VERDICT_AGAIN);
        assert_int_equal(decision.wait_ms, rows[i].wait_ms);
    }
}

static void the_deadline_counts_from_the_first_failure(void **state)
{
    (void)state;
    struct attempts attempts = {0};
    struct attempt attempt = failed(ATTEMPT_LOST, true);
    attempts_begin(&attempts, START_MS);
    /* The request went on for ten minutes before it broke. */
    uint64_t broke_ms = START_MS + 600000;
    assert_int_equal(attempts_judge(&attempts, &attempt, broke_ms, 10000, 0).verdict,
                     VERDICT_AGAIN);
    assert_int_equal(attempts_judge(&attempts, &attempt, broke_ms + 9999, 10000, 0).verdict,
                     VERDICT_AGAIN);
    assert_int_equal(attempts_judge(&attempts, &attempt, broke_ms + 10000, 10000, 0).verdict,
                     VERDICT_DONE);
}

static void a_wait_beyond_the_deadline_is_not_begun(void **state)
{
    (void)state;
    struct attempts attempts = {0};
    struct attempt attempt = answered(503, true);
    attempt.retry_after_ms = 9999;
    assert_int_equal(attempts_judge(&attempts, &attempt, START_MS, 10000, 0).verdict,
                     VERDICT_AGAIN);
    attempts = (struct attempts){0};
    attempt.retry_after_ms = 10000;
    assert_int_equal(attempts_judge(&attempts, &attempt, START_MS, 10000, 0).verdict, VERDICT_DONE);
}

static void progress_begins_anew(void **state)
{
    (void)state;
    struct attempts attempts = {0};
    struct attempt attempt = answered(503, true);
    attempts_begin(&attempts, START_MS);
    for (unsigned i = 0; i < 5; i++) {
        (void)attempts_judge(&attempts, &attempt, START_MS, 10000, 0);
    }
    attempts_progress(&attempts, START_MS + 20000);
    struct attempt_decision decision =
        attempts_judge(&attempts, &attempt, START_MS + 30000, 10000, UINT32_MAX);
    assert_int_equal(decision.verdict, VERDICT_AGAIN);
    assert_int_equal(decision.wait_ms, 999);
    assert_int_equal(attempts.count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passing_statuses_are_sent_again_where_that_does_no_harm),
        cmocka_unit_test(what_cannot_have_arrived_is_sent_again_in_any_case),
        cmocka_unit_test(certificates_and_local_failures_stay),
        cmocka_unit_test(a_401_is_answered_with_another_authorization_once),
        cmocka_unit_test(waits_double_up_to_a_limit_and_are_random),
        cmocka_unit_test(retry_after_is_kept_where_it_is_longer),
        cmocka_unit_test(the_deadline_counts_from_the_first_failure),
        cmocka_unit_test(a_wait_beyond_the_deadline_is_not_begun),
        cmocka_unit_test(progress_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
