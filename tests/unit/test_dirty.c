#include "context_fixture.h"

#include "base/digest.h"
#include "job/dirty.h"
#include "manifest/footprint.h"

static struct str dirty_by(struct fixture *f, const char *folder, const struct dirty_rules *rules)
{
    struct dirty result;

    read_commit(f, folder);
    if (dirty_read(&f->context, f->arena, rules, &result, &f->err) != 0) {
        fail_msg("%s", f->err.message);
    }
    assert_true(result.fingerprint.n == 0 || result.fingerprint.n == 64);
    return result.fingerprint;
}

static struct str dirty_with(struct fixture *f, const char *folder, const char *products)
{
    struct str glob = str_from(products);
    const struct footprint footprint = {&glob, 1};

    return dirty_by(f, folder, &(struct dirty_rules){.products = products ? &footprint : NULL});
}

static struct str dirty(struct fixture *f)
{
    return dirty_with(f, "", NULL);
}

#define assert_clean(fingerprint) assert_str((fingerprint), "")
#define assert_dirty(fingerprint) assert_int_equal((fingerprint).n, 64)
#define assert_differ(a, b)       assert_false(str_equal((a), (b)))

static struct fixture begin_repository(void)
{
    struct fixture f = begin();

    temp_write(&f.tree, "a.txt", "one\n");
    temp_write(&f.tree, "sub/b.txt", "two\n");
    temp_write(&f.tree, ".gitignore", "ignored\n");
    temp_repository(&f.tree, "");
    return f;
}

static void a_clean_tree_has_no_fingerprint(void **state)
{
    struct fixture f CLEANUP(end) = begin_repository();

    (void)state;
    assert_clean(dirty(&f));
    temp_write(&f.tree, "ignored/x", "x");
    temp_write(&f.tree, ".jobrun/logs/x.log", "x");
    temp_write(&f.tree, "sub/.jobrun-tmp-host-1-abc", "x");
    assert_clean(dirty(&f));
}

static void the_fingerprint_follows_the_bytes_of_changed_files(void **state)
{
    struct fixture f CLEANUP(end) = begin_repository();

    (void)state;
    temp_write(&f.tree, "a.txt", "ONE\n");
    struct str first = dirty(&f);
    assert_dirty(first);
    temp_write(&f.tree, "a.txt", "TWO\n");
    assert_differ(dirty(&f), first);
    temp_write(&f.tree, "a.txt", "ONE\n");
    assert_str(dirty(&f), first.s);
    temp_write(&f.tree, "a.txt", "one\n");
    assert_clean(dirty(&f));
}

static void the_fingerprint_follows_untracked_files_with_name_mode_and_kind(void **state)
{
    struct fixture f CLEANUP(end) = begin_repository();

    (void)state;
    temp_write(&f.tree, "new", "x");
    struct str file = dirty(&f);
    assert_dirty(file);
    assert_int_equal(chmod(temp_path(&f.tree, "new"), 0755), 0);
    struct str executable = dirty(&f);
    assert_differ(executable, file);
    assert_int_equal(rename(temp_path(&f.tree, "new"), temp_path(&f.tree, "new2")), 0);
    assert_differ(dirty(&f), executable);
    assert_int_equal(unlink(temp_path(&f.tree, "new2")), 0);
    assert_int_equal(symlink("x", temp_path(&f.tree, "new")), 0);
    struct str link = dirty(&f);
    assert_differ(link, file);
    assert_int_equal(unlink(temp_path(&f.tree, "new")), 0);
    assert_int_equal(symlink("y", temp_path(&f.tree, "new")), 0);
    assert_differ(dirty(&f), link);
}

static void a_deleted_or_renamed_file_counts(void **state)
{
    struct fixture f CLEANUP(end) = begin_repository();

    (void)state;
    assert_int_equal(unlink(temp_path(&f.tree, "a.txt")), 0);
    assert_dirty(dirty(&f));
    TEMP_GIT(&f.tree, "", "checkout", "-q", "--", "a.txt");
    TEMP_GIT(&f.tree, "", "mv", "a.txt", "c.txt");
    assert_dirty(dirty(&f));
}

