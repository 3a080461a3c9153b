/* What only a folder has: files, links, modes, and other processes. */
#include "store_world.h"

#include "sys/signals.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static const struct precondition ALWAYS = {.kind = STORE_ALWAYS};

static int begin(void **state)
{
    struct world *world = world_begin();
    umask(022);
    assert_works(store_open(&world->arena, str_from(world_path(world, "store")), STORE_READ_WRITE,
                            &NO_SETTINGS, &world->store, &world->err));
    *state = world;
    return 0;
}

static int end(void **state)
{
    world_end(*state);
    return 0;
}

static struct stat look(struct world *world, const char *below)
{
    struct stat st;
    assert_int_equal(lstat(world_path(world, below), &st), 0);
    return st;
}

/* The names in a folder, but "." and "..". */
static size_t count_files(struct world *world, const char *below)
{
    size_t count = 0;
    DIR *dir = opendir(world_path(world, below));
    assert_non_null(dir);
    while (readdir(dir)) {
        count++;
    }
    closedir(dir);
    return count - 2;
}

/* --- the root --- */

static void the_root_is_made_by_the_first_write(void **state)
{
    struct world *world = *state;
    struct object object;
    const char *deep = world_path(world, "store/deep/root");
    assert_works(store_open(&world->arena, str_from(deep), STORE_READ_WRITE, &NO_SETTINGS,
                            &world->store, &world->err));
    assert_fails(read_object(world, "x", &object), ERROR_NOT_FOUND, deep);
    assert_list(world, "", "");
    assert_works(store_check_write(world->store, STR("x/"), &world->err));
    assert_fails(store_remove(world->store, STR("x"), ALWAYS, &world->err), ERROR_NOT_FOUND, deep);
    assert_false(fs_exists(world_path(world, "store")));
    assert_works(create(world, "x", "1"));
    assert_object(world, "x", "1");
}

static void a_root_that_is_a_file_is_an_error(void **state)
{
    struct world *world = *state;
    struct object object;
    static const char *const keys[] = {"x"};
    struct str text = STR("1");
    struct transfer *transfer = make_transfers(world, keys, &text, 1);
    write_file(world_path(world, "store"), STR("a file"));
    assert_fails(read_object(world, "x", &object), ERROR_FAILED, "is not a folder");
    assert_fails(create(world, "x", "1"), ERROR_FAILED, "is not a folder");
    assert_fails(upload(world, transfer, &text, 1), ERROR_FAILED, "is not a folder");
    assert_fails(download(world, transfer, 1), ERROR_FAILED, "is not a folder");
    assert_fails(store_list(world->store, &world->arena, STR(""), add_listed, NULL, &world->err),
                 ERROR_FAILED, "is not a folder");
    assert_fails(store_check_write(world->store, STR("x/"), &world->err), ERROR_FAILED,
                 "is not a folder");
    assert_str(read_file(world, world_path(world, "store")), "a file");
}

static void objects_have_the_mode_of_ordinary_files(void **state)
{
    struct world *world = *state;
    static const char *const keys[] = {"x/sent"};
    struct str text = STR("1");
    umask(027);
    assert_works(store_open(&world->arena, str_from(world_path(world, "store")), STORE_READ_WRITE,
                            &NO_SETTINGS, &world->store, &world->err));
    assert_works(create(world, "x/written", "1"));
    assert_works(upload(world, make_transfers(world, keys, &text, 1), &text, 1));
    assert_int_equal(look(world, "store").st_mode & 0777, 0750);
    assert_int_equal(look(world, "store/x").st_mode & 0777, 0750);
    assert_int_equal(look(world, "store/x/written").st_mode & 0777, 0640);
    assert_int_equal(look(world, "store/x/sent").st_mode & 0777, 0640);
    umask(022);
}

/* --- what is in it and is no object --- */

