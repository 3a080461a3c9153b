#include "manifest/manifest.h"

#include "base/arena.h"
#include "manifest/decode.h"
#include "manifest/decode_parts.h"
#include "manifest/document.h"

enum top_key {
    JOB,
    HELP,
    VERSION,
    PARAMS,
    SELECT,
    VARS,
    INPUTS,
    ENV,
    WORKDIR,
    COMMAND,
    SCRIPT,
    SHELL,
    OUTPUTS,
    TIMEOUT,
    KILL_AFTER,
    INCLUDE,
    CONSTRAINTS,
    REQUIRES,
    CLEAN,
    INHERIT_ENV,
    SECRETS,
    STDOUT,
    STEPS,
    EFFECT,
    ONCE,
    CI,
    KEY_COUNT
};

static const char *const TOP_KEYS[KEY_COUNT] = {
    [JOB] = "job",
    [HELP] = "help",
    [VERSION] = "version",
    [PARAMS] = "params",
    [SELECT] = "select",
    [VARS] = "vars",
    [INPUTS] = "inputs",
    [ENV] = "env",
    [WORKDIR] = "workdir",
    [COMMAND] = "command",
    [SCRIPT] = "script",
    [SHELL] = "shell",
    [OUTPUTS] = "outputs",
    [TIMEOUT] = "timeout",
    [KILL_AFTER] = "kill-after",
    [INCLUDE] = "include",
    [CONSTRAINTS] = "constraints",
    [REQUIRES] = "requires",
    [CLEAN] = "clean",
    [INHERIT_ENV] = "inherit-env",
    [SECRETS] = "secrets",
    [STDOUT] = "stdout",
    [STEPS] = "steps",
    [EFFECT] = "effect",
    [ONCE] = "once",
    [CI] = "ci",
};

const char *decode_what(struct decoder *d, const char *noun, struct str name)
{
    return str_format(d->scratch, "%s '%.*s'", noun, STR_ARG(name)).s;
}

bool decode_group(struct decoder *d, const struct node *node, const char *what, unsigned group,
                  size_t already)
{
    bool good = decode_is_mapping(node, what, d->diags);

    if (good && node->count + already > MANIFEST_NAMES_MAX) {
        rule_report(d->diags, RULE_LIMIT, node->pairs[MANIFEST_NAMES_MAX - already].key->span,
                    "%s has more than %d entries", what, MANIFEST_NAMES_MAX);
        good = false;
    }
    if (!good) {
        d->manifest->unread |= group;
    }
    return good;
}

bool decode_is_misspelt(struct decoder *d, const struct node *mapping, const char *const *keys,
                        size_t count, size_t which)
{
    struct str *names = arena_array(d->arena, count, sizeof *names);

    for (size_t i = 0; i < count; i++) {
        names[i] = str_from(keys[i]);
    }
    if (mapping->lacks_keys) {
        return true;
    }
    for (size_t i = 0; i < mapping->count; i++) {
        if (str_nearest(mapping->pairs[i].key->text, names, count) == (ptrdiff_t)which) {
            return true;
        }
    }
    return false;
}

struct diag *decode_missing(struct decoder *d, const struct node *mapping, const char *const *keys,
                            size_t count, size_t which, struct span span, const char *what)
{
    if (decode_is_misspelt(d, mapping, keys, count, which)) {
        return NULL;
    }
    return rule_report(d->diags, RULE_MISSING_KEY, span, "%s has no '%s'", what, keys[which]);
}

/* False where the text is in another version of the language, in which nothing
 * else of it can be judged. */
static bool decode_version(struct decoder *d, const struct node *node)
{
    int64_t version = 0;

    if (!decode_integer(node, "'version'", 1, INT64_MAX, d->diags, &version) ||
        version == MANIFEST_LANGUAGE_VERSION) {
        return true;
    }
    struct diag *diag = rule_report(d->diags, RULE_VALUE, node->span,
                                    "this is language version %lld; this jobrun knows version %d",
                                    (long long)version, MANIFEST_LANGUAGE_VERSION);
    diag_help(diag, "run it with a newer jobrun");
    return false;
}

static void decode_duration(struct decoder *d, const struct node *node, const char *what,
                            int64_t *ms)
{
    struct str text;
    int64_t parsed;

    if (!decode_text(node, what, d->diags, &text)) {
        return;
    }
    if (!duration_parse(text, &parsed)) {
        struct diag *diag = rule_report(d->diags, RULE_VALUE, node->span,
                                        "'%.*s' is not a duration", STR_ARG(text));
        diag_help(diag, "write a number and s, m or h, at most 30 days: 90s, 60m, 2h");
    } else if (parsed == 0) {
        rule_report(d->diags, RULE_VALUE, node->span, "%s must be more than 0", what);
    } else {
        *ms = parsed;
    }
}

