#include "context_fixture.h"

/* --- the workspace --- */

static void the_root_is_the_nearest_folder_with_a_jobrun_yaml(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    temp_write(&f.tree, "a/jobrun.yaml", "manifests: outer\n");
    temp_write(&f.tree, "a/b/jobrun.yaml", "manifests: inner\n");
    temp_folder(&f.tree, "a/b/c/d");
    open_at(&f, "a/b/c/d");
    assert_str(f.context.root, temp_path(&f.tree, "a/b"));
    assert_str(f.context.config.manifests, "inner");
    assert_str(f.context.config.source->name, "../../jobrun.yaml");
    assert_str(f.context.start, temp_path(&f.tree, "a/b/c/d"));
    assert_true(f.context.root_fd >= 0);
    assert_no_problem(&f);
}

static void the_root_is_the_top_of_git_where_there_is_no_jobrun_yaml(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    temp_repository(&f.tree, "repo");
    temp_folder(&f.tree, "repo/x/y");
    temp_folder(&f.tree, "elsewhere");
    open_at(&f, "repo/x/y");
    assert_str(f.context.root, temp_path(&f.tree, "repo"));
    assert_true(f.context.has_git);
    assert_null(f.context.config.source);
    open_at(&f, "elsewhere");
    assert_str(f.context.root, temp_path(&f.tree, "elsewhere"));
    assert_false(f.context.has_git);
}

static void a_link_to_the_workspace_does_not_change_its_root(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    temp_write(&f.tree, "a/jobrun.yaml", "");
    assert_int_equal(symlink("a", temp_path(&f.tree, "link")), 0);
    open_at(&f, "link");
    assert_str(f.context.root, temp_path(&f.tree, "a"));
}

static void problems_of_jobrun_yaml_are_reported_with_their_place(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    temp_write(&f.tree, "jobrun.yaml", "manifest: x\n");
    open_at(&f, "");
    assert_problem(&f, STATUS_MANIFEST, "unknown key 'manifest'");
    assert_str(f.diags.items[0]->span.source->name, "jobrun.yaml");
}

static void a_folder_named_jobrun_yaml_is_an_error(void **state)
{
    struct fixture f CLEANUP(end) = begin();
    const struct variables variables = {f.variables};

    (void)state;
    temp_folder(&f.tree, "jobrun.yaml");
    f.diags = diags_make(&f.tree.arena);
    assert_int_equal(context_open(&f.context, &f.tree.arena, f.tree.root, &variables, &f.wishes,
                                  &f.diags, &f.err),
                     -1);
    assert_true(str_contains(str_from(f.err.message), STR("jobrun.yaml")));
    assert_int_equal(f.context.root_fd, -1);
}

static void paths_are_shown_from_where_the_user_stands(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    temp_write(&f.tree, "jobrun.yaml", "");
    temp_folder(&f.tree, "a/b");
    open_at(&f, "a/b");
    assert_str(context_show_path(&f.context, f.arena, STR("manifests/x.yaml")),
               "../../manifests/x.yaml");
    assert_str(context_show_path(&f.context, f.arena, STR("a/b/c")), "c");
    assert_str(context_show_path(&f.context, f.arena, STR("a/bc")), "../bc");
    assert_str(context_show_path(&f.context, f.arena, STR("a")), "..");
    assert_str(context_show_path(&f.context, f.arena, STR("a/b/")), ".");
    assert_str(context_show_path(&f.context, f.arena, STR("/x")), "/x");
}

/* --- the environment --- */

static void the_environment_is_dev_on_a_machine_that_is_no_ci(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    set(&f, "CI=false");
    set(&f, "GITHUB_ACTIONS=");
    set(&f, "TRAVIS=0");
    set(&f, "JOBRUN_ENV=");
    open_at(&f, "");
    assert_str(f.context.environment, "dev");
    assert_str(f.context.environment_why, "no CI system");
    assert_false(f.context.is_protected);
    assert_false(context_is_recognised_ci(&f.context));
}