static void links_and_special_files_are_no_objects(void **state)
{
    struct world *world = *state;
    struct object object;
    static const char *const links[] = {"link", "x/link"};
    static const char *const fifos[] = {"fifo"};
    struct str text = STR("secret");
    assert_works(create(world, "x/y", "1"));
    write_file(world_path(world, "store/x/.jobrun-tmp-host-1-2"), STR("half"));
    mkdir(world_path(world, "files"), 0777);
    write_file(world_path(world, "files/outside"), text);
    assert_int_equal(symlink("../files/outside", world_path(world, "store/link")), 0);
    assert_int_equal(symlink("../../files", world_path(world, "store/x/link")), 0);
    assert_int_equal(mkfifo(world_path(world, "store/fifo"), 0666), 0);
    write_file(world_path(world, "store/back\\slash"), STR("1"));

    assert_list(world, "", "x/y 1\n");
    assert_fails(read_object(world, "link", &object), ERROR_DAMAGED, "a symbolic link");
    assert_fails(read_object(world, "x/link/outside", &object), ERROR_DAMAGED, "a symbolic link");
    assert_fails(read_object(world, "fifo", &object), ERROR_DAMAGED, "not a regular file");
    assert_fails(download(world, make_transfers(world, links, &text, 1), 1), ERROR_DAMAGED,
                 "a symbolic link");
    assert_fails(download(world, make_transfers(world, fifos, &text, 1), 1), ERROR_DAMAGED,
                 "not a regular file");
    assert_fails(create(world, "x/link/new", "1"), ERROR_DAMAGED, "a symbolic link");
    assert_fails(create(world, "link", "1"), ERROR_CONFLICT, "there already");
    assert_str(read_file(world, world_path(world, "files/outside")), "secret");
}

static void a_folder_that_is_left_empty_goes_away(void **state)
{
    struct world *world = *state;
    assert_works(create(world, "x/y/z", "1"));
    assert_works(create(world, "x/a", "1"));
    assert_works(store_remove(world->store, STR("x/y/z"), ALWAYS, &world->err));
    assert_false(fs_exists(world_path(world, "store/x/y")));
    assert_works(store_remove(world->store, STR("x/a"), ALWAYS, &world->err));
    assert_int_equal(count_files(world, "store"), 0);
}

