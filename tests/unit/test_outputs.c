#include "run_world.h"

#include "base/digest.h"
#include "base/path.h"
#include "run/secrets.h"

#define HEAD "job: build\nhelp: A job for tests.\ncommand: [make]\noutputs:\n"

static const struct job *job_with(struct run_world *world, const char *outputs)
{
    struct workspace *w = &world->w;
    w->catalog = catalog_make(&w->arena, &w->context);
    write_manifest(w, "build", str_format(&w->arena, HEAD "%s", outputs).s);
    return bind_good(w, "build", NULL);
}

static const struct job *job_with_patterns(struct run_world *world, const char *const *patterns)
{
    struct buf buf = buf_make(&world->w.arena, BUF_MAX_DEFAULT);
    for (size_t i = 0; patterns[i]; i++) {
        buf_addf(&buf, "%s\"%s\"", i > 0 ? ", " : "  x: [", patterns[i]);
    }
    buf_addf(&buf, "]\n");
    return job_with(world, buf_str(&buf).s);
}

/* "<output>/<path> <what>" for each entry, by lines. */
static struct str show(struct run_world *world, const struct outputs *outputs)
{
    struct buf buf = buf_make(&world->w.arena, BUF_MAX_DEFAULT);
    assert_int_equal(outputs->count, outputs->artifact.count);
    for (size_t i = 0; i < outputs->count; i++) {
        const struct entry *entry = outputs->files[i].entry;
        assert_ptr_equal(entry, &outputs->artifact.entries[i]);
        buf_addf(&buf, "%.*s/%.*s ", STR_ARG(entry->output), STR_ARG(entry->path));
        if (entry->kind == ENTRY_FILE) {
            buf_addf(&buf, "%04o %ju", entry->mode, (uintmax_t)entry->size_bytes);
        } else if (entry->kind == ENTRY_LINK) {
            buf_addf(&buf, "-> %.*s", STR_ARG(entry->target));
        } else {
            buf_addf(&buf, "folder");
        }
        buf_addf(&buf, " (%.*s)\n", STR_ARG(outputs->files[i].workspace_path));
    }
    return buf_str(&buf);
}

static void assert_job_finds(struct run_world *world, const struct job *job, const char *expected)
{
    struct outputs found;
    run_find(world, job, &found);
    assert_no_problems();
    assert_str(show(world, &found), expected);
}

static void assert_found(struct run_world *world, const char *outputs, const char *expected)
{
    assert_job_finds(world, job_with(world, outputs), expected);
}

static const struct diag *assert_job_refused(struct run_world *world, const struct job *job,
                                             const char *words)
{
    struct outputs found;
    run_find(world, job, &found);
    return only_diag(world, STATUS_OUTPUTS, words);
}

static const struct diag *assert_refused(struct run_world *world, const char *outputs,
                                         const char *words)
{
    return assert_job_refused(world, job_with(world, outputs), words);
}

static void a_plain_path_is_one_file_with_its_own_name(void **state)
{
    struct run_world *world = *state;
    run_write(world, "out/x/app", "hello");
    assert_int_equal(chmod(run_path(world, "out/x/app"), 04755), 0);
    assert_found(world, "  bin: out/x/app\n", "bin/app 0755 5 (out/x/app)\n");
}

static void a_glob_leaves_out_what_stands_before_its_first_star(void **state)
{
    struct run_world *world = *state;
    run_write(world, "dist/a/x.whl", "1");
    run_write(world, "dist/a/.hidden.whl", "22");
    run_write(world, "dist/a/x.txt", "3");
    run_write(world, "dist/a/sub/y.whl", "4");
    assert_found(world, "  wheel: \"dist/a/*.whl\"\n",
                 "wheel/.hidden.whl 0644 2 (dist/a/.hidden.whl)\n"
                 "wheel/x.whl 0644 1 (dist/a/x.whl)\n");
    assert_found(world, "  wheel: \"dist/**/*.whl\"\n",
                 "wheel/a/.hidden.whl 0644 2 (dist/a/.hidden.whl)\n"
                 "wheel/a/sub/y.whl 0644 1 (dist/a/sub/y.whl)\n"
                 "wheel/a/x.whl 0644 1 (dist/a/x.whl)\n");
}

