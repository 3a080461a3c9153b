#include "test.h"

#include "run/matcher.h"

#include <stdlib.h>

static struct arena arena;

static int forget(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

/* "end:text end:text ..." of what is found in the bytes. */
static const char *found_in(const struct matcher *matcher, const struct str *texts,
                            struct str bytes)
{
    struct buf buf = buf_make(&arena, BUF_MAX_DEFAULT);
    uint32_t state = 0;
    size_t at = 0;
    ptrdiff_t found;
    while ((found = matcher_next(matcher, &state, bytes, &at)) >= 0) {
        buf_addf(&buf, "%zu:%.*s ", at, STR_ARG(texts[found]));
    }
    assert_int_equal(at, bytes.n);
    return buf_str(&buf).s;
}

static void the_longest_that_ends_at_a_place_is_found(void **state)
{
    (void)state;
    static const struct str texts[] = {{"cdef", 4}, {"abcdef", 6}, {"abcd", 4}, {"cdef", 4}};
    const struct matcher *matcher = matcher_make(&arena, texts, ARRAY_COUNT(texts));
    assert_string_equal(found_in(matcher, texts, STR("xabcdefxcdef")), "5:abcd 7:abcdef 12:cdef ");
    assert_string_equal(found_in(matcher, texts, STR("abc")), "");
    assert_string_equal(found_in(matcher, texts, STR("")), "");
    assert_int_equal(matcher_longest(matcher), 6);
    assert_int_equal(matcher_length(matcher, 2), 4);
}

static void what_has_begun_is_known(void **state)
{
    (void)state;
    static const struct str texts[] = {{"secret", 6}, {"retired", 7}};
    const struct matcher *matcher = matcher_make(&arena, texts, ARRAY_COUNT(texts));
    uint32_t reading = 0;
    size_t at = 0;
    assert_int_equal(matcher_next(matcher, &reading, STR("a secre"), &at), -1);
    assert_int_equal(matcher_begun(matcher, reading), 5);
    at = 0;
    assert_int_equal(matcher_next(matcher, &reading, STR("tir"), &at), 0);
    assert_int_equal(at, 1);
    assert_int_equal(matcher_next(matcher, &reading, STR("tir"), &at), -1);
    assert_int_equal(matcher_begun(matcher, reading), 5);
    at = 0;
    assert_int_equal(matcher_next(matcher, &reading, STR("ed"), &at), 1);
}

/* Random texts over three letters in random bytes, against the plain way. */
static void it_finds_what_a_plain_search_finds(void **state)
{
    (void)state;
    srand(1);
    for (int round = 0; round < 2000; round++) {
        char bytes[300], letters[8][40];
        struct str texts[8];
        size_t count = 1 + (size_t)rand() % 8;
        for (size_t i = 0; i < sizeof bytes; i++) {
            bytes[i] = "abc"[rand() % 3];
        }
        for (size_t i = 0; i < count; i++) {
            texts[i] = (struct str){letters[i], 4 + (size_t)rand() % (round % 2 ? 5 : 36)};
            for (size_t j = 0; j < texts[i].n; j++) {
                letters[i][j] = "abc"[rand() % (round % 3 ? 2 : 3)];
            }
        }
        const struct matcher *matcher = matcher_make(&arena, texts, count);
        struct str all = {bytes, sizeof bytes};
        struct buf expected = buf_make(&arena, BUF_MAX_DEFAULT);
        for (size_t end = 1; end <= all.n; end++) {
            struct str longest = {0};
            for (size_t i = 0; i < count; i++) {
                if (str_ends(str_slice(all, 0, end), texts[i]) && texts[i].n > longest.n) {
                    longest = texts[i];
                }
            }
            if (longest.n > 0) {
                buf_addf(&expected, "%zu:%.*s ", end, STR_ARG(longest));
            }
        }
        assert_string_equal(found_in(matcher, texts, all), buf_str(&expected).s);
        arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_longest_that_ends_at_a_place_is_found, forget),
        cmocka_unit_test_teardown(what_has_begun_is_known, forget),
        cmocka_unit_test_teardown(it_finds_what_a_plain_search_finds, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
