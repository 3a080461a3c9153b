#include "run_world.h"

#include "run/stdout_file.h"
#include "sys/fd.h"

static int open_file(struct run_world *world, const char *path, int *fd)
{
    return stdout_file_open(&world->w.arena, world->w.context.root_fd, str_from(path), fd,
                            &world->err);
}

static void the_file_is_made_with_its_folders_and_empty(void **state)
{
    struct run_world *world = *state;
    for (int i = 0; i < 2; i++) {
        int fd CLEANUP(fd_close) = -1;
        struct stat st;
        assert_int_equal(open_file(world, "d/e/f", &fd), 0);
        assert_int_equal(fstat(fd, &st), 0);
        assert_int_equal(st.st_size, 0);
        assert_int_equal(fd_write_all(fd, "x", 1, "f", &world->err), 0);
    }
}

static void a_folder_in_its_place_stays(void **state)
{
    struct run_world *world = *state;
    run_write(world, "d/a", "1");
    int fd CLEANUP(fd_close) = -1;
    assert_int_equal(open_file(world, "d", &fd), -1);
    assert_non_null(strstr(world->err.message, "it is a folder"));
    struct stat st;
    assert_int_equal(fs_stat_beneath(world->w.context.root_fd, "d/a", &st, &world->err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_file_is_made_with_its_folders_and_empty, run_setup,
                                        run_teardown),
        cmocka_unit_test_setup_teardown(a_folder_in_its_place_stays, run_setup, run_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