static void a_folder_is_all_that_is_in_it_with_empty_folders_and_links(void **state)
{
    struct run_world *world = *state;
    run_write(world, "docs/a.b/x", "1");
    run_write(world, "docs/a/x", "1");
    run_mkdir(world, "docs/empty/deep");
    assert_int_equal(symlink("../a/x", run_path(world, "docs/empty/link")), 0);
    assert_found(world, "  docs: docs/\n",
                 "docs/a.b/x 0644 1 (docs/a.b/x)\n"
                 "docs/a/x 0644 1 (docs/a/x)\n"
                 "docs/empty/deep folder (docs/empty/deep)\n"
                 "docs/empty/link -> ../a/x (docs/empty/link)\n");
}

static void a_folder_may_be_found_by_a_glob(void **state)
{
    struct run_world *world = *state;
    run_write(world, "out/one/x", "1");
    run_write(world, "out/two/deep/y", "1");
    run_write(world, "out/file", "1");
    assert_found(world, "  docs: \"out/*e/\"\n", "docs/one/x 0644 1 (out/one/x)\n");
}

static void git_the_store_and_temporary_files_never_match(void **state)
{
    struct run_world *world = *state;
    run_write(world, "out/.git/config", "1");
    run_write(world, "out/.jobrun/x", "1");
    run_write(world, "out/.jobrun-tmp-host-1-2", "1");
    run_write(world, "out/gha-creds-12ab.json", "1");
    run_write(world, "out/home/.netrc", "1");
    run_write(world, "out/store/dev/x", "1");
    run_write(world, ".jobrun/logs/x.log", "1");
    run_write(world, "out/kept", "1");
    const struct job *job = job_with(world, "  all: \"**/*\"\n");
    run_remove(world, "manifests");
    struct outputs found;
    world->w.context.store_url = str_from(run_path(world, "out/store"));
    assert_ok(outputs_find(&world->w.arena, job, &found, &world->w.diags, &world->err));
    assert_no_problems();
    assert_str(show(world, &found), "all/out/kept 0644 1 (out/kept)\n");
}

/* The store's folder is that of the workspace, or one above it. */
static void what_a_store_around_the_workspace_holds_never_matches(void **state)
{
    struct run_world *world = *state;
    const struct job *job = job_with(world, "  all: \"**/*\"\n");
    run_remove(world, "manifests");
    run_write(world, "dev/" COMMIT "/job/receipt.json", "1");
    run_write(world, COMMIT "/job/receipt.json", "1");
    run_write(world, "dev/kept", "1");
    struct outputs found;
    struct str root = world->w.context.root;
    world->w.context.store_url = root;
    assert_ok(outputs_find(&world->w.arena, job, &found, &world->w.diags, &world->err));
    assert_no_problems();
    assert_str(show(world, &found),
               "all/" COMMIT "/job/receipt.json 0644 1 (" COMMIT "/job/receipt.json)\n"
               "all/dev/kept 0644 1 (dev/kept)\n");
    /* From the folder above, the workspace stands in the place of an environment. */
    world->w.context.store_url = path_folder(root);
    assert_ok(outputs_find(&world->w.arena, job, &found, &world->w.diags, &world->err));
    assert_str(show(world, &found),
               "all/dev/" COMMIT "/job/receipt.json 0644 1 (dev/" COMMIT "/job/receipt.json)\n"
               "all/dev/kept 0644 1 (dev/kept)\n");
}

static void credentials_are_refused_by_name_too(void **state)
{
    struct run_world *world = *state;
    run_write(world, "gha-creds-1.json", "1");
    assert_refused(world, "  x: gha-creds-1.json\n", "credentials");
}

