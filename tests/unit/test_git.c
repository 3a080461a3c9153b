#include "temp_folder.h"

#include "sys/git.h"
#include "sys/process.h"

static struct error err;
static struct process_output output;

/* Runs git in the temporary folder, apart from what the user has configured. */
static void git(const char *command)
{
    struct str script = str_format(&temp.arena,
                                   "git -c user.name=Unit -c user.email=unit@example.invalid "
                                   "-c init.defaultBranch=main -c commit.gpgSign=false %s",
                                   command);
    const char *const argv[] = {"sh", "-c", script.s, NULL};
    if (process_capture(&temp.arena, argv, temp.path, NULL, NULL, 1 << 20, &output, &err) != 0) {
        fail_msg("%s", err.message);
    }
    if (output.exit_status != 0) {
        fail_msg("git %s: %.*s", command, STR_ARG(output.errors));
    }
}

static void make_repository(void)
{
    git("init -q");
    temp_mkdir("dir");
    temp_write("a file", "1\n2\n3\n4\n5\n6\n");
    temp_write("dir/b", "b\n");
    git("add -A && git -c user.name=U -c user.email=u@example.invalid commit -q -m first");
}

static struct git_status read_status(void)
{
    struct git_status status;
    if (git_status_read(&temp.arena, temp.path, &status, &err) != 0) {
        fail_msg("%s", err.message);
    }
    return status;
}

static const struct git_entry *entry_of(const struct git_status *status, const char *path)
{
    for (size_t i = 0; i < status->count; i++) {
        if (str_is(status->entries[i].path, path)) {
            return &status->entries[i];
        }
    }
    fail_msg("no entry of '%s'", path);
    return NULL;
}

static void a_clean_tree_has_a_head_and_no_entries(void **state)
{
    (void)state;
    make_repository();
    struct git_status status = read_status();
    assert_true(git_is_full_id(status.head));
    assert_str(status.branch, "main");
    assert_int_equal(status.count, 0);
    git("checkout -q --detach");
    assert_str(read_status().branch, "");
}

static void a_repository_without_a_commit_has_no_head(void **state)
{
    (void)state;
    git("init -q");
    temp_write("new", "");
    struct git_status status = read_status();
    assert_str(status.head, "");
    assert_str(status.branch, "main");
    assert_int_equal(status.count, 1);
}

static void every_kind_of_entry_is_read(void **state)
{
    (void)state;
    make_repository();
    temp_write("dir/b", "changed\n");
    temp_write("new\nline", "");
    temp_mkdir("nested");
    git("-C nested init -q");
    temp_write("nested/x", "");
    struct git_status status = read_status();
    assert_int_equal(status.count, 3);
    const struct git_entry *entry = entry_of(&status, "dir/b");
    assert_int_equal(entry->kind, '1');
    assert_true(str_starts(entry->line, STR("1 .M ")));
    assert_true(str_ends(entry->line, STR(" dir/b")));
    assert_int_equal(entry_of(&status, "new\nline")->kind, '?');
    assert_int_equal(entry_of(&status, "nested/")->kind, '?');
}

static void a_renamed_file_is_deleted_and_added(void **state)
{
    (void)state;
    static const char *const configured[] = {"false", "true", "copies"};
    make_repository();
    git("mv 'a file' 'moved file'");
    for (size_t i = 0; i < ARRAY_COUNT(configured); i++) {
        git(str_format(&temp.arena, "config status.renames %s", configured[i]).s);
        struct git_status status = read_status();
        assert_int_equal(status.count, 2);
        assert_true(str_starts(entry_of(&status, "a file")->line, STR("1 D. ")));
        assert_true(str_starts(entry_of(&status, "moved file")->line, STR("1 A. ")));
    }
}

/* Whatever is configured to hide it. */
static void a_changed_submodule_is_an_entry(void **state)
{
    (void)state;
    static const char *const configured[] = {"diff.ignoreSubmodules all",
                                             "submodule.dir/sub.ignore all",
                                             "submodule.dir/sub.ignore untracked"};
    make_repository();
    git("clone -q . origin && echo /origin/ >>.git/info/exclude");
    git("-c protocol.file.allow=always submodule --quiet add ./origin dir/sub 2>/dev/null");
    git("commit -q -m sub");
    assert_int_equal(read_status().count, 0);
    temp_write("dir/sub/new", "");
    for (size_t i = 0; i < ARRAY_COUNT(configured); i++) {
        git(str_format(&temp.arena, "config %s", configured[i]).s);
        struct git_status status = read_status();
        assert_int_equal(status.count, 1);
        assert_true(str_starts(entry_of(&status, "dir/sub")->line, STR("1 .M S..U ")));
    }
}

