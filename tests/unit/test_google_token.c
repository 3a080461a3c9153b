#include "test.h"

#include "base/error.h"
#include "store/google_token.h"

#define NOW_MS INT64_C(5000)

static struct google_token token;
static struct error err;

static int begin(void **state)
{
    (void)state;
    err = (struct error){0};
    return 0;
}

static int end(void **state)
{
    (void)state;
    google_token_drop(&token);
    return 0;
}

static void a_token_ends_when_the_answer_says(void **state)
{
    (void)state;
    struct str body = STR("{\"access_token\": \"abc\", \"expires_in\": 301}");

    assert_int_equal(google_token_parse(&token, body, NOW_MS, &err), 0);
    assert_str(token.text, "abc");
    assert_int_equal(token.expires_ms, NOW_MS + 301000);
    assert_true(google_token_is_fresh(&token, NOW_MS, GOOGLE_TOKEN_MARGIN_MS));
    assert_false(google_token_is_fresh(&token, NOW_MS + 1000, GOOGLE_TOKEN_MARGIN_MS));
    assert_true(google_token_is_fresh(&token, NOW_MS + 1000, GOOGLE_TOKEN_MARGIN_METADATA_MS));
    assert_true(google_token_is_valid(&token, NOW_MS + 300999));
    assert_false(google_token_is_valid(&token, NOW_MS + 301000));
}

static void a_lifetime_may_be_a_text_and_very_long(void **state)
{
    (void)state;
    struct str text = STR("{\"access_token\": \"abc\", \"expires_in\": \"60\"}");
    struct str most = STR("{\"access_token\": \"abc\", \"expires_in\": 9223372036854775}");
    struct str more = STR("{\"access_token\": \"abc\", \"expires_in\": 9223372036854776}");

    assert_int_equal(google_token_parse(&token, text, NOW_MS, &err), 0);
    assert_int_equal(token.expires_ms, NOW_MS + 60000);
    assert_int_equal(google_token_parse(&token, most, NOW_MS, &err), 0);
    assert_int_equal(token.expires_ms, INT64_MAX);
    assert_int_equal(google_token_parse(&token, more, NOW_MS, &err), -1);
}

static void a_bad_answer_leaves_the_token_alone(void **state)
{
    (void)state;
    struct str good = STR("{\"access_token\": \"abc\", \"expires_in\": 60}");
    struct str bad = STR("{\"access_token\": \"d\\u0001\", \"expires_in\": 60}");

    assert_int_equal(google_token_parse(&token, good, NOW_MS, &err), 0);
    assert_int_equal(google_token_parse(&token, bad, NOW_MS, &err), -1);
    assert_int_equal(err.kind, ERROR_DAMAGED);
    assert_str(token.text, "abc");
}

static void the_end_of_an_impersonation_is_a_time_of_day(void **state)
{
    (void)state;
    struct str body =
        STR("{\"accessToken\": \"abc\", \"expireTime\": \"2026-01-31T23:59:59.25Z\"}");
    int64_t utc_ms = INT64_C(1769903999000) - 90000;

    assert_int_equal(google_token_parse_impersonated(&token, body, NOW_MS, utc_ms, &err), 0);
    assert_int_equal(token.expires_ms, NOW_MS + 90000);
    assert_int_equal(google_token_parse_impersonated(&token, body, NOW_MS, utc_ms + 90000, &err),
                     -1);
}

static void a_token_moves_with_its_memory(void **state)
{
    (void)state;
    struct google_token other = {0};

    assert_int_equal(google_token_set(&token, STR("old"), NOW_MS, 1000, &err), 0);
    assert_int_equal(google_token_set(&other, STR("new"), NOW_MS, 2000, &err), 0);
    google_token_move(&token, &other);
    assert_str(token.text, "new");
    assert_int_equal(token.expires_ms, NOW_MS + 2000);
    assert_null(other.text.s);
    assert_null(other.arena.newest);
    google_token_drop(&token);
    assert_false(google_token_is_valid(&token, NOW_MS));
}

static void the_longest_token_is_taken(void **state)
{
    (void)state;
    char text[GOOGLE_TOKEN_BYTES_MAX + 1];

    memset(text, 'x', sizeof text);
    assert_int_equal(
        google_token_set(&token, (struct str){text, GOOGLE_TOKEN_BYTES_MAX}, 0, 1, &err), 0);
    assert_int_equal(google_token_set(&token, (struct str){text, sizeof text}, 0, 1, &err), -1);
    assert_int_equal(err.kind, ERROR_LIMIT);
}

#define token_test(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        token_test(a_token_ends_when_the_answer_says),
        token_test(a_lifetime_may_be_a_text_and_very_long),
        token_test(a_bad_answer_leaves_the_token_alone),
        token_test(the_end_of_an_impersonation_is_a_time_of_day),
        token_test(a_token_moves_with_its_memory),
        token_test(the_longest_token_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
