#include "run_world.h"

#include <sys/resource.h>
#include <sys/wait.h>

#define CLI                                                                             \
    "job: cli\nhelp: A job for tests.\n"                                                \
    "params: {platform: {type: enum, values: [linux-x64, macos-x64, macos-arm64],\n"    \
    "  default: host}}\n"                                                               \
    "command: [make, \"${params.platform}\"]\n"                                         \
    "outputs: {bin: {path: out/cli/}, notes: {path: \"notes/${params.platform}.md\",\n" \
    "  optional: true}}\n"
#define USE(inputs) \
    "job: use\nhelp: A job for tests.\ncommand: [make]\ninputs:\n" inputs "outputs: {x: x/}\n"
#define USE_CLI USE("  cli: {from: cli, output: bin, to: in/cli/}\n")

struct looked {
    struct supply *supplies;
    size_t count;
};

static const struct job *bind_use(struct run_world *world, const char *text)
{
    struct workspace *w = &world->w;
    w->catalog = catalog_make(&w->arena, &w->context);
    write_manifest(w, "cli", CLI);
    write_manifest(w, "use", text);
    return bind_good(w, "use", NULL);
}

/* Publishes `cli` with one file for this platform. */
static const struct job *publish_cli(struct run_world *world, const char *platform,
                                     const char *text)
{
    write_manifest(&world->w, "cli", CLI);
    const char *given = str_format(&world->w.arena, "platform=%s", platform).s;
    const struct job *job = bind_good(&world->w, "cli", GIVEN(given));
    run_write(world, "out/cli/tool", text);
    assert_int_equal(chmod(run_path(world, "out/cli/tool"), 0755), 0);
    run_publish(world, job);
    run_remove(world, "out");
    return job;
}

static struct looked look_with(struct run_world *world, const struct job *job,
                               const struct fetch_wishes *wishes)
{
    struct looked looked = {0};
    assert_ok(fetch_look_up(&world->w.arena, job, &world->stores, wishes, &world->listener,
                            &looked.supplies, &looked.count, &world->w.diags, &world->err));
    return looked;
}

static struct looked look(struct run_world *world, const struct job *job)
{
    return look_with(world, job, &(struct fetch_wishes){0});
}

static struct looked look_local(struct run_world *world, const struct job *job, const char *name,
                                const char *label, const char *path)
{
    struct local_input local = {
        .text = str_format(&world->w.arena, "%s=%s", name, path),
        .name = str_from(name),
        .label = str_from(label),
        .path = str_from(path),
    };
    return look_with(world, job, &(struct fetch_wishes){.locals = &local, .local_count = 1});
}

static void set_environment(struct run_world *world, const char *environment, bool is_protected)
{
    world->w.context.environment = str_from(environment);
    world->w.context.is_protected = is_protected;
}

/* --- looking up --- */

static void an_input_is_found_with_its_entries_and_who_made_it(void **state)
{
    struct run_world *world = *state;
    publish_cli(world, "linux-x64", "hello");
    struct looked looked = look(world, bind_use(world, USE_CLI));
    assert_no_problems();
    assert_int_equal(looked.count, 1);
    assert_int_equal(looked.supplies[0].state, SUPPLY_THERE);
    assert_int_equal(looked.supplies[0].entry_count, 1);
    assert_str(looked.supplies[0].entries[0].path, "tool");
    assert_int_equal(looked.supplies[0].receipt_sha256.n, 64);
    assert_int_equal(looked.supplies[0].content.n, ARTIFACT_CONTENT_HEX);
    assert_str(looked.supplies[0].address.variant, "platform=linux-x64");
    assert_true(str_contains(buf_str(&world->explained),
                             STR("input 'cli': from environment 'dev', by login@laptop at "
                                 "2023-11-14T22:14:20Z (memory://dev/")));
    assert_int_equal(world->said.n, 0);
}

static void a_missing_input_names_job_output_params_and_commit(void **state)
{
    struct run_world *world = *state;
    look(world, bind_use(world, USE_CLI));
    const struct diag *diag =
        only_diag(world, STATUS_ABSENT,
                  "input 'cli': job 'cli' has not published output 'bin' for platform=linux-x64 "
                  "at commit 0123456");
    assert_string_equal(diag->rule, "missing-input");
    assert_non_null(diag->span.source);
    assert_note(diag, "looked at: memory://dev/" COMMIT "/cli/platform=linux-x64/receipt.json");
    assert_note(diag, "produced by: job 'cli', ");
    assert_note(diag, "manifests/cli.yaml");
    assert_help(diag, "pixi run cli");
    assert_note(diag, "without pixi: jobrun run cli");
}

static void the_hint_about_pixi_is_for_those_without_it(void **state)
{
    struct run_world *world = *state;
    run_write(world, "bin/pixi", "");
    assert_int_equal(chmod(run_path(world, "bin/pixi"), 0755), 0);
    const char *const list[] = {str_format(&world->w.arena, "PATH=%s", run_path(world, "bin")).s,
                                NULL};
    world->w.context.variables.list = list;
    look(world, bind_use(world, USE_CLI));
    const struct diag *diag = only_diag(world, STATUS_ABSENT, "input 'cli'");
    assert_false(texts_contain(diag->notes, diag->note_count, "without pixi"));
}