/* `job` and `help`. */
static void decode_head(struct decoder *d, const struct node *const *values,
                        const struct node *root)
{
    struct manifest *m = d->manifest;

    m->name_span = span_make(root->span.source, root->span.start, 0);
    m->name = STR("");
    m->help = STR("");
    if (values[JOB] == NULL) {
        struct diag *diag =
            decode_missing(d, root, TOP_KEYS, KEY_COUNT, JOB, m->name_span, "the manifest");
        if (diag != NULL) {
            diag_help(diag, "write job: and the file's name without .yaml");
        }
    } else {
        m->name_span = values[JOB]->span;
        if (decode_text(values[JOB], "'job'", d->diags, &m->name)) {
            decode_job_name(values[JOB], "a job", d->diags);
        }
    }
    if (values[HELP] == NULL) {
        /* Without `job` the file is perhaps no job at all, and that was said. */
        if (values[JOB] == NULL || root->lacks_keys) {
            return;
        }
        struct diag *diag = rule_report(d->diags, RULE_HELP, m->name_span, "the job has no 'help'");
        diag_help(diag, "say in one line what it makes");
    } else if (decode_text(values[HELP], "'help'", d->diags, &m->help) &&
               str_trim(m->help).n == 0) {
        rule_report(d->diags, RULE_HELP, values[HELP]->span, "'help' is empty");
    }
}

static void report_no_command(struct decoder *d, const struct node *root)
{
    if (decode_is_misspelt(d, root, TOP_KEYS, KEY_COUNT, COMMAND) ||
        decode_is_misspelt(d, root, TOP_KEYS, KEY_COUNT, SCRIPT) ||
        decode_is_misspelt(d, root, TOP_KEYS, KEY_COUNT, STEPS)) {
        return;
    }
    struct diag *diag = rule_report(d->diags, RULE_MISSING_KEY, d->manifest->name_span,
                                    "the job has no 'command', 'script' or 'steps'");
    diag_help(diag, "write command: [program, argument]");
}

static void decode_body(struct decoder *d, const struct node *const *values,
                        const struct node *root)
{
    static const struct {
        enum top_key key;
        void (*decode)(struct decoder *d, const struct node *node);
        bool in_fragments;
    } PARTS[] = {{PARAMS, decode_params, true},  {VARS, decode_vars, true},
                 {SELECT, decode_select, true},  {CONSTRAINTS, decode_constraints, false},
                 {INPUTS, decode_inputs, false}, {OUTPUTS, decode_outputs, false},
                 {ENV, decode_env, true}};
    struct manifest *m = d->manifest;

    if (values[INCLUDE] != NULL) {
        decode_include(d, values[INCLUDE]);
    }
    for (size_t i = 0; i < ARRAY_COUNT(PARTS); i++) {
        for (size_t j = 0; PARTS[i].in_fragments && j < d->fragment_count; j++) {
            const struct node *value = node_find(d->fragments[j], TOP_KEYS[PARTS[i].key]);
            if (value != NULL) {
                PARTS[i].decode(d, value);
            }
        }
        if (values[PARTS[i].key] != NULL) {
            PARTS[i].decode(d, values[PARTS[i].key]);
        }
    }
    decode_values_of(d);
    decode_columns(d);
    if (values[REQUIRES] != NULL) {
        decode_requires(d, values[REQUIRES]);
    }
    if (values[CI] != NULL) {
        decode_ci(d, values[CI]);
    }
    if (values[CLEAN] != NULL) {
        decode_filled_template_list(d->arena, values[CLEAN], "'clean'", d->diags, &m->clean,
                                    &m->clean_count);
    }
    if (values[INHERIT_ENV] != NULL) {
        decode_inherit_env(d, values[INHERIT_ENV]);
    }
    if (values[WORKDIR] != NULL) {
        decode_template(d->arena, values[WORKDIR], "'workdir'", d->diags, &m->workdir);
    }
    if (values[JOB] != NULL && values[COMMAND] == NULL && values[SCRIPT] == NULL &&
        values[STEPS] == NULL) {
        report_no_command(d, root);
    }
    decode_steps(d, root, values[STEPS],
                 &(struct step_nodes){.command = values[COMMAND],
                                      .script = values[SCRIPT],
                                      .shell = values[SHELL],
                                      .secrets = values[SECRETS],
                                      .stdout_path = values[STDOUT],
                                      .effect = values[EFFECT]});
    if (values[ONCE] != NULL) {
        m->once_span = decode_key_node(root, TOP_KEYS[ONCE])->span;
        decode_bool(values[ONCE], "'once'", d->diags, &m->once);
    }
    if (values[TIMEOUT] != NULL) {
        decode_duration(d, values[TIMEOUT], "'timeout'", &m->timeout_ms);
    }
    m->kill_after_ms = MANIFEST_KILL_AFTER_MS;
    if (values[KILL_AFTER] != NULL) {
        decode_duration(d, values[KILL_AFTER], "'kill-after'", &m->kill_after_ms);
    }
}