static void an_unmerged_file_is_an_entry(void **state)
{
    (void)state;
    make_repository();
    git("checkout -q -b other");
    temp_write("dir/b", "other\n");
    git("commit -q -a -m other");
    git("checkout -q main");
    temp_write("dir/b", "main\n");
    git("commit -q -a -m main");
    git("merge -q other >/dev/null 2>&1 || true");
    struct git_status status = read_status();
    assert_int_equal(status.count, 1);
    assert_int_equal(entry_of(&status, "dir/b")->kind, 'u');

    struct str *tracked;
    size_t count;
    struct str path = STR("dir");
    assert_int_equal(git_tracked(&temp.arena, temp.path, &path, 1, &tracked, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_str(tracked[0], "dir/b");
}

static void the_status_is_of_the_folder_and_not_of_git_dir(void **state)
{
    (void)state;
    make_repository();
    setenv("GIT_DIR", "/no/such/repository", 1);
    setenv("GIT_INDEX_FILE", "/no/such/index", 1);
    setenv("GIT_WORK_TREE", "/", 1);
    struct git_status status = read_status();
    unsetenv("GIT_DIR");
    unsetenv("GIT_INDEX_FILE");
    unsetenv("GIT_WORK_TREE");
    assert_int_equal(status.count, 0);
    assert_true(git_is_full_id(status.head));
}

static void a_folder_in_no_repository_is_not_found(void **state)
{
    (void)state;
    struct git_status status;
    struct str text;
    assert_int_equal(git_status_read(&temp.arena, temp.path, &status, &err), -1);
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    assert_non_null(strstr(err.message, "is in no git repository"));
    assert_true(err.help[0] != '\0');
    assert_int_equal(git_resolve(&temp.arena, temp.path, STR("HEAD"), &text, &err), -1);
    assert_non_null(strstr(err.message, "is in no git repository"));
    assert_int_equal(git_status_read(&temp.arena, temp_path("none"), &status, &err), -1);
    assert_non_null(strstr(err.message, "cannot enter folder"));
}

static void git_that_is_not_installed_is_a_failure(void **state)
{
    (void)state;
    struct git_status status;
    const char *path = str_format(&temp.arena, "%s", getenv("PATH")).s;
    setenv("PATH", temp.path, 1);
    int got = git_status_read(&temp.arena, temp.path, &status, &err);
    setenv("PATH", path, 1);
    assert_int_equal(got, -1);
    /* Not ERROR_NOT_FOUND, which means that there is no repository. */
    assert_int_equal(err.kind, ERROR_FAILED);
    assert_non_null(strstr(err.message, "git is not installed"));
    assert_non_null(strstr(err.help, "install git"));
}

/* A git that says what it says in a folder of another user. */
static void advice_of_git_is_handed_on(void **state)
{
    (void)state;
    struct git_status status;
    temp_write("git", "#!/bin/sh\n"
                      "echo \"fatal: detected dubious ownership in repository at '/x'\" >&2\n"
                      "echo 'To add an exception for this directory, call:' >&2\n"
                      "echo >&2\n"
                      "printf '\\tgit config --global --add safe.directory /x\\n' >&2\n"
                      "exit 128\n");
    assert_int_equal(fchmodat(temp.fd, "git", 0755, 0), 0);
    const char *path = str_format(&temp.arena, "%s", getenv("PATH")).s;
    setenv("PATH", str_format(&temp.arena, "%s:%s", temp.path, path).s, 1);
    int got = git_status_read(&temp.arena, temp.path, &status, &err);
    setenv("PATH", path, 1);
    assert_int_equal(got, -1);
    assert_int_equal(err.kind, ERROR_NOT_ALLOWED);
    assert_string_equal(err.help, "git config --global --add safe.directory /x");
}

/* Of every form that a record may have, and of some that it must not have. */
static void a_record_that_is_unknown_is_an_error(void **state)
{
    (void)state;
    static const char *const bad[] = {"3 x", "1 M. N... 1 2 3 a", "? ", "x",
                                      "2 R. N... 1 2 3 a b R100 n"};
    const char *path = str_format(&temp.arena, "%s", getenv("PATH")).s;
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        struct git_status status;
        temp_write("git", str_format(&temp.arena, "#!/bin/sh\nprintf '%s\\0'\n", bad[i]).s);
        assert_int_equal(fchmodat(temp.fd, "git", 0755, 0), 0);
        setenv("PATH", str_format(&temp.arena, "%s:%s", temp.path, path).s, 1);
        int got = git_status_read(&temp.arena, temp.path, &status, &err);
        setenv("PATH", path, 1);
        assert_int_equal(got, -1);
        assert_non_null(strstr(err.message, "does not know"));
    }
}

static void a_revision_becomes_a_full_id(void **state)
{
    (void)state;
    struct str id;
    make_repository();
    struct str head = read_status().head;
    git("tag -a v1 -m v1");
    static const char *const names[] = {"HEAD", "main", "v1", "refs/heads/main"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        assert_int_equal(git_resolve(&temp.arena, temp.path, str_from(names[i]), &id, &err), 0);
        assert_true(str_equal(id, head));
    }
    assert_int_equal(git_resolve(&temp.arena, temp.path, str_slice(head, 0, 8), &id, &err), 0);
    assert_true(str_equal(id, head));
}

static void a_revision_that_names_no_commit_is_not_found(void **state)
{
    (void)state;
    struct str id;
    make_repository();
    static const char *const names[] = {"none",       "HEAD~9",
                                        "HEAD..HEAD", "^HEAD",
                                        "HEAD:dir",   "0123456789012345678901234567890123456789"};
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        assert_int_equal(git_resolve(&temp.arena, temp.path, str_from(names[i]), &id, &err), -1);
        assert_int_equal(err.kind, ERROR_NOT_FOUND);
        assert_non_null(strstr(err.message, names[i]));
    }
    struct str usage[] = {STR(""), STR("--all"), STR("HEAD\0x")};
    for (size_t i = 0; i < ARRAY_COUNT(usage); i++) {
        assert_int_equal(git_resolve(&temp.arena, temp.path, usage[i], &id, &err), -1);
        assert_int_equal(err.kind, ERROR_USAGE);
    }
}