static void all_missing_inputs_are_reported_at_once(void **state)
{
    struct run_world *world = *state;
    look(world, bind_use(world, USE("  a: {from: cli, output: bin, to: a/}\n"
                                    "  b: {from: cli, output: bin, to: b/,\n"
                                    "    with: {platform: [macos-x64, macos-arm64]}}\n")));
    assert_int_equal(world->w.diags.error_count, 3);
    find_diag(&world->w, "input 'b': job 'cli' has not published output 'bin' for "
                         "platform=macos-arm64 at commit 0123456");
}

static void near_misses_in_other_environments_and_params_are_told(void **state)
{
    struct run_world *world = *state;
    set_environment(world, "CI", false);
    publish_cli(world, "linux-x64", "1");
    set_environment(world, "dev", false);
    publish_cli(world, "macos-x64", "1");
    look(world, bind_use(world, USE_CLI));
    const struct diag *diag = only_diag(world, STATUS_ABSENT, "input 'cli'");
    assert_note(diag, "it is there for environment 'CI'");
    assert_help(diag, "--inputs-from CI");
    assert_note(diag, "it is there for other params: platform=macos-x64");
}

static void an_environment_that_must_not_be_read_is_not_advised(void **state)
{
    struct run_world *world = *state;
    publish_cli(world, "linux-x64", "1");
    set_environment(world, "CI", true);
    look(world, bind_use(world, USE_CLI));
    const struct diag *diag = only_diag(world, STATUS_ABSENT, "input 'cli'");
    assert_note(diag, "it is there for environment 'dev'");
    assert_false(texts_contain(diag->helps, diag->help_count, "--inputs-from"));
}

static void an_optional_input_may_be_absent(void **state)
{
    struct run_world *world = *state;
    struct looked looked = look(
        world,
        bind_use(world, USE("  cli: {from: cli, output: bin, to: in/cli/, optional: true}\n")));
    assert_no_problems();
    assert_int_equal(looked.count, 1);
    assert_int_equal(looked.supplies[0].state, SUPPLY_ABSENT);
}

static void a_dry_run_lists_missing_inputs_without_failing(void **state)
{
    struct run_world *world = *state;
    struct looked looked =
        look_with(world, bind_use(world, USE_CLI), &(struct fetch_wishes){.missing_is_fine = true});
    assert_int_equal(world->w.diags.error_count, 0);
    assert_int_equal(world->w.diags.count, 1);
    assert_int_equal(world->w.diags.items[0]->severity, SEVERITY_WARNING);
    assert_int_equal(looked.count, 1);
    assert_int_equal(looked.supplies[0].state, SUPPLY_ABSENT);
}

static void a_receipt_without_the_output_is_told_apart_from_no_receipt(void **state)
{
    struct run_world *world = *state;
    publish_cli(world, "linux-x64", "1");
    look(world, bind_use(world, USE("  n: {from: cli, output: notes, to: in/}\n")));
    only_diag(world, STATUS_ABSENT,
              "input 'n': job 'cli' was published without anything in output 'notes'");
    struct looked looked = look(
        world, bind_use(world, USE("  n: {from: cli, output: notes, to: in/, optional: true}\n")));
    assert_no_problems();
    assert_int_equal(looked.supplies[0].state, SUPPLY_ABSENT);
}

static void a_missing_file_is_damage_for_optional_inputs_too(void **state)
{
    struct run_world *world = *state;
    const struct job *cli = publish_cli(world, "linux-x64", "12345");
    const struct job *use =
        bind_use(world, USE("  cli: {from: cli, output: bin, to: in/, optional: true}\n"));
    struct looked looked = look(world, use);
    struct str key = address_file_key(&world->w.arena, &cli->address, looked.supplies[0].content,
                                      STR("bin"), STR("tool"));
    assert_ok(
        store_remove(world->store, key, (struct precondition){.kind = STORE_ALWAYS}, &world->err));
    look(world, use);
    const struct diag *diag =
        only_diag(world, STATUS_STORE, "input 'cli' is damaged: 'memory://dev/");
    assert_help(diag, "pixi run cli --force");
    assert_true(str_ends(diag->message, STR("bin/tool' is missing")));
}

static void a_receipt_that_is_none_is_damage(void **state)
{
    struct run_world *world = *state;
    write_receipt_text(world, publish_cli(world, "linux-x64", "1"), STR("<html>"));
    look(world, bind_use(world, USE_CLI));
    only_diag(world, STATUS_STORE, "input 'cli' is damaged: 'memory://dev/");
}

static void the_receipt_of_another_address_is_damage(void **state)
{
    struct run_world *world = *state;
    const struct job *mac = publish_cli(world, "macos-x64", "1");
    const struct job *linux_job = publish_cli(world, "linux-x64", "1");
    write_receipt_text(world, linux_job, read_receipt_text(world, mac));
    look(world, bind_use(world, USE_CLI));
    only_diag(world, STATUS_STORE, "it is the receipt of 'dev/" COMMIT "/cli/platform=macos-x64");
}

static void not_allowed_and_unreachable_are_messages_of_their_own(void **state)
{
    struct run_world *world = *state;
    const struct job *use = bind_use(world, USE_CLI);
    memory_store_fail(world->store, 0, ERROR_NOT_ALLOWED);
    look(world, use);
    only_diag(world, STATUS_STORE, "input 'cli' may not be read here: ");
    world->w.diags = diags_make(&world->w.arena);
    memory_store_fail(world->store, 0, ERROR_UNREACHABLE);
    look(world, use);
    only_diag(world, STATUS_STORE, "input 'cli' cannot be reached: ");
}

