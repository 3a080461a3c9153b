#include "test.h"

#include "base/error.h"
#include "run/mask.h"
#include "run/matcher.h"

#include <stdlib.h>

static struct arena arena;
static struct error err;
static struct buf shown;

static int forget(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static int show(void *context, struct str bytes, struct error *problem)
{
    (void)context;
    (void)problem;
    assert_true(bytes.n > 0);
    buf_add(&shown, bytes);
    return 0;
}

static const struct mask *mask_of(const char *a, const char *b)
{
    const struct str values[] = {str_from(a), str_from(b)};
    return mask_make(&arena, values, b != NULL ? 2 : 1, true);
}

static void begin(struct mask_stream *stream, const struct mask *mask)
{
    shown = buf_make(&arena, BUF_MAX_DEFAULT);
    mask_begin(stream, &arena, mask, show, NULL);
}

static void add(struct mask_stream *stream, struct str bytes)
{
    assert_int_equal(mask_add(stream, bytes, &err), 0);
}

/* What is shown of two chunks and their end. */
static struct str shown_of(const struct mask *mask, const char *first, const char *second)
{
    struct mask_stream stream;
    begin(&stream, mask);
    add(&stream, str_from(first));
    add(&stream, str_from(second));
    assert_int_equal(mask_end(&stream, &err), 0);
    return buf_str(&shown);
}

static void a_value_becomes_stars(void **state)
{
    (void)state;
    const struct mask *mask = mask_of("hunter2", NULL);
    assert_str(shown_of(mask, "is hunter2, yes\n", ""), "is ***, yes\n");
    assert_str(shown_of(mask, "hunter2", ""), "***");
    assert_str(shown_of(mask, "is hun", "ter2!"), "is ***!");
    assert_str(shown_of(mask, "hunter hunter", "hunter"), "hunter hunterhunter");
    assert_null(mask_make(&arena, NULL, 0, true));
}

static void what_cannot_be_one_is_shown_at_once(void **state)
{
    (void)state;
    struct mask_stream stream;
    begin(&stream, mask_of("hunter2", NULL));
    add(&stream, STR("password? hu"));
    assert_str(buf_str(&shown), "password? ");
    add(&stream, STR("nte"));
    assert_str(buf_str(&shown), "password? ");
    add(&stream, STR("x"));
    assert_str(buf_str(&shown), "password? huntex");
    add(&stream, STR("hunter2"));
    assert_str(buf_str(&shown), "password? huntex***");
    add(&stream, STR("hunt"));
    assert_str(buf_str(&shown), "password? huntex***");
    assert_int_equal(mask_end(&stream, &err), 0);
    assert_str(buf_str(&shown), "password? huntex***hunt");
}

static void values_that_overlap_or_touch_are_one(void **state)
{
    (void)state;
    assert_str(shown_of(mask_of("abcdef", "defghi"), "-abcdefghi-", ""), "-***-");
    assert_str(shown_of(mask_of("abcd", "abcdefgh"), "-abcdefgh-abcdefx-", ""), "-***-***efx-");
    assert_str(shown_of(mask_of("abcd", "abcdefgh"), "-abcd", "efgh-"), "-***-");
    assert_str(shown_of(mask_of("abcd", "abcdefgh"), "-abcd", "efx-"), "-***efx-");
    assert_str(shown_of(mask_of("cdef", "abcdefgh"), "-abcdefgh-abcdefg-", ""), "-***-ab***g-");
    assert_str(shown_of(mask_of("abcd", "efgh"), "abcdefghabcd", "abcd."), "***.");
}

static void a_nul_is_a_byte_like_others(void **state)
{
    (void)state;
    struct mask_stream stream;
    begin(&stream, mask_of("hunter2", NULL));
    add(&stream, STR("\0hunter2\0\0hun\0"));
    assert_true(str_equal(buf_str(&shown), STR("\0***\0\0hun\0")));
}

static void a_stream_begins_anew_after_its_end(void **state)
{
    (void)state;
    struct mask_stream stream;
    begin(&stream, mask_of("hunter2", NULL));
    add(&stream, STR("hunt"));
    assert_int_equal(mask_end(&stream, &err), 0);
    add(&stream, STR("er2 hunter2"));
    assert_int_equal(mask_end(&stream, &err), 0);
    add(&stream, STR("hunter2"));
    assert_str(buf_str(&shown), "hunter2 ******");
}

static int refuse(void *context, struct str bytes, struct error *problem)
{
    (void)context;
    (void)bytes;
    return error_set(problem, ERROR_FAILED, "no");
}

static void a_failure_to_show_is_handed_back(void **state)
{
    (void)state;
    struct mask_stream stream;
    mask_begin(&stream, &arena, mask_of("hunter2", NULL), refuse, NULL);
    assert_int_equal(mask_add(&stream, STR("hun"), &err), 0);
    assert_int_equal(mask_end(&stream, &err), -1);
}

static void long_lines_and_chunks_are_no_limit(void **state)
{
    (void)state;
    struct mask_stream stream;
    struct buf line = buf_make(&arena, BUF_MAX_DEFAULT);
    struct buf expected = buf_make(&arena, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < 1500; i++) {
        buf_add_repeat(&line, 'h', 700 + i % 7);
        buf_add(&line, STR("hunter2"));
        buf_add_repeat(&expected, 'h', 700 + i % 7);
        buf_add(&expected, STR("***"));
    }
    begin(&stream, mask_of("hunter2", NULL));
    add(&stream, buf_str(&line));
    assert_true(str_equal(buf_str(&shown), buf_str(&expected)));
}

/* --- against the plain way --- */

struct sample {
    struct str values[6];
    size_t count;
    char letters[6][24];
    char bytes[200];
    bool masked[200];
};

static struct sample sample_make(int round)
{
    struct sample sample = {.count = 1 + (size_t)rand() % 6};
    const char *alphabet = round % 3 ? "ab\0" : "abcdefgh";
    int letters = round % 3 ? 3 : 8;
    for (size_t i = 0; i < sample.count; i++) {
        size_t n = MATCHER_TEXT_BYTES_MIN + (size_t)rand() % 20;
        for (size_t j = 0; j < n; j++) {
            sample.letters[i][j] = alphabet[rand() % letters];
        }
    }
    for (size_t i = 0; i < sizeof sample.bytes; i++) {
        sample.bytes[i] = alphabet[rand() % letters];
    }
    return sample;
}

static void find_plainly(struct sample *sample)
{
    struct str all = {sample->bytes, sizeof sample->bytes};
    for (size_t i = 0; i < sample->count; i++) {
        for (size_t at = 0; at + sample->values[i].n <= all.n; at++) {
            if (str_starts(str_after(all, at), sample->values[i])) {
                memset(sample->masked + at, true, sample->values[i].n);
            }
        }
    }
}

static struct str mask_plainly(const struct sample *sample, size_t n)
{
    struct buf buf = buf_make(&arena, BUF_MAX_DEFAULT);
    for (size_t i = 0; i < n; i++) {
        if (!sample->masked[i]) {
            buf_add_char(&buf, sample->bytes[i]);
        } else if (i == 0 || !sample->masked[i - 1]) {
            buf_add(&buf, STR("***"));
        }
    }
    return buf_str(&buf);
}

/* How many of the first n bytes are not the beginning of a value that goes on. */
static size_t decided_plainly(const struct sample *sample, size_t n)
{
    for (size_t from = 0; from < n; from++) {
        struct str tail = {sample->bytes + from, n - from};
        for (size_t i = 0; i < sample->count; i++) {
            if (str_starts(sample->values[i], tail)) {
                return from;
            }
        }
    }
    return n;
}

/* Long values, so that some do occur: parts of the bytes themselves. */
static void plant(struct sample *sample)
{
    for (size_t i = 0; i < sample->count; i++) {
        size_t n = MATCHER_TEXT_BYTES_MIN + (size_t)rand() % 20;
        size_t from = (size_t)rand() % (sizeof sample->bytes - n);
        if (rand() % 2) {
            memcpy(sample->letters[i], sample->bytes + from, n);
        }
        sample->values[i] = (struct str){sample->letters[i], n};
    }
}

static void every_chunking_shows_what_the_plain_way_shows(void **state)
{
    (void)state;
    srand(1);
    for (int round = 0; round < 3000; round++) {
        struct sample sample = sample_make(round);
        struct mask_stream stream;
        plant(&sample);
        find_plainly(&sample);
        begin(&stream, mask_make(&arena, sample.values, sample.count, true));
        for (size_t at = 0; at < sizeof sample.bytes;) {
            size_t n = 1 + (size_t)rand() % (round % 2 ? 5 : 60);
            struct str chunk = str_slice((struct str){sample.bytes, sizeof sample.bytes}, at, n);
            add(&stream, chunk);
            at += chunk.n;
            struct str least = mask_plainly(&sample, decided_plainly(&sample, at));
            assert_true(str_starts(buf_str(&shown), least));
            assert_true(shown.n <= least.n + strlen("***"));
        }
        assert_int_equal(mask_end(&stream, &err), 0);
        assert_true(str_equal(buf_str(&shown), mask_plainly(&sample, sizeof sample.bytes)));
        arena_free(&arena);
    }
}

/* --- texts --- */

static void a_text_is_masked_as_a_whole(void **state)
{
    (void)state;
    const struct mask *mask = mask_of("hunter2", NULL);
    assert_str(mask_text(mask, &arena, STR("x=hunter2; y=hunter2")), "x=***; y=***");
    assert_str(mask_text(mask, &arena, STR("hunte")), "hunte");
    assert_str(mask_text(mask, &arena, STR("")), "");
    assert_str(mask_text(NULL, &arena, STR("hunter2")), "hunter2");
}

static void where_a_text_is_cut_a_beginning_is_masked(void **state)
{
    (void)state;
    const struct mask *mask = mask_of("correct-horse-battery", "abc...def");
    assert_str(mask_text(mask, &arena, STR("is 'correct-horse-...'")), "is '***...'");
    assert_str(mask_text(mask, &arena, STR("correct...")), "correct...");
    assert_str(mask_text(mask, &arena, STR("correct-horse- ... or")), "correct-horse- ... or");
    assert_str(mask_text(mask, &arena, STR("abc...def...")), "***...");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_value_becomes_stars, forget),
        cmocka_unit_test_teardown(what_cannot_be_one_is_shown_at_once, forget),
        cmocka_unit_test_teardown(values_that_overlap_or_touch_are_one, forget),
        cmocka_unit_test_teardown(a_nul_is_a_byte_like_others, forget),
        cmocka_unit_test_teardown(a_stream_begins_anew_after_its_end, forget),
        cmocka_unit_test_teardown(a_failure_to_show_is_handed_back, forget),
        cmocka_unit_test_teardown(long_lines_and_chunks_are_no_limit, forget),
        cmocka_unit_test_teardown(every_chunking_shows_what_the_plain_way_shows, forget),
        cmocka_unit_test_teardown(a_text_is_masked_as_a_whole, forget),
        cmocka_unit_test_teardown(where_a_text_is_cut_a_beginning_is_masked, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
