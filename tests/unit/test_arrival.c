#include "run_world.h"

#include "base/digest.h"
#include "base/path.h"
#include "run/arrival.h"

static struct entry file_entry = {.kind = ENTRY_FILE, .output = {"out", 3}, .path = {"x", 1}};

/* An arrival whose temporary file is there. */
static struct arrival arrive(struct run_world *world, const char *destination, const char *text)
{
    struct arena *arena = &world->w.arena;
    struct landing *landing = arena_alloc(arena, sizeof *landing);
    struct str folder = path_folder(str_from(destination));
    struct str digits = str_slice(sha256_hex(arena, str_from(destination)), 0, 16);
    struct str temp =
        str_format(arena, "%.*s/%shost-1-%.*s", STR_ARG(folder), FS_TEMP_PREFIX, STR_ARG(digits));
    *landing = (struct landing){.entry = &file_entry, .destination = str_from(destination)};
    run_write(world, temp.s, text);
    return (struct arrival){.landing = landing, .temp = temp};
}

static int place(struct run_world *world, struct arrival *arrivals, size_t count)
{
    return arrivals_place(&world->w.arena, world->w.context.root_fd, arrivals, count, &world->err);
}

static void what_arrived_replaces_what_was_there(void **state)
{
    struct run_world *world = *state;
    run_write(world, "in/a", "old");
    assert_int_equal(symlink("a", run_path(world, "in/b")), 0);
    struct arrival arrivals[] = {arrive(world, "in/a", "new"), arrive(world, "in/b", "second"),
                                 arrive(world, "in/c", "third"),
                                 arrive(world, "other/d", "fourth")};
    assert_ok(place(world, arrivals, ARRAY_COUNT(arrivals)));
    assert_file(world, "in/a", "new");
    assert_file(world, "in/b", "second");
    assert_file(world, "in/c", "third");
    assert_file(world, "other/d", "fourth");
    assert_no_temporary_files(world);
}

/* The last one has no temporary file any more, so its rename fails. */
static void when_a_rename_fails_those_before_it_are_undone(void **state)
{
    struct run_world *world = *state;
    char target[16] = "";
    run_write(world, "in/a", "old");
    assert_int_equal(symlink("a", run_path(world, "in/b")), 0);
    run_write(world, "other/e", "kept");
    struct arrival arrivals[] = {arrive(world, "in/a", "new"), arrive(world, "in/b", "second"),
                                 arrive(world, "in/c", "third"), arrive(world, "other/d", "fourth"),
                                 arrive(world, "other/e", "lost")};
    run_remove(world, arrivals[4].temp.s);
    assert_error(place(world, arrivals, ARRAY_COUNT(arrivals)), ERROR_NOT_FOUND,
                 "cannot put 'other/e' into place");
    assert_string_equal(world->err.help, "");
    assert_file(world, "in/a", "old");
    assert_int_equal(readlink(run_path(world, "in/b"), target, sizeof target - 1), 1);
    assert_string_equal(target, "a");
    assert_nothing_at(world, "in/c");
    assert_nothing_at(world, "other/d");
    assert_file(world, "other/e", "kept");
    assert_no_temporary_files(world);
}

static void every_place_is_looked_at_before_the_first_rename(void **state)
{
    struct run_world *world = *state;
    struct stat before;
    struct stat after;
    run_write(world, "in/a", "old");
    run_mkdir(world, "other/d");
    struct arrival arrivals[] = {arrive(world, "in/a", "new"), arrive(world, "other/d", "second")};
    assert_int_equal(stat(run_path(world, "in/a"), &before), 0);
    assert_error(place(world, arrivals, 2), ERROR_FAILED,
                 "'other/d' into place: a folder is there");
    assert_int_equal(stat(run_path(world, "in/a"), &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_file(world, "in/a", "old");
}

static void more_folders_than_stay_open_are_undone_too(void **state)
{
    struct run_world *world = *state;
    struct arrival arrivals[151];
    for (size_t i = 0; i < 150; i++) {
        const char *path = str_format(&world->w.arena, "in/%03zu/a", i).s;
        run_write(world, path, "old");
        arrivals[i] = arrive(world, path, "new");
    }
    arrivals[150] = arrive(world, "z/last", "new");
    run_remove(world, arrivals[150].temp.s);
    assert_error(place(world, arrivals, 151), ERROR_NOT_FOUND, "'z/last'");
    for (size_t i = 0; i < 150; i++) {
        assert_file(world, str_format(&world->w.arena, "in/%03zu/a", i).s, "old");
    }
    assert_no_temporary_files(world);
}

static void arrivals_stand_by_folder(void **state)
{
    struct run_world *world = *state;
    static const char *const order[] = {"a/x", "a/z", "a/y/w", "a-b/v"};
    struct arrival arrivals[] = {arrive(world, "a-b/v", ""), arrive(world, "a/z", ""),
                                 arrive(world, "a/y/w", ""), arrive(world, "a/x", "")};
    arrivals_sort(arrivals, ARRAY_COUNT(arrivals));
    for (size_t i = 0; i < ARRAY_COUNT(arrivals); i++) {
        assert_str(arrivals[i].landing->destination, order[i]);
    }
}

int main(void)
{
    umask(022);
    const struct CMUnitTest tests[] = {
        world_test(what_arrived_replaces_what_was_there),
        world_test(when_a_rename_fails_those_before_it_are_undone),
        world_test(every_place_is_looked_at_before_the_first_rename),
        world_test(more_folders_than_stay_open_are_undone_too),
        world_test(arrivals_stand_by_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