static void a_store_that_does_not_answer_is_asked_once(void **state)
{
    struct run_world *world = *state;
    const struct job *use = bind_use(world, USE("  a: {from: cli, output: bin, to: a/}\n"
                                                "  b: {from: cli, output: bin, to: b/}\n"));
    memory_store_fail(world->store, 0, ERROR_UNREACHABLE);
    look(world, use);
    assert_note(only_diag(world, STATUS_STORE, "input 'a'"), "were not looked for");
}

static void one_receipt_serves_all_outputs_of_a_job(void **state)
{
    struct run_world *world = *state;
    run_write(world, "notes/linux-x64.md", "n");
    publish_cli(world, "linux-x64", "1");
    const struct job *use = bind_use(world, USE("  a: {from: cli, output: bin, to: a/}\n"
                                                "  b: {from: cli, output: notes, to: b/}\n"));
    /* Two listings, one receipt: the fourth call is never made. */
    memory_store_fail(world->store, 3, ERROR_FAILED);
    struct looked looked = look(world, use);
    assert_no_problems();
    assert_int_equal(looked.count, 2);
    assert_str(looked.supplies[1].entries[0].path, "linux-x64.md");
}

static void inputs_are_read_from_the_environment_that_is_named(void **state)
{
    struct run_world *world = *state;
    set_environment(world, "CI", false);
    publish_cli(world, "linux-x64", "1");
    set_environment(world, "dev", false);
    const struct job *use = bind_use(world, USE_CLI);
    world->w.context.inputs_from = STR("CI");
    struct looked looked = look(world, use);
    assert_no_problems();
    assert_str(looked.supplies[0].address.environment, "CI");
    assert_str(buf_str(&world->said), "input 'cli' comes from environment 'CI'\n");
}

static void fallback_environments_come_after_the_own_one(void **state)
{
    struct run_world *world = *state;
    struct str fallback[] = {STR("CI")};
    struct config_environment configured = {
        .name = STR("dev"), .fallback = fallback, .fallback_count = 1};
    world->w.context.config.environments = &configured;
    world->w.context.config.environment_count = 1;
    const struct job *use = bind_use(world, USE_CLI);
    look(world, use);
    const struct diag *diag = only_diag(world, STATUS_ABSENT, "input 'cli'");
    assert_note(diag, "looked at: memory://dev/");
    assert_note(diag, "looked at: memory://CI/");
    world->w.diags = diags_make(&world->w.arena);
    set_environment(world, "CI", false);
    publish_cli(world, "linux-x64", "1");
    set_environment(world, "dev", false);
    struct looked looked = look(world, use);
    assert_str(looked.supplies[0].address.environment, "CI");
    publish_cli(world, "linux-x64", "1");
    looked = look(world, use);
    assert_str(looked.supplies[0].address.environment, "dev");
    assert_no_problems();
}

static void a_protected_environment_reads_only_protected_ones(void **state)
{
    struct run_world *world = *state;
    set_environment(world, "CI", true);
    world->w.context.inputs_from = STR("dev");
    look(world, bind_use(world, USE_CLI));
    only_diag(world, STATUS_NOT_ALLOWED, "must not come from 'dev'");
}

static void a_protected_environment_takes_no_local_input(void **state)
{
    struct run_world *world = *state;
    set_environment(world, "CI", true);
    run_write(world, "mine/tool", "1");
    look_local(world, bind_use(world, USE_CLI), "cli", NULL, run_path(world, "mine"));
    only_diag(world, STATUS_NOT_ALLOWED, "--input must not be used");
}

/* --- local inputs --- */

static void a_local_folder_stands_for_the_whole_output(void **state)
{
    struct run_world *world = *state;
    run_write(world, "mine/tool", "hello");
    run_write(world, "mine/sub/x", "");
    run_write(world, "mine/.git/config", "");
    run_mkdir(world, "mine/empty");
    assert_int_equal(symlink("tool", run_path(world, "mine/link")), 0);
    struct looked looked =
        look_local(world, bind_use(world, USE_CLI), "cli", NULL, run_path(world, "mine"));
    assert_no_problems();
    const struct supply *supply = &looked.supplies[0];
    assert_int_equal(supply->state, SUPPLY_LOCAL);
    assert_str(supply->local_path, run_path(world, "mine"));
    assert_int_equal(supply->entry_count, 4);
    assert_str(supply->entries[0].path, "empty");
    assert_int_equal(supply->entries[1].kind, ENTRY_LINK);
    assert_str(supply->entries[3].path, "tool");
    assert_str(supply->entries[3].sha256,
               "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824");
    assert_str(supply->entries[3].output, "bin");
    assert_true(str_contains(buf_str(&world->said), STR("input 'cli' is taken from '")));
}

static void a_local_file_has_its_own_name_or_the_declared_one(void **state)
{
    struct run_world *world = *state;
    struct workspace *w = &world->w;
    run_write(world, "mine.md", "1");
    struct looked looked =
        look_local(world, bind_use(world, USE_CLI), "cli", NULL, run_path(world, "mine.md"));
    assert_no_problems();
    assert_str(looked.supplies[0].entries[0].path, "mine.md");
    write_manifest(w, "lib",
                   "job: lib\nhelp: A job for tests.\nparams: {x: {type: enum,\n"
                   "  values: [a], default: a}}\ncommand: [make, \"${params.x}\"]\n"
                   "outputs: {one: \"out/${params.x}/lib.a\", two: \"t/${params.x}.a\",\n"
                   "  all: \"w/*.a\"}\n");
    static const char *const rows[][2] = {{"one", "lib.a"}, {"two", "mine.md"}, {"all", "mine.md"}};
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        const char *text =
            str_format(&w->arena, USE("  i: {from: lib, output: %s, to: in/}\n"), rows[i][0]).s;
        looked = look_local(world, bind_use(world, text), "i", NULL, run_path(world, "mine.md"));
        assert_no_problems();
        assert_str(looked.supplies[0].entries[0].path, rows[i][1]);
    }
}

