/* Sums of what goes by, and of what is written in any order. */
#include "store_world.h"

#include "store/follower.h"
#include "store/sum.h"

#define SIZE ((size_t)3 << 20)

static int begin(void **state)
{
    *state = world_begin();
    return 0;
}

static int end(void **state)
{
    world_end(*state);
    return 0;
}

static char *make_bytes(struct world *world)
{
    char *bytes = arena_alloc(&world->arena, SIZE);
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (char)(i * 31 + (i >> 11));
    return bytes;
}

static struct transfer transfer_of(struct world *world, const char *bytes, size_t n)
{
    return (struct transfer){.size_bytes = n,
                             .sha256 = sha256_hex(&world->arena, (struct str){bytes, n}),
                             .crc32c = crc32c(0, bytes, n)};
}

static void bytes_that_come_again_are_summed_up_once(void **state)
{
    struct world *world = *state;
    const char *bytes = make_bytes(world);
    struct transfer transfer = transfer_of(world, bytes, 100);
    struct sum sum;
    sum_begin(&sum);
    sum_add(&sum, 0, bytes, 60);
    sum_add(&sum, 0, bytes, 20);
    sum_add(&sum, 40, bytes + 40, 60);
    assert_int_equal(sum.size_bytes, 100);
    assert_true(sum_is(&sum, &transfer));
    assert_true(sum_is(&sum, &transfer));
    transfer.crc32c ^= 1;
    assert_false(sum_is(&sum, &transfer));
}

static int open_file(struct world *world)
{
    mkdir(world_path(world, "files"), 0777);
    int fd = open(world_path(world, "files/a"), O_RDWR | O_CREAT, 0666);
    assert_true(fd >= 0);
    return fd;
}

static void a_file_is_followed_behind_its_first_gap(void **state)
{
    struct world *world = *state;
    const char *bytes = make_bytes(world);
    struct transfer transfer = transfer_of(world, bytes, SIZE);
    struct follower *follower = NULL;
    struct sum sum;
    int fd = open_file(world);
    size_t half = SIZE / 2;
    assert_works(follower_begin(&world->arena, fd, &follower, &world->err));
    assert_int_equal(pwrite(fd, bytes + half, SIZE - half, (off_t)half), SIZE - half);
    for (size_t at = 0; at < half; at += half / 16) {
        assert_int_equal(pwrite(fd, bytes + at, half / 16, (off_t)at), half / 16);
        follower_reach(follower, at + half / 16);
    }
    follower_reach(follower, SIZE);
    assert_works(follower_end(&follower, &sum, &world->err));
    assert_null(follower);
    assert_true(sum_is(&sum, &transfer));
    close(fd);
}

static void a_follower_that_nobody_needs_any_more_ends(void **state)
{
    struct world *world = *state;
    struct follower *follower = NULL;
    int fd = open_file(world);
    assert_works(follower_begin(&world->arena, fd, &follower, &world->err));
    follower_stop(&follower);
    assert_null(follower);
    follower_stop(&follower);
    close(fd);
}

static void a_file_that_became_shorter_is_an_error(void **state)
{
    struct world *world = *state;
    struct follower *follower = NULL;
    struct sum sum;
    int fd = open_file(world);
    assert_works(follower_begin(&world->arena, fd, &follower, &world->err));
    follower_reach(follower, 10);
    assert_fails(follower_end(&follower, &sum, &world->err), ERROR_FAILED, "became shorter");
    close(fd);
}

static void room_is_made_before_anything_is_written(void **state)
{
    struct world *world = *state;
    struct stat st;
    int fd = open_file(world);
    assert_works(fs_reserve(fd, 1 << 20, "it", &world->err));
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_size, 1 << 20);
    assert_works(fs_reserve(fd, 0, "it", &world->err));
    assert_fails(fs_reserve(fd, (uint64_t)1 << 62, "it", &world->err), ERROR_FAILED,
                 "cannot make room for it");
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(bytes_that_come_again_are_summed_up_once, begin, end),
        cmocka_unit_test_setup_teardown(a_file_is_followed_behind_its_first_gap, begin, end),
        cmocka_unit_test_setup_teardown(a_follower_that_nobody_needs_any_more_ends, begin, end),
        cmocka_unit_test_setup_teardown(a_file_that_became_shorter_is_an_error, begin, end),
        cmocka_unit_test_setup_teardown(room_is_made_before_anything_is_written, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
