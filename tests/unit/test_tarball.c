#include "temp_folder.h"

#include "sys/tarball.h"

/* What was read, one line an entry. */
struct record {
    struct buf lines;
    int fail_at; /* the entry that the reader does not like; -1: none */
    int count;
};

static int begin(void *context, const struct tarball_item *item, struct error *err)
{
    struct record *record = context;
    static const char *const kinds[] = {
        [FS_FILE] = "file", [FS_LINK] = "link", [FS_FOLDER] = "folder", [FS_OTHER] = "other"};

    if (record->count++ == record->fail_at) {
        return error_set(err, ERROR_LIMIT, "enough");
    }
    buf_addf(&record->lines, "%s %.*s %04o %llu %.*s [", kinds[item->kind], STR_ARG(item->path),
             item->mode, (unsigned long long)item->size_bytes, STR_ARG(item->target));
    return 0;
}

static int data(void *context, const void *bytes, size_t n, struct error *err)
{
    struct record *record = context;

    (void)err;
    if (n < 100) {
        buf_add(&record->lines, (struct str){bytes, n});
    }
    return 0;
}

static int end(void *context, struct error *err)
{
    struct record *record = context;

    (void)err;
    buf_add(&record->lines, STR("]\n"));
    return 0;
}

static int read_tarball(int fd, enum pack_format format, struct record *record, struct error *err)
{
    struct tarball_calls calls = {begin, data, end, record};

    record->lines = buf_make(&temp.arena, BUF_MAX_DEFAULT);
    record->count = 0;
    return tarball_read(fd, format, &calls, err);
}

static int open_new(const char *name)
{
    int fd = openat(temp.fd, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    return fd;
}

static int open_text(const char *text)
{
    temp_write("text", text);
    int fd = openat(temp.fd, "text", O_RDONLY | O_CLOEXEC);

    assert_true(fd >= 0);
    return fd;
}

static void add(struct tarball *tarball, struct tarball_item item, const char *text)
{
    struct error err = {0};
    int from CLEANUP(fd_close) = text != NULL ? open_text(text) : -1;

    item.size_bytes = text != NULL ? strlen(text) : 0;
    if (tarball_add(tarball, &item, from, &err) < 0) {
        fail_msg("%s", err.message);
    }
}

static void write_sample(int fd, enum pack_format format)
{
    struct error err = {0};
    struct tarball *tarball CLEANUP(tarball_close) = NULL;
    struct buf longest = buf_make(&temp.arena, BUF_MAX_DEFAULT);

    if (tarball_create(&temp.arena, fd, format, &tarball, &err) < 0) {
        fail_msg("%s", err.message);
    }
    for (int i = 0; i < 30; i++) {
        buf_addf(&longest, "%sfolder-%02d", i > 0 ? "/" : "", i);
    }
    add(tarball, (struct tarball_item){FS_FILE, STR("a"), 04755, 0, {0}}, "text");
    add(tarball, (struct tarball_item){FS_FOLDER, STR("empty"), 0, 0, {0}}, NULL);
    add(tarball, (struct tarball_item){FS_LINK, STR("link"), 0, 0, STR("d/\xc3\xbc")}, NULL);
    add(tarball, (struct tarball_item){FS_FILE, STR("\xc3\xbc\xe6\xbc\xa2"), 0, 0, {0}}, "");
    add(tarball, (struct tarball_item){FS_FILE, buf_str(&longest), 0400, 0, {0}}, "x");
    if (tarball_finish(tarball, &err) < 0) {
        fail_msg("%s", err.message);
    }
}

static void what_goes_in_comes_out(void **state)
{
    (void)state;
    static const enum pack_format formats[] = {PACK_TAR_ZST, PACK_TAR_GZ};

    for (size_t i = 0; i < ARRAY_COUNT(formats); i++) {
        struct error err = {0};
        struct record record = {.fail_at = -1};
        int fd CLEANUP(fd_close) = open_new("packed");
        write_sample(fd, formats[i]);
        if (read_tarball(fd, formats[i], &record, &err) < 0) {
            fail_msg("%s", err.message);
        }
        struct str lines = buf_str(&record.lines);
        assert_true(str_starts(lines, STR("file a 0755 4  [text]\n"
                                          "folder empty 0000 0  []\n"
                                          "link link 0000 0 d/\xc3\xbc []\n"
                                          "file \xc3\xbc\xe6\xbc\xa2 0000 0  []\n"
                                          "file folder-00/folder-01/")));
        assert_true(str_ends(lines, STR("/folder-29 0400 1  [x]\n")));
    }
}

static struct str bytes_of(const char *name)
{
    struct error err = {0};
    struct str bytes = {0};
    const char *path = str_format(&temp.arena, "%s/%s", temp.path, name).s;

    if (fs_read_file(&temp.arena, path, 1 << 20, &bytes, &err) < 0) {
        fail_msg("%s", err.message);
    }
    return bytes;
}

static void the_same_items_are_the_same_bytes(void **state)
{
    (void)state;
    static const enum pack_format formats[] = {PACK_TAR_ZST, PACK_TAR_GZ};

    for (size_t i = 0; i < ARRAY_COUNT(formats); i++) {
        int one CLEANUP(fd_close) = open_new("one");
        int other CLEANUP(fd_close) = open_new("other");
        write_sample(one, formats[i]);
        write_sample(other, formats[i]);
        assert_true(str_equal(bytes_of("one"), bytes_of("other")));
        /* gzip: no name, no time. */
        if (formats[i] == PACK_TAR_GZ) {
            assert_memory_equal(bytes_of("one").s + 3, "\0\0\0\0\0", 5);
        }
    }
}

static void a_file_must_have_the_bytes_that_it_is_said_to_have(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {3, 5};

    for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
        struct error err = {0};
        struct tarball *tarball CLEANUP(tarball_close) = NULL;
        int fd CLEANUP(fd_close) = open_new("packed");
        int from CLEANUP(fd_close) = open_text("text");
        struct tarball_item item = {FS_FILE, STR("a"), 0644, sizes[i], {0}};
        assert_int_equal(tarball_create(&temp.arena, fd, PACK_TAR_ZST, &tarball, &err), 0);
        assert_int_equal(tarball_add(tarball, &item, from, &err), -1);
        assert_int_equal(err.kind, ERROR_OUTPUTS);
        assert_string_equal(err.message, "'a' changed while it was read");
    }
}