static void tracked_files_are_listed_from_the_folder(void **state)
{
    (void)state;
    struct str *tracked;
    size_t count;
    make_repository();
    temp_write("dir/untracked", "");
    temp_write("star*", "");
    git("add 'star*'");
    struct str all[] = {STR(""), STR("dir"), STR("none")};
    assert_int_equal(git_tracked(&temp.arena, temp.path, all, 3, &tracked, &count, &err), 0);
    assert_int_equal(count, 3);
    assert_str(tracked[0], "a file");
    assert_str(tracked[1], "dir/b");
    assert_str(tracked[2], "star*");
    /* Taken literally, and from the folder. */
    struct str literal[] = {STR("*"), STR("star*"), STR(":(top)dir")};
    assert_int_equal(git_tracked(&temp.arena, temp.path, literal, 3, &tracked, &count, &err), 0);
    assert_int_equal(count, 1);
    assert_str(tracked[0], "star*");
    struct str below = STR("b");
    assert_int_equal(git_tracked(&temp.arena, temp_path("dir"), &below, 1, &tracked, &count, &err),
                     0);
    assert_int_equal(count, 1);
    assert_str(tracked[0], "b");
    assert_int_equal(git_tracked(&temp.arena, temp.path, NULL, 0, &tracked, &count, &err), 0);
    assert_int_equal(count, 0);
}

static void more_paths_than_one_call_takes_are_asked_in_batches(void **state)
{
    (void)state;
    enum { COUNT = 2500 };
    struct str paths[COUNT];
    struct str *tracked;
    size_t count;
    make_repository();
    for (size_t i = 0; i < COUNT; i++) {
        paths[i] = str_format(&temp.arena, "dir/%0200zu", i);
    }
    paths[0] = STR("dir");
    paths[COUNT - 2] = STR("a file");
    paths[COUNT - 1] = STR("dir/b");
    assert_int_equal(git_tracked(&temp.arena, temp.path, paths, COUNT, &tracked, &count, &err), 0);
    assert_int_equal(count, 2);
    assert_str(tracked[0], "a file");
    assert_str(tracked[1], "dir/b");
}