static void a_write_sweeps_what_killed_writers_left(void **state)
{
    struct world *world = *state;
    static const char *const keys[] = {"y/sent"};
    struct str text = STR("1");
    assert_works(create(world, "x/a", "1"));
    assert_works(create(world, "y/a", "1"));
    pid_t child = fork();
    if (child == 0) {
        for (int i = 0; i < 2; i++) {
            int folder = open(world_path(world, i ? "store/y" : "store/x"), O_RDONLY);
            struct str name;
            int fd;
            if (fs_temp_create(&world->arena, folder, &fd, &name, &world->err) != 0) {
                _exit(1);
            }
        }
        _exit(0);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(count_files(world, "store/x"), 2);
    assert_int_equal(count_files(world, "store/y"), 2);
    assert_works(create(world, "x/b", "1"));
    assert_works(upload(world, make_transfers(world, keys, &text, 1), &text, 1));
    assert_int_equal(count_files(world, "store/x"), 2);
    assert_int_equal(count_files(world, "store/y"), 2);
}

/* --- damage --- */

static void an_upload_repairs_what_is_damaged(void **state)
{
    struct world *world = *state;
    static const char *const keys[] = {"x/flipped", "x/short", "x/link", "x/good"};
    struct str texts[] = {STR("first"), STR("second"), STR("third"), STR("fourth")};
    struct transfer *transfers = make_transfers(world, keys, texts, 4);
    assert_works(upload(world, transfers, texts, 4));
    write_file(world_path(world, "store/x/flipped"), STR("fir5t"));
    write_file(world_path(world, "store/x/short"), STR("sec"));
    assert_int_equal(unlink(world_path(world, "store/x/link")), 0);
    assert_int_equal(symlink("good", world_path(world, "store/x/link")), 0);
    assert_fails(download(world, transfers, 1), ERROR_DAMAGED, "x/flipped");
    assert_works(upload(world, transfers, texts, 4));
    assert_false(transfers[0].was_there);
    assert_false(transfers[1].was_there);
    assert_false(transfers[2].was_there);
    assert_true(transfers[3].was_there);
    assert_works(download(world, transfers, 4));
    assert_int_equal(count_files(world, "store/x"), 4);
}

static void an_object_in_the_place_of_a_folder_is_an_error(void **state)
{
    struct world *world = *state;
    static const char *const keys[] = {"x"};
    struct str text = STR("1");
    assert_works(create(world, "x/y", "1"));
    assert_fails(create(world, "x", "1"), ERROR_DAMAGED,
                 "store/x': a folder is in the place of the file");
    assert_non_null(strstr(world->err.help, "remove that folder"));
    assert_fails(write_text(world, "x", "1", STORE_ALWAYS, (struct str){0}), ERROR_DAMAGED,
                 "a folder is in the place of the file");
    assert_fails(create(world, "x/y/z", "1"), ERROR_FAILED, "Not a directory");
    assert_fails(upload(world, make_transfers(world, keys, &text, 1), &text, 1), ERROR_DAMAGED,
                 "store/x': a folder is in the place of the file");
    assert_non_null(strstr(world->err.help, "remove that folder"));
    assert_list(world, "", "x/y 1\n");
    assert_int_equal(count_files(world, "store"), 1);
}

static void a_folder_in_the_place_of_an_object_is_damage_and_not_absence(void **state)
{
    struct world *world = *state;
    struct object object;
    assert_works(create(world, "x/y", "1"));
    assert_fails(read_object(world, "x", &object), ERROR_DAMAGED,
                 "store/x': a folder is in the place of the file");
    assert_int_equal(mkdir(world_path(world, "store/x/receipt.json"), 0777), 0);
    assert_fails(read_object(world, "x/receipt.json", &object), ERROR_DAMAGED, "a folder");
    assert_int_equal(rmdir(world_path(world, "store/x/receipt.json")), 0);
}

/* --- a system that says no --- */

static void a_write_that_fails_leaves_nothing_and_names_the_address(void **state)
{
    struct world *world = *state;
    struct str text = {arena_alloc(&world->arena, 100000), 100000};
    struct rlimit before;
    assert_works(create(world, "x/old", "1"));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {.rlim_cur = 50000, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    int status = store_write(world->store, STR("x/new"), text, "", ALWAYS, &world->err);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(status, -1);
    assert_int_equal(world->err.kind, ERROR_FAILED);
    assert_non_null(strstr(world->err.message, world_path(world, "store/x/new")));
    assert_int_equal(count_files(world, "store/x"), 1);
}

static int open_large(void *context, size_t index, int *fd, struct error *err)
{
    struct world *world = context;
    if (begin_open(world, index, err) != 0) {
        return -1;
    }
    *fd = open(world_path(world, "files/large"), O_RDONLY);
    return *fd >= 0 ? 0 : error_errno(err, errno, "open");
}

static void an_upload_that_fails_leaves_no_temporary_file(void **state)
{
    struct world *world = *state;
    static const char *const keys[] = {"x/large"};
    struct str text = {arena_alloc(&world->arena, 100000), 100000};
    struct transfer *transfer = make_transfers(world, keys, &text, 1);
    struct transfer_calls calls = {open_large, count_done, NULL, world};
    struct rlimit before;
    assert_works(create(world, "x/old", "1"));
    mkdir(world_path(world, "files"), 0777);
    write_file(world_path(world, "files/large"), text);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit small = {.rlim_cur = 50000, .rlim_max = before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    int status = store_upload(world->store, transfer, 1, &calls, &world->err);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(status, -1);
    assert_non_null(strstr(world->err.message, world_path(world, "store/x/large")));
    assert_int_equal(world->done, 0);
    assert_list(world, "", "x/old 1\n");
    assert_int_equal(count_files(world, "store/x"), 1);
}

static void a_missing_permission_is_named_with_what_to_do(void **state)
{
    struct world *world = *state;
    struct object object;
    bool is_root = geteuid() == 0;
    assert_works(create(world, "x/y", "1"));
    assert_int_equal(chmod(world->folder, 0755), 0);
    assert_int_equal(chmod(world_path(world, "store/x/y"), 0), 0);
    assert_int_equal(chmod(world_path(world, "store/x"), 0555), 0);
    if (is_root) {
        assert_int_equal(seteuid(65534), 0);
    }
    assert_fails(create(world, "x/z", "1"), ERROR_NOT_ALLOWED, world_path(world, "store/x/z"));
    assert_non_null(strstr(world->err.help, "permission to write into"));
    assert_fails(read_object(world, "x/y", &object), ERROR_NOT_ALLOWED,
                 world_path(world, "store/x/y"));
    assert_non_null(strstr(world->err.help, "permission to read"));
    assert_fails(store_check_write(world->store, STR("x/new/"), &world->err), ERROR_NOT_ALLOWED,
                 world_path(world, "store/x/new/"));
    assert_fails(store_remove(world->store, STR("x/y"), ALWAYS, &world->err), ERROR_NOT_ALLOWED,
                 "cannot remove");
    if (is_root) {
        assert_int_equal(seteuid(0), 0);
    }
    assert_int_equal(chmod(world_path(world, "store/x"), 0755), 0);
}

/* --- several processes --- */

#define PROCESSES 4

/* Runs it in several processes at once; how many of them answered true. */
static size_t run_at_once(struct world *world, bool (*work)(struct world *world, int number))
{
    pid_t children[PROCESSES];
    size_t count = 0;
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            _exit(work(world, i) ? 0 : 1);
        }
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = -1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status));
        assert_in_range(WEXITSTATUS(status), 0, 1);
        count += WEXITSTATUS(status) == 0;
    }
    return count;
}

