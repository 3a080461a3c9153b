/* The cache alone; that a download uses it is in test_cached_download.c. */
#include "store_world.h"

#include "sys/fd.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define PLENTY ((uint64_t)1 << 20)

static int begin(void **state)
{
    struct world *world = world_begin();
    world_open_cache(world, PLENTY, CACHE_ENTRIES_MAX);
    *state = world;
    return 0;
}

static int end(void **state)
{
    world_end(*state);
    return 0;
}

static struct str digest(struct world *world, struct str text)
{
    return sha256_hex(&world->arena, text);
}

/* A file with this text, open for reading and writing. */
static int file_of(struct world *world, struct str text)
{
    const char *path = world_file(world, 0);
    mkdir(world_path(world, "files"), 0777);
    write_file(path, text);
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    return fd;
}

static int put_as(struct world *world, struct str text, struct str sha256, uint64_t size_bytes)
{
    int fd CLEANUP(fd_close) = file_of(world, text);
    world->err = (struct error){0};
    if (cache_prepare(world->cache, &world->err) != 0)
        return -1;
    return cache_put(world->cache, sha256, size_bytes, fd, NULL, &world->err);
}

static int put(struct world *world, const char *text)
{
    return put_as(world, str_from(text), digest(world, str_from(text)), strlen(text));
}

/* Whether it is there, and then as it was put in; else nothing is in the file. */
static bool take(struct world *world, const char *text)
{
    struct str sha256 = digest(world, str_from(text));
    int fd CLEANUP(fd_close) = file_of(world, STR(""));
    bool found = false;
    if (!cache_has(world->cache, sha256))
        return false;
    assert_works(cache_take(world->cache, sha256, strlen(text), fd, NULL, &found, &world->err));
    assert_str(read_file(world, world_file(world, 0)), found ? text : "");
    assert_int_equal(lseek(fd, 0, SEEK_CUR) > 0, found && text[0] != '\0');
    return found;
}

static const char *entry_path(struct world *world, const char *text)
{
    struct str sha256 = digest(world, str_from(text));
    return str_format(&world->arena, "%s/cache/content/%.2s/%.*s", world->folder, sha256.s,
                      STR_ARG(sha256))
        .s;
}

static bool is_there(const char *path)
{
    struct stat st;
    return lstat(path, &st) == 0;
}

static void set_age(const char *path, int64_t seconds)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    now.tv_sec -= (time_t)seconds;
    assert_int_equal(utimensat(AT_FDCWD, path, (struct timespec[2]){now, now}, 0), 0);
}

static size_t count_names(struct world *world, const char *folder)
{
    size_t count = 0;
    DIR *dir = opendir(world_path(world, folder));
    assert_non_null(dir);
    for (const struct dirent *entry; (entry = readdir(dir));)
        count += entry->d_name[0] != '.' || strlen(entry->d_name) > 2;
    closedir(dir);
    return count;
}

static mode_t mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(lstat(path, &st), 0);
    return st.st_mode & 07777;
}

/* --- in and out --- */

static void what_was_put_in_is_taken_out(void **state)
{
    struct world *world = *state;
    assert_works(put(world, "content"));
    assert_works(put(world, ""));
    assert_true(take(world, "content"));
    assert_true(take(world, ""));
    assert_false(take(world, "other"));
    world_open_cache(world, PLENTY, CACHE_ENTRIES_MAX);
    assert_true(take(world, "content"));
    assert_int_equal(count_names(world, "cache/tmp"), 0);
}

static void a_large_file_comes_back(void **state)
{
    struct world *world = *state;
    size_t n = (size_t)3 << 20;
    char *text = arena_alloc(&world->arena, n + 1);
    for (size_t i = 0; i < n; i++)
        text[i] = (char)('a' + i % 23);
    world_open_cache(world, 2 * n, CACHE_ENTRIES_MAX);
    assert_works(put(world, text));
    assert_true(take(world, text));
}