static void products_are_left_out_where_they_are_untracked(void **state)
{
    struct fixture f CLEANUP(end) = begin_repository();

    (void)state;
    temp_write(&f.tree, "dist/x.whl", "x");
    assert_dirty(dirty(&f));
    assert_clean(dirty_with(&f, "", "dist/*.whl"));
    temp_write(&f.tree, "a.txt", "changed");
    assert_dirty(dirty_with(&f, "", "**"));
}

static void a_tracked_file_is_left_out_where_it_is_what_the_job_published(void **state)
{
    struct fixture f CLEANUP(end) = begin_repository();
    struct dirty_product made = {.path = STR("a.txt"),
                                 .sha256 = sha256_hex(&f.tree.arena, STR("generated"))};
    const struct dirty_rules rules = {.made = &made, .made_count = 1};

    (void)state;
    temp_write(&f.tree, "a.txt", "generated");
    assert_dirty(dirty(&f));
    assert_clean(dirty_by(&f, "", &rules));
    temp_write(&f.tree, "a.txt", "edited by hand");
    assert_dirty(dirty_by(&f, "", &rules));
    temp_write(&f.tree, "a.txt", "generated");
    temp_write(&f.tree, "sub/b.txt", "generated");
    assert_dirty(dirty_by(&f, "", &rules));
}

static void untracked_files_do_not_count_where_only_tracked_ones_are_asked_for(void **state)
{
    struct fixture f CLEANUP(end) = begin_repository();
    const struct dirty_rules rules = {.tracked_only = true};

    (void)state;
    temp_write(&f.tree, "new.txt", "x");
    assert_clean(dirty_by(&f, "", &rules));
    temp_write(&f.tree, "a.txt", "changed");
    assert_dirty(dirty_by(&f, "", &rules));
}

static void the_store_is_left_out_but_never_hides_the_workspace(void **state)
{
    struct fixture f CLEANUP(end) = begin_repository();

    (void)state;
    temp_write(&f.tree, "sub/store/x", "x");
    assert_dirty(dirty(&f));
    f.wishes.store = STR("sub/store");
    assert_clean(dirty(&f));
    f.wishes.store = str_format(&f.tree.arena, "file://%s/sub/../sub/store", f.tree.root);
    assert_clean(dirty(&f));
    temp_write(&f.tree, "sub/store2/x", "x");
    assert_dirty(dirty(&f));
    f.wishes.store = STR(".");
    assert_dirty(dirty(&f));
    f.wishes.store = STR("sub");
    temp_write(&f.tree, "sub/b.txt", "changed");
    assert_dirty(dirty(&f));
}

static void a_workspace_in_a_folder_of_the_repository_sees_all_of_it(void **state)
{
    struct fixture f CLEANUP(end) = begin_repository();

    (void)state;
    temp_write(&f.tree, "sub/jobrun.yaml", "");
    TEMP_GIT(&f.tree, "", "add", "-A");
    TEMP_GIT(&f.tree, "", "commit", "-q", "-m", "second");
    temp_write(&f.tree, "sub/dist/x", "x");
    temp_write(&f.tree, "sub/.jobrun/x", "x");
    assert_clean(dirty_with(&f, "sub", "dist/**"));
    f.wishes.store = STR(".");
    assert_dirty(dirty_with(&f, "sub", NULL));
    f.wishes.store = STR("..");
    assert_dirty(dirty_with(&f, "sub", NULL));
    temp_write(&f.tree, "a.txt", "changed");
    assert_dirty(dirty_with(&f, "sub", "dist/**"));
}

