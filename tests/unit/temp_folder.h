/*
 * A temporary folder for each test, for floors that have sys/: give
 * temp_folder_setup and temp_folder_teardown to cmocka_unit_test_setup_teardown.
 */
#ifndef TESTS_UNIT_TEMP_FOLDER_H
#define TESTS_UNIT_TEMP_FOLDER_H

#include "test.h"

#include "base/error.h"
#include "sys/fd.h"
#include "sys/fs.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct temp_folder {
    struct arena arena;
    char path[512];
    const char *name; /* the last segment of the path */
    int fd;
    int parent;
};

static struct temp_folder temp;

static inline int temp_folder_setup(void **state)
{
    (void)state;
    const char *above = getenv("TMPDIR");
    char real[4096];
    if (!realpath(above && above[0] ? above : "/tmp", real))
        return -1;
    temp = (struct temp_folder){.fd = -1, .parent = -1};
    snprintf(temp.path, sizeof temp.path, "%.400s/jobrun-unit-XXXXXX", real);
    if (!mkdtemp(temp.path))
        return -1;
    temp.name = strrchr(temp.path, '/') + 1;
    temp.parent = open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    temp.fd = open(temp.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return temp.fd < 0 || temp.parent < 0 ? -1 : 0;
}

static inline int temp_folder_teardown(void **state)
{
    (void)state;
    struct error err;
    int status = fs_remove_beneath(temp.parent, temp.name, &err);
    fd_close(&temp.fd);
    fd_close(&temp.parent);
    arena_free(&temp.arena);
    return status;
}

/* Writes a file; folders above it are there. */
static inline void temp_write(const char *path, const char *text)
{
    int fd = openat(temp.fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
    close(fd);
}

static inline void temp_mkdir(const char *path)
{
    assert_int_equal(mkdirat(temp.fd, path, 0755), 0);
}

/* "<temp folder>/<path>" */
static inline const char *temp_path(const char *path)
{
    return str_format(&temp.arena, "%s/%s", temp.path, path).s;
}

static inline struct str temp_read(const char *path)
{
    struct str text = {0};
    struct error err;
    if (fs_read_file(&temp.arena, temp_path(path), 1 << 20, &text, &err) != 0)
        fail_msg("%s", err.message);
    return text;
}

#define temp_test(test) \
    cmocka_unit_test_setup_teardown(test, temp_folder_setup, temp_folder_teardown)

#endif