static void the_origin_has_no_user_or_password(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"https://login:secret@example.com/x.git", "https://example.com/x.git"},
        {"https://example.com/a@b/x.git", "https://example.com/a@b/x.git"},
        {"https://login:p@ss@example.com?token=x", "https://example.com"},
        {"ssh://git@example.com:22/x", "ssh://example.com:22/x"},
        {"git@example.com:org/x.git", "example.com:org/x.git"},
        {"/srv/a@b:c/x.git", "/srv/a@b:c/x.git"},
        {"../a@b", "../a@b"},
    };
    struct str url;
    git("init -q");
    assert_int_equal(git_origin(&temp.arena, temp.path, &url, &err), 0);
    assert_str(url, "");
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        git(str_format(&temp.arena, "config remote.origin.url '%s'", cases[i][0]).s);
        assert_int_equal(git_origin(&temp.arena, temp.path, &url, &err), 0);
        assert_str(url, cases[i][1]);
    }
}

static void a_shallow_clone_is_told_from_a_whole_one(void **state)
{
    (void)state;
    bool shallow = true;
    make_repository();
    git("commit -q --allow-empty -m second");
    assert_int_equal(git_is_shallow(&temp.arena, temp.path, &shallow, &err), 0);
    assert_false(shallow);
    git("clone -q --depth 1 \"file://$PWD\" clone");
    assert_int_equal(git_is_shallow(&temp.arena, temp_path("clone"), &shallow, &err), 0);
    assert_true(shallow);
    assert_int_equal(git_is_shallow(&temp.arena, "/", &shallow, &err), -1);
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
}

static void the_top_level_is_found_without_git(void **state)
{
    (void)state;
    struct str top;
    temp_mkdir("a");
    temp_mkdir("a/b");
    temp_mkdir("a/b/c");
    assert_int_equal(git_top_level(&temp.arena, temp_path("a/b/c"), &top, &err), -1);
    assert_int_equal(err.kind, ERROR_NOT_FOUND);
    temp_mkdir(".git");
    assert_int_equal(git_top_level(&temp.arena, temp_path("a/b/c"), &top, &err), 0);
    assert_str(top, temp.path);
    temp_write("a/b/.git", "gitdir: elsewhere\n"); /* a worktree, or a submodule */
    assert_int_equal(git_top_level(&temp.arena, temp_path("a/b/c"), &top, &err), 0);
    assert_str(top, temp_path("a/b"));
    assert_int_equal(git_top_level(&temp.arena, temp_path("a/b"), &top, &err), 0);
    assert_str(top, temp_path("a/b"));
    assert_int_equal(git_top_level(&temp.arena, temp_path("none"), &top, &err), -1);
}

static void full_ids_have_40_or_64_lower_case_digits(void **state)
{
    (void)state;
    const char *digits = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    assert_true(git_is_full_id((struct str){digits, 40}));
    assert_true(git_is_full_id((struct str){digits, 64}));
    assert_false(git_is_full_id((struct str){digits, 39}));
    assert_false(git_is_full_id((struct str){digits, 41}));
    assert_false(git_is_full_id(STR("")));
    assert_false(git_is_full_id(STR("0123456789ABCDEF0123456789abcdef01234567")));
    assert_false(git_is_full_id(STR("0123456789abcdef0123456789abcdef0123456\0")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        temp_test(a_clean_tree_has_a_head_and_no_entries),
        temp_test(a_repository_without_a_commit_has_no_head),
        temp_test(every_kind_of_entry_is_read),
        temp_test(a_renamed_file_is_deleted_and_added),
        temp_test(a_changed_submodule_is_an_entry),
        temp_test(an_unmerged_file_is_an_entry),
        temp_test(the_status_is_of_the_folder_and_not_of_git_dir),
        temp_test(a_folder_in_no_repository_is_not_found),
        temp_test(git_that_is_not_installed_is_a_failure),
        temp_test(advice_of_git_is_handed_on),
        temp_test(a_record_that_is_unknown_is_an_error),
        temp_test(a_revision_becomes_a_full_id),
        temp_test(a_revision_that_names_no_commit_is_not_found),
        temp_test(tracked_files_are_listed_from_the_folder),
        temp_test(more_paths_than_one_call_takes_are_asked_in_batches),
        temp_test(the_origin_has_no_user_or_password),
        temp_test(a_shallow_clone_is_told_from_a_whole_one),
        temp_test(the_top_level_is_found_without_git),
        temp_test(full_ids_have_40_or_64_lower_case_digits),
    };
    setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
    setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
    return cmocka_run_group_tests_name("git", tests, NULL, NULL);
}