static void only_this_user_can_read_it(void **state)
{
    struct world *world = *state;
    mode_t before = umask(0);
    assert_works(put(world, "content"));
    umask(before);
    const char *entry = entry_path(world, "content");
    assert_int_equal(mode_of(entry), 0600);
    assert_int_equal(mode_of(world_path(world, "cache")), 0700);
    assert_int_equal(mode_of(world_path(world, "cache/tmp")), 0700);
    assert_int_equal(mode_of(world_path(world, "cache/content")), 0700);
    assert_int_equal(mode_of(str_format(&world->arena, "%.*s", (int)(strlen(entry) - 65), entry).s),
                     0700);
}

static void a_cache_that_nobody_fills_leaves_no_trace(void **state)
{
    struct world *world = *state;
    assert_false(take(world, "content"));
    cache_close(&world->cache);
    assert_null(world->cache);
    assert_false(is_there(world_path(world, "cache")));
}

static void a_cache_of_no_size_is_none(void **state)
{
    struct world *world = *state;
    world_open_cache(world, 0, CACHE_ENTRIES_MAX);
    assert_null(world->cache);
    assert_int_equal(cache_remark(world->cache).n, 0);
}

static void a_file_that_is_not_the_content_is_not_kept(void **state)
{
    struct world *world = *state;
    static const char *const others[] = {"contenT", "conten", "content and more", ""};
    for (size_t i = 0; i < ARRAY_COUNT(others); i++) {
        assert_works(
            put_as(world, str_from(others[i]), digest(world, STR("content")), strlen("content")));
        assert_false(is_there(entry_path(world, "content")));
    }
    assert_int_equal(count_names(world, "cache/tmp"), 0);
}

/* --- damage --- */

enum damage { FLIPPED, SHORTER, LONGER, LINK, FIFO, FOLDER, DAMAGES };

static void damage_entry(struct world *world, const char *path, enum damage damage)
{
    if (damage >= LINK)
        assert_int_equal(unlink(path), 0);
    switch (damage) {
    case FLIPPED:
        write_file(path, STR("contenT"));
        break;
    case SHORTER:
        write_file(path, STR("conten"));
        break;
    case LONGER:
        write_file(path, STR("content\n"));
        break;
    case LINK:
        write_file(world_path(world, "files/target"), STR("content"));
        assert_int_equal(symlink(world_path(world, "files/target"), path), 0);
        break;
    case FIFO:
        assert_int_equal(mkfifo(path, 0600), 0);
        break;
    case FOLDER:
        assert_int_equal(mkdir(path, 0700), 0);
        break;
    case DAMAGES:
        break;
    }
}

static void a_damaged_entry_is_removed_and_not_there(void **state)
{
    struct world *world = *state;
    const char *path = entry_path(world, "content");
    for (enum damage damage = FLIPPED; damage < DAMAGES; damage++) {
        assert_works(put(world, "content"));
        damage_entry(world, path, damage);
        assert_false(take(world, "content"));
        if (is_there(path))
            fail_msg("damage %d is still there", (int)damage);
    }
    assert_str(read_file(world, world_path(world, "files/target")), "content");
    assert_works(put(world, "content"));
    assert_true(take(world, "content"));
}

static void a_file_that_cannot_be_written_is_an_error(void **state)
{
    struct world *world = *state;
    struct str sha256 = digest(world, STR("content"));
    bool found = false;
    assert_works(put(world, "content"));
    int fd CLEANUP(fd_close) = open("/dev/null", O_RDONLY);
    assert_true(cache_has(world->cache, sha256));
    assert_fails(cache_take(world->cache, sha256, 7, fd, NULL, &found, &world->err), ERROR_FAILED,
                 "cannot write");
    assert_true(is_there(entry_path(world, "content")));
}

/* --- links --- */

static void below_the_folder_no_link_is_followed(void **state)
{
    struct world *world = *state;
    static const char *const links[] = {"cache/content", "cache/tmp"};
    assert_int_equal(mkdir(world_path(world, "cache"), 0700), 0);
    assert_int_equal(mkdir(world_path(world, "files"), 0700), 0);
    for (size_t i = 0; i < ARRAY_COUNT(links); i++) {
        const char *link = world_path(world, links[i]);
        rmdir(link); /* what the round before has made */
        assert_int_equal(symlink(world_path(world, "files"), link), 0);
        world_open_cache(world, PLENTY, CACHE_ENTRIES_MAX);
        assert_int_equal(put(world, "content"), -1);
        assert_int_equal(world->err.sys_errno, ELOOP);
        assert_false(take(world, "content"));
        assert_int_equal(count_names(world, "files"), 1); /* the file that was put */
        assert_int_equal(unlink(link), 0);
    }
}