static void a_nested_repository_counts_with_its_commit_and_changes(void **state)
{
    struct fixture f CLEANUP(end) = begin_repository();

    (void)state;
    temp_write(&f.tree, "nested/x", "x");
    temp_repository(&f.tree, "nested");
    struct str first = dirty(&f);
    assert_dirty(first);
    temp_write(&f.tree, "nested/x", "y");
    struct str changed = dirty(&f);
    assert_differ(changed, first);
    temp_write(&f.tree, "nested/x", "z");
    assert_differ(dirty(&f), changed);
    TEMP_GIT(&f.tree, "nested", "commit", "-q", "-a", "-m", "second");
    assert_differ(dirty(&f), first);
    assert_clean(dirty_with(&f, "", "nested/**"));
}

static void the_paths_that_counted_are_shown_in_order_ten_at_most(void **state)
{
    struct fixture f CLEANUP(end) = begin_repository();
    const struct dirty_rules rules = {0};
    struct dirty result;

    (void)state;
    temp_write(&f.tree, "sub/b.txt", "changed");
    temp_write(&f.tree, "a.txt", "changed");
    temp_write(&f.tree, "0.txt", "untracked, which git tells last");
    read_commit(&f, "sub");
    assert_int_equal(dirty_read(&f.context, f.arena, &rules, &result, &f.err), 0);
    assert_int_equal(result.changed_count, 3);
    assert_str(result.changed[0], "../0.txt");
    assert_str(result.changed[1], "../a.txt");
    assert_str(result.changed[2], "b.txt");
    for (int i = 0; i < 12; i++) {
        temp_write(&f.tree, str_format(&f.tree.arena, "new%d", i).s, "x");
    }
    read_commit(&f, "");
    assert_int_equal(dirty_read(&f.context, f.arena, &rules, &result, &f.err), 0);
    assert_int_equal(result.changed_count, DIRTY_PATHS_MAX);
}

static void a_name_that_no_manifest_could_hold_is_read_all_the_same(void **state)
{
    struct fixture f CLEANUP(end) = begin_repository();

    (void)state;
    temp_write(&f.tree, "od\\d\tna\"me", "x");
    struct str first = dirty(&f);
    assert_dirty(first);
    temp_write(&f.tree, "od\\d\tna\"me", "y");
    assert_differ(dirty(&f), first);
}

static void a_file_that_cannot_be_read_is_an_error_that_names_it(void **state)
{
    const struct dirty_rules rules = {0};
    struct dirty result;

    (void)state;
    if (geteuid() == 0) { /* who may read everything */
        skip();
    }
    struct fixture f CLEANUP(end) = begin_repository();
    temp_write(&f.tree, "secret.txt", "x");
    assert_int_equal(chmod(temp_path(&f.tree, "secret.txt"), 0), 0);
    read_commit(&f, "");
    assert_int_equal(dirty_read(&f.context, f.arena, &rules, &result, &f.err), -1);
    assert_true(str_contains(str_from(f.err.message), STR("secret.txt")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clean_tree_has_no_fingerprint),
        cmocka_unit_test(the_fingerprint_follows_the_bytes_of_changed_files),
        cmocka_unit_test(the_fingerprint_follows_untracked_files_with_name_mode_and_kind),
        cmocka_unit_test(a_deleted_or_renamed_file_counts),
        cmocka_unit_test(products_are_left_out_where_they_are_untracked),
        cmocka_unit_test(a_tracked_file_is_left_out_where_it_is_what_the_job_published),
        cmocka_unit_test(untracked_files_do_not_count_where_only_tracked_ones_are_asked_for),
        cmocka_unit_test(the_store_is_left_out_but_never_hides_the_workspace),
        cmocka_unit_test(a_workspace_in_a_folder_of_the_repository_sees_all_of_it),
        cmocka_unit_test(a_nested_repository_counts_with_its_commit_and_changes),
        cmocka_unit_test(the_paths_that_counted_are_shown_in_order_ten_at_most),
        cmocka_unit_test(a_name_that_no_manifest_could_hold_is_read_all_the_same),
        cmocka_unit_test(a_file_that_cannot_be_read_is_an_error_that_names_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
