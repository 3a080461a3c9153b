#include "temp_tree.h"

#include "base/digest.h"
#include "base/error.h"
#include "job/catalog.h"
#include "job/context.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

#define BUILD_TEXT "job: build\nhelp: x\ncommand: [make]\n"

struct fixture {
    struct temp_tree tree;
    struct arena *arena;
    struct context context;
    struct catalog *catalog;
    struct diags diags;
};

static struct fixture begin(void)
{
    struct fixture f = {.tree = temp_tree_make(), .context.root_fd = -1};

    temp_write(&f.tree, "jobrun.yaml", "manifests: jobs\n");
    temp_write(&f.tree, "jobs/build.yaml", BUILD_TEXT);
    return f;
}

static void end(struct fixture *f)
{
    context_close(&f->context);
    temp_tree_remove(&f->tree);
}

static void open_at(struct fixture *f, const char *folder)
{
    static const char *const NONE[] = {NULL};
    const struct variables variables = {NONE};
    const struct context_wishes wishes = {0};
    struct error err = {0};

    f->arena = &f->tree.arena;
    f->diags = diags_make(f->arena);
    context_close(&f->context);
    if (context_open(&f->context, f->arena, temp_path(&f->tree, folder), &variables, &wishes,
                     &f->diags, &err) != 0) {
        fail_msg("%s", err.message);
    }
    f->catalog = catalog_make(f->arena, &f->context);
}

static void assert_no_problem(const struct fixture *f)
{
    if (f->diags.count > 0) {
        fail_msg("unexpected: %.*s", STR_ARG(f->diags.items[0]->message));
    }
}

static void assert_problem(const struct fixture *f, enum status status, const char *message,
                           const char *help)
{
    assert_int_equal(f->diags.count, 1);
    const struct diag *d = f->diags.items[0];
    assert_str(d->message, message);
    assert_int_equal(d->status, status);
    assert_int_equal(d->help_count, help != NULL ? 1 : 0);
    if (help != NULL) {
        assert_str(d->helps[0], help);
    }
}

static void a_job_is_found_by_its_name_and_read_once(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    temp_folder(&f.tree, "sub");
    open_at(&f, "sub");
    const struct manifest *build = catalog_find(f.catalog, STR("build"), &f.diags);
    assert_no_problem(&f);
    assert_non_null(build);
    assert_str(build->name, "build");
    assert_str(build->source->name, "../jobs/build.yaml");
    assert_ptr_equal(catalog_find(f.catalog, STR("build"), &f.diags), build);
    assert_ptr_equal(catalog_read(f.catalog, STR("../jobs/build.yaml"), &f.diags), build);
    assert_ptr_equal(
        catalog_read(f.catalog, str_from(temp_path(&f.tree, "jobs/../jobs/build.yaml")), &f.diags),
        build);
    assert_str(catalog_path(f.catalog, build), "jobs/build.yaml");
    assert_str(catalog_digest(f.catalog, build), sha256_hex(f.arena, STR(BUILD_TEXT)).s);
}

static void a_job_that_is_not_there_is_no_problem_of_find(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    open_at(&f, "");
    assert_null(catalog_find(f.catalog, STR("biuld"), &f.diags));
    assert_null(catalog_find(f.catalog, STR("../jobs/build"), &f.diags));
    assert_null(catalog_find(f.catalog, STR(""), &f.diags));
    assert_no_problem(&f);
}

static void a_manifest_outside_of_the_folder_is_read_by_its_path(void **state)
{
    struct fixture f CLEANUP(end) = begin();
    struct temp_tree other = temp_tree_make();

    (void)state;
    temp_write(&f.tree, "sub/other.yaml", "job: other\nhelp: x\ncommand: [make]\n");
    temp_write(&other, "far.yaml", "job: far\nhelp: x\ncommand: [make]\n");
    open_at(&f, "sub");
    const struct manifest *near = catalog_read(f.catalog, STR("./other.yaml"), &f.diags);
    assert_non_null(near);
    assert_str(near->source->name, "./other.yaml");
    assert_str(catalog_path(f.catalog, near), "sub/other.yaml");
    const char *path = temp_path(&other, "far.yaml");
    const struct manifest *far = catalog_read(f.catalog, str_from(path), &f.diags);
    assert_no_problem(&f);
    assert_non_null(far);
    assert_str(catalog_path(f.catalog, far), path);
    temp_tree_remove(&other);
}

