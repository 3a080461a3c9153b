#include "job/ci.h"

#include "base/arena.h"
#include "job/config.h"
#include "job/context.h"

struct ci {
    const char *system;
    const char *marker;
    const char *run_id;
    bool needs_marker;   /* other systems and people use the run id's name too */
    const char *run_url; /* the variable that holds it, or NULL */
};

static const struct ci SYSTEMS[] = {
    {"GitHub Actions", "GITHUB_ACTIONS", "GITHUB_RUN_ID", false, NULL},
    {"GitLab CI", "GITLAB_CI", "CI_PIPELINE_ID", false, "CI_JOB_URL"},
    {"Buildkite", "BUILDKITE", "BUILDKITE_BUILD_ID", false, "BUILDKITE_BUILD_URL"},
    {"CircleCI", "CIRCLECI", "CIRCLE_WORKFLOW_ID", false, "CIRCLE_BUILD_URL"},
    {"Azure Pipelines", "TF_BUILD", "BUILD_BUILDID", true, NULL},
    {"TeamCity", "TEAMCITY_VERSION", "BUILD_NUMBER", true, "BUILD_URL"},
    {"Jenkins", "JENKINS_URL", "BUILD_TAG", true, "BUILD_URL"},
    {"AWS CodeBuild", "CODEBUILD_BUILD_ID", "CODEBUILD_BUILD_ID", false,
     "CODEBUILD_PUBLIC_BUILD_URL"},
    {"Bitbucket Pipelines", "BITBUCKET_BUILD_NUMBER", "BITBUCKET_BUILD_NUMBER", false, NULL},
    {"Travis CI", "TRAVIS", "TRAVIS_BUILD_ID", false, "TRAVIS_BUILD_WEB_URL"},
    {"AppVeyor", "APPVEYOR", "APPVEYOR_BUILD_ID", false, NULL},
    {"Drone", "DRONE", "DRONE_BUILD_NUMBER", false, "DRONE_BUILD_LINK"},
};

static bool is_set(const struct variables *variables, const char *name)
{
    struct str value = variables_get(variables, name);

    return value.n > 0 && !str_is(value, "false") && !str_is(value, "0");
}

/* The first variable of `recognised-ci` that is set; .s NULL where none is. */
static struct str own_variable(const struct config *config, const struct variables *variables)
{
    for (size_t i = 0; i < config->recognised_ci_count; i++) {
        if (is_set(variables, config->recognised_ci[i].s)) {
            return config->recognised_ci[i];
        }
    }
    return (struct str){0};
}

struct str ci_marker(struct arena *arena, const struct config *config,
                     const struct variables *variables)
{
    struct str ci = variables_get(variables, "CI");

    if (str_is(ci, "true") || str_is(ci, "1")) {
        return str_format(arena, "CI=%s is set", ci.s);
    }
    for (size_t i = 0; i < ARRAY_COUNT(SYSTEMS); i++) {
        if (is_set(variables, SYSTEMS[i].marker)) {
            return str_format(arena, "%s is set", SYSTEMS[i].marker);
        }
    }
    struct str own = own_variable(config, variables);
    return own.n > 0 ? str_format(arena, "%.*s is set", STR_ARG(own)) : (struct str){0};
}

/* Variables are anybody's text, and the address ends up in receipts: what does
 * not look like one is left out. */
static struct str checked_url(struct str url)
{
    if (!str_starts(url, STR("https://")) && !str_starts(url, STR("http://"))) {
        return (struct str){0};
    }
    for (size_t i = 0; i < url.n; i++) {
        if (url.s[i] <= ' ' || url.s[i] > '~' || url.s[i] == '"' || url.s[i] == '\\') {
            return (struct str){0};
        }
    }
    return url;
}

static struct str run_url(struct arena *arena, const struct ci *ci,
                          const struct variables *variables)
{
    if (ci->run_url != NULL) {
        return checked_url(variables_get(variables, ci->run_url));
    }

    struct str repository = variables_get(variables, "GITHUB_REPOSITORY");
    struct str server = variables_get(variables, "GITHUB_SERVER_URL");
    if (!str_is(str_from(ci->run_id), "GITHUB_RUN_ID") || repository.n == 0) {
        return (struct str){0};
    }
    if (server.n == 0) {
        server = STR("https://github.com");
    }
    struct str id = variables_get(variables, ci->run_id);
    return checked_url(str_format(arena, "%.*s/%.*s/actions/runs/%.*s", STR_ARG(server),
                                  STR_ARG(repository), STR_ARG(id)));
}

void ci_recognise(struct arena *arena, const struct config *config,
                  const struct variables *variables, struct str *system, struct str *url)
{
    *system = own_variable(config, variables);
    *url = (struct str){0};
    for (size_t i = 0; i < ARRAY_COUNT(SYSTEMS); i++) {
        const struct ci *ci = &SYSTEMS[i];
        if (!is_set(variables, ci->run_id) ||
            (ci->needs_marker && !is_set(variables, ci->marker))) {
            continue;
        }
        *system = str_from(ci->system);
        *url = run_url(arena, ci, variables);
        return;
    }
}
