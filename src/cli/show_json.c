/* The document of `jobrun show --json`. */
#include "base/arena.h"
#include "base/json.h"
#include "cli/show_job.h"
#include "cli/show_parts.h"
#include "job/context.h"
#include "job/plan.h"

/* The texts on their way into a document. */
struct writer {
    struct arena *arena;
    const struct plan *plan;
    const struct job *job;
};

static struct json *text_or_null(const struct writer *w, struct str text)
{
    return text.s != NULL ? json_string(w->arena, text) : json_null(w->arena);
}

static struct json *texts(const struct writer *w, const struct str *items, size_t count)
{
    struct json *list = json_array(w->arena);
    for (size_t i = 0; i < count; i++) {
        json_push(w->arena, list, json_string(w->arena, items[i]));
    }
    return list;
}

static struct json *value_json(const struct writer *w, const struct value *value)
{
    return value->is_list ? texts(w, value->items, value->count)
                          : json_string(w->arena, value->text);
}

static void set_bool(const struct writer *w, struct json *object, const char *name, bool truth)
{
    json_set(w->arena, object, name, json_boolean(w->arena, truth));
}

static struct json *manifest_json(const struct writer *w)
{
    struct json *object = json_object(w->arena);
    json_set_str(w->arena, object, "path", w->job->manifest_path);
    json_set_str(w->arena, object, "sha256", w->job->manifest_digest);
    return object;
}

static struct json *params_json(const struct writer *w)
{
    struct json *list = json_array(w->arena);
    for (size_t i = 0; i < w->job->manifest->param_count; i++) {
        const struct argument *argument = &w->job->arguments[i];
        struct json *object = json_object(w->arena);
        json_set_str(w->arena, object, "name", argument->param->name);
        json_set_str(w->arena, object, "type",
                     str_from(param_type_name(argument->param->domain.type)));
        json_set(w->arena, object, "value", value_json(w, &argument->value));
        json_set_str(w->arena, object, "origin", str_from(origin_name(argument->origin)));
        set_bool(w, object, "variant", argument->param->variant);
        json_push(w->arena, list, object);
    }
    return list;
}

static struct json *vars_json(const struct writer *w)
{
    struct json *list = json_array(w->arena);
    for (size_t i = 0; i < w->job->manifest->var_count; i++) {
        struct json *object = json_object(w->arena);
        json_set_str(w->arena, object, "name", w->job->manifest->vars[i].name);
        json_set(w->arena, object, "value", text_or_null(w, w->job->vars[i]));
        json_push(w->arena, list, object);
    }
    return list;
}

static struct json *element_params_json(const struct writer *w, const struct element *element)
{
    struct json *object = json_object(w->arena);
    for (size_t i = 0; element != NULL && i < element->producer->param_count; i++) {
        const struct param *param = element->producer->params[i];
        if (param->variant) {
            json_set(w->arena, object, str_copy(w->arena, param->name).s,
                     value_json(w, &element->values[i]));
        }
    }
    return object;
}

/* `element` is NULL for an input that is not wanted. */
static struct json *element_json(const struct writer *w, const struct bound_input *input,
                                 const struct element *element)
{
    struct json *object = json_object(w->arena);
    struct str output = element != NULL ? element->output->name : input->input->output;
    struct str address = {0}, receipt = {0};
    if (element != NULL) {
        address = address_key(w->arena, &element->address);
        receipt = address_receipt_key(w->arena, &element->address);
    }
    json_set_str(w->arena, object, "name", input->input->name);
    json_set_str(w->arena, object, "label", element != NULL ? element->label : STR(""));
    json_set_str(w->arena, object, "from", input->input->from);
    json_set(w->arena, object, "output", text_or_null(w, output));
    json_set(w->arena, object, "params", element_params_json(w, element));
    json_set(w->arena, object, "address", text_or_null(w, address));
    json_set(w->arena, object, "receipt", text_or_null(w, receipt));
    json_set(w->arena, object, "to",
             text_or_null(w, element != NULL ? element->to : (struct str){0}));
    set_bool(w, object, "optional", input->input->optional);
    set_bool(w, object, "wanted", input->wanted);
    return object;
}

static struct json *inputs_json(const struct writer *w)
{
    struct json *list = json_array(w->arena);
    for (size_t i = 0; i < w->job->manifest->input_count; i++) {
        const struct bound_input *input = &w->job->inputs[i];
        if (!input->wanted) {
            json_push(w->arena, list, element_json(w, input, NULL));
        }
        for (size_t j = 0; j < input->element_count; j++) {
            json_push(w->arena, list, element_json(w, input, &input->elements[j]));
        }
    }
    return list;
}

static struct json *outputs_json(const struct writer *w)
{
    struct json *list = json_array(w->arena);
    for (size_t i = 0; i < w->job->manifest->output_count; i++) {
        const struct bound_output *output = &w->job->outputs[i];
        struct json *object = json_object(w->arena);
        json_set_str(w->arena, object, "name", output->output->name);
        json_set(w->arena, object, "patterns",
                 texts(w, output->patterns, output->wanted ? output->pattern_count : 0));
        set_bool(w, object, "wanted", output->wanted);
        json_push(w->arena, list, object);
    }
    return list;
}

/* The texts of all requirements of a kind. */
static struct json *requirement_texts(const struct writer *w, enum requirement_kind kind)
{
    struct json *list = json_array(w->arena);
    for (size_t i = 0; i < w->job->requirement_count; i++) {
        const struct bound_requirement *bound = &w->job->requirements[i];
        for (size_t j = 0; bound->requirement->kind == kind && j < bound->text_count; j++) {
            json_push(w->arena, list, json_string(w->arena, bound->texts[j]));
        }
    }
    return list;
}