static void a_local_input_that_fits_nothing_is_a_usage_error(void **state)
{
    struct run_world *world = *state;
    run_write(world, "mine/tool", "1");
    const char *mine = run_path(world, "mine");
    const struct job *one = bind_use(world, USE("  cli: {from: cli, output: bin, to: in/, "
                                                "optional: true}\n"));
    look_local(world, one, "clo", NULL, mine);
    const struct diag *diag = only_diag(world, STATUS_USAGE, "the job has no input 'clo'");
    assert_help(diag, "did you mean 'cli'?");
    world->w.diags = diags_make(&world->w.arena);
    look_local(world, one, "cli", NULL, run_path(world, "gone"));
    only_diag(world, STATUS_USAGE, "input 'cli' cannot be taken from '");
    world->w.diags = diags_make(&world->w.arena);
    run_mkdir(world, "empty");
    look_local(world, one, "cli", NULL, run_path(world, "empty"));
    only_diag(world, STATUS_USAGE, "the folder is empty");
    const struct job *many =
        bind_use(world, USE("  cli: {from: cli, output: bin, to: \"in/${with.platform}/\",\n"
                            "    optional: true, with: {platform: [macos-x64, macos-arm64]}}\n"));
    look_local(world, many, "cli", NULL, mine);
    diag = only_diag(world, STATUS_USAGE, "names none of them");
    assert_note(diag, "cli[platform=macos-arm64]");
    world->w.diags = diags_make(&world->w.arena);
    look_local(world, many, "cli", "platform=macos-x65", mine);
    diag = only_diag(world, STATUS_USAGE, "has no artifact 'platform=macos-x65'");
    assert_help(diag, "platform=macos-x64");
    world->w.diags = diags_make(&world->w.arena);
    struct looked looked = look_local(world, many, "cli", "platform=macos-x64", mine);
    assert_no_problems();
    assert_int_equal(looked.supplies[0].state, SUPPLY_LOCAL);
    assert_int_equal(looked.supplies[1].state, SUPPLY_ABSENT);
}

static void an_input_that_is_given_twice_is_a_usage_error(void **state)
{
    struct run_world *world = *state;
    run_write(world, "mine", "1");
    struct local_input local = {
        .text = STR("cli=mine"), .name = STR("cli"), .path = str_from(run_path(world, "mine"))};
    struct local_input locals[] = {local, local};
    look_with(world, bind_use(world, USE_CLI),
              &(struct fetch_wishes){.locals = locals, .local_count = 2});
    only_diag(world, STATUS_USAGE, "was given before");
}

static void a_local_link_that_leaves_its_folder_is_refused(void **state)
{
    struct run_world *world = *state;
    run_write(world, "mine/tool", "1");
    assert_int_equal(symlink("/etc/passwd", run_path(world, "mine/link")), 0);
    look_local(world, bind_use(world, USE_CLI), "cli", NULL, run_path(world, "mine"));
    assert_note(only_diag(world, STATUS_USAGE, "symbolic link that leaves it"), "'link'");
}

static void without_fetching_inputs_are_what_lies_in_their_places(void **state)
{
    struct run_world *world = *state;
    struct fetch_wishes wishes = {.no_fetch = true};
    const struct job *use = bind_use(world, USE("  a: {from: cli, output: bin, to: in/}\n"
                                                "  b: {from: cli, output: bin, to: in/,\n"
                                                "    with: {platform: macos-x64}}\n"));
    look_with(world, use, &wishes);
    assert_int_equal(world->w.diags.error_count, 2);
    assert_int_equal(diags_status(&world->w.diags), STATUS_ABSENT);
    world->w.diags = diags_make(&world->w.arena);
    run_write(world, "in/tool", "1");
    struct looked looked = look_with(world, use, &wishes);
    assert_no_problems();
    assert_int_equal(looked.count, 2);
    assert_int_equal(looked.supplies[0].state, SUPPLY_LOCAL);
    assert_int_equal(looked.supplies[0].entry_count, 1);
    /* The folder is both inputs': its files are counted once. */
    assert_int_equal(looked.supplies[1].state, SUPPLY_LOCAL);
    assert_int_equal(looked.supplies[1].entry_count, 0);
    const struct plan *plan =
        plan_make(&world->w.arena, use, looked.supplies, looked.count, &world->w.diags);
    assert_no_problems();
    assert_ok(fetch_land(&world->w.arena, plan, &world->stores, &world->listener, &world->err));
    assert_file(world, "in/tool", "1");
}

/* --- landing --- */

static const struct plan *plan_with(struct run_world *world, const struct job *job,
                                    struct looked looked)
{
    assert_no_problems();
    const struct plan *plan =
        plan_make(&world->w.arena, job, looked.supplies, looked.count, &world->w.diags);
    assert_no_problems();
    assert_non_null(plan);
    return plan;
}

static const struct plan *plan_use(struct run_world *world, const char *text)
{
    const struct job *use = bind_use(world, text);
    return plan_with(world, use, look(world, use));
}

static int land(struct run_world *world, const struct plan *plan)
{
    return fetch_land(&world->w.arena, plan, &world->stores, &world->listener, &world->err);
}