static void an_option_wins_over_the_variable_and_that_over_the_ci_system(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    set(&f, "GITLAB_CI=true");
    open_at(&f, "");
    assert_str(f.context.environment, "CI");
    assert_str(f.context.environment_why, "GITLAB_CI is set");
    assert_true(f.context.is_protected);
    set(&f, "JOBRUN_ENV=nightly");
    open_at(&f, "");
    assert_str(f.context.environment, "nightly");
    assert_str(f.context.environment_why, "by JOBRUN_ENV");
    assert_false(f.context.is_protected);
    f.wishes.environment = STR("release");
    open_at(&f, "");
    assert_str(f.context.environment, "release");
    assert_str(f.context.environment_why, "by --env");
    assert_no_problem(&f);
}

static void a_bare_ci_variable_chooses_the_environment_but_recognises_nothing(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    set(&f, "CI=1");
    open_at(&f, "");
    assert_str(f.context.environment, "CI");
    assert_str(f.context.environment_why, "CI=1 is set");
    assert_false(context_is_recognised_ci(&f.context));
}

static void every_ci_system_is_recognised_by_its_own_run_id(void **state)
{
    static const char *const SYSTEMS[][3] = {
        {"GITHUB_RUN_ID=7", NULL, "GitHub Actions"},
        {"CI_PIPELINE_ID=7", NULL, "GitLab CI"},
        {"BUILDKITE_BUILD_ID=7", NULL, "Buildkite"},
        {"CIRCLE_WORKFLOW_ID=7", NULL, "CircleCI"},
        {"BUILD_BUILDID=7", "TF_BUILD=True", "Azure Pipelines"},
        {"BUILD_NUMBER=7", "TEAMCITY_VERSION=2024", "TeamCity"},
        {"BUILD_TAG=7", "JENKINS_URL=https://j", "Jenkins"},
        {"CODEBUILD_BUILD_ID=7", NULL, "AWS CodeBuild"},
        {"BITBUCKET_BUILD_NUMBER=7", NULL, "Bitbucket Pipelines"},
        {"TRAVIS_BUILD_ID=7", NULL, "Travis CI"},
        {"APPVEYOR_BUILD_ID=7", NULL, "AppVeyor"},
        {"DRONE_BUILD_NUMBER=7", NULL, "Drone"},
    };
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(SYSTEMS); i++) {
        forget(&f);
        set(&f, SYSTEMS[i][0]);
        if (SYSTEMS[i][1] != NULL) {
            open_at(&f, "");
            assert_false(context_is_recognised_ci(&f.context));
            set(&f, SYSTEMS[i][1]);
        }
        open_at(&f, "");
        assert_str(f.context.ci_system, SYSTEMS[i][2]);
        assert_true(context_is_recognised_ci(&f.context));
    }
}

static void a_variable_of_jobrun_yaml_recognises_a_ci_system_too(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    temp_write(&f.tree, "jobrun.yaml", "recognised-ci: [OTHER, MY_RUN]\n");
    set(&f, "MY_RUN=12");
    open_at(&f, "");
    assert_str(f.context.environment, "CI");
    assert_str(f.context.environment_why, "MY_RUN is set");
    assert_str(f.context.ci_system, "MY_RUN");
}

static void the_address_of_the_run_is_known_where_the_system_tells_it(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    set(&f, "GITHUB_RUN_ID=42");
    set(&f, "GITHUB_REPOSITORY=a/b");
    open_at(&f, "");
    assert_str(f.context.ci_run_url, "https://github.com/a/b/actions/runs/42");
    set(&f, "GITHUB_SERVER_URL=https://git.example.org");
    open_at(&f, "");
    assert_str(f.context.ci_run_url, "https://git.example.org/a/b/actions/runs/42");
    forget(&f);
    set(&f, "CI_PIPELINE_ID=1");
    set(&f, "CI_JOB_URL=https://gitlab.com/x/-/jobs/5");
    open_at(&f, "");
    assert_str(f.context.ci_run_url, "https://gitlab.com/x/-/jobs/5");
    forget(&f);
    set(&f, "CI_PIPELINE_ID=1");
    set(&f, "CI_JOB_URL=javascript:alert(1)");
    open_at(&f, "");
    assert_str(f.context.ci_run_url, "");
}

static void a_name_that_no_environment_can_have_is_a_usage_problem(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    f.wishes.environment = STR("a/b");
    open_at(&f, "");
    assert_problem(&f, STATUS_USAGE, "--env: 'a/b' is not a name for an environment");
    f.wishes.environment = STR("");
    open_at(&f, "");
    assert_problem(&f, STATUS_USAGE, "--env: ''");
    forget(&f);
    set(&f, "JOBRUN_ENV=..");
    open_at(&f, "");
    assert_problem(&f, STATUS_USAGE, "JOBRUN_ENV: '..'");
}