static bool create_first(struct world *world, int number)
{
    struct str text = str_format(&world->arena, "%d", number);
    return create(world, "x/y", text.s) == 0;
}

static void of_many_create_only_writes_one_wins(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(run_at_once(world, create_first), 1);
        assert_int_equal(count_files(world, "store/x"), 1);
        assert_works(store_remove(world->store, STR("x/y"), ALWAYS, &world->err));
    }
}

#define INCREMENTS 25

/* Whatever the others do, each increment must show in the end. */
static bool increment(struct world *world, int number)
{
    (void)number;
    for (int i = 0; i < INCREMENTS;) {
        struct object object;
        int64_t value;
        if (read_object(world, "x/y", &object) != 0 || !str_to_int64(object.bytes, &value)) {
            return false;
        }
        struct str text = str_format(&world->arena, "%jd", (intmax_t)value + 1);
        if (write_text(world, "x/y", text.s, STORE_IF_VERSION, object.version) == 0) {
            i++;
        } else if (world->err.kind != ERROR_CONFLICT) {
            return false;
        }
    }
    return true;
}

static void no_compare_and_swap_is_lost(void **state)
{
    struct world *world = *state;
    char total[16];
    snprintf(total, sizeof total, "%d", PROCESSES * INCREMENTS);
    assert_works(create(world, "x/y", "0"));
    assert_int_equal(run_at_once(world, increment), PROCESSES);
    assert_object(world, "x/y", total);
}

/* Leaves how often it created the object more than it removed it. The folders
 * come and go all the time. */
static bool create_and_remove(struct world *world, int number)
{
    struct str key = str_format(&world->arena, "t/%d", number);
    int created = 0;
    int removed = 0;
    for (int i = 0; i < 60; i++) {
        if (create(world, "x/deep/y", "1") == 0) {
            created++;
        } else if (world->err.kind != ERROR_CONFLICT) {
            return false;
        }
        if (store_remove(world->store, STR("x/deep/y"), ALWAYS, &world->err) == 0) {
            removed++;
        } else if (world->err.kind != ERROR_NOT_FOUND) {
            return false;
        }
    }
    struct str text = str_format(&world->arena, "%d", created - removed);
    return create(world, key.s, text.s) == 0;
}

