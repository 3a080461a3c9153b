#include "job/config.h"

#include "base/arena.h"
#include "base/path.h"
#include "base/str.h"
#include "manifest/decode.h"
#include "manifest/document.h"
#include "manifest/manifest.h"

#define KEEP_DAYS_MAX INT64_C(100000)
#define KEEP_LAST_MAX INT64_C(1000000000)

void config_default(struct config *config)
{
    *config = (struct config){
        .manifests = STR("manifests"),
        .run_prefix = STR("pixi run"),
        .cache_size_bytes = -1,
    };
}

/* Whether nothing but comments is there: such a file says where the workspace
 * is, which is all that some projects want of it. */
static bool is_blank(struct str text)
{
    while (text.n > 0) {
        struct str line;
        str_cut(text, '\n', &line, &text);
        line = str_trim(line);
        if (line.n > 0 && line.s[0] != '#') {
            return false;
        }
    }
    return true;
}

static void decode_manifests(struct config *config, const struct node *node, struct diags *diags)
{
    struct str path;

    if (!decode_filled(node, "'manifests'", diags, &path)) {
        return;
    }
    path = path_without_slash(path);
    const char *problem = str_is(path, ".") ? NULL : path_problem(path);
    if (problem == NULL && path_is_reserved(path)) {
        problem = "is in a folder of git's or jobrun's own";
    }
    if (problem != NULL) {
        struct diag *d = rule_report(diags, RULE_PATH, node->span, "'manifests' %s", problem);
        diag_help(d, "name a folder from the workspace root, such as 'manifests' or 'ci/jobs'");
        return;
    }
    config->manifests = path;
}

static bool check_environment_name(const struct node *node, struct diags *diags)
{
    if (name_is_environment(node->text)) {
        return true;
    }
    struct diag *d = rule_report(diags, RULE_NAME, node->span,
                                 "'%.*s' is not a name for an environment", STR_ARG(node->text));
    diag_help(d, "names of environments are 1 to 64 letters, digits, '.', '_' and '-'");
    return false;
}

static void decode_fallback(struct config_environment *environment, struct arena *arena,
                            const struct node *node, struct diags *diags)
{
    struct str *names = NULL;
    const struct node **nodes = NULL;
    size_t count = 0;

    if (!decode_text_list(arena, node, "'fallback'", diags, &names, &nodes, &count)) {
        return;
    }
    environment->fallback = arena_array(arena, count, sizeof *names);
    for (size_t i = 0; i < count; i++) {
        if (!check_environment_name(nodes[i], diags)) {
            continue;
        }
        if (str_equal(names[i], environment->name)) {
            rule_report(diags, RULE_VALUE, nodes[i]->span,
                        "environment '%.*s' cannot fall back to itself", STR_ARG(names[i]));
            continue;
        }
        environment->fallback[environment->fallback_count++] = names[i];
    }
}

static void decode_environment(struct config *config, struct arena *arena, const struct pair *pair,
                               struct diags *diags)
{
    enum { KEY_STORE, KEY_PROTECTED, KEY_FALLBACK, KEY_KEEP_DAYS, KEY_KEEP_LAST, KEY_COUNT };
    static const char *const KEYS[KEY_COUNT] = {"store", "protected", "fallback", "keep-days",
                                                "keep-last"};
    const struct node *values[KEY_COUNT];

    if (!check_environment_name(pair->key, diags)) {
        return;
    }
    struct config_environment *environment = &config->environments[config->environment_count++];
    *environment = (struct config_environment){
        .name = pair->key->text, .span = pair->key->span, .keep_days = -1, .keep_last = -1};
    struct str what = str_format(arena, "environment '%.*s'", STR_ARG(pair->key->text));
    if (!decode_mapping(arena, pair->value, KEYS, KEY_COUNT, values, what.s, diags)) {
        return;
    }
    if (values[KEY_STORE] != NULL) {
        decode_filled(values[KEY_STORE], "'store'", diags, &environment->store);
    }
    if (values[KEY_PROTECTED] != NULL) {
        environment->has_protected =
            decode_bool(values[KEY_PROTECTED], "'protected'", diags, &environment->is_protected);
    }
    if (values[KEY_FALLBACK] != NULL) {
        decode_fallback(environment, arena, values[KEY_FALLBACK], diags);
    }
    if (values[KEY_KEEP_DAYS] != NULL) {
        decode_integer(values[KEY_KEEP_DAYS], "'keep-days'", 0, KEEP_DAYS_MAX, diags,
                       &environment->keep_days);
    }
    if (values[KEY_KEEP_LAST] != NULL) {
        decode_integer(values[KEY_KEEP_LAST], "'keep-last'", 0, KEEP_LAST_MAX, diags,
                       &environment->keep_last);
    }
}