struct manifest *manifest_decode(struct arena *arena, const struct node *root,
                                 const struct source *source, const struct fragment_reader *reader,
                                 struct diags *diags)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct manifest *m = arena_alloc(arena, sizeof *m);
    struct decoder d = {
        .arena = arena, .scratch = &scratch, .diags = diags, .manifest = m, .reader = reader};
    const struct node *values[KEY_COUNT];
    const struct node *version = node_find(root, "version");
    size_t errors_before = diags->error_count;

    m->source = source;
    if (root->kind == NODE_MAPPING && version != NULL && !decode_version(&d, version)) {
        return NULL;
    }
    if (!decode_mapping(arena, root, TOP_KEYS, KEY_COUNT, values, "the manifest", diags)) {
        return NULL;
    }
    decode_head(&d, values, root);
    decode_body(&d, values, root);
    m->is_broken = diags->error_count > errors_before;
    return m;
}

static void check_stem(const struct manifest *m, struct str stem, struct diags *diags)
{
    if (stem.n == 0 || !name_is_job(m->name) || str_equal(m->name, stem)) {
        return;
    }
    struct diag *d =
        rule_report(diags, RULE_JOB_NAME, m->name_span, "job '%.*s' stands in the file '%.*s.yaml'",
                    STR_ARG(m->name), STR_ARG(stem));
    diag_help(d, "name the job '%.*s', or the file '%.*s.yaml'", STR_ARG(stem), STR_ARG(m->name));
}

static const struct manifest *finish(struct arena *arena, const struct node *root, bool is_broken,
                                     const struct source *source, struct str stem,
                                     const struct fragment_reader *reader, struct diags *diags)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    size_t errors_before = diags->error_count;
    struct manifest *m = manifest_decode(arena, root, source, reader, diags);

    if (m != NULL) {
        m->is_broken |= is_broken;
        check_stem(m, stem, diags);
        manifest_check(m, &scratch, diags);
        m->has_errors = is_broken || diags->error_count > errors_before;
    }
    return m;
}

const struct manifest *manifest_parse(struct arena *arena, const struct source *source,
                                      struct str stem, const struct fragment_reader *reader,
                                      struct diags *diags)
{
    size_t errors_before = diags->error_count;
    struct arena nodes CLEANUP(arena_free) = {0};
    const struct node *root = document_parse_apart(&nodes, arena, source, diags);
    bool is_broken = diags->error_count > errors_before;

    return root != NULL ? finish(arena, root, is_broken, source, stem, reader, diags) : NULL;
}

const struct manifest *manifest_from_document(struct arena *arena, const struct node *root,
                                              const struct source *source, struct str stem,
                                              const struct fragment_reader *reader,
                                              struct diags *diags)
{
    return finish(arena, root, false, source, stem, reader, diags);
}

const struct param *manifest_param(const struct manifest *manifest, struct str name)
{
    for (size_t i = 0; i < manifest->param_count; i++) {
        if (str_equal(manifest->params[i]->name, name)) {
            return manifest->params[i];
        }
    }
    return NULL;
}

const struct var *manifest_var(const struct manifest *manifest, struct str name)
{
    for (size_t i = 0; i < manifest->var_count; i++) {
        if (str_equal(manifest->vars[i].name, name)) {
            return &manifest->vars[i];
        }
    }
    return NULL;
}

const struct input *manifest_input(const struct manifest *manifest, struct str name)
{
    for (size_t i = 0; i < manifest->input_count; i++) {
        if (str_equal(manifest->inputs[i].name, name)) {
            return &manifest->inputs[i];
        }
    }
    return NULL;
}

const struct output *manifest_output(const struct manifest *manifest, struct str name)
{
    for (size_t i = 0; i < manifest->output_count; i++) {
        if (str_equal(manifest->outputs[i].name, name)) {
            return &manifest->outputs[i];
        }
    }
    return NULL;
}
