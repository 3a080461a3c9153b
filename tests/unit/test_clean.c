#include "run_world.h"

#include "run/clean.h"

static const struct job *job_of(struct run_world *world, const char *clean)
{
    struct workspace *w = &world->w;
    w->catalog = catalog_make(&w->arena, &w->context);
    write_manifest(w, "a",
                   str_format(&w->arena, "job: a\nhelp: h\ncommand: [x]\nclean: %s\n", clean).s);
    return bind_good(w, "a", NULL);
}

/* What would go, by lines: the places, then the entries. */
static struct str found(struct run_world *world, const char *clean)
{
    struct cleaning cleaning;
    struct buf buf = buf_make(&world->w.arena, BUF_MAX_DEFAULT);
    world->w.diags = diags_make(&world->w.arena);
    assert_int_equal(clean_find(&world->w.arena, job_of(world, clean), NULL, 0, &cleaning,
                                &world->w.diags, &world->err),
                     0);
    for (size_t i = 0; i < cleaning.count; i++) {
        buf_addf(&buf, "%.*s\n", STR_ARG(cleaning.places[i].path));
    }
    for (size_t i = 0; i < cleaning.shown_count; i++) {
        buf_addf(&buf, "- %.*s\n", STR_ARG(cleaning.shown[i]));
    }
    return buf_str(&buf);
}

static void a_place_in_another_one_is_not_counted_twice(void **state)
{
    struct run_world *world = *state;
    run_write(world, "d/a", "1");
    run_write(world, "d-e", "1");
    run_write(world, "d/s/b", "1");
    run_mkdir(world, "d/empty");
    assert_str(found(world, "[d/s, \"d/**\", d, \"d*\", none]"),
               "d\nd-e\n- d/a\n- d/empty/\n- d/s/b\n- d-e\n");
    assert_int_equal(world->w.diags.count, 0);
}

static void jobruns_own_files_are_passed_by_and_not_taken_along(void **state)
{
    struct run_world *world = *state;
    run_write(world, ".jobrun/logs/a.o", "1");
    run_write(world, "b.o", "1");
    assert_str(found(world, "[\"**/*.o\"]"), "b.o\n- b.o\n");
    run_write(world, "d/.jobrun/x", "1");
    found(world, "[d]");
    assert_int_equal(world->w.diags.error_count, 1);
    assert_int_equal(world->w.diags.items[0]->status, STATUS_NOT_ALLOWED);
}

static void what_is_gone_when_it_is_to_be_removed_is_no_error(void **state)
{
    struct run_world *world = *state;
    run_write(world, "d/a", "1");
    run_write(world, "e", "1");
    const struct job *job = job_of(world, "[d, e]");
    struct cleaning cleaning;
    assert_int_equal(
        clean_find(&world->w.arena, job, NULL, 0, &cleaning, &world->w.diags, &world->err), 0);
    assert_int_equal(cleaning.file_count, 2);
    run_remove(world, "e");
    assert_int_equal(clean_remove(&world->w.arena, job, &cleaning, &world->err), 0);
    struct stat st;
    assert_int_equal(fs_stat_beneath(world->w.context.root_fd, "d", &st, &world->err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_place_in_another_one_is_not_counted_twice, run_setup,
                                        run_teardown),
        cmocka_unit_test_setup_teardown(jobruns_own_files_are_passed_by_and_not_taken_along,
                                        run_setup, run_teardown),
        cmocka_unit_test_setup_teardown(what_is_gone_when_it_is_to_be_removed_is_no_error,
                                        run_setup, run_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