static void publish_tree(struct run_world *world)
{
    run_write(world, "out/cli/a/one", "first");
    run_write(world, "out/cli/b", "second");
    run_mkdir(world, "out/cli/empty");
    assert_int_equal(symlink("a/one", run_path(world, "out/cli/link")), 0);
    publish_cli(world, "linux-x64", "tool");
}

static void files_links_and_folders_land_as_they_were(void **state)
{
    struct run_world *world = *state;
    struct stat st;
    char target[64] = "";
    publish_tree(world);
    const struct plan *plan = plan_use(world, USE_CLI);
    assert_ok(land(world, plan));
    assert_file(world, "in/cli/a/one", "first");
    assert_file(world, "in/cli/b", "second");
    assert_int_equal(stat(run_path(world, "in/cli/tool"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0755);
    assert_int_equal(stat(run_path(world, "in/cli/b"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
    assert_int_equal(stat(run_path(world, "in/cli/empty"), &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    assert_int_equal(readlink(run_path(world, "in/cli/link"), target, sizeof target - 1), 5);
    assert_string_equal(target, "a/one");
    assert_no_temporary_files(world);
    assert_str(buf_str(&world->said), "use: fetched 5 files, 15 B\n");
}

/* As a remote store has it. */
static void use_cache(struct run_world *world)
{
    struct cache **cache = &world->stores.settings.cache;
    struct cache_limits limits = {CACHE_SIZE_BYTES_DEFAULT, CACHE_ENTRIES_MAX};
    *cache = cache_open(&world->w.arena, str_from(run_path(world, "cache")), &limits);
    memory_store_use_cache(world->store, *cache);
}

static void what_comes_from_the_cache_is_said(void **state)
{
    struct run_world *world = *state;
    publish_tree(world);
    use_cache(world);
    const struct plan *plan = plan_use(world, USE_CLI);
    assert_ok(land(world, plan));
    run_remove(world, "in");
    world->progress = 0;
    assert_ok(land(world, plan));
    run_write(world, "in/cli/b", "other");
    assert_ok(land(world, plan));
    assert_str(buf_str(&world->said),
               "use: fetched 5 files, 15 B\n"
               "use: fetched 5 files, 15 B (3 from the cache)\n"
               "use: fetched 1 file, 6 B (1 from the cache); 4 more in place already\n");
    assert_int_equal(world->progress, 15 + 6);
    assert_file(world, "in/cli/b", "second");
    assert_no_temporary_files(world);
}

static void a_cache_that_cannot_be_used_is_remarked_upon_once(void **state)
{
    struct run_world *world = *state;
    publish_tree(world);
    run_write(world, "cache", "mine");
    use_cache(world);
    const struct plan *plan = plan_use(world, USE_CLI);
    for (int i = 0; i < 2; i++) {
        assert_ok(land(world, plan));
        run_remove(world, "in");
    }
    struct str said = buf_str(&world->said);
    struct str expected = str_format(
        &world->w.arena,
        "note: nothing is kept in the cache '%s': cannot make folder '%s': Not a directory\n"
        "  to do without one: 'cache: {size: 0B}' in jobrun.yaml\n"
        "use: fetched 5 files, 15 B\n"
        "use: fetched 5 files, 15 B\n",
        run_path(world, "cache"), run_path(world, "cache"));
    assert_str(said, expected.s);
}

static void what_is_in_place_is_left_alone(void **state)
{
    struct run_world *world = *state;
    struct stat before, after;
    publish_tree(world);
    const struct plan *plan = plan_use(world, USE_CLI);
    assert_ok(land(world, plan));
    assert_int_equal(stat(run_path(world, "in/cli/b"), &before), 0);
    run_write(world, "in/cli/a/one", "FIRST");
    assert_int_equal(chmod(run_path(world, "in/cli/tool"), 0700), 0);
    world->said.n = 0;
    assert_ok(land(world, plan));
    assert_str(buf_str(&world->said), "use: fetched 2 files, 9 B; 3 more in place already\n");
    assert_file(world, "in/cli/a/one", "first");
    assert_int_equal(stat(run_path(world, "in/cli/b"), &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(stat(run_path(world, "in/cli/tool"), &after), 0);
    assert_int_equal(after.st_mode & 07777, 0755);
    world->said.n = 0;
    assert_ok(land(world, plan));
    assert_str(buf_str(&world->said), "use: all files of the inputs are in place already\n");
}

static void a_file_lands_under_the_name_that_the_manifest_gives(void **state)
{
    struct run_world *world = *state;
    publish_cli(world, "linux-x64", "tool");
    assert_ok(land(world, plan_use(world, USE("  cli: {from: cli, output: bin, to: in/x}\n"))));
    assert_file(world, "in/x", "tool");
}

static void when_one_download_fails_nothing_has_changed(void **state)
{
    struct run_world *world = *state;
    publish_tree(world);
    const struct plan *plan = plan_use(world, USE_CLI);
    for (size_t i = 0; i < 3; i++) {
        run_write(world, "in/cli/b", "old");
        memory_store_fail(world->store, i, ERROR_UNREACHABLE);
        assert_error(land(world, plan), ERROR_UNREACHABLE, "cannot fetch the inputs");
        assert_file(world, "in/cli/b", "old");
        assert_nothing_at(world, "in/cli/a/one");
        assert_nothing_at(world, "in/cli/link");
        assert_no_temporary_files(world);
    }
    assert_ok(land(world, plan));
    assert_file(world, "in/cli/b", "second");
}

static void bytes_that_are_not_the_promised_ones_do_not_land(void **state)
{
    struct run_world *world = *state;
    const struct job *cli = publish_cli(world, "linux-x64", "tool");
    const struct plan *plan = plan_use(world, USE_CLI);
    struct str key = address_file_key(&world->w.arena, &cli->address, plan->supplies[0].content,
                                      STR("bin"), STR("tool"));
    assert_ok(store_write(world->store, key, STR("evil"), "text/plain",
                          (struct precondition){.kind = STORE_ALWAYS}, &world->err));
    assert_error(land(world, plan), ERROR_DAMAGED, "cannot fetch the inputs");
    assert_nothing_at(world, "in/cli/tool");
    assert_no_temporary_files(world);
    assert_non_null(strstr(world->err.help, "make and publish it again: "));
    assert_non_null(strstr(world->err.help, "cli --force"));
}

static void a_fetch_that_fails_leaves_no_folders_behind(void **state)
{
    struct run_world *world = *state;
    publish_tree(world);
    const struct plan *plan = plan_use(world, USE_CLI);
    run_mkdir(world, "in");
    for (size_t i = 0; i < 3; i++) {
        memory_store_fail(world->store, i, ERROR_UNREACHABLE);
        assert_error(land(world, plan), ERROR_UNREACHABLE, "cannot fetch the inputs");
        assert_nothing_at(world, "in/cli");
        assert_int_equal(access(run_path(world, "in"), F_OK), 0);
    }
    /* What was there stays, empty or not. */
    run_mkdir(world, "in/cli/a");
    memory_store_fail(world->store, 2, ERROR_UNREACHABLE);
    assert_error(land(world, plan), ERROR_UNREACHABLE, "cannot fetch the inputs");
    assert_int_equal(access(run_path(world, "in/cli/a"), F_OK), 0);
}

static void what_is_in_the_way_is_named_before_anything_moves(void **state)
{
    struct run_world *world = *state;
    publish_tree(world);
    const struct plan *plan = plan_use(world, USE_CLI);
    run_mkdir(world, "in/cli/tool");
    assert_error(land(world, plan), ERROR_FAILED,
                 "input 'cli' cannot land on 'in/cli/tool': a folder is there");
    run_remove(world, "in/cli/tool");
    run_write(world, "in/cli/empty", "");
    assert_error(land(world, plan), ERROR_FAILED, "'in/cli/empty': a file is there");
    run_remove(world, "in/cli/empty");
    run_write(world, "in/cli/a", "");
    assert_error(land(world, plan), ERROR_FAILED,
                 "'in/cli/a' is a file, and a folder is needed there");
    run_remove(world, "in/cli/a");
    assert_int_equal(symlink("/tmp", run_path(world, "in/cli/a")), 0);
    assert_error(land(world, plan), ERROR_FAILED, "symbolic link");
    run_remove(world, "in/cli/a");
    assert_nothing_at(world, "in/cli/b");
    assert_ok(land(world, plan));
    assert_file(world, "in/cli/b", "second");
}

static void a_link_in_the_place_of_a_file_is_replaced_and_not_followed(void **state)
{
    struct run_world *world = *state;
    publish_cli(world, "linux-x64", "tool");
    run_write(world, "precious", "mine");
    run_mkdir(world, "in/cli");
    assert_int_equal(symlink("../../precious", run_path(world, "in/cli/tool")), 0);
    assert_ok(land(world, plan_use(world, USE_CLI)));
    assert_file(world, "precious", "mine");
    assert_file(world, "in/cli/tool", "tool");
}

static void nothing_lands_in_git_the_state_folder_or_the_store(void **state)
{
    struct run_world *world = *state;
    publish_cli(world, "linux-x64", "tool");
    const struct plan *plan = plan_use(world, USE_CLI);
    static const char *const places[] = {".git/hooks/x", "a/.GIT/x", ".jobrun/store/x", "../x"};
    for (size_t i = 0; i < ARRAY_COUNT(places); i++) {
        plan->landings[0].destination = str_from(places[i]);
        assert_error(land(world, plan), ERROR_NOT_ALLOWED, "cannot land on");
    }
}

static void a_file_where_another_input_needs_a_folder_is_an_error(void **state)
{
    struct run_world *world = *state;
    publish_tree(world);
    const struct plan *plan = plan_use(world, USE_CLI);
    for (size_t i = 0; i < plan->landing_count; i++) {
        if (plan->landings[i].entry->kind == ENTRY_LINK) {
            plan->landings[i].destination = STR("in/cli/a");
        }
    }
    assert_error(land(world, plan), ERROR_MANIFEST, "one brings a link 'in/cli/a'");
    assert_nothing_at(world, "in");
}

static void a_local_input_is_copied(void **state)
{
    struct run_world *world = *state;
    struct stat st;
    run_write(world, "mine/tool", "mine");
    assert_int_equal(chmod(run_path(world, "mine/tool"), 0750), 0);
    const struct job *use = bind_use(world, USE_CLI);
    const struct plan *plan =
        plan_with(world, use, look_local(world, use, "cli", NULL, run_path(world, "mine")));
    assert_ok(land(world, plan));
    assert_file(world, "in/cli/tool", "mine");
    assert_int_equal(stat(run_path(world, "in/cli/tool"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0750);
    run_remove(world, "in");
    run_write(world, "mine/tool", "MINE");
    assert_error(land(world, plan), ERROR_DAMAGED, "mine/tool' changed");
    assert_nothing_at(world, "in/cli/tool");
    assert_no_temporary_files(world);
}

static void a_file_that_would_be_copied_onto_itself_is_left_alone(void **state)
{
    struct run_world *world = *state;
    struct stat before, after;
    run_write(world, "in/cli/tool", "mine");
    const struct job *use = bind_use(world, USE_CLI);
    struct looked looked = look_with(world, use, &(struct fetch_wishes){.no_fetch = true});
    assert_int_equal(stat(run_path(world, "in/cli/tool"), &before), 0);
    assert_ok(land(world, plan_with(world, use, looked)));
    assert_int_equal(stat(run_path(world, "in/cli/tool"), &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
}

static void an_input_that_changes_in_its_place_is_an_error(void **state)
{
    struct run_world *world = *state;
    run_write(world, "in/cli/tool", "mine");
    const struct job *use = bind_use(world, USE_CLI);
    struct looked looked = look_with(world, use, &(struct fetch_wishes){.no_fetch = true});
    run_write(world, "in/cli/tool", "MINE");
    assert_error(land(world, plan_with(world, use, looked)), ERROR_DAMAGED, "in/cli/tool' changed");
    assert_file(world, "in/cli/tool", "MINE");
}

static void what_a_killed_run_left_beside_the_places_is_removed(void **state)
{
    struct run_world *world = *state;
    int status = 0;
    publish_cli(world, "linux-x64", "tool");
    const struct plan *plan = plan_use(world, USE_CLI);
    run_mkdir(world, "in/cli");
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct str name;
        int folder = -1;
        int fd = -1;
        _exit(fs_open_folder(run_path(world, "in/cli"), &folder, &world->err) != 0 ||
              fs_temp_create(&world->w.arena, folder, &fd, &name, &world->err) != 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_ok(land(world, plan));
    assert_file(world, "in/cli/tool", "tool");
    assert_no_temporary_files(world);
}

static void many_files_need_few_descriptors(void **state)
{
    struct run_world *world = *state;
    struct rlimit before, few;
    for (int i = 0; i < 500; i++) {
        run_write(world, str_format(&world->w.arena, "out/cli/f%03d", i).s, "x");
    }
    publish_cli(world, "linux-x64", "tool");
    const struct plan *plan = plan_use(world, USE_CLI);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = before;
    few.rlim_cur = 64;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    int result = land(world, plan);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_ok(result);
    assert_file(world, "in/cli/f499", "x");
    assert_int_equal(world->progress, 504 * 2); /* sent, then fetched */
}

/* --- git --- */

static void git(struct run_world *world, const char *arguments)
{
    const char *command =
        str_format(&world->w.arena,
                   "cd '%.*s' && GIT_CONFIG_GLOBAL=/dev/null git -c user.name=a "
                   "-c user.email=a@b -c init.defaultBranch=main %s >/dev/null 2>&1",
                   STR_ARG(world->w.context.root), arguments)
            .s;
    const char *argv[] = {"sh", "-c", command, NULL};
    int status = 0;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (status != 0) {
        fail_msg("git %s ended with %d", arguments, status);
    }
}

static void landing_on_a_tracked_file_is_refused(void **state)
{
    struct run_world *world = *state;
    publish_cli(world, "linux-x64", "tool");
    git(world, "init");
    run_write(world, "in/cli/tool", "tracked");
    git(world, "add in");
    world->w.context.has_git = true;
    world->w.context.git_top = world->w.context.root;
    const struct plan *plan = plan_use(world, USE_CLI);
    assert_ok(fetch_check_places(&world->w.arena, plan, &world->w.diags, &world->err));
    const struct diag *diag = only_diag(
        world, STATUS_NOT_ALLOWED, "input 'cli' would land on 'in/cli/tool', which git tracks");
    assert_help(diag, "git rm --cached in/cli/tool");
    assert_non_null(diag->span.source);
    world->w.diags = diags_make(&world->w.arena);
    run_write(world, "in/cli/tool", "tool");
    assert_int_equal(chmod(run_path(world, "in/cli/tool"), 0755), 0);
    assert_ok(fetch_check_places(&world->w.arena, plan, &world->w.diags, &world->err));
    assert_no_problems();
}

static void a_place_that_holds_tracked_files_is_refused(void **state)
{
    struct run_world *world = *state;
    publish_cli(world, "linux-x64", "tool");
    git(world, "init");
    run_write(world, "in/cli/tool/x", "tracked");
    git(world, "add in");
    world->w.context.has_git = true;
    const struct plan *plan = plan_use(world, USE_CLI);
    assert_ok(fetch_check_places(&world->w.arena, plan, &world->w.diags, &world->err));
    only_diag(world, STATUS_NOT_ALLOWED, "'in/cli/tool/x', which git tracks");
}

static void a_place_in_a_repository_of_its_own_is_refused(void **state)
{
    struct run_world *world = *state;
    publish_tree(world);
    const struct plan *plan = plan_use(world, USE_CLI);
    static const char *const repositories[] = {"in/cli/.git/HEAD", "in/.git", "in/cli/a/.git"};
    for (size_t i = 0; i < ARRAY_COUNT(repositories); i++) {
        run_write(world, repositories[i], "gitdir: elsewhere");
        world->w.diags = diags_make(&world->w.arena);
        assert_ok(fetch_check_places(&world->w.arena, plan, &world->w.diags, &world->err));
        const struct diag *diag =
            only_diag(world, STATUS_NOT_ALLOWED, "in a git repository of its own");
        assert_help(diag, "let it land elsewhere");
        assert_non_null(diag->span.source);
        run_remove(world, "in");
    }
    /* The workspace's own repository is none of these, nor is one beside the places. */
    run_write(world, ".git/HEAD", "");
    run_write(world, "in/other/.git", "");
    world->w.diags = diags_make(&world->w.arena);
    assert_ok(fetch_check_places(&world->w.arena, plan, &world->w.diags, &world->err));
    assert_no_problems();
}

static void a_repository_around_another_one_is_seen(void **state)
{
    struct run_world *world = *state;
    publish_tree(world);
    run_write(world, "in/cli/a/.git", "");
    run_write(world, "in/cli/.git", "");
    const struct plan *plan = plan_use(world, USE_CLI);
    assert_ok(fetch_check_places(&world->w.arena, plan, &world->w.diags, &world->err));
    assert_int_equal(world->w.diags.error_count, 2);
}

static void what_is_in_place_in_another_repository_is_left_alone(void **state)
{
    struct run_world *world = *state;
    publish_cli(world, "linux-x64", "tool");
    const struct plan *plan = plan_use(world, USE_CLI);
    assert_ok(land(world, plan));
    run_write(world, "in/cli/.git", "");
    assert_ok(fetch_check_places(&world->w.arena, plan, &world->w.diags, &world->err));
    assert_no_problems();
}

static void a_near_miss_at_the_commit_before_is_told(void **state)
{
    struct run_world *world = *state;
    struct workspace *w = &world->w;
    struct str head;
    git(world, "init");
    git(world, "commit --allow-empty -m one");
    assert_ok(git_resolve(&w->arena, w->context.root.s, STR("HEAD"), &head, &world->err));
    w->context.commit = head;
    w->context.has_git = true;
    publish_cli(world, "linux-x64", "1");
    git(world, "commit --allow-empty -m two");
    assert_ok(
        git_resolve(&w->arena, w->context.root.s, STR("HEAD"), &w->context.commit, &world->err));
    look(world, bind_use(world, USE_CLI));
    const struct diag *diag = only_diag(world, STATUS_ABSENT, "input 'cli'");
    assert_note(diag,
                str_format(&w->arena, "it is there for commit %.7s (1 before this one)", head.s).s);
}

int main(void)
{
    umask(022);
    const struct CMUnitTest tests[] = {
        world_test(an_input_is_found_with_its_entries_and_who_made_it),
        world_test(a_missing_input_names_job_output_params_and_commit),
        world_test(the_hint_about_pixi_is_for_those_without_it),
        world_test(all_missing_inputs_are_reported_at_once),
        world_test(near_misses_in_other_environments_and_params_are_told),
        world_test(an_environment_that_must_not_be_read_is_not_advised),
        world_test(an_optional_input_may_be_absent),
        world_test(a_dry_run_lists_missing_inputs_without_failing),
        world_test(a_receipt_without_the_output_is_told_apart_from_no_receipt),
        world_test(a_missing_file_is_damage_for_optional_inputs_too),
        world_test(a_receipt_that_is_none_is_damage),
        world_test(the_receipt_of_another_address_is_damage),
        world_test(not_allowed_and_unreachable_are_messages_of_their_own),
        world_test(a_store_that_does_not_answer_is_asked_once),
        world_test(one_receipt_serves_all_outputs_of_a_job),
        world_test(inputs_are_read_from_the_environment_that_is_named),
        world_test(fallback_environments_come_after_the_own_one),
        world_test(a_protected_environment_reads_only_protected_ones),
        world_test(a_protected_environment_takes_no_local_input),
        world_test(a_local_folder_stands_for_the_whole_output),
        world_test(a_local_file_has_its_own_name_or_the_declared_one),
        world_test(a_local_input_that_fits_nothing_is_a_usage_error),
        world_test(an_input_that_is_given_twice_is_a_usage_error),
        world_test(a_local_link_that_leaves_its_folder_is_refused),
        world_test(without_fetching_inputs_are_what_lies_in_their_places),
        world_test(files_links_and_folders_land_as_they_were),
        world_test(what_comes_from_the_cache_is_said),
        world_test(a_cache_that_cannot_be_used_is_remarked_upon_once),
        world_test(what_is_in_place_is_left_alone),
        world_test(a_file_lands_under_the_name_that_the_manifest_gives),
        world_test(when_one_download_fails_nothing_has_changed),
        world_test(bytes_that_are_not_the_promised_ones_do_not_land),
        world_test(a_fetch_that_fails_leaves_no_folders_behind),
        world_test(what_is_in_the_way_is_named_before_anything_moves),
        world_test(a_link_in_the_place_of_a_file_is_replaced_and_not_followed),
        world_test(nothing_lands_in_git_the_state_folder_or_the_store),
        world_test(a_file_where_another_input_needs_a_folder_is_an_error),
        world_test(a_local_input_is_copied),
        world_test(a_file_that_would_be_copied_onto_itself_is_left_alone),
        world_test(an_input_that_changes_in_its_place_is_an_error),
        world_test(what_a_killed_run_left_beside_the_places_is_removed),
        world_test(many_files_need_few_descriptors),
        world_test(landing_on_a_tracked_file_is_refused),
        world_test(a_place_that_holds_tracked_files_is_refused),
        world_test(a_place_in_a_repository_of_its_own_is_refused),
        world_test(a_repository_around_another_one_is_seen),
        world_test(what_is_in_place_in_another_repository_is_left_alone),
        world_test(a_near_miss_at_the_commit_before_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
