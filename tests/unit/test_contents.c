#include "temp_folder.h"

#include "run/contents.h"
#include "sys/tarball.h"

/* An archive of `count` empty folders "0", "1", ... and a file of some bytes. */
static int open_archive(int count, size_t size)
{
    struct error err = {0};
    struct tarball *tarball CLEANUP(tarball_close) = NULL;
    struct tarball_item file = {FS_FILE, STR("file"), 0644, size, {0}};
    int fd = openat(temp.fd, "packed", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    int from CLEANUP(fd_close) =
        openat(temp.fd, "bytes", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_int_equal(ftruncate(from, (off_t)size), 0);
    assert_int_equal(tarball_create(&temp.arena, fd, PACK_TAR_ZST, &tarball, &err), 0);
    for (int i = 0; i < count; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        struct tarball_item folder = {FS_FOLDER, str_from(name), 0, 0, {0}};
        assert_int_equal(tarball_add(tarball, &folder, -1, &err), 0);
    }
    assert_int_equal(tarball_add(tarball, &file, from, &err), 0);
    assert_int_equal(tarball_finish(tarball, &err), 0);
    return fd;
}

static int read_contents(int fd, uint64_t bytes_max, struct artifact *contents, struct error *err)
{
    *err = (struct error){0};
    return contents_read(&temp.arena, fd, PACK_TAR_ZST, STR("o"), bytes_max, contents, err);
}

static void the_entries_are_in_the_order_of_the_archive_with_digests(void **state)
{
    (void)state;
    struct error err;
    struct artifact contents;
    int fd CLEANUP(fd_close) = open_archive(2, 0);

    assert_int_equal(read_contents(fd, 0, &contents, &err), 0);
    assert_int_equal(contents.count, 3);
    assert_str(contents.entries[0].path, "0");
    assert_int_equal(contents.entries[0].kind, ENTRY_FOLDER);
    assert_str(contents.entries[0].sha256, "");
    assert_str(contents.entries[2].path, "file");
    assert_str(contents.entries[2].output, "o");
    assert_int_equal(contents.entries[2].mode, 0644);
    assert_str(contents.entries[2].sha256,
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void all_files_together_have_a_limit(void **state)
{
    (void)state;
    struct error err;
    struct artifact contents;
    int fd CLEANUP(fd_close) = open_archive(0, 1025);

    assert_int_equal(read_contents(fd, 1025, &contents, &err), 0);
    assert_int_equal(read_contents(fd, 1024, &contents, &err), -1);
    assert_int_equal(err.kind, ERROR_LIMIT);
    assert_string_equal(err.message, "it holds more than the 1.0 KiB that the whole disk has");
}

static void there_are_no_more_entries_than_an_artifact_may_have(void **state)
{
    (void)state;
    struct error err;
    struct artifact contents;
    int fd CLEANUP(fd_close) = open_archive(ARTIFACT_ENTRIES_MAX, 0);

    assert_int_equal(read_contents(fd, 0, &contents, &err), -1);
    assert_int_equal(err.kind, ERROR_DAMAGED);
    assert_string_equal(err.message, "it holds more than 1000000 entries");
}

int main(void)
{
#define in_folder(test) \
    cmocka_unit_test_setup_teardown(test, temp_folder_setup, temp_folder_teardown)
    const struct CMUnitTest tests[] = {
        in_folder(the_entries_are_in_the_order_of_the_archive_with_digests),
        in_folder(all_files_together_have_a_limit),
        in_folder(there_are_no_more_entries_than_an_artifact_may_have),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