/* --- the store --- */

static void assert_store(const struct fixture *f, const char *url, const char *why)
{
    assert_no_problem(f);
    assert_str(f->context.store_url, url);
    assert_str(f->context.store_url_why, why);
}

static void the_store_is_chosen_in_the_documented_order(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    temp_folder(&f.tree, "sub");
    temp_write(&f.tree, "jobrun.yaml", "{}\n");
    open_at(&f, "sub");
    assert_store(&f, temp_path(&f.tree, ".jobrun/store"), "default");
    temp_write(&f.tree, "jobrun.yaml",
               "store: gs://b/p\nenvironments: {nightly: {store: nights}}\n");
    open_at(&f, "sub");
    assert_store(&f, "gs://b/p", "jobrun.yaml");
    f.wishes.environment = STR("nightly");
    open_at(&f, "sub");
    assert_store(&f, temp_path(&f.tree, "nights"), "jobrun.yaml");
    set(&f, "JOBRUN_STORE=there");
    open_at(&f, "sub");
    assert_store(&f, temp_path(&f.tree, "sub/there"), "JOBRUN_STORE");
    f.wishes.store = STR("/abs/store");
    open_at(&f, "sub");
    assert_store(&f, "/abs/store", "--store");
    f.wishes.store = STR("s3://b");
    open_at(&f, "sub");
    assert_store(&f, "s3://b", "--store");
}

static void the_mode_of_the_store_is_read_and_checked(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    set(&f, "JOBRUN_STORE_MODE=read-only");
    open_at(&f, "");
    assert_true(f.context.store_read_only);
    forget(&f);
    set(&f, "JOBRUN_STORE_MODE=read-write");
    open_at(&f, "");
    assert_false(f.context.store_read_only);
    assert_no_problem(&f);
    forget(&f);
    set(&f, "JOBRUN_STORE_MODE=readonly");
    open_at(&f, "");
    assert_problem(&f, STATUS_USAGE, "JOBRUN_STORE_MODE: 'readonly' is not a mode");
    forget(&f);
    f.wishes.store = STR("");
    open_at(&f, "");
    assert_problem(&f, STATUS_USAGE, "--store names no store");
}

/* --- the commit --- */

static void the_commit_is_head_whatever_a_ci_system_says(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    temp_repository(&f.tree, "");
    set(&f, "GITHUB_SHA=0123456789012345678901234567890123456789");
    read_commit(&f, "");
    assert_no_problem(&f);
    assert_true(git_is_full_id(f.context.commit));
    assert_str(f.context.commit, f.context.status.head.s);
    assert_true(f.context.commit_is_head);
    assert_str(f.context.commit_wish, "");
}

static void a_revision_is_looked_up_and_known_to_be_head_or_not(void **state)
{
    struct fixture f CLEANUP(end) = begin();
    static const char UNKNOWN[] = "0123456789012345678901234567890123456789";

    (void)state;
    temp_repository(&f.tree, "");
    TEMP_GIT(&f.tree, "", "tag", "-a", "-m", "x", "v1");
    TEMP_GIT(&f.tree, "", "commit", "-q", "--allow-empty", "-m", "second");
    f.wishes.commit = STR("HEAD");
    read_commit(&f, "");
    assert_true(f.context.commit_is_head);
    f.wishes.commit = STR("v1");
    read_commit(&f, "");
    assert_no_problem(&f);
    assert_false(f.context.commit_is_head);
    assert_true(git_is_full_id(f.context.commit));
    assert_false(str_equal(f.context.commit, f.context.status.head));
    forget(&f);
    set(&f, "JOBRUN_COMMIT=HEAD~1");
    read_commit(&f, "");
    assert_false(f.context.commit_is_head);
    f.wishes.commit = str_copy(f.arena, f.context.status.head);
    read_commit(&f, "");
    assert_true(f.context.commit_is_head);
    f.wishes.commit = str_from(UNKNOWN);
    read_commit(&f, "");
    assert_no_problem(&f);
    assert_str(f.context.commit, UNKNOWN);
    assert_false(f.context.commit_is_head);
}

