#include "base/arena.h"
#include "base/error.h"
#include "job/context.h"
#include "run/listener.h"
#include "run/requires_parts.h"
#include "sys/fs.h"
#include "sys/git.h"

/* "'a' or 'b'" */
static struct str any_of(struct arena *arena, const struct bound_requirement *bound)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);

    for (size_t i = 0; i < bound->text_count; i++) {
        buf_addf(&buf, "%s'%.*s'", i > 0 ? " or " : "", STR_ARG(bound->texts[i]));
    }
    return buf_str(&buf);
}

static bool holds(const struct bound_requirement *bound, struct str text)
{
    for (size_t i = 0; i < bound->text_count; i++) {
        if (str_equal(bound->texts[i], text)) {
            return true;
        }
    }
    return false;
}

static void check_platform(struct requires *requires, const struct bound_requirement *bound)
{
    struct str host = requires->job->context->host_platform;

    if (holds(bound, host)) {
        return;
    }
    struct diag *diag = requires_unmet(
        requires, bound, "job '%.*s' requires platform %.*s, and this machine is %s%.*s%s",
        STR_ARG(requires->job->manifest->name), STR_ARG(any_of(requires->arena, bound)),
        host.n > 0 ? "'" : "none of them", STR_ARG(host), host.n > 0 ? "'" : "");
    diag_help(diag, "run it on a %.*s machine", STR_ARG(bound->texts[0]));
}

static void check_environment(struct requires *requires, const struct bound_requirement *bound)
{
    const struct context *context = requires->job->context;

    if (holds(bound, context->environment)) {
        return;
    }
    struct diag *diag =
        requires_unmet(requires, bound, "job '%.*s' requires environment %.*s, and this is '%.*s'",
                       STR_ARG(requires->job->manifest->name),
                       STR_ARG(any_of(requires->arena, bound)), STR_ARG(context->environment));
    diag_note(diag, "the environment is '%.*s': %.*s", STR_ARG(context->environment),
              STR_ARG(context->environment_why));
    diag_help(diag, "run it with --env %.*s", STR_ARG(bound->texts[0]));
}

/* False, and reported, where there is no checkout to ask. */
static bool has_git(struct requires *requires, const struct bound_requirement *bound,
                    const char *what)
{
    const struct context *context = requires->job->context;

    if (!context->has_git) {
        struct diag *diag = requires_unmet(
            requires, bound, "job '%.*s' requires %s, and '%.*s' is in no git repository",
            STR_ARG(requires->job->manifest->name), what, STR_ARG(context->root));
        diag_help(diag, "run it in a git checkout");
    }
    return context->has_git;
}

static void check_clean_tree(struct requires *requires, const struct bound_requirement *bound)
{
    if (!has_git(requires, bound, "a working tree without changes") ||
        requires->dirty->fingerprint.n == 0) {
        return;
    }
    dirty_describe(requires->dirty,
                   requires_unmet(requires, bound,
                                  "job '%.*s' requires a working tree without changes, and this "
                                  "one has some",
                                  STR_ARG(requires->job->manifest->name)));
}

static void check_history(struct requires *requires, const struct bound_requirement *bound)
{
    struct error err = {0};
    bool shallow = false;

    if (!has_git(requires, bound, "the whole history")) {
        return;
    }
    if (git_is_shallow(requires->arena, requires->job->context->root.s, &shallow, &err) < 0) {
        diag_from_error(requires->unmet, STATUS_NOT_ALLOWED, "requires", bound->requirement->span,
                        &err);
    } else if (shallow) {
        struct diag *diag = requires_unmet(
            requires, bound, "job '%.*s' requires the whole history, and this clone is shallow",
            STR_ARG(requires->job->manifest->name));
        diag_help(diag, "git fetch --unshallow");
    }
}

static void check_disk(struct requires *requires, const struct bound_requirement *bound)
{
    const struct context *context = requires->job->context;
    uint64_t wanted = (uint64_t)bound->requirement->size_bytes;
    uint64_t free_bytes = 0, total_bytes;
    struct error err = {0};

    if (fs_room(context->root_fd, &free_bytes, &total_bytes, &err) < 0) {
        diag_from_error(requires->unmet, STATUS_NOT_ALLOWED, "requires", bound->requirement->span,
                        &err);
    } else if (free_bytes < wanted) {
        struct diag *diag = requires_unmet(
            requires, bound, "job '%.*s' requires %.*s of free space, and there are %.*s",
            STR_ARG(requires->job->manifest->name), STR_ARG(size_show(requires->arena, wanted)),
            STR_ARG(size_show(requires->arena, free_bytes)));
        diag_note(diag, "on the file system of '%.*s'", STR_ARG(context->root));
        diag_help(diag, "remove what is not needed there: df -h %.*s",
                  STR_ARG(str_shell_quote(requires->arena, context->root)));
    }
}

static void check_one(struct requires *requires, const struct bound_requirement *bound)
{
    switch (bound->requirement->kind) {
    case REQUIRE_PLATFORM:
        check_platform(requires, bound);
        return;
    case REQUIRE_TOOL:
        requires_check_tool(requires, bound);
        return;
    case REQUIRE_ENVIRONMENT:
        check_environment(requires, bound);
        return;
    case REQUIRE_CLEAN_TREE:
        check_clean_tree(requires, bound);
        return;
    case REQUIRE_LFS:
        requires_check_lfs(requires, bound);
        return;
    case REQUIRE_HISTORY:
        check_history(requires, bound);
        return;
    case REQUIRE_DISK:
        check_disk(requires, bound);
        return;
    }
    BUG("requirement of kind %d", (int)bound->requirement->kind);
}

void requires_check(struct arena *arena, const struct job *job, const struct plan *plan,
                    const struct cleaning *cleaning, const struct dirty *dirty, bool *met,
                    struct diags *unmet)
{
    struct requires requires = {
        .arena = arena,
        .job = job,
        .plan = plan,
        .cleaning = cleaning,
        .dirty = dirty,
        .unmet = unmet,
    };

    for (size_t i = 0; i < job->requirement_count; i++) {
        size_t errors = unmet->error_count;
        check_one(&requires, &job->requirements[i]);
        met[i] = unmet->error_count == errors;
    }
}
