#include "job/context_environment.h"

#include "base/arena.h"
#include "base/error.h"
#include "job/ci.h"
#include "job/context.h"
#include "job/location.h"
#include "manifest/manifest.h"
#include "sys/fs.h"

#define STORE_DEFAULT ".jobrun/store"

static const struct span NOWHERE;

/* What an option or else its variable says: .s NULL for neither. An empty
 * option is what somebody wrote, an empty variable is none. */
static struct str wish(const struct context *context, struct str option, const char *option_name,
                       const char *variable, struct str *why)
{
    if (option.s != NULL) {
        *why = str_from(option_name);
        return option;
    }
    struct str value = variables_get(&context->variables, variable);
    if (value.n == 0) {
        return (struct str){0};
    }
    *why = str_from(variable);
    return value;
}

void context_choose_environment(struct context *context, struct arena *arena,
                                const struct context_wishes *wishes, struct diags *diags)
{
    struct str why = {0};
    struct str name = wish(context, wishes->environment, "--env", "JOBRUN_ENV", &why);

    ci_recognise(arena, &context->config, &context->variables, &context->ci_system,
                 &context->ci_run_url);
    struct str marker = ci_marker(arena, &context->config, &context->variables);
    context->environment = marker.n > 0 ? STR("CI") : STR("dev");
    context->environment_why = marker.n > 0 ? marker : STR("no CI system");
    if (name.s != NULL && name_is_environment(name)) {
        context->environment = str_copy(arena, name);
        context->environment_why = str_format(arena, "by %.*s", STR_ARG(why));
    } else if (name.s != NULL) {
        struct diag *d = diag_error(diags, STATUS_USAGE, "environment", NOWHERE,
                                    "%.*s: '%.*s' is not a name for an environment", STR_ARG(why),
                                    STR_ARG(name));
        diag_help(d, "names of environments are 1 to 64 letters, digits, '.', '_' and '-'");
    }
    context->is_protected = config_is_protected(&context->config, context->environment);
}

static void choose_store_mode(struct context *context, struct diags *diags)
{
    struct str mode = variables_get(&context->variables, "JOBRUN_STORE_MODE");

    context->store_read_only = str_is(mode, "read-only");
    if (mode.n == 0 || context->store_read_only || str_is(mode, "read-write")) {
        return;
    }
    struct diag *d = diag_error(diags, STATUS_USAGE, "store", NOWHERE,
                                "JOBRUN_STORE_MODE: '%.*s' is not a mode", STR_ARG(mode));
    diag_help(d, "the modes are read-only and read-write");
}

/* Such a store would publish itself, and hide every change of the workspace. */
static void refuse_store_at_root(const struct context *context, struct arena *arena,
                                 struct diags *diags)
{
    struct str path = context->store_url;
    struct str real;
    struct error not_there = {0};

    if (str_starts(path, STR("file://"))) {
        path = str_copy(arena, str_after(path, strlen("file://")));
    }
    if (!str_starts(path, STR("/")) || fs_real_path(arena, path.s, &real, &not_there) != 0 ||
        !str_equal(real, context->root)) {
        return;
    }
    struct diag *d = diag_error(diags, STATUS_USAGE, "store", NOWHERE,
                                "the store cannot be the workspace itself (from %.*s)",
                                STR_ARG(context->store_url_why));
    diag_help(d, "give it a folder of its own, such as .jobrun/store");
}

void context_choose_store(struct context *context, struct arena *arena,
                          const struct context_wishes *wishes, struct diags *diags)
{
    const struct config_environment *environment =
        config_environment(&context->config, context->environment);
    struct str why = {0};
    struct str folder = context->start;
    struct str store = wish(context, wishes->store, "--store", "JOBRUN_STORE", &why);

    choose_store_mode(context, diags);
    if (store.s != NULL && store.n == 0) {
        struct diag *d =
            diag_error(diags, STATUS_USAGE, "store", NOWHERE, "--store names no store");
        diag_help(d, "give a folder or an URL, such as gs://bucket/prefix");
        store.s = NULL;
    }
    if (store.s == NULL) {
        folder = context->root;
        why = STR("jobrun.yaml");
        store = context->config.store;
        if (environment != NULL && environment->store.s != NULL) {
            store = environment->store;
        }
    }
    if (store.s == NULL) {
        why = STR("default");
        store = STR(STORE_DEFAULT);
    }
    context->store_url_why = why;
    context->store_url =
        location_is_url(store) ? str_copy(arena, store) : fs_join(arena, folder, store);
    refuse_store_at_root(context, arena, diags);
}

void context_choose_commit(struct context *context, const struct context_wishes *wishes,
                           struct diags *diags)
{
    struct str why = {0};
    struct str commit = wish(context, wishes->commit, "--commit", "JOBRUN_COMMIT", &why);

    if (commit.s != NULL && commit.n == 0) {
        struct diag *d =
            diag_error(diags, STATUS_USAGE, "commit", NOWHERE, "--commit names no commit");
        diag_help(d, "give a revision, or leave the option out for HEAD");
        return;
    }
    context->commit_wish = commit;
    context->commit_wish_why = why;
}