static const struct requirement *find_requirement(const struct job *job, enum requirement_kind kind)
{
    for (size_t i = 0; i < job->requirement_count; i++) {
        if (job->requirements[i].requirement->kind == kind) {
            return job->requirements[i].requirement;
        }
    }
    return NULL;
}

static struct json *requires_json(const struct writer *w)
{
    struct json *object = json_object(w->arena);
    const struct requirement *disk = find_requirement(w->job, REQUIRE_DISK);
    bool full = find_requirement(w->job, REQUIRE_HISTORY) != NULL;
    json_set(w->arena, object, "platform", requirement_texts(w, REQUIRE_PLATFORM));
    json_set(w->arena, object, "tools", requirement_texts(w, REQUIRE_TOOL));
    json_set(w->arena, object, "env", requirement_texts(w, REQUIRE_ENVIRONMENT));
    set_bool(w, object, "clean_tree", find_requirement(w->job, REQUIRE_CLEAN_TREE) != NULL);
    json_set(w->arena, object, "lfs", requirement_texts(w, REQUIRE_LFS));
    json_set(w->arena, object, "history", text_or_null(w, full ? STR("full") : (struct str){0}));
    json_set(w->arena, object, "disk_bytes",
             disk != NULL ? json_integer(w->arena, disk->size_bytes) : json_null(w->arena));
    return object;
}

static struct json *env_json(const struct writer *w, const struct command *command)
{
    struct json *object = json_object(w->arena);
    for (size_t i = 0; i < command->own_env_count; i++) {
        struct str name = str_copy(w->arena, command->own_env[i]);
        json_set(w->arena, object, name.s, text_or_null(w, command_variable(command, name)));
    }
    return object;
}

static struct json *secrets_json(const struct writer *w, const struct step *step)
{
    struct json *list = json_array(w->arena);
    for (size_t i = 0; i < step->secret_count; i++) {
        struct json *object = json_object(w->arena);
        json_set_str(w->arena, object, "name", step->secrets[i].name);
        set_bool(w, object, "optional", step->secrets[i].optional);
        json_push(w->arena, list, object);
    }
    return list;
}

static struct json *command_json(const struct writer *w, const struct command *command)
{
    struct json *object = json_object(w->arena);
    struct json *argv = json_array(w->arena);
    bool is_script = command->script.s != NULL;
    for (size_t i = 0; i < command->argc; i++) {
        json_push(w->arena, argv, json_string(w->arena, str_from(command->argv[i])));
    }
    json_set_str(w->arena, object, "name", command->name.s != NULL ? command->name : STR(""));
    json_set(w->arena, object, "argv", is_script ? json_null(w->arena) : argv);
    json_set(w->arena, object, "script", text_or_null(w, command->script));
    json_set(w->arena, object, "shell", is_script ? argv : json_null(w->arena));
    json_set_str(w->arena, object, "workdir", command->workdir);
    json_set(w->arena, object, "stdout", text_or_null(w, command->step->stdout_path));
    set_bool(w, object, "always", command->step->step->always);
    set_bool(w, object, "continue_on_error", command->step->step->continue_on_error);
    json_set(w->arena, object, "env", env_json(w, command));
    json_set(w->arena, object, "secrets", secrets_json(w, command->step->step));
    set_bool(w, object, "inherits_all", command->inherits_all);
    json_set(w->arena, object, "inherited", texts(w, command->inherited, command->inherited_count));
    return object;
}

static struct json *commands_json(const struct writer *w)
{
    struct json *list = json_array(w->arena);
    for (size_t i = 0; i < w->plan->command_count; i++) {
        json_push(w->arena, list, command_json(w, &w->plan->commands[i]));
    }
    return list;
}

/* What the job is called and where it publishes. */
static void set_head(const struct writer *w, struct json *document)
{
    const struct job *job = w->job;
    json_set_int(w->arena, document, "version", SHOW_JSON_VERSION);
    json_set_str(w->arena, document, "job", job->manifest->name);
    json_set_str(w->arena, document, "help", job->manifest->help);
    json_set(w->arena, document, "manifest", manifest_json(w));
    json_set_str(w->arena, document, "commit", job->address.commit);
    json_set_str(w->arena, document, "environment", job->address.environment);
    json_set_str(w->arena, document, "store", job->context->store_url);
    json_set_str(w->arena, document, "address", address_key(w->arena, &job->address));
    json_set_str(w->arena, document, "url", job->url);
}

struct str show_job_json(struct arena *arena, const struct plan *plan)
{
    const struct job *job = plan->job;
    const struct writer w = {arena, plan, job};
    struct json *document = json_object(arena);
    set_head(&w, document);
    json_set(arena, document, "params", params_json(&w));
    json_set(arena, document, "vars", vars_json(&w));
    json_set(arena, document, "inputs", inputs_json(&w));
    json_set(arena, document, "outputs", outputs_json(&w));
    json_set(arena, document, "requires", requires_json(&w));
    json_set(arena, document, "clean", texts(&w, job->clean, job->clean_count));
    json_set(arena, document, "commands", commands_json(&w));
    json_set(arena, document, "timeout_ms",
             plan->timeout_ms > 0 ? json_integer(arena, plan->timeout_ms) : json_null(arena));
    json_set_int(arena, document, "kill_after_ms", plan->kill_after_ms);
    json_set(arena, document, "ci", job->ci != NULL ? job->ci : json_null(arena));
    return json_format(arena, document, true);
}