static void what_is_cut_off_anywhere_or_has_more_behind_it_is_refused(void **state)
{
    (void)state;
    static const enum pack_format formats[] = {PACK_TAR_ZST, PACK_TAR_GZ};

    for (size_t i = 0; i < ARRAY_COUNT(formats); i++) {
        int fd CLEANUP(fd_close) = open_new("packed");
        write_sample(fd, formats[i]);
        off_t size = lseek(fd, 0, SEEK_END);
        assert_int_equal(pwrite(fd, "", 1, size), 1);
        for (off_t n = size + 1; n >= 0; n--) {
            struct error err = {0};
            struct record record = {.fail_at = -1};
            assert_int_equal(ftruncate(fd, n), 0);
            int result = read_tarball(fd, formats[i], &record, &err);
            if (result != (n == size ? 0 : -1)) {
                fail_msg("%d bytes of %d: %s", (int)n, (int)size, err.message);
            }
            if (n != size && err.kind != ERROR_DAMAGED) {
                fail_msg("%d bytes of %d: kind %d", (int)n, (int)size, (int)err.kind);
            }
        }
    }
}

static void a_format_is_not_taken_for_the_other(void **state)
{
    (void)state;
    struct error err = {0};
    struct record record = {.fail_at = -1};
    int fd CLEANUP(fd_close) = open_new("packed");
    int plain CLEANUP(fd_close) = open_text("no archive at all, and not compressed either");

    write_sample(fd, PACK_TAR_ZST);
    assert_int_equal(read_tarball(fd, PACK_TAR_GZ, &record, &err), -1);
    assert_string_equal(err.message, "it is not a 'tar.gz'");
    assert_int_equal(read_tarball(plain, PACK_TAR_ZST, &record, &err), -1);
    assert_string_equal(err.message, "it is not a 'tar.zst'");
}

static void what_the_caller_does_not_like_ends_it(void **state)
{
    (void)state;
    struct error err = {0};
    struct record record = {.fail_at = 2};
    int fd CLEANUP(fd_close) = open_new("packed");

    write_sample(fd, PACK_TAR_ZST);
    assert_int_equal(read_tarball(fd, PACK_TAR_ZST, &record, &err), -1);
    assert_string_equal(err.message, "enough");
    assert_int_equal(record.count, 3);
}

int main(void)
{
#define in_folder(test) \
    cmocka_unit_test_setup_teardown(test, temp_folder_setup, temp_folder_teardown)
    const struct CMUnitTest tests[] = {
        in_folder(what_goes_in_comes_out),
        in_folder(the_same_items_are_the_same_bytes),
        in_folder(a_file_must_have_the_bytes_that_it_is_said_to_have),
        in_folder(what_is_cut_off_anywhere_or_has_more_behind_it_is_refused),
        in_folder(a_format_is_not_taken_for_the_other),
        in_folder(what_the_caller_does_not_like_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