static void the_folder_itself_may_be_reached_through_a_link(void **state)
{
    struct world *world = *state;
    assert_int_equal(mkdir(world_path(world, "store"), 0700), 0);
    assert_int_equal(symlink(world_path(world, "store"), world_path(world, "cache")), 0);
    assert_works(put(world, "content"));
    assert_true(take(world, "content"));
    assert_int_equal(count_names(world, "store"), 2);
}

/* --- limits --- */

static void the_least_recently_used_goes_first(void **state)
{
    struct world *world = *state;
    static const char *const texts[] = {"aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"};
    for (size_t i = 0; i < ARRAY_COUNT(texts); i++) {
        assert_works(put(world, texts[i]));
        set_age(entry_path(world, texts[i]), 300 - 10 * (int64_t)i);
    }
    world_open_cache(world, 25, CACHE_ENTRIES_MAX);
    assert_true(take(world, texts[0]));
    assert_works(put(world, "dddddddddd"));
    cache_close(&world->cache);
    assert_true(is_there(entry_path(world, texts[0])));
    assert_false(is_there(entry_path(world, texts[1])));
    assert_false(is_there(entry_path(world, texts[2])));
    assert_true(is_there(entry_path(world, "dddddddddd")));
}

static void nothing_is_removed_where_nothing_was_put_in(void **state)
{
    struct world *world = *state;
    assert_works(put(world, "content"));
    world_open_cache(world, 3, CACHE_ENTRIES_MAX);
    assert_false(is_there(entry_path(world, "none")));
    world_open_cache(world, 3, 1);
    assert_true(take(world, "content"));
    cache_close(&world->cache);
    assert_true(is_there(entry_path(world, "content")));
}

static void what_is_larger_than_all_of_it_is_not_kept(void **state)
{
    struct world *world = *state;
    world_open_cache(world, 7, CACHE_ENTRIES_MAX);
    assert_works(put(world, "content"));
    set_age(entry_path(world, "content"), 100);
    assert_works(put(world, "content and more"));
    cache_close(&world->cache);
    assert_true(is_there(entry_path(world, "content")));
    assert_false(is_there(entry_path(world, "content and more")));
}

static const char *numbered(struct world *world, int i)
{
    return str_format(&world->arena, "%d", i).s;
}

/* Puts in "0", "1" and so on, each newer than the one before, then closes a cache
 * that may have so many entries. */
static void fill_to_limit(struct world *world, int count, size_t max_entries)
{
    for (int i = 0; i < count; i++) {
        assert_works(put(world, numbered(world, i)));
        set_age(entry_path(world, numbered(world, i)), 1000 - i);
    }
    world_open_cache(world, PLENTY, max_entries);
    assert_works(put(world, numbered(world, count)));
    cache_close(&world->cache);
}

static void the_number_of_entries_has_a_limit(void **state)
{
    struct world *world = *state;
    fill_to_limit(world, 8, 5);
    for (int i = 0; i <= 8; i++)
        assert_int_equal(is_there(entry_path(world, numbered(world, i))), i > 3);
}

/* Then some go unseen, be they new or old, so that memory has a limit too. */
static void far_over_the_limit_not_all_is_looked_at(void **state)
{
    struct world *world = *state;
    size_t left = 0;
    size_t newest = 0;
    fill_to_limit(world, 40, 5);
    for (int i = 0; i <= 40; i++) {
        bool kept = is_there(entry_path(world, numbered(world, i)));
        left += kept;
        newest += kept && i > 35;
    }
    assert_int_equal(left, 5);
    assert_true(newest < 5);
}

static void what_is_no_entry_is_left_alone(void **state)
{
    struct world *world = *state;
    struct str sha256 = digest(world, STR("content"));
    assert_works(put(world, "content"));
    write_file(world_path(world, "cache/content/notes"), STR("mine"));
    const char *misplaced =
        str_format(&world->arena, "%s/cache/content/%.*s", world->folder, STR_ARG(sha256)).s;
    write_file(misplaced, STR("mine"));
    world_open_cache(world, 1, 1);
    assert_works(put(world, "x"));
    cache_close(&world->cache);
    assert_false(is_there(entry_path(world, "content")));
    assert_true(is_there(misplaced));
    assert_true(is_there(world_path(world, "cache/content/notes")));
}