static void a_misspelt_job_is_told_with_the_nearest(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    open_at(&f, "");
    assert_null(catalog_read(f.catalog, STR("biuld"), &f.diags));
    assert_problem(&f, STATUS_USAGE, "there is no job 'biuld'", "did you mean 'build'?");
    assert_str(f.diags.items[0]->notes[0], "looked for 'jobs/biuld.yaml'");
    open_at(&f, "");
    assert_null(catalog_read(f.catalog, STR("zzz"), &f.diags));
    assert_problem(&f, STATUS_USAGE, "there is no job 'zzz'", "the jobs are: build");
    open_at(&f, "");
    assert_null(catalog_read(f.catalog, STR(""), &f.diags));
    assert_problem(&f, STATUS_USAGE, "there is no job ''", "the jobs are: build");
}

static void a_missing_file_is_told_with_the_manifest_of_that_name(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    open_at(&f, "");
    assert_null(catalog_read(f.catalog, STR("build.yaml"), &f.diags));
    assert_problem(&f, STATUS_USAGE, "there is no file 'build.yaml'",
                   "did you mean 'jobs/build.yaml'?");
}

static void a_file_that_ends_in_yml_is_no_manifest_and_the_message_says_so(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    temp_write(&f.tree, "jobs/test.yml", "job: test\nhelp: x\ncommand: [make]\n");
    open_at(&f, "");
    assert_null(catalog_find(f.catalog, STR("test"), &f.diags));
    assert_null(catalog_read(f.catalog, STR("test"), &f.diags));
    assert_problem(&f, STATUS_USAGE, "there is no job 'test'",
                   "rename 'jobs/test.yml': the name of a manifest ends in .yaml");
    open_at(&f, "");
    assert_null(catalog_read(f.catalog, STR("jobs/test.yml"), &f.diags));
    assert_problem(&f, STATUS_USAGE, "'jobs/test.yml' is not a manifest",
                   "the name of a manifest ends in .yaml");
}

static void the_problems_of_a_manifest_are_reported_the_first_time_it_is_read(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    temp_write(&f.tree, "jobs/bad.yaml", "job: other\nhelp: x\ncommand: [make]\n");
    open_at(&f, "");
    catalog_find(f.catalog, STR("bad"), &f.diags);
    assert_int_equal(f.diags.error_count, 1);
    assert_int_equal(f.diags.items[0]->status, STATUS_MANIFEST);
    assert_str(f.diags.items[0]->span.source->name, "jobs/bad.yaml");
    catalog_find(f.catalog, STR("bad"), &f.diags);
    assert_int_equal(f.diags.error_count, 1);
}

static void a_folder_in_the_place_of_a_manifest_is_reported(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    temp_folder(&f.tree, "jobs/dir.yaml");
    open_at(&f, "");
    assert_null(catalog_find(f.catalog, STR("dir"), &f.diags));
    assert_int_equal(f.diags.error_count, 1);
    assert_int_equal(f.diags.items[0]->status, STATUS_MANIFEST);
    assert_true(str_contains(f.diags.items[0]->message, STR("dir.yaml")));
}