static void a_revision_that_git_does_not_know_is_a_usage_problem(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    temp_repository(&f.tree, "");
    f.wishes.commit = STR("nothing");
    read_commit(&f, "");
    assert_problem(&f, STATUS_USAGE, "--commit: ");
    f.wishes.commit = STR("--all");
    read_commit(&f, "");
    assert_problem(&f, STATUS_USAGE, "--commit: ");
    f.wishes.commit = STR("");
    open_at(&f, "");
    assert_problem(&f, STATUS_USAGE, "--commit names no commit");
}

static void outside_of_git_the_commit_must_be_given_in_full(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    read_commit(&f, "");
    assert_problem(&f, STATUS_USAGE, "is not in a git repository");
    assert_true(str_contains(f.diags.items[0]->helps[0], STR("--commit")));
    f.wishes.commit = STR("HEAD");
    read_commit(&f, "");
    assert_problem(&f, STATUS_USAGE, "'HEAD' is not a full commit id");
    f.wishes.commit = STR("0123456789012345678901234567890123456789");
    read_commit(&f, "");
    assert_no_problem(&f);
    assert_str(f.context.commit, "0123456789012345678901234567890123456789");
    assert_true(f.context.commit_is_head);
}

static void the_cache_is_where_the_user_has_caches(void **state)
{
    static const struct {
        const char *xdg, *home, *folder;
    } rows[] = {
        {"XDG_CACHE_HOME=/caches", "HOME=/home/login", "/caches/jobrun"},
        {"XDG_CACHE_HOME=", "HOME=/home/login", "/home/login/.cache/jobrun"},
        {"XDG_CACHE_HOME=caches", "HOME=/home/login", "/home/login/.cache/jobrun"},
        {"XDG_CACHE_HOME=./x", "HOME=login", ""},
        {"OTHER=", "HOME=", ""},
        {"OTHER=", "OTHER=", ""},
    };
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    for (size_t i = 0; i < ARRAY_COUNT(rows); i++) {
        forget(&f);
        set(&f, rows[i].xdg);
        set(&f, rows[i].home);
        open_at(&f, "");
        assert_str(context_cache_folder(&f.context, f.arena), rows[i].folder);
    }
}

static void a_repository_without_a_commit_is_not_enough(void **state)
{
    struct fixture f CLEANUP(end) = begin();

    (void)state;
    TEMP_GIT(&f.tree, "", "init", "-q");
    read_commit(&f, "");
    assert_problem(&f, STATUS_NOT_ALLOWED, "has no commit yet");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_root_is_the_nearest_folder_with_a_jobrun_yaml),
        cmocka_unit_test(the_root_is_the_top_of_git_where_there_is_no_jobrun_yaml),
        cmocka_unit_test(a_link_to_the_workspace_does_not_change_its_root),
        cmocka_unit_test(problems_of_jobrun_yaml_are_reported_with_their_place),
        cmocka_unit_test(a_folder_named_jobrun_yaml_is_an_error),
        cmocka_unit_test(paths_are_shown_from_where_the_user_stands),
        cmocka_unit_test(the_environment_is_dev_on_a_machine_that_is_no_ci),
        cmocka_unit_test(an_option_wins_over_the_variable_and_that_over_the_ci_system),
        cmocka_unit_test(a_bare_ci_variable_chooses_the_environment_but_recognises_nothing),
        cmocka_unit_test(every_ci_system_is_recognised_by_its_own_run_id),
        cmocka_unit_test(a_variable_of_jobrun_yaml_recognises_a_ci_system_too),
        cmocka_unit_test(the_address_of_the_run_is_known_where_the_system_tells_it),
        cmocka_unit_test(a_name_that_no_environment_can_have_is_a_usage_problem),
        cmocka_unit_test(the_store_is_chosen_in_the_documented_order),
        cmocka_unit_test(the_mode_of_the_store_is_read_and_checked),
        cmocka_unit_test(the_commit_is_head_whatever_a_ci_system_says),
        cmocka_unit_test(a_revision_is_looked_up_and_known_to_be_head_or_not),
        cmocka_unit_test(a_revision_that_git_does_not_know_is_a_usage_problem),
        cmocka_unit_test(outside_of_git_the_commit_must_be_given_in_full),
        cmocka_unit_test(a_repository_without_a_commit_is_not_enough),
        cmocka_unit_test(the_cache_is_where_the_user_has_caches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
