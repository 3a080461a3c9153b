#include "temp_folder.h"

#include "sys/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>

static struct error err;

/* --- whole files --- */

static void a_file_is_read_whole(void **state)
{
    (void)state;
    struct str text;
    temp_write("empty", "");
    temp_write("a", "hello");
    assert_str(temp_read("empty"), "");
    assert_int_equal(fs_read_file(&temp.arena, temp_path("a"), 5, &text, &err), 0);
    assert_str(text, "hello");
    assert_int_equal(text.s[5], '\0');
}

static void a_stream_is_read_to_its_end_or_the_limit(void **state)
{
    (void)state;
    for (int round = 0; round < 2; round++) {
        int ends[2];
        struct str text;
        assert_int_equal(fd_pipe(ends, &err), 0);
        assert_int_equal(write(ends[1], "hello", 5), 5);
        /* Up to the limit nothing waits for an end that does not come. */
        if (round == 0) {
            fd_close(&ends[1]);
        }
        size_t limit = round == 0 ? 100 : 3;
        assert_int_equal(fs_read_stream(&temp.arena, ends[0], limit, "it", &text, &err), 0);
        assert_str(text, round == 0 ? "hello" : "hel");
        fd_close(&ends[0]);
        fd_close(&ends[1]);
    }
}

static void a_stream_that_is_a_folder_is_an_error(void **state)
{
    (void)state;
    struct str text;
    int fd CLEANUP(fd_close) = open("/", O_RDONLY);
    assert_int_equal(fs_read_stream(&temp.arena, fd, 100, "it", &text, &err), -1);
    assert_non_null(strstr(err.message, "cannot read 'it'"));
}

static void a_file_over_the_limit_is_refused(void **state)
{
    (void)state;
    struct str text;
    temp_write("a", "hello!");
    assert_int_equal(fs_read_file(&temp.arena, temp_path("a"), 5, &text, &err), -1);
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_non_null(strstr(err.message, "larger than 5 bytes"));
}

static void a_file_without_a_size_is_read_up_to_the_limit(void **state)
{
    (void)state;
    struct str text;
    assert_int_equal(mkfifo(temp_path("pipe"), 0600), 0);
    for (int round = 0; round < 2; round++) {
        pid_t child = fork();
        if (child == 0) {
            int fd = open(temp_path("pipe"), O_WRONLY);
            for (int i = 0; i < 1000; i++) {
                if (write(fd, "0123456789", 10) != 10) {
                    break;
                }
            }
            _exit(0);
        }
        size_t limit = round == 0 ? 10000 : 9999;
        int status = fs_read_file(&temp.arena, temp_path("pipe"), limit, &text, &err);
        waitpid(child, NULL, 0);
        assert_int_equal(status, round == 0 ? 0 : -1);
        if (round == 0) {
            assert_int_equal(text.n, 10000);
        } else {
            assert_int_equal(err.kind, ERROR_LIMIT);
        }
    }
}

static void what_cannot_be_read_says_why(void **state)
{
    (void)state;
    struct str text;
    assert_int_equal(fs_read_file(&temp.arena, temp_path("none"), 5, &text, &err), -1);
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_int_equal(fs_read_file(&temp.arena, temp.path, 5, &text, &err), -1);
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_non_null(strstr(err.message, "folder"));
    int fd = -1;
    temp_write("file", "");
    assert_int_equal(fs_open_folder(temp_path("file"), &fd, &err), -1);
    assert_int_equal(err.sys_errno, ENOTDIR);
}