static void the_names_are_those_of_files_with_a_top_level_job_in_order(void **state)
{
    struct fixture f CLEANUP(end) = begin();
    struct str *names;
    size_t count;

    (void)state;
    temp_write(&f.tree, "jobs/a-b.yaml", "job: a-b\n");
    temp_write(&f.tree, "jobs/a.yaml", "help: x\njob: a\n");
    temp_write(&f.tree, "jobs/broken.yaml", "help: [x\njob: broken\n");
    temp_write(&f.tree, "jobs/fragment.yaml", "params: {job: {default: x}}\n");
    temp_write(&f.tree, "jobs/notes.txt", "job: notes\n");
    temp_write(&f.tree, "jobs/other.yml", "job: other\n");
    temp_write(&f.tree, "jobs/Upper.yaml", "job: Upper\n");
    temp_write(&f.tree, "jobs/.hidden.yaml", "job: hidden\n");
    temp_write(&f.tree, "jobs/shared/deep.yaml", "job: deep\n");
    assert_int_equal(symlink("build.yaml", temp_path(&f.tree, "jobs/link.yaml")), 0);
    assert_int_equal(symlink("nothing", temp_path(&f.tree, "jobs/dangling.yaml")), 0);
    open_at(&f, "");
    catalog_names(f.catalog, &names, &count);
    assert_int_equal(count, 5);
    assert_str(names[0], "a");
    assert_str(names[1], "a-b");
    assert_str(names[2], "broken");
    assert_str(names[3], "build");
    assert_str(names[4], "link");
}

static void a_folder_of_manifests_that_is_not_there_holds_none(void **state)
{
    struct fixture f CLEANUP(end) = begin();
    struct str *names;
    size_t count;

    (void)state;
    temp_write(&f.tree, "jobrun.yaml", "manifests: nowhere\n");
    open_at(&f, "");
    catalog_names(f.catalog, &names, &count);
    assert_int_equal(count, 0);
    assert_null(catalog_read(f.catalog, STR("build"), &f.diags));
    assert_problem(&f, STATUS_USAGE, "there is no job 'build'", NULL);
}

static void the_root_itself_may_be_the_folder_of_the_manifests(void **state)
{
    struct fixture f CLEANUP(end) = begin();
    struct str *names;
    size_t count;

    (void)state;
    temp_write(&f.tree, "jobrun.yaml", "manifests: .\n");
    temp_write(&f.tree, "top.yaml", "job: top\nhelp: x\ncommand: [make]\n");
    open_at(&f, "jobs");
    catalog_names(f.catalog, &names, &count);
    assert_int_equal(count, 1);
    const struct manifest *top = catalog_find(f.catalog, STR("top"), &f.diags);
    assert_no_problem(&f);
    assert_str(catalog_path(f.catalog, top), "top.yaml");
    assert_str(top->source->name, "../top.yaml");
}

static void a_job_that_is_missing_may_have_been_meant_as_a_command(void **state)
{
    struct fixture f CLEANUP(end) = begin();
    const struct str commands[] = {STR("lint"), STR("version")};

    (void)state;
    open_at(&f, "");
    catalog_report_missing(f.catalog, STR("lnit"), commands, ARRAY_COUNT(commands), &f.diags);
    assert_problem(&f, STATUS_USAGE, "there is no job 'lnit', and no command of that name",
                   "did you mean 'lint'?");
    open_at(&f, "");
    catalog_report_missing(f.catalog, STR("biuld"), commands, ARRAY_COUNT(commands), &f.diags);
    assert_problem(&f, STATUS_USAGE, "there is no job 'biuld', and no command of that name",
                   "did you mean 'build'?");
}

static void a_long_name_is_shown_in_part(void **state)
{
    struct fixture f CLEANUP(end) = begin();
    char name[1000];

    (void)state;
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    open_at(&f, "");
    assert_null(catalog_read(f.catalog, str_from(name), &f.diags));
    assert_int_equal(f.diags.count, 1);
    assert_true(f.diags.items[0]->message.n < 250);
}

static void a_file_that_is_too_large_is_a_problem_of_the_manifest(void **state)
{
    struct fixture f CLEANUP(end) = begin();
    struct buf text = buf_make(&f.tree.arena, BUF_MAX_DEFAULT);

    (void)state;
    buf_add(&text, STR("job: big\n#"));
    buf_add_repeat(&text, 'x', 3 << 20);
    temp_write(&f.tree, "jobs/big.yaml", buf_str(&text).s);
    open_at(&f, "");
    assert_null(catalog_find(f.catalog, STR("big"), &f.diags));
    assert_problem(&f, STATUS_MANIFEST, "the file has more than the 1048576 bytes that are allowed",
                   NULL);
    assert_string_equal(f.diags.items[0]->rule, "limit");
    assert_str(f.diags.items[0]->span.source->name, "jobs/big.yaml");
}

