/*
 * The environment of a command: what `inherit-env` lets through of the caller's,
 * without the store's credentials and the job's secrets, then the variables of
 * params, vars, inputs, outputs and the job, then the manifest's `env`, then the
 * step's.
 */
#include "base/arena.h"
#include "base/glob.h"
#include "job/context.h"
#include "job/context_stores.h"
#include "job/plan_parts.h"
#include "manifest/document.h"

struct variable {
    struct str name;
    struct str value; /* .s NULL: it was unset */
    bool own;
};

struct table {
    struct arena *arena;
    struct variable *items;
    size_t count, capacity;
};

/* The variables that hold the credentials of a store, or say where they are,
 * NULL-terminated: a command never sees those of the store in use. What lies below
 * HOME, and a server that anybody on the machine may ask, cannot be kept from it. */
static const char *const *credential_variables(struct str store_url)
{
    static const char *const NONE[] = {NULL};
    static const char *const GCS[] = {
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GOOGLE_GHA_CREDS_PATH",
        "CLOUDSDK_AUTH_ACCESS_TOKEN",
        "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE",
        "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE",
        "CLOUDSDK_CONFIG",
        "GCE_METADATA_HOST",
        "GCE_METADATA_IP",
        "GCE_METADATA_ROOT",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_URL",
        NULL,
    };
    static const char *const S3[] = {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SECURITY_TOKEN",
        "AWS_PROFILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        NULL,
    };

    if (str_starts(store_url, STR("gs://"))) {
        return GCS;
    }
    return str_starts(store_url, STR("s3://")) ? S3 : NONE;
}

static struct variable *find(struct table *table, struct str name)
{
    for (size_t i = 0; i < table->count; i++) {
        if (str_equal(table->items[i].name, name)) {
            return &table->items[i];
        }
    }
    return NULL;
}

/* A value whose `s` is NULL unsets. */
static void set(struct table *table, struct str name, struct str value)
{
    struct variable *variable = find(table, name);

    if (!variable) {
        variable = ARENA_PUSH(table->arena, table->items, table->count, table->capacity);
    }
    *variable = (struct variable){name, value, true};
}

/* The URLs of the stores in use: the run's own, and those that inputs are read
 * from. */
static struct urls stores_in_use(struct arena *arena, const struct context *context)
{
    size_t count;
    struct str *environments = context_input_environments(context, arena, &count);
    struct urls urls = {.items = arena_array(arena, count + 1, sizeof(struct str))};

    urls.items[urls.count++] = context->store_url;
    for (size_t i = 0; i < count; i++) {
        urls.items[urls.count++] = context_store_of(context, arena, environments[i]).url;
    }
    return urls;
}

static bool is_credential(struct str name, const struct urls *urls)
{
    for (size_t i = 0; i < urls->count; i++) {
        const char *const *names = credential_variables(urls->items[i]);
        for (size_t j = 0; names[j]; j++) {
            if (str_is(name, names[j])) {
                return true;
            }
        }
    }
    return false;
}

/* Of any step: only those that list it are given it, when they are executed. */
static bool is_secret(const struct manifest *manifest, struct str name)
{
    for (size_t i = 0; i < manifest->step_count; i++) {
        for (size_t j = 0; j < manifest->steps[i].secret_count; j++) {
            if (str_equal(manifest->steps[i].secrets[j].name, name)) {
                return true;
            }
        }
    }
    return false;
}

static bool is_inherited(const struct manifest *manifest, struct str name)
{
    bool listed = manifest->inherit == INHERIT_ALL;

    if (is_secret(manifest, name)) {
        return false;
    }
    for (size_t i = 0; i < manifest->inherited_count && !listed; i++) {
        listed = glob_match(manifest->inherited[i], name);
    }
    return listed;
}

static void add_inherited(struct table *table, const struct context *context,
                          const struct manifest *manifest)
{
    const char *const *list = context->variables.list;
    struct urls urls = stores_in_use(table->arena, context);

    for (size_t i = 0; list && list[i]; i++) {
        struct variable variable = {0};
        /* Of a name that is there twice, getenv(3) sees the first. */
        if (str_cut(str_from(list[i]), '=', &variable.name, &variable.value) &&
            !is_credential(variable.name, &urls) && is_inherited(manifest, variable.name) &&
            !find(table, variable.name)) {
            *ARENA_PUSH(table->arena, table->items, table->count, table->capacity) = variable;
        }
    }
}

static struct str lines(struct arena *arena, const struct value *value)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);

    for (size_t i = 0; i < value->count; i++) {
        buf_add(&buf, i > 0 ? STR("\n") : STR(""));
        buf_add(&buf, value->items[i]);
    }
    return buf_str(&buf);
}

