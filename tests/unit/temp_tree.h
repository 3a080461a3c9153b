/* A folder of files, and of git repositories, that is gone after the test. */
#ifndef TESTS_UNIT_TEMP_TREE_H
#define TESTS_UNIT_TEMP_TREE_H

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct temp_tree {
    struct arena arena;
    char *root; /* without links */
};

static inline void temp_run(const char *const *argv)
{
    int status = 0;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (status != 0)
        fail_msg("'%s %s' ended with %d", argv[0], argv[1], status);
}

static inline struct temp_tree temp_tree_make(void)
{
    const char *base = getenv("TMPDIR");
    struct temp_tree tree = {0};
    struct str pattern =
        str_format(&tree.arena, "%s/jobrun-unit-XXXXXX", base != NULL ? base : "/tmp");
    char *path = arena_copy(&tree.arena, pattern.s, pattern.n);

    assert_non_null(mkdtemp(path));
    char *real = realpath(path, NULL);
    assert_non_null(real);
    tree.root = arena_copy(&tree.arena, real, strlen(real));
    (free)(real);
    setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
    setenv("GIT_CONFIG_SYSTEM", "/dev/null", 1);
    return tree;
}

static inline void temp_tree_remove(struct temp_tree *tree)
{
    const char *argv[] = {"rm", "-rf", tree->root, NULL};

    temp_run(argv);
    arena_free(&tree->arena);
}

static inline const char *temp_path(struct temp_tree *tree, const char *path)
{
    return str_format(&tree->arena, "%s%s%s", tree->root, path[0] != '\0' ? "/" : "", path).s;
}

static inline void temp_folder(struct temp_tree *tree, const char *path)
{
    const char *argv[] = {"mkdir", "-p", temp_path(tree, path), NULL};

    temp_run(argv);
}

/* Makes the folder that it lies in, too. */
static inline void temp_write(struct temp_tree *tree, const char *path, const char *text)
{
    const char *slash = strrchr(path, '/');

    if (slash != NULL)
        temp_folder(tree, str_format(&tree->arena, "%.*s", (int)(slash - path), path).s);
    FILE *file = fopen(temp_path(tree, path), "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static inline void temp_git(struct temp_tree *tree, const char *folder, const char *const *words)
{
    const char *argv[32] = {"git",
                            "-C",
                            temp_path(tree, folder),
                            "-c",
                            "user.name=Test",
                            "-c",
                            "user.email=test@example.org",
                            "-c",
                            "init.defaultBranch=main",
                            "-c",
                            "commit.gpgsign=false"};
    size_t n = 11;

    for (; *words != NULL; words++) {
        assert_true(n < 31);
        argv[n++] = *words;
    }
    temp_run(argv);
}
#define TEMP_GIT(tree, folder, ...) \
    temp_git((tree), (folder), (const char *const[]){__VA_ARGS__, NULL})

/* A repository with all that is in the folder as its first commit. */
static inline void temp_repository(struct temp_tree *tree, const char *folder)
{
    temp_folder(tree, folder);
    TEMP_GIT(tree, folder, "init", "-q");
    TEMP_GIT(tree, folder, "add", "-A");
    TEMP_GIT(tree, folder, "commit", "-q", "--allow-empty", "-m", "first");
}

#endif