/* --- what is left behind --- */

static const char *temp_path(struct world *world, const char *host, long pid)
{
    return str_format(&world->arena, "%s/cache/tmp/" FS_TEMP_PREFIX "%s-%ld-0123456789abcdef",
                      world->folder, host, pid)
        .s;
}

static void a_later_run_removes_what_a_killed_process_left(void **state)
{
    struct world *world = *state;
    assert_works(put(world, "content"));
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct arena arena = {0};
        struct str name;
        int fd = -1;
        int folder = open(world_path(world, "cache/tmp"), O_RDONLY | O_DIRECTORY);
        if (fs_temp_create(&arena, folder, &fd, &name, &world->err) == 0)
            kill(getpid(), SIGKILL);
        _exit(1);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(count_names(world, "cache/tmp"), 1);
    world_open_cache(world, PLENTY, CACHE_ENTRIES_MAX);
    assert_works(put(world, "content"));
    assert_int_equal(count_names(world, "cache/tmp"), 0);
}

static void what_another_machine_left_goes_after_a_day(void **state)
{
    struct world *world = *state;
    assert_works(put(world, "content"));
    const char *fresh = temp_path(world, "elsewhere", 1);
    const char *old = temp_path(world, "elsewhere", 2);
    const char *in_use = temp_path(world, "elsewhere", 3);
    write_file(fresh, STR("x"));
    write_file(old, STR("x"));
    write_file(in_use, STR("x"));
    set_age(old, 25 * 3600);
    set_age(in_use, 25 * 3600);
    int fd CLEANUP(fd_close) = open(in_use, O_RDWR);
    assert_works(fs_lock(fd, false, in_use, &world->err));
    world_open_cache(world, PLENTY, CACHE_ENTRIES_MAX);
    assert_works(put(world, "content"));
    assert_true(is_there(fresh));
    assert_false(is_there(old));
    assert_true(is_there(in_use));
}

/* --- where it cannot be used --- */

static void a_cache_without_a_place_says_why(void **state)
{
    struct world *world = *state;
    world->cache = cache_open(&world->arena, STR(""), &(struct cache_limits){PLENTY, 1});
    assert_false(take(world, "content"));
    assert_fails(put(world, "content"), ERROR_NOT_ALLOWED,
                 "neither XDG_CACHE_HOME nor HOME is an absolute path");
    cache_give_up(world->cache, &world->err);
    assert_str(cache_remark(world->cache), "what was fetched is not kept in a cache: neither "
                                           "XDG_CACHE_HOME nor HOME is an absolute path");
    assert_int_equal(cache_remark(world->cache).n, 0);
}

static void a_file_in_its_place_is_remarked_upon_once(void **state)
{
    struct world *world = *state;
    write_file(world_path(world, "cache"), STR("mine"));
    assert_int_equal(cache_remark(world->cache).n, 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(put(world, "content"), -1);
        cache_give_up(world->cache, &world->err);
    }
    struct str begin = str_format(&world->arena, "nothing is kept in the cache '%s': cannot make ",
                                  world_path(world, "cache"));
    assert_true(str_starts(cache_remark(world->cache), begin));
    assert_int_equal(cache_remark(world->cache).n, 0);
    assert_false(take(world, "content"));
    assert_str(read_file(world, world_path(world, "cache")), "mine");
}

static void a_full_disk_leaves_nothing_half_kept(void **state)
{
    struct world *world = *state;
    size_t n = (size_t)2 << 20;
    char *text = arena_alloc(&world->arena, n + 1);
    memset(text, 'x', n);
    text[n] = '\0';
    struct rlimit before;
    world_open_cache(world, 2 * n, CACHE_ENTRIES_MAX);
    int fd CLEANUP(fd_close) = file_of(world, str_from(text));
    assert_works(cache_prepare(world->cache, &world->err));
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &(struct rlimit){(rlim_t)1 << 20, before.rlim_max}),
                     0);
    int status = cache_put(world->cache, digest(world, str_from(text)), n, fd, NULL, &world->err);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_equal(status, -1);
    assert_false(is_there(entry_path(world, text)));
    assert_int_equal(count_names(world, "cache/tmp"), 0);
    cache_give_up(world->cache, &world->err);
    assert_true(str_contains(cache_remark(world->cache), STR("File too large")));
}