static struct str text_or_empty(struct str text)
{
    return text.s ? text : STR("");
}

static void add_of_input(struct table *table, struct planner *planner, size_t index)
{
    const struct input *input = &planner->job->manifest->inputs[index];
    struct str name = name_to_env(table->arena, "INPUT_", input->name);

    set(table, name, planner->input_paths[index]);
    if (!input->to) {
        struct urls urls = plan_urls(planner, input);
        struct value value = {.is_list = true, .items = urls.items, .count = urls.count};
        set(table, str_format(table->arena, "%.*s_URLS", STR_ARG(name)),
            lines(table->arena, &value));
    }
}

static void add_of_manifest(struct table *table, struct planner *planner)
{
    const struct job *job = planner->job;
    const struct manifest *manifest = job->manifest;
    struct arena *arena = table->arena;

    for (size_t i = 0; i < manifest->param_count; i++) {
        const struct value *value = &job->arguments[i].value;
        set(table, name_to_env(arena, "PARAM_", manifest->params[i]->name),
            value->is_list ? lines(arena, value) : text_or_empty(value->text));
    }
    for (size_t i = 0; i < manifest->var_count; i++) {
        set(table, name_to_env(arena, "VAR_", manifest->vars[i].name), job->vars[i]);
    }
    for (size_t i = 0; i < manifest->input_count; i++) {
        add_of_input(table, planner, i);
    }
    for (size_t i = 0; i < manifest->output_count; i++) {
        const struct bound_output *output = &job->outputs[i];
        set(table, name_to_env(arena, "OUTPUT_", manifest->outputs[i].name),
            output->wanted ? job_output_path(job, output, arena) : STR(""));
    }
}

static void add_of_job(struct table *table, const struct job *job)
{
    set(table, STR("JOB_NAME"), job->manifest->name);
    set(table, STR("JOB_COMMIT"), text_or_empty(job->context->commit));
    set(table, STR("JOB_ENV"), job->context->environment);
    set(table, STR("JOB_ROOT"), job->context->root);
    set(table, STR("JOB_URL"), job->url);
}

/* The entries of an `env`. */
static void add_declared(struct table *table, struct planner *planner,
                         const struct env_entry *entries, size_t count)
{
    struct job_scope scope = {.job = planner->job, .input_paths = planner->input_paths};

    for (size_t i = 0; i < count; i++) {
        const struct env_entry *entry = &entries[i];
        struct str value = {0};
        if (job_when_holds(planner->job, entry->when) &&
            (!entry->text ||
             job_expand(&scope, planner->arena, entry->text, planner->diags, &value))) {
            set(table, entry->name, value);
        }
    }
}

static int compare_variables(const void *a, const void *b)
{
    const struct variable *x = a;
    const struct variable *y = b;

    return str_compare(x->name, y->name);
}

static void write_table(struct table *table, struct command *command)
{
    size_t count = 0;

    if (table->count > 1) {
        qsort(table->items, table->count, sizeof *table->items, compare_variables);
    }
    command->envp = arena_array(table->arena, table->count + 1, sizeof *command->envp);
    command->own_env = arena_array(table->arena, table->count, sizeof *command->own_env);
    command->inherited = arena_array(table->arena, table->count, sizeof *command->inherited);
    for (size_t i = 0; i < table->count; i++) {
        const struct variable *variable = &table->items[i];
        if (variable->own) {
            command->own_env[command->own_env_count++] = variable->name;
        } else if (!command->inherits_all) {
            command->inherited[command->inherited_count++] = variable->name;
        }
        if (variable->value.s) {
            command->envp[count++] = str_format(table->arena, "%.*s=%.*s", STR_ARG(variable->name),
                                                STR_ARG(variable->value))
                                         .s;
        }
    }
}

void plan_env(struct planner *planner, struct command *command)
{
    struct table table = {.arena = planner->arena};
    const struct manifest *manifest = planner->job->manifest;
    const struct step *step = command->step->step;

    command->inherits_all = manifest->inherit == INHERIT_ALL;
    add_inherited(&table, planner->job->context, manifest);
    add_of_manifest(&table, planner);
    add_of_job(&table, planner->job);
    add_declared(&table, planner, manifest->env, manifest->env_count);
    add_declared(&table, planner, step->env, step->env_count);
    if (!command->inherits_all && !find(&table, STR("PATH"))) {
        command->search_path = variables_get(&planner->job->context->variables, "PATH").s;
    }
    write_table(&table, command);
}