static void what_is_not_there_is_an_error_that_lists_what_is(void **state)
{
    struct run_world *world = *state;
    run_write(world, "dist/b.tar", "1");
    run_mkdir(world, "dist/sub");
    const struct diag *diag =
        assert_refused(world, "  wheel: \"dist/*.whl\"\n", "nothing matches 'dist/*.whl'");
    assert_note(diag, "in 'dist' there is: b.tar, sub/");
    assert_str(spanned(diag->span), "\"dist/*.whl\"");
    diag = assert_refused(world, "  wheel: dist/a.whl\n", "nothing matches 'dist/a.whl'");
    assert_note(diag, "there is no file 'dist/a.whl'");
    diag = assert_refused(world, "  wheel: \"gone/*.whl\"\n", "nothing matches 'gone/*.whl'");
    assert_note(diag, "there is no folder 'gone'");
    diag = assert_refused(world, "  wheel: dist/sub/\n", "nothing matches 'dist/sub/'");
    assert_note(diag, "folder 'dist/sub' is empty");
    diag = assert_refused(world, "  wheel: \"dist/b.tar/*\"\n", "nothing matches");
    assert_note(diag, "'dist/b.tar' is a file and no folder");
}

static void at_most_ten_names_are_listed(void **state)
{
    struct run_world *world = *state;
    for (int i = 10; i < 25; i++) {
        run_write(world, str_format(&world->w.arena, "dist/f%d", i).s, "1");
    }
    const struct diag *diag = assert_refused(world, "  wheel: \"dist/*.whl\"\n", "nothing matches");
    assert_note(diag, "f10, f11, f12, f13, f14, f15, f16, f17, f18, f19 and 5 more");
}

static void an_optional_output_may_match_nothing(void **state)
{
    struct run_world *world = *state;
    assert_found(world, "  x: {path: \"gone/*\", optional: true, count: 3}\n", "");
    assert_found(world, "  x: {path: gone.txt, optional: true}\n", "");
}

static void each_plain_path_of_a_list_must_be_there_but_one_glob_is_enough(void **state)
{
    struct run_world *world = *state;
    run_write(world, "a", "1");
    run_write(world, "x.whl", "1");
    assert_job_finds(world, job_with_patterns(world, GIVEN("*.whl", "*.tar")),
                     "x/x.whl 0644 1 (x.whl)\n");
    assert_job_refused(world, job_with_patterns(world, GIVEN("a", "b")), "nothing matches 'b'");
    assert_job_refused(world, job_with_patterns(world, GIVEN("*.tar", "*.zip")),
                       "nothing matches '*.zip'");
    assert_job_finds(world, job_with_patterns(world, GIVEN("*.tar", "*.whl", "a")),
                     "x/a 0644 1 (a)\nx/x.whl 0644 1 (x.whl)\n");
    assert_job_refused(world, job_with_patterns(world, GIVEN("*.tar", "a")),
                       "nothing matches '*.tar'");
}

static void the_count_is_that_of_files_and_links(void **state)
{
    struct run_world *world = *state;
    run_write(world, "d/a", "1");
    run_write(world, "d/b", "1");
    run_mkdir(world, "d/empty");
    struct outputs found;
    run_find(world, job_with(world, "  x: {path: d/, count: 2}\n"), &found);
    assert_no_problems();
    const struct diag *diag = assert_refused(world, "  x: {path: \"d/*\", count: 1}\n",
                                             "2 files matched, and the manifest wants 1");
    assert_note(diag, "matched: d/a");
    assert_note(diag, "matched: d/b");
    assert_refused(world, "  x: {path: d/, min: 3}\n", "wants at least 3");
    assert_refused(world, "  x: {path: d/, max: 1}\n", "wants at most 1");
    assert_refused(world, "  x: {path: d/, min: 3, max: 4}\n", "wants 3 to 4");
}

static void a_folder_that_is_named_like_a_file_is_refused(void **state)
{
    struct run_world *world = *state;
    run_write(world, "d/a", "1");
    assert_help(assert_refused(world, "  x: d\n", "'d' is a folder"), "write 'd/'");
}

static void a_link_that_leaves_the_output_is_refused(void **state)
{
    struct run_world *world = *state;
    run_write(world, "d/sub/a", "1");
    assert_int_equal(symlink("../../secret", run_path(world, "d/sub/out")), 0);
    assert_note(assert_refused(world, "  x: d/\n", "leaves the output"), "'../../secret'");
    run_remove(world, "d/sub/out");
    assert_int_equal(symlink("/etc/passwd", run_path(world, "d/abs")), 0);
    assert_refused(world, "  x: d/abs\n", "leaves the output");
}