/* --- several processes --- */

#define PROCESSES 32
#define ROUNDS    24
#define CONTENTS  12

static const char *content_of(struct world *world, size_t i)
{
    size_t n = 200 + 37 * i;
    char *text = arena_alloc(&world->arena, n + 1);
    memset(text, (int)('a' + i), n);
    text[n] = '\0';
    return text;
}

/* Puts in, takes and evicts; whatever it takes is whole. Exits with 0 if all was well. */
static void use_cache(struct world *world, size_t number)
{
    for (size_t round = 0; round < ROUNDS; round++) {
        const char *text = content_of(world, (number + 5 * round) % CONTENTS);
        struct str sha256 = digest(world, str_from(text));
        const char *path = str_format(&world->arena, "%s/files/p%zu", world->folder, number).s;
        bool found = false;
        int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
        world_open_cache(world, 2000, CACHE_ENTRIES_MAX);
        if (cache_has(world->cache, sha256) &&
            cache_take(world->cache, sha256, strlen(text), fd, NULL, &found, &world->err) != 0)
            _exit(1);
        if (!found && write(fd, text, strlen(text)) != (ssize_t)strlen(text))
            _exit(2);
        if (!str_is(read_file(world, path), text))
            _exit(3);
        if (!found && (cache_prepare(world->cache, &world->err) != 0 ||
                       cache_put(world->cache, sha256, strlen(text), fd, NULL, &world->err) != 0))
            _exit(4);
        cache_close(&world->cache);
        close(fd);
    }
    _exit(0);
}

static enum fs_walk add_size(void *context, const struct fs_entry *entry, struct error *err)
{
    uint64_t *total = context;
    (void)err;
    *total += entry->kind == FS_FILE ? (uint64_t)entry->st.st_size : 0;
    return FS_WALK_ON;
}

static void many_processes_use_it_at_once(void **state)
{
    struct world *world = *state;
    pid_t children[PROCESSES];
    uint64_t total = 0;
    assert_int_equal(mkdir(world_path(world, "files"), 0700), 0);
    for (size_t i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            use_cache(world, i);
    }
    for (size_t i = 0; i < PROCESSES; i++) {
        int status = -1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    world_open_cache(world, 2000, CACHE_ENTRIES_MAX);
    assert_works(put(world, "content"));
    cache_close(&world->cache);
    int root CLEANUP(fd_close) = open(world_path(world, "cache"), O_RDONLY | O_DIRECTORY);
    assert_works(fs_walk(root, "", add_size, &total, &world->err));
    assert_in_range(total, 1000, 2000);
    assert_int_equal(count_names(world, "cache/tmp"), 0);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_put_in_is_taken_out),
        TEST(a_large_file_comes_back),
        TEST(only_this_user_can_read_it),
        TEST(a_cache_that_nobody_fills_leaves_no_trace),
        TEST(a_cache_of_no_size_is_none),
        TEST(a_file_that_is_not_the_content_is_not_kept),
        TEST(a_damaged_entry_is_removed_and_not_there),
        TEST(a_file_that_cannot_be_written_is_an_error),
        TEST(below_the_folder_no_link_is_followed),
        TEST(the_folder_itself_may_be_reached_through_a_link),
        TEST(the_least_recently_used_goes_first),
        TEST(nothing_is_removed_where_nothing_was_put_in),
        TEST(what_is_larger_than_all_of_it_is_not_kept),
        TEST(the_number_of_entries_has_a_limit),
        TEST(far_over_the_limit_not_all_is_looked_at),
        TEST(what_is_no_entry_is_left_alone),
        TEST(a_later_run_removes_what_a_killed_process_left),
        TEST(what_another_machine_left_goes_after_a_day),
        TEST(a_cache_without_a_place_says_why),
        TEST(a_file_in_its_place_is_remarked_upon_once),
        TEST(a_full_disk_leaves_nothing_half_kept),
        TEST(many_processes_use_it_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