static void a_fragment_is_told_from_a_manifest(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    temp_write(&f.tree, "jobs/fragment.yaml", "params: {job: {default: x}}\n");
    temp_write(&f.tree, "jobs/broken.yaml", "help: [x\njob: broken\n");
    open_at(&f, "jobs");
    assert_true(catalog_is_manifest(f.catalog, STR("build.yaml")));
    assert_true(catalog_is_manifest(f.catalog, STR("broken.yaml")));
    assert_false(catalog_is_manifest(f.catalog, STR("fragment.yaml")));
}

static void a_text_stands_for_its_file(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    open_at(&f, ".");
    const struct manifest *text = catalog_read_text(
        f.catalog, STR("jobs/build.yaml"), STR("job: build\nhelp: y\ncommand: [x]\n"), &f.diags);
    assert_no_problem(&f);
    assert_str(text->help, "y");
    assert_ptr_equal(catalog_find(f.catalog, STR("build"), &f.diags), text);
    assert_str(catalog_path(f.catalog, text), "jobs/build.yaml");

    const struct manifest *none =
        catalog_read_text(f.catalog, STR("jobs/none.yaml"), STR(BUILD_TEXT), &f.diags);
    assert_problem(&f, STATUS_MANIFEST, "job 'build' stands in the file 'none.yaml'",
                   "name the job 'none', or the file 'build.yaml'");
    assert_true(f.diags.items[0]->stops_run);
    assert_str(catalog_path(f.catalog, none), "jobs/none.yaml");
}

static void a_text_that_is_no_files_may_have_any_name(void **state)
{
    struct fixture f CLEANUP(end) = begin();
    const struct str no_path = {0};

    (void)state;
    open_at(&f, "jobs");
    const struct manifest *text = catalog_read_text(f.catalog, no_path, STR(BUILD_TEXT), &f.diags);
    assert_no_problem(&f);
    assert_str(text->source->name, SOURCE_STDIN);
    assert_ptr_not_equal(catalog_find(f.catalog, STR("build"), &f.diags), text);

    char *large = arena_alloc(f.arena, DOCUMENT_BYTES_MAX + 2);
    memset(large, '#', DOCUMENT_BYTES_MAX + 1);
    struct str too_large = {large, DOCUMENT_BYTES_MAX + 1};
    assert_null(catalog_read_text(f.catalog, no_path, too_large, &f.diags));
    assert_problem(&f, STATUS_MANIFEST, "the file has more than the 1048576 bytes that are allowed",
                   NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_job_is_found_by_its_name_and_read_once),
        cmocka_unit_test(a_job_that_is_not_there_is_no_problem_of_find),
        cmocka_unit_test(a_manifest_outside_of_the_folder_is_read_by_its_path),
        cmocka_unit_test(a_misspelt_job_is_told_with_the_nearest),
        cmocka_unit_test(a_missing_file_is_told_with_the_manifest_of_that_name),
        cmocka_unit_test(a_file_that_ends_in_yml_is_no_manifest_and_the_message_says_so),
        cmocka_unit_test(the_problems_of_a_manifest_are_reported_the_first_time_it_is_read),
        cmocka_unit_test(a_folder_in_the_place_of_a_manifest_is_reported),
        cmocka_unit_test(the_names_are_those_of_files_with_a_top_level_job_in_order),
        cmocka_unit_test(a_folder_of_manifests_that_is_not_there_holds_none),
        cmocka_unit_test(a_job_that_is_missing_may_have_been_meant_as_a_command),
        cmocka_unit_test(a_long_name_is_shown_in_part),
        cmocka_unit_test(a_file_that_is_too_large_is_a_problem_of_the_manifest),
        cmocka_unit_test(a_fragment_is_told_from_a_manifest),
        cmocka_unit_test(the_root_itself_may_be_the_folder_of_the_manifests),
        cmocka_unit_test(a_text_stands_for_its_file),
        cmocka_unit_test(a_text_that_is_no_files_may_have_any_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