static void folders_are_made_with_those_above(void **state)
{
    (void)state;
    assert_int_equal(fs_make_folders(temp_path("a/b//c/"), 0755, &err), 0);
    assert_int_equal(fs_make_folders(temp_path("a/b/c"), 0755, &err), 0);
    assert_true(fs_exists(temp_path("a/b/c")));
    assert_false(fs_exists(temp_path("a/b/d")));
    temp_write("file", "");
    assert_int_equal(fs_make_folders(temp_path("file/x"), 0755, &err), -1);
    assert_int_equal(err.sys_errno, ENOTDIR);
    int fd CLEANUP(fd_close) = -1;
    assert_int_equal(fs_open_folder(temp_path("a/b"), &fd, &err), 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

static void real_paths_have_no_links(void **state)
{
    (void)state;
    struct str real;
    temp_mkdir("a");
    assert_int_equal(symlinkat("a", temp.fd, "link"), 0);
    assert_int_equal(fs_real_path(&temp.arena, temp_path("link/../link/."), &real, &err), 0);
    assert_str(real, temp_path("a"));
    assert_int_equal(fs_real_path(&temp.arena, temp_path("none"), &real, &err), -1);
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
}

static void the_current_folder_is_absolute(void **state)
{
    (void)state;
    struct str here;
    assert_int_equal(fs_current_folder(&temp.arena, &here, &err), 0);
    assert_int_equal(here.s[0], '/');
}

static void paths_are_joined(void **state)
{
    (void)state;
    struct arena *arena = &temp.arena;
    assert_str(fs_join(arena, STR("a"), STR("b")), "a/b");
    assert_str(fs_join(arena, STR("a/"), STR("b")), "a/b");
    assert_str(fs_join(arena, STR("/"), STR("b")), "/b");
    assert_str(fs_join(arena, STR("a"), STR("/b")), "/b");
    assert_str(fs_join(arena, STR(""), STR("b")), "b");
    assert_str(fs_join(arena, STR("."), STR("b")), "b");
    assert_str(fs_join(arena, STR("a"), STR("")), "a");
}

/* --- beneath --- */

typedef int open_function(int, const char *, int, mode_t, int *, struct error *);

static void make_links(void)
{
    temp_mkdir("a");
    temp_mkdir("a/b");
    temp_write("a/b/file", "x");
    assert_int_equal(symlinkat("b", temp.fd, "a/link"), 0);
    assert_int_equal(symlinkat("/etc/passwd", temp.fd, "a/passwd"), 0);
}

static void check_opening(open_function *opening)
{
    int fd = -1;
    make_links();
    assert_int_equal(opening(temp.fd, "a/b/file", O_RDONLY, 0, &fd, &err), 0);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    fd_close(&fd);
    assert_int_equal(opening(temp.fd, "a", O_RDONLY | O_DIRECTORY, 0, &fd, &err), 0);
    fd_close(&fd);
    mode_t before = umask(022);
    assert_int_equal(opening(temp.fd, "a/b/new", O_WRONLY | O_CREAT | O_EXCL, 0755, &fd, &err), 0);
    umask(before);
    struct stat st;
    assert_int_equal(fstat(fd, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
    fd_close(&fd);

    static const char *const linked[] = {"a/link", "a/link/file", "a/passwd"};
    for (size_t i = 0; i < ARRAY_COUNT(linked); i++) {
        assert_int_equal(opening(temp.fd, linked[i], O_RDONLY, 0, &fd, &err), -1);
        assert_int_equal(err.sys_errno, ELOOP);
        assert_non_null(strstr(err.message, linked[i]));
        assert_non_null(strstr(err.message, "symbolic link"));
    }
    assert_int_equal(opening(temp.fd, "a/link", O_RDONLY | O_DIRECTORY, 0, &fd, &err), -1);
    assert_int_equal(err.sys_errno, ELOOP);

    static const char *const bad[] = {"", "/etc", "..", "a/../a", "a/./b", "a//b", "a/"};
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        assert_int_equal(opening(temp.fd, bad[i], O_RDONLY, 0, &fd, &err), -1);
    }
    assert_int_equal(opening(temp.fd, "a/none/x", O_RDONLY, 0, &fd, &err), -1);
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_int_equal(opening(temp.fd, "a/b/file/x", O_RDONLY, 0, &fd, &err), -1);
    assert_int_equal(err.sys_errno, ENOTDIR);
    char name[300];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(opening(temp.fd, name, O_RDONLY, 0, &fd, &err), -1);
    assert_int_equal(err.sys_errno, ENAMETOOLONG);
    assert_int_equal(fd, -1);
}

static void nothing_is_opened_through_a_link(void **state)
{
    (void)state;
    check_opening(fs_open_beneath);
}

static void nothing_is_opened_through_a_link_by_segment(void **state)
{
    (void)state;
    check_opening(fs_open_beneath_by_segment);
}

static void the_parent_of_a_path_is_opened(void **state)
{
    (void)state;
    int fd CLEANUP(fd_close) = -1;
    const char *name;
    struct stat st;
    make_links();
    assert_int_equal(fs_open_parent_beneath(temp.fd, "a/b/file", &fd, &name, &err), 0);
    assert_string_equal(name, "file");
    assert_int_equal(fstatat(fd, name, &st, 0), 0);
    fd_close(&fd);
    assert_int_equal(fs_open_parent_beneath(temp.fd, "a", &fd, &name, &err), 0);
    assert_string_equal(name, "a");
    fd_close(&fd);
    assert_int_equal(fs_open_parent_beneath(temp.fd, "a/link/file", &fd, &name, &err), -1);
    assert_int_equal(err.sys_errno, ELOOP);
}

static void folders_are_made_beneath(void **state)
{
    (void)state;
    make_links();
    assert_int_equal(fs_make_folders_beneath(temp.fd, "a/x/y/z", &err), 0);
    assert_int_equal(fs_make_folders_beneath(temp.fd, "a/x/y/z", &err), 0);
    assert_int_equal(fs_make_folders_beneath(temp.fd, "a/x/y2", &err), 0);
    assert_true(fs_exists(temp_path("a/x/y/z")));
    assert_int_equal(fs_make_folders_beneath(temp.fd, "a/link/z", &err), -1);
    assert_int_equal(err.sys_errno, ELOOP);
    assert_false(fs_exists(temp_path("a/b/z")));
    assert_int_equal(fs_make_folders_beneath(temp.fd, "a/b/file/z", &err), -1);
    assert_int_equal(err.sys_errno, ENOTDIR);
}

static void a_link_is_looked_at_and_not_followed(void **state)
{
    (void)state;
    struct stat st;
    struct str target;
    make_links();
    assert_int_equal(fs_stat_beneath(temp.fd, "a/link", &st, &err), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(fs_read_link_beneath(&temp.arena, temp.fd, "a/link", &target, &err), 0);
    assert_str(target, "b");
    assert_int_equal(fs_read_link_beneath(&temp.arena, temp.fd, "a/b", &target, &err), -1);
    assert_int_equal(fs_stat_beneath(temp.fd, "a/none", &st, &err), -1);
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_int_equal(fs_stat_beneath(temp.fd, "a/b/file/x/y", &st, &err), -1);
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_int_equal(fs_stat_beneath(temp.fd, "a/link/file", &st, &err), -1);
    assert_int_equal(err.sys_errno, ELOOP);
}

static void a_folder_is_removed_but_not_what_it_links_to(void **state)
{
    (void)state;
    make_links();
    temp_mkdir("outside");
    temp_write("outside/file", "x");
    assert_int_equal(symlinkat("../outside", temp.fd, "a/out"), 0);
    temp_mkdir("a/locked");
    temp_write("a/locked/file", "x");
    assert_int_equal(fchmodat(temp.fd, "a/locked", 0555, 0), 0);
    assert_int_equal(fs_remove_beneath(temp.fd, "a", &err), 0);
    assert_false(fs_exists(temp_path("a")));
    assert_true(fs_exists(temp_path("outside/file")));
    assert_int_equal(fs_remove_beneath(temp.fd, "outside/file", &err), 0);
    assert_false(fs_exists(temp_path("outside/file")));
}

static void removing_what_is_not_there_is_success(void **state)
{
    (void)state;
    make_links();
    assert_int_equal(fs_remove_beneath(temp.fd, "none", &err), 0);
    assert_int_equal(fs_remove_beneath(temp.fd, "none/x", &err), 0);
    assert_int_equal(fs_remove_beneath(temp.fd, "a/b/file/x/y", &err), 0);
    assert_int_equal(fs_remove_beneath(temp.fd, "a/link/file", &err), -1);
    assert_true(fs_exists(temp_path("a/b/file")));
    assert_int_equal(fs_remove_beneath(temp.fd, "..", &err), -1);
}

static void many_files_are_removed(void **state)
{
    (void)state;
    temp_mkdir("many");
    for (int i = 0; i < 3000; i++) {
        char name[64];
        snprintf(name, sizeof name, "many/%d", i);
        temp_write(name, "");
    }
    assert_int_equal(fs_remove_beneath(temp.fd, "many", &err), 0);
    assert_false(fs_exists(temp_path("many")));
}

/* Folders in folders, deeper than is allowed; the way back up is removed by
 * hand, from within. */
static void make_deep(int depth, int *bottom)
{
    *bottom = dup(temp.fd);
    for (int i = 0; i < depth; i++) {
        assert_int_equal(mkdirat(*bottom, "d", 0755), 0);
        int next = openat(*bottom, "d", O_RDONLY | O_DIRECTORY);
        fd_close(bottom);
        *bottom = next;
    }
}

static void climb(int *bottom, int levels)
{
    for (int i = 0; i < levels; i++) {
        int above = openat(*bottom, "..", O_RDONLY | O_DIRECTORY);
        assert_int_equal(unlinkat(above, "d", AT_REMOVEDIR), 0);
        fd_close(bottom);
        *bottom = above;
    }
}

static enum fs_walk count_entries(void *context, const struct fs_entry *entry, struct error *e)
{
    (void)entry;
    (void)e;
    (*(int *)context)++;
    return FS_WALK_ON;
}

static void folders_that_are_too_deep_are_an_error(void **state)
{
    (void)state;
    int bottom;
    int count = 0;
    make_deep(FS_DEPTH_MAX + 1, &bottom);
    assert_int_equal(fs_remove_beneath(temp.fd, "d", &err), -1);
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_int_equal(fs_walk(temp.fd, "", count_entries, &count, &err), 0);
    assert_int_equal(count, FS_DEPTH_MAX + 1);
    assert_int_equal(mkdirat(bottom, "d", 0755), 0);
    assert_int_equal(fs_walk(temp.fd, "", count_entries, &count, &err), -1);
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_int_equal(unlinkat(bottom, "d", AT_REMOVEDIR), 0);
    climb(&bottom, 1);
    fd_close(&bottom);
    assert_int_equal(fs_remove_beneath(temp.fd, "d", &err), 0);
}

/* --- temporary files, renames, copies --- */

static void a_temporary_file_has_a_name_of_its_own(void **state)
{
    (void)state;
    int a CLEANUP(fd_close) = -1;
    int b CLEANUP(fd_close) = -1;
    struct str a_name;
    struct str b_name;
    struct stat st;
    assert_int_equal(fs_temp_create(&temp.arena, temp.fd, &a, &a_name, &err), 0);
    assert_int_equal(fs_temp_create(&temp.arena, temp.fd, &b, &b_name, &err), 0);
    assert_false(str_equal(a_name, b_name));
    assert_true(str_starts(a_name, STR(FS_TEMP_PREFIX)));
    assert_int_equal(fstatat(temp.fd, a_name.s, &st, 0), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(write(a, "x", 1), 1);
}

static void only_what_a_dead_process_left_is_swept(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        int fd = -1;
        struct str name;
        struct arena arena = {0};
        if (fs_temp_create(&arena, temp.fd, &fd, &name, &err) != 0) {
            _exit(1);
        }
        ssize_t ignored = write(ends[1], name.s, name.n);
        (void)ignored;
        _exit(0);
    }
    char dead[300] = {0};
    assert_true(read(ends[0], dead, sizeof dead - 1) > 0);
    close(ends[0]);
    close(ends[1]);
    waitpid(child, NULL, 0);

    int fd CLEANUP(fd_close) = -1;
    struct str alive;
    assert_int_equal(fs_temp_create(&temp.arena, temp.fd, &fd, &alive, &err), 0);
    /* Of another host, and with a name that only looks alike. */
    const char *other = ".jobrun-tmp-another.host-4194304-0123456789abcdef";
    struct str odd = str_format(&temp.arena, "%sx", dead);
    temp_write(other, "");
    temp_write(odd.s, "");

    /* Held by somebody who cannot be seen from here. */
    int held CLEANUP(fd_close) = openat(temp.fd, dead, O_RDWR | O_CLOEXEC);
    assert_int_equal(flock(held, LOCK_EX | LOCK_NB), 0);
    fs_temp_sweep(temp.fd);
    assert_true(fs_exists(temp_path(dead)));
    fd_close(&held);

    fs_temp_sweep(temp.fd);
    assert_false(fs_exists(temp_path(dead)));
    assert_true(fs_exists(temp_path(alive.s)));
    assert_true(fs_exists(temp_path(other)));
    assert_true(fs_exists(temp_path(odd.s)));
}

static void renaming_replaces_only_when_asked(void **state)
{
    (void)state;
    temp_write("a", "a");
    temp_write("b", "b");
    assert_int_equal(fs_rename(temp.fd, "a", temp.fd, "b", false, &err), -1);
    assert_int_equal(err.kind, ERROR_CONFLICT);
    assert_str(temp_read("b"), "b");
    assert_int_equal(fs_rename(temp.fd, "a", temp.fd, "c", false, &err), 0);
    assert_str(temp_read("c"), "a");
    assert_false(fs_exists(temp_path("a")));
    assert_int_equal(fs_rename(temp.fd, "c", temp.fd, "b", true, &err), 0);
    assert_str(temp_read("b"), "a");
    assert_int_equal(fs_rename(temp.fd, "none", temp.fd, "d", false, &err), -1);
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_int_equal(fs_rename(temp.fd, "none", temp.fd, "d", true, &err), -1);
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
}

static void renaming_by_link_never_replaces(void **state)
{
    (void)state;
    temp_write("a", "a");
    temp_write("b", "b");
    assert_int_equal(fs_rename_by_link(temp.fd, "a", temp.fd, "b", &err), -1);
    assert_int_equal(err.kind, ERROR_CONFLICT);
    assert_str(temp_read("b"), "b");
    assert_str(temp_read("a"), "a");
    assert_int_equal(fs_rename_by_link(temp.fd, "a", temp.fd, "c", &err), 0);
    assert_str(temp_read("c"), "a");
    assert_false(fs_exists(temp_path("a")));
}

/* Three blocks and a bit, with a hole in front, from `folder` to the temporary
 * folder. */
static void check_copy(const char *folder)
{
    enum { SIZE = 3 * 256 * 1024 + 17 };
    struct str name = str_format(&temp.arena, "%s/jobrun-unit-copy-%ld", folder, (long)getpid());
    int from CLEANUP(fd_close) = open(name.s, O_RDWR | O_CREAT | O_EXCL, 0600);
    assert_true(from >= 0);
    unlink(name.s);
    char *bytes = arena_alloc(&temp.arena, SIZE);
    for (size_t i = 4096; i < SIZE; i++) {
        bytes[i] = (char)(i * 7 % 251);
    }
    assert_int_equal(pwrite(from, bytes, SIZE, 0), SIZE);
    int to CLEANUP(fd_close) = openat(temp.fd, "copy", O_RDWR | O_CREAT, 0600);
    assert_int_equal(fs_copy(from, to, SIZE, "it", &err), 0);
    char *copy = arena_alloc(&temp.arena, SIZE);
    assert_int_equal(pread(to, copy, SIZE, 0), SIZE);
    assert_memory_equal(copy, bytes, SIZE);

    int part CLEANUP(fd_close) = openat(temp.fd, "part", O_RDWR | O_CREAT, 0600);
    struct stat st;
    assert_int_equal(fs_copy(from, part, 5000, "it", &err), 0);
    assert_int_equal(fstat(part, &st), 0);
    assert_int_equal(st.st_size, 5000);
    assert_int_equal(fs_copy(from, part, SIZE + 1, "it", &err), -1);
    assert_int_equal(err.kind, ERROR_DAMAGED);
    assert_non_null(strstr(err.message, "'it' is shorter"));
}

static void a_file_is_copied_within_a_file_system(void **state)
{
    (void)state;
    check_copy(temp.path);
}

static void a_file_is_copied_between_file_systems(void **state)
{
    (void)state;
    struct stat other;
    struct stat here;
    if (stat("/dev/shm", &other) != 0 || fstat(temp.fd, &here) != 0 ||
        other.st_dev == here.st_dev || access("/dev/shm", W_OK) != 0) {
        skip();
    }
    check_copy("/dev/shm");
}

static void a_full_disk_ends_a_copy(void **state)
{
    (void)state;
    temp_write("a", "some bytes");
    int from CLEANUP(fd_close) = openat(temp.fd, "a", O_RDONLY);
    int full CLEANUP(fd_close) = open("/dev/full", O_WRONLY);
    if (full < 0) {
        skip();
    }
    assert_int_equal(fs_copy(from, full, 10, "a", &err), -1);
    assert_int_equal(err.sys_errno, ENOSPC);
}

/* In a process of its own, for a signal that came is never forgotten. */
static void a_signal_ends_a_copy_and_a_wait_for_a_lock(void **state)
{
    (void)state;
    temp_write("a", "some bytes");
    temp_write("lock", "");
    int held CLEANUP(fd_close) = openat(temp.fd, "lock", O_RDWR | O_CLOEXEC);
    assert_int_equal(fs_lock(held, true, "lock", &err), 0);
    pid_t child = fork();
    if (child == 0) {
        if (signals_begin(&err) != 0) {
            _exit(3);
        }
        raise(SIGTERM);
        int from = openat(temp.fd, "a", O_RDONLY);
        int to = openat(temp.fd, "b", O_RDWR | O_CREAT, 0600);
        int lock = openat(temp.fd, "lock", O_RDWR | O_CLOEXEC);
        if (fs_copy(from, to, 5, "a", &err) == 0 || err.kind != ERROR_INTERRUPTED) {
            _exit(1);
        }
        err.kind = ERROR_NONE;
        if (fs_lock(lock, true, "lock", &err) == 0 || err.kind != ERROR_INTERRUPTED) {
            _exit(2);
        }
        _exit(0);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void files_and_folders_are_synced(void **state)
{
    (void)state;
    temp_write("a", "x");
    int fd CLEANUP(fd_close) = openat(temp.fd, "a", O_RDWR);
    assert_int_equal(fs_sync(fd, "a", &err), 0);
    assert_int_equal(fs_sync(temp.fd, "folder", &err), 0);
    assert_int_equal(fs_sync(9999, "none", &err), -1);
    assert_non_null(strstr(err.message, "'none'"));
}

/* --- locks --- */

static void a_lock_that_is_held_is_a_conflict_or_waited_for(void **state)
{
    (void)state;
    int ends[2];
    temp_write("lock", "");
    assert_int_equal(pipe(ends), 0);
    int mine CLEANUP(fd_close) = openat(temp.fd, "lock", O_RDWR | O_CLOEXEC);
    assert_int_equal(fs_lock(mine, false, "lock", &err), 0);
    pid_t child = fork();
    if (child == 0) {
        int fd = openat(temp.fd, "lock", O_RDWR | O_CLOEXEC);
        fd_close(&mine);
        if (fs_lock(fd, false, "lock", &err) == 0 || err.kind != ERROR_CONFLICT) {
            _exit(1);
        }
        if (write(ends[1], "x", 1) != 1) {
            _exit(2);
        }
        _exit(fs_lock(fd, true, "lock", &err) == 0 ? 0 : 3);
    }
    char byte;
    assert_int_equal(read(ends[0], &byte, 1), 1);
    fd_close(&mine);
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(ends[0]);
    close(ends[1]);
}

/* --- walking --- */

struct visits {
    struct buf seen;
    const char *skip;
    const char *stop;
};

static enum fs_walk visit(void *context, const struct fs_entry *entry, struct error *e)
{
    struct visits *visits = context;
    buf_addf(&visits->seen, "%.*s:%c%s ", STR_ARG(entry->path), "flds"[entry->kind],
             entry -> empty ? "-" : "");
    if (visits->stop && str_is(entry->path, visits->stop)) {
        error_set(e, ERROR_OUTPUTS, "stopped");
        return FS_WALK_STOP;
    }
    return visits->skip && str_is(entry->path, visits->skip) ? FS_WALK_SKIP : FS_WALK_ON;
}

static void make_tree(void)
{
    temp_mkdir("a");
    temp_mkdir("a/empty");
    temp_write("a/z", "");
    temp_write("a/Z", "");
    temp_write("a-b", "");
    assert_int_equal(symlinkat("a", temp.fd, "link"), 0);
    assert_int_equal(mkfifo(temp_path("pipe"), 0600), 0);
}

static struct visits walk_tree(const char *path, const char *skip, const char *stop, int expected)
{
    struct visits visits = {buf_make(&temp.arena, 10000), skip, stop};
    assert_int_equal(fs_walk(temp.fd, path, visit, &visits, &err), expected);
    return visits;
}

static void a_walk_visits_all_in_order(void **state)
{
    (void)state;
    make_tree();
    struct visits visits = walk_tree("", NULL, NULL, 0);
    assert_str(buf_str(&visits.seen), "a:d a/Z:f a/empty:d- a/z:f a-b:f link:l pipe:s ");
}

static void a_walk_of_a_folder_gives_paths_from_the_root(void **state)
{
    (void)state;
    make_tree();
    struct visits visits = walk_tree("a", NULL, NULL, 0);
    assert_str(buf_str(&visits.seen), "a/Z:f a/empty:d- a/z:f ");
}

static void a_walk_skips_and_stops(void **state)
{
    (void)state;
    make_tree();
    struct visits visits = walk_tree("", "a", "link", -1);
    assert_str(buf_str(&visits.seen), "a:d a-b:f link:l ");
    assert_int_equal(err.kind, ERROR_OUTPUTS);
}

static void a_walk_does_not_begin_at_a_link_or_a_file(void **state)
{
    (void)state;
    make_tree();
    walk_tree("link", NULL, NULL, -1);
    assert_int_equal(err.sys_errno, ELOOP);
    walk_tree("a/z", NULL, NULL, -1);
    assert_int_equal(err.sys_errno, ENOTDIR);
    walk_tree("none", NULL, NULL, -1);
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
}

static void a_program_is_a_file_that_may_be_executed(void **state)
{
    (void)state;
    temp_write("file", "x");
    assert_false(fs_is_program(temp_path("file")));
    assert_int_equal(chmod(temp_path("file"), 0755), 0);
    assert_true(fs_is_program(temp_path("file")));
    assert_false(fs_is_program(temp.path));
    assert_false(fs_is_program(temp_path("none")));
}

static void there_is_some_space_for_a_test(void **state)
{
    (void)state;
    uint64_t free_bytes = 0, total_bytes = 0;
    int folder CLEANUP(fd_close) = -1;
    assert_int_equal(fs_open_folder(temp.path, &folder, &err), 0);
    assert_int_equal(fs_room(folder, &free_bytes, &total_bytes, &err), 0);
    assert_true(free_bytes > 0 && total_bytes >= free_bytes);
    assert_int_equal(fs_room(-1, &free_bytes, &total_bytes, &err), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        temp_test(a_file_is_read_whole),
        temp_test(a_stream_is_read_to_its_end_or_the_limit),
        temp_test(a_stream_that_is_a_folder_is_an_error),
        temp_test(a_file_over_the_limit_is_refused),
        temp_test(a_file_without_a_size_is_read_up_to_the_limit),
        temp_test(what_cannot_be_read_says_why),
        temp_test(folders_are_made_with_those_above),
        temp_test(real_paths_have_no_links),
        temp_test(the_current_folder_is_absolute),
        temp_test(paths_are_joined),
        temp_test(nothing_is_opened_through_a_link),
        temp_test(nothing_is_opened_through_a_link_by_segment),
        temp_test(the_parent_of_a_path_is_opened),
        temp_test(folders_are_made_beneath),
        temp_test(a_link_is_looked_at_and_not_followed),
        temp_test(a_folder_is_removed_but_not_what_it_links_to),
        temp_test(removing_what_is_not_there_is_success),
        temp_test(many_files_are_removed),
        temp_test(folders_that_are_too_deep_are_an_error),
        temp_test(a_temporary_file_has_a_name_of_its_own),
        temp_test(only_what_a_dead_process_left_is_swept),
        temp_test(renaming_replaces_only_when_asked),
        temp_test(renaming_by_link_never_replaces),
        temp_test(a_file_is_copied_within_a_file_system),
        temp_test(a_file_is_copied_between_file_systems),
        temp_test(a_full_disk_ends_a_copy),
        temp_test(a_signal_ends_a_copy_and_a_wait_for_a_lock),
        temp_test(files_and_folders_are_synced),
        temp_test(a_lock_that_is_held_is_a_conflict_or_waited_for),
        temp_test(a_walk_visits_all_in_order),
        temp_test(a_walk_of_a_folder_gives_paths_from_the_root),
        temp_test(a_walk_skips_and_stops),
        temp_test(a_program_is_a_file_that_may_be_executed),
        temp_test(there_is_some_space_for_a_test),
        temp_test(a_walk_does_not_begin_at_a_link_or_a_file),
    };
    return cmocka_run_group_tests_name("fs", tests, NULL, NULL);
}