static void decode_environments(struct config *config, struct arena *arena, const struct node *node,
                                struct diags *diags)
{
    if (!decode_is_mapping(node, "'environments'", diags)) {
        return;
    }
    config->environments = arena_array(arena, node->count, sizeof *config->environments);
    for (size_t i = 0; i < node->count; i++) {
        decode_environment(config, arena, &node->pairs[i], diags);
    }
}

static void decode_recognised_ci(struct config *config, struct arena *arena,
                                 const struct node *node, struct diags *diags)
{
    struct str *names = NULL;
    const struct node **nodes = NULL;
    size_t count = 0;

    if (!decode_text_list(arena, node, "'recognised-ci'", diags, &names, &nodes, &count)) {
        return;
    }
    config->recognised_ci = arena_array(arena, count, sizeof *names);
    for (size_t i = 0; i < count; i++) {
        if (decode_env_name(nodes[i], "variable", diags)) {
            config->recognised_ci[config->recognised_ci_count++] = str_copy(arena, names[i]);
        }
    }
}

static void decode_cache(struct config *config, struct arena *arena, const struct node *node,
                         struct diags *diags)
{
    static const char *const KEYS[] = {"size"};
    const struct node *size;

    if (decode_mapping(arena, node, KEYS, 1, &size, "'cache'", diags) && size != NULL) {
        decode_size(size, "'size'", diags, &config->cache_size_bytes);
    }
}

void config_decode(struct config *config, struct arena *arena, const struct source *source,
                   struct diags *diags)
{
    enum {
        KEY_STORE,
        KEY_MANIFESTS,
        KEY_RUN_PREFIX,
        KEY_ENVIRONMENTS,
        KEY_RECOGNISED_CI,
        KEY_CACHE,
        KEY_COUNT
    };
    static const char *const KEYS[KEY_COUNT] = {"store",        "manifests",     "run-prefix",
                                                "environments", "recognised-ci", "cache"};
    const struct node *values[KEY_COUNT];

    config->source = source;
    if (source->text.n <= DOCUMENT_BYTES_MAX && is_blank(source->text)) {
        return;
    }
    const struct node *root = document_parse(arena, source, diags);
    if (root == NULL ||
        !decode_mapping(arena, root, KEYS, KEY_COUNT, values, "jobrun.yaml", diags)) {
        return;
    }
    if (values[KEY_STORE] != NULL) {
        decode_filled(values[KEY_STORE], "'store'", diags, &config->store);
    }
    if (values[KEY_MANIFESTS] != NULL) {
        decode_manifests(config, values[KEY_MANIFESTS], diags);
    }
    if (values[KEY_RUN_PREFIX] != NULL) {
        config->has_run_prefix =
            decode_text(values[KEY_RUN_PREFIX], "'run-prefix'", diags, &config->run_prefix);
    }
    if (values[KEY_ENVIRONMENTS] != NULL) {
        decode_environments(config, arena, values[KEY_ENVIRONMENTS], diags);
    }
    if (values[KEY_RECOGNISED_CI] != NULL) {
        decode_recognised_ci(config, arena, values[KEY_RECOGNISED_CI], diags);
    }
    if (values[KEY_CACHE] != NULL) {
        decode_cache(config, arena, values[KEY_CACHE], diags);
    }
}

const struct config_environment *config_environment(const struct config *config, struct str name)
{
    for (size_t i = 0; i < config->environment_count; i++) {
        if (str_equal(config->environments[i].name, name)) {
            return &config->environments[i];
        }
    }
    return NULL;
}

bool config_is_protected(const struct config *config, struct str environment)
{
    const struct config_environment *found = config_environment(config, environment);

    if (found != NULL && found->has_protected) {
        return found->is_protected;
    }
    return str_is(environment, "CI");
}