static void as_often_as_it_is_created_it_is_removed(void **state)
{
    struct world *world = *state;
    int64_t sum = 0;
    assert_int_equal(run_at_once(world, create_and_remove), PROCESSES);
    for (int i = 0; i < PROCESSES; i++) {
        struct object object;
        int64_t value;
        assert_works(read_object(world, str_format(&world->arena, "t/%d", i).s, &object));
        assert_true(str_to_int64(object.bytes, &value));
        sum += value;
    }
    assert_int_equal(sum, 0);
    assert_false(fs_exists(world_path(world, "store/x")));
}

static bool upload_all(struct world *world, int number)
{
    enum { COUNT = 100 };
    const char *keys[COUNT];
    struct str texts[COUNT];
    for (int i = 0; i < COUNT; i++) {
        keys[i] = str_format(&world->arena, "x/%d/%d", i % 7, i).s;
        texts[i] = str_format(&world->arena, "text %d", i);
    }
    /* Files of its own: the world of this process is a copy. */
    struct str own = str_format(&world->arena, "%s/files/%d", world->folder, number);
    mkdir(world_path(world, "files"), 0777);
    mkdir(own.s, 0777);
    world->folder = arena_copy(&world->arena, own.s, own.n);
    struct transfer *transfers = make_transfers(world, keys, texts, COUNT);
    return upload(world, transfers, texts, COUNT) == 0 && download(world, transfers, COUNT) == 0;
}

static void the_same_files_from_many_processes_are_there_once(void **state)
{
    struct world *world = *state;
    assert_int_equal(run_at_once(world, upload_all), PROCESSES);
    assert_int_equal(count_files(world, "store/x"), 7);
    assert_int_equal(count_files(world, "store/x/0"), 15);
    assert_int_equal(count_files(world, "store/x/1"), 15);
    assert_int_equal(count_files(world, "store/x/6"), 14);
}

static int open_and_signal(void *context, size_t index, int *fd, struct error *err)
{
    if (index == 80) {
        raise(SIGTERM); /* what runs in the background of a shell ignores SIGINT */
    }
    return open_to_send(context, index, fd, err);
}

static bool upload_interrupted(struct world *world, int number)
{
    enum { COUNT = 200 };
    const char *keys[COUNT];
    struct str texts[COUNT];
    struct transfer_calls calls = {open_and_signal, count_done, NULL, world};
    (void)number;
    for (int i = 0; i < COUNT; i++) {
        keys[i] = str_format(&world->arena, "x/%d", i).s;
        texts[i] = str_format(&world->arena, "text %d", i);
    }
    struct transfer *transfers = make_transfers(world, keys, texts, COUNT);
    world->texts = texts;
    return signals_begin(&world->err) == 0 &&
           store_upload(world->store, transfers, COUNT, &calls, &world->err) != 0 &&
           world->err.kind == ERROR_INTERRUPTED && world->opened == 81;
}

static void an_interrupted_upload_leaves_no_temporary_file(void **state)
{
    struct world *world = *state;
    assert_works(create(world, "x/old", "1"));
    pid_t child = fork();
    if (child == 0) {
        _exit(upload_interrupted(world, 0) ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(count_files(world, "store/x"), 1);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_root_is_made_by_the_first_write),
        TEST(a_root_that_is_a_file_is_an_error),
        TEST(objects_have_the_mode_of_ordinary_files),
        TEST(links_and_special_files_are_no_objects),
        TEST(a_folder_that_is_left_empty_goes_away),
        TEST(a_write_sweeps_what_killed_writers_left),
        TEST(an_upload_repairs_what_is_damaged),
        TEST(an_object_in_the_place_of_a_folder_is_an_error),
        TEST(a_folder_in_the_place_of_an_object_is_damage_and_not_absence),
        TEST(a_write_that_fails_leaves_nothing_and_names_the_address),
        TEST(an_upload_that_fails_leaves_no_temporary_file),
        TEST(a_missing_permission_is_named_with_what_to_do),
        TEST(of_many_create_only_writes_one_wins),
        TEST(no_compare_and_swap_is_lost),
        TEST(as_often_as_it_is_created_it_is_removed),
        TEST(the_same_files_from_many_processes_are_there_once),
        TEST(an_interrupted_upload_leaves_no_temporary_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
