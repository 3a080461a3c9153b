#include "run_world.h"

#include "run/stdout_file.h"
#include "sys/fd.h"

static const struct job *job_of(struct run_world *world, const char *path)
{
    struct workspace *w = &world->w;
    w->catalog = catalog_make(&w->arena, &w->context);
    write_manifest(w, "a",
                   str_format(&w->arena, "job: a\nhelp: h\ncommand: [x]\nstdout: %s\n", path).s);
    return bind_good(w, "a", NULL);
}

static void the_file_is_made_with_its_folders_and_empty(void **state)
{
    struct run_world *world = *state;
    const struct job *job = job_of(world, "d/e/f");
    for (int i = 0; i < 2; i++) {
        int fd CLEANUP(fd_close) = -1;
        struct stat st;
        assert_int_equal(stdout_file_open(&world->w.arena, job, &fd, &world->err), 0);
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
    assert_int_equal(stdout_file_open(&world->w.arena, job_of(world, "d"), &fd, &world->err), -1);
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