static void nothing_is_reached_through_a_linked_folder(void **state)
{
    struct run_world *world = *state;
    run_write(world, "real/a", "1");
    assert_int_equal(symlink("real", run_path(world, "linked")), 0);
    assert_note(assert_refused(world, "  x: linked/a\n", "nothing matches"), "symbolic link");
    assert_note(assert_refused(world, "  x: \"linked/*\"\n", "nothing matches"), "is a link");
}

static void what_is_neither_file_nor_link_nor_folder_is_refused(void **state)
{
    struct run_world *world = *state;
    assert_int_equal(mkfifo(run_path(world, "pipe"), 0644), 0);
    assert_refused(world, "  x: pipe\n", "neither a file");
    assert_refused(world, "  x: \"p*\"\n", "neither a file");
}

static void a_name_that_no_receipt_can_hold_is_refused(void **state)
{
    struct run_world *world = *state;
    run_write(world, "d/a\xff", "1");
    assert_refused(world, "  x: d/\n", "is not UTF-8");
    run_remove(world, "d/a\xff");
    run_write(world, "d/a\nb", "1");
    assert_refused(world, "  x: d/\n", "control character");
}

static void no_file_belongs_to_two_outputs(void **state)
{
    struct run_world *world = *state;
    run_write(world, "d/a", "1");
    const struct diag *diag =
        assert_refused(world, "  x: d/\n  y: d/a\n", "'d/a' belongs to two outputs, 'x' and 'y'");
    assert_int_equal(diag->label_count, 1);
}

static void a_file_that_two_patterns_of_one_output_match_is_one_entry(void **state)
{
    struct run_world *world = *state;
    run_write(world, "d/s/a.whl", "1");
    assert_job_finds(world, job_with_patterns(world, GIVEN("d/**/*.whl", "d/s/*")),
                     "x/a.whl 0644 1 (d/s/a.whl)\n");
}

static void two_files_for_one_path_in_an_output_are_refused(void **state)
{
    struct run_world *world = *state;
    run_write(world, "one/a", "1");
    run_write(world, "two/a", "2");
    assert_job_refused(world, job_with_patterns(world, GIVEN("one/a", "two/a")),
                       "both be published as 'a'");
    run_remove(world, "two/a");
    run_write(world, "two/a/b", "2");
    assert_job_refused(world, job_with_patterns(world, GIVEN("one/a", "two/")), "which is a file");
}

static void hashing_gives_checksums_and_the_name_of_the_content(void **state)
{
    struct run_world *world = *state;
    run_write(world, "d/b", "hello");
    run_write(world, "d/a", "");
    run_mkdir(world, "d/e");
    struct outputs found = run_outputs(world, job_with(world, "  a.b: d/b\n  a: {path: d/a}\n"));
    /* '.' comes before '/'. */
    assert_str(show(world, &found), "a.b/b 0644 5 (d/b)\na/a 0644 0 (d/a)\n");
    assert_str(found.artifact.entries[0].sha256, sha256_hex(&world->w.arena, STR("hello")).s);
    assert_int_equal(found.artifact.entries[0].crc32c, crc32c(0, "hello", 5));
    assert_str(found.artifact.entries[1].sha256, sha256_hex(&world->w.arena, STR("")).s);
    assert_int_equal(found.artifact.content.n, ARTIFACT_CONTENT_HEX);
    assert_int_equal(found.total_bytes, 5);
}

static void many_files_are_hashed_each_with_its_own_bytes(void **state)
{
    struct run_world *world = *state;
    for (int i = 0; i < 300; i++) {
        const char *text = str_format(&world->w.arena, "%d", i).s;
        run_write(world, str_format(&world->w.arena, "d/%d", i).s, text);
    }
    struct outputs found = run_outputs(world, job_with(world, "  x: d/\n"));
    assert_int_equal(found.count, 300);
    for (size_t i = 0; i < found.count; i++) {
        const struct entry *entry = found.files[i].entry;
        assert_str(entry->sha256, sha256_hex(&world->w.arena, entry->path).s);
    }
}

