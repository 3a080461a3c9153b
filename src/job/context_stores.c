#include "job/context_stores.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/file_url.h"
#include "job/context.h"
#include "job/context_environment.h"
#include "job/location.h"
#include "manifest/manifest.h"
#include "manifest/rule.h"
#include "sys/fs.h"

#define STORE_DEFAULT ".jobrun/store"

static const struct span NOWHERE;

/* What the configuration says, where nobody was told otherwise. */
static struct context_store configured_store(const struct context *context, struct arena *arena,
                                             struct str environment)
{
    const struct config_environment *configured = config_environment(&context->config, environment);
    struct context_store found = {.url = context->config.store, .why = STR("jobrun.yaml")};

    if (configured != NULL && configured->store.s != NULL) {
        found.url = configured->store;
    }
    if (found.url.s == NULL) {
        found = (struct context_store){STR(STORE_DEFAULT), STR("default")};
    }
    if (!location_is_url(found.url)) {
        found.url = fs_join(arena, context->root, found.url);
    }
    return found;
}

struct context_store context_store_of(const struct context *context, struct arena *arena,
                                      struct str environment)
{
    if (context->store_is_given || str_equal(environment, context->environment)) {
        return (struct context_store){context->store_url, context->store_url_why};
    }
    return configured_store(context, arena, environment);
}

static bool is_among(const struct str *texts, size_t count, struct str text)
{
    for (size_t i = 0; i < count; i++) {
        if (str_equal(texts[i], text)) {
            return true;
        }
    }
    return false;
}

struct str *context_input_environments(const struct context *context, struct arena *arena,
                                       size_t *count)
{
    const struct config_environment *configured =
        config_environment(&context->config, context->environment);
    size_t fallback_count = configured != NULL ? configured->fallback_count : 0;
    struct str *names = arena_array(arena, fallback_count + 1, sizeof *names);

    names[0] = context->inputs_from.s != NULL ? context->inputs_from : context->environment;
    *count = 1;
    for (size_t i = 0; context->inputs_from.s == NULL && i < fallback_count; i++) {
        if (!is_among(names, *count, configured->fallback[i])) {
            names[(*count)++] = configured->fallback[i];
        }
    }
    return names;
}

/* Where the store is a folder: its absolute path. */
static bool folder_of(struct arena *arena, struct str url, struct str *folder)
{
    struct error no_path = {0};

    *folder = url;
    return file_url_is(url) ? file_url_path(arena, url, folder, &no_path) == 0
                            : str_starts(url, STR("/"));
}

static void add_folder(struct arena *arena, struct str url, struct str *folders, size_t *count)
{
    struct str folder;

    if (folder_of(arena, url, &folder) && !is_among(folders, *count, folder)) {
        folders[(*count)++] = folder;
    }
}

struct str *context_store_folders(const struct context *context, struct arena *arena, size_t *count)
{
    const struct config *config = &context->config;
    struct str *folders = arena_array(arena, config->environment_count + 2, sizeof *folders);

    *count = 0;
    add_folder(arena, context->store_url, folders, count);
    /* That of the environments that have none of their own. */
    add_folder(arena, context_store_of(context, arena, STR("")).url, folders, count);
    for (size_t i = 0; i < config->environment_count; i++) {
        struct str environment = config->environments[i].name;
        add_folder(arena, context_store_of(context, arena, environment).url, folders, count);
    }
    return folders;
}

static void choose_store_mode(struct context *context, struct diags *diags)
{
    struct str mode = variables_get(&context->variables, "JOBRUN_STORE_MODE");

    context->store_read_only = str_is(mode, "read-only");
    if (mode.n == 0 || context->store_read_only || str_is(mode, "read-write")) {
        return;
    }
    struct diag *d = diag_error(diags, STATUS_USAGE, rule_id(RULE_STORE), NOWHERE,
                                "JOBRUN_STORE_MODE: '%.*s' is not a mode", STR_ARG(mode));
    diag_help(d, "the modes are read-only and read-write");
}

/* Such a store would publish itself, and hide every change of the workspace. */
static void refuse_store_at_root(const struct context *context, struct arena *arena,
                                 struct context_store store, struct diags *diags)
{
    struct str folder, real;
    struct error not_there = {0};

    if (!folder_of(arena, store.url, &folder) ||
        fs_real_path(arena, str_copy(arena, folder).s, &real, &not_there) != 0 ||
        !str_equal(real, context->root)) {
        return;
    }
    struct diag *d =
        diag_error(diags, STATUS_USAGE, rule_id(RULE_STORE), NOWHERE,
                   "the store cannot be the workspace itself (from %.*s)", STR_ARG(store.why));
    diag_help(d, "give it a folder of its own, such as .jobrun/store");
}

void context_choose_store(struct context *context, struct arena *arena,
                          const struct context_wishes *wishes, struct diags *diags)
{
    struct context_store own = {0};

    own.url = context_wish(context, wishes->store, "--store", "JOBRUN_STORE", &own.why);
    choose_store_mode(context, diags);
    if (own.url.s != NULL && own.url.n == 0) {
        struct diag *d =
            diag_error(diags, STATUS_USAGE, rule_id(RULE_STORE), NOWHERE, "--store names no store");
        diag_help(d, "give a folder or an URL, such as gs://bucket/prefix");
        own.url.s = NULL;
    }
    context->store_is_given = own.url.s != NULL;
    if (own.url.s == NULL) {
        own = configured_store(context, arena, context->environment);
    } else if (location_is_url(own.url)) {
        own.url = str_copy(arena, own.url);
    } else {
        own.url = fs_join(arena, context->start, own.url);
    }
    context->store_url = own.url;
    context->store_url_why = own.why;
    refuse_store_at_root(context, arena, own, diags);
}

void context_choose_inputs(struct context *context, const struct context_wishes *wishes,
                           struct diags *diags)
{
    struct str from = wishes->inputs_from;

    if (from.s == NULL || name_is_environment(from)) {
        context->inputs_from = from;
        return;
    }
    struct diag *d =
        diag_error(diags, STATUS_USAGE, rule_id(RULE_ENVIRONMENT), NOWHERE,
                   "--inputs-from: '%.*s' is not a name for an environment", STR_ARG(from));
    diag_help(d, "names of environments are 1 to 64 letters, digits, '.', '_' and '-'");
}
