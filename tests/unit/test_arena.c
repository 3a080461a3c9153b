#include "test.h"

static jmp_buf exhausted;

static void on_exhausted(void)
{
    longjmp(exhausted, 1);
}

static void memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};

    for (size_t size = 0; size < 300; size++) {
        unsigned char *piece = arena_alloc(&arena, size);
        assert_non_null(piece);
        assert_int_equal((uintptr_t)piece % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++) {
            assert_int_equal(piece[i], 0);
        }
        memset(piece, 0xFF, size);
    }
    assert_int_equal(arena.total_bytes, 300 * 299 / 2);
}

static void pieces_do_not_overlap_across_blocks(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    unsigned char *pieces[400];
    size_t sizes[400];

    /* Small ones, and now and then one that needs a block of its own. */
    for (size_t i = 0; i < ARRAY_COUNT(pieces); i++) {
        sizes[i] = i % 50 == 7 ? 700000 : 1 + i * 13 % 5000;
        pieces[i] = arena_alloc(&arena, sizes[i]);
        memset(pieces[i], (int)(i % 251), sizes[i]);
    }
    for (size_t i = 0; i < ARRAY_COUNT(pieces); i++) {
        for (size_t k = 0; k < sizes[i]; k++) {
            if (pieces[i][k] != i % 251) {
                fail_msg("piece %zu was overwritten", i);
            }
        }
    }
}

static void a_copy_ends_in_nul(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};

    assert_string_equal(arena_copy(&arena, "text", 2), "te");
    assert_string_equal(arena_copy(&arena, NULL, 0), "");
}

static void an_array_grows_and_keeps_its_elements(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    int *numbers = NULL;
    size_t count = 0;
    size_t capacity = 0;

    for (int i = 0; i < 1000; i++) {
        *ARENA_PUSH(&arena, numbers, count, capacity) = i;
    }
    assert_int_equal(count, 1000);
    assert_true(capacity >= 1000 && capacity < 2048);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(numbers[i], i);
    }
}

static void an_arena_is_empty_after_free_and_can_be_used_again(void **state)
{
    (void)state;
    struct arena arena = {0};

    arena_alloc(&arena, 100000);
    arena_free(&arena);
    assert_null(arena.newest);
    assert_int_equal(arena.total_bytes, 0);
    assert_string_equal(arena_copy(&arena, "again", 5), "again");
    arena_free(&arena);
    arena_free(&arena);
}

static void expect_exhausted(size_t count, size_t size)
{
    struct arena arena CLEANUP(arena_free) = {0};
    volatile bool caught = false;

    memory_on_exhausted(on_exhausted);
    if (setjmp(exhausted) == 0) {
        arena_array(&arena, count, size);
    } else {
        caught = true;
    }
    memory_on_exhausted(NULL);
    assert_true(caught);
}

static void a_product_that_overflows_ends_in_memory_exhausted(void **state)
{
    (void)state;
    expect_exhausted(SIZE_MAX / 2, 4);
    expect_exhausted(SIZE_MAX / 4 + 2, 4); /* which wraps round to 4 */
    expect_exhausted(SIZE_MAX, 1);
    expect_exhausted(SIZE_MAX / 2 + 2, 1);
}

static void what_came_behind_a_mark_is_given_back(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_free) = {0};
    struct arena_mark empty = arena_mark(&arena);
    const char *kept = arena_copy(&arena, "kept", 4);

    for (size_t size = 1; size < 3000000; size = size * 3 + 1) {
        struct arena_mark mark = arena_mark(&arena);
        size_t total_bytes = arena.total_bytes;
        for (int i = 0; i < 5; i++) {
            memset(arena_alloc(&arena, size), 0xFF, size);
            memset(arena_alloc(&arena, 10), 0xFF, 10);
        }
        arena_rewind(&arena, mark);
        assert_int_equal(arena.total_bytes, total_bytes);
        const unsigned char *piece = arena_alloc(&arena, 100);
        for (size_t i = 0; i < 100; i++) {
            assert_int_equal(piece[i], 0);
        }
    }
    assert_string_equal(kept, "kept");
    arena_rewind(&arena, empty);
    assert_null(arena.newest);
    assert_int_equal(arena.total_bytes, 0);
}

static void secrets_are_overwritten(void **state)
{
    (void)state;
    char secret[] = "secret";

    memory_wipe(secret, sizeof secret);
    for (size_t i = 0; i < sizeof secret; i++) {
        assert_int_equal(secret[i], 0);
    }
    memory_wipe(NULL, 0);
}

static void a_wiped_arena_is_empty_and_can_be_used_again(void **state)
{
    (void)state;
    struct arena arena CLEANUP(arena_wipe) = {0};

    for (size_t size = 1; size < 3000000; size = size * 3 + 1) {
        memset(arena_alloc(&arena, size), 0xFF, size);
    }
    arena_wipe(&arena);
    assert_null(arena.newest);
    assert_int_equal(arena.total_bytes, 0);
    assert_string_equal(arena_copy(&arena, "again", 5), "again");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_and_aligned),
        cmocka_unit_test(pieces_do_not_overlap_across_blocks),
        cmocka_unit_test(a_copy_ends_in_nul),
        cmocka_unit_test(what_came_behind_a_mark_is_given_back),
        cmocka_unit_test(an_array_grows_and_keeps_its_elements),
        cmocka_unit_test(an_arena_is_empty_after_free_and_can_be_used_again),
        cmocka_unit_test(secrets_are_overwritten),
        cmocka_unit_test(a_wiped_arena_is_empty_and_can_be_used_again),
        cmocka_unit_test(a_product_that_overflows_ends_in_memory_exhausted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