static void a_file_that_changes_after_it_was_found_is_an_error(void **state)
{
    struct run_world *world = *state;
    struct outputs found;
    run_write(world, "d/a", "1");
    const struct job *job = job_with(world, "  x: d/\n");
    run_find(world, job, &found);
    run_write(world, "d/a", "12");
    assert_error(outputs_hash(&world->w.arena, job, &found, &world->err), ERROR_OUTPUTS,
                 "'d/a' changed while it was read");
    run_remove(world, "d/a");
    assert_error(outputs_hash(&world->w.arena, job, &found, &world->err), ERROR_NOT_FOUND, "d/a");
}

static void what_holds_a_secret_is_told_of(void **state)
{
    static const char *const VARIABLES[] = {"TOKEN=abcdefgh", NULL};
    struct run_world *world = *state;
    struct outputs found;
    run_write(world, "d/clean", "abcdefg");
    run_write(world, "d/dirty", "x abcdefgh x");
    run_write(world, "d/name-abcdefgh", "1");
    const struct job *job = job_with(world, "  x: d/\nsecrets: [TOKEN]\n");
    world->w.context.variables.list = VARIABLES;
    run_find(world, job, &found);
    found.secrets = secrets_make(&world->w.arena, job->manifest, &world->w.context.variables);
    assert_ok(outputs_hash(&world->w.arena, job, &found, &world->err));
    outputs_check_secrets(job, &found, &world->w.diags);
    assert_int_equal(world->w.diags.error_count, 2);
    assert_str(world->w.diags.items[0]->message,
               "output 'x': file 'd/dirty' holds the value of secret 'TOKEN', so nothing is "
               "published");
    assert_str(world->w.diags.items[1]->message,
               "output 'x': the name 'd/name-abcdefgh' holds the value of secret 'TOKEN', so "
               "nothing is published");
    assert_int_equal(world->w.diags.items[0]->status, STATUS_NOT_ALLOWED);
    found.secrets = NULL;
    outputs_check_secrets(job, &found, &world->w.diags);
    assert_int_equal(world->w.diags.error_count, 2);
}

static void an_output_that_is_not_wanted_is_not_looked_for(void **state)
{
    struct run_world *world = *state;
    struct outputs found;
    run_write(world, "a", "1");
    write_manifest(&world->w, "build",
                   "job: build\nhelp: x\nparams: {fast: {type: bool, default: true}}\n"
                   "command: [make, \"${params.fast}\"]\n"
                   "outputs: {x: a, y: {path: gone, when: {fast: false}}}\n");
    run_find(world, bind_good(&world->w, "build", NULL), &found);
    assert_no_problems();
    assert_str(show(world, &found), "x/a 0644 1 (a)\n");
}

int main(void)
{
    umask(022);
    const struct CMUnitTest tests[] = {
        world_test(a_plain_path_is_one_file_with_its_own_name),
        world_test(a_glob_leaves_out_what_stands_before_its_first_star),
        world_test(a_folder_is_all_that_is_in_it_with_empty_folders_and_links),
        world_test(a_folder_may_be_found_by_a_glob),
        world_test(git_the_store_and_temporary_files_never_match),
        world_test(what_a_store_around_the_workspace_holds_never_matches),
        world_test(credentials_are_refused_by_name_too),
        world_test(what_is_not_there_is_an_error_that_lists_what_is),
        world_test(at_most_ten_names_are_listed),
        world_test(an_optional_output_may_match_nothing),
        world_test(each_plain_path_of_a_list_must_be_there_but_one_glob_is_enough),
        world_test(the_count_is_that_of_files_and_links),
        world_test(a_folder_that_is_named_like_a_file_is_refused),
        world_test(a_link_that_leaves_the_output_is_refused),
        world_test(nothing_is_reached_through_a_linked_folder),
        world_test(what_is_neither_file_nor_link_nor_folder_is_refused),
        world_test(a_name_that_no_receipt_can_hold_is_refused),
        world_test(no_file_belongs_to_two_outputs),
        world_test(a_file_that_two_patterns_of_one_output_match_is_one_entry),
        world_test(two_files_for_one_path_in_an_output_are_refused),
        world_test(hashing_gives_checksums_and_the_name_of_the_content),
        world_test(many_files_are_hashed_each_with_its_own_bytes),
        world_test(a_file_that_changes_after_it_was_found_is_an_error),
        world_test(what_holds_a_secret_is_told_of),
        world_test(an_output_that_is_not_wanted_is_not_looked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
