/* `jobrun lint --format json` */
#include "base/arena.h"
#include "base/json.h"
#include "cli/findings.h"

static struct json *place_json(const struct findings *f, struct span span)
{
    if (span.source == NULL) {
        return json_null(f->arena);
    }
    struct region region = region_of(span);
    struct json *object = json_object(f->arena);
    json_set_str(f->arena, object, "file", findings_name(f, span.source));
    json_set_int(f->arena, object, "line", (int64_t)region.start.line);
    json_set_int(f->arena, object, "column", (int64_t)region.start.column);
    json_set_int(f->arena, object, "endLine", (int64_t)region.end.line);
    json_set_int(f->arena, object, "endColumn", (int64_t)region.end.column);
    return object;
}

static struct json *labels_json(const struct findings *f, const struct diag *diag)
{
    struct json *list = json_array(f->arena);
    for (size_t i = 0; i < diag->label_count; i++) {
        struct json *object = json_object(f->arena);
        json_set_str(f->arena, object, "message", diag->labels[i].text);
        json_set(f->arena, object, "place", place_json(f, diag->labels[i].span));
        json_push(f->arena, list, object);
    }
    return list;
}

static struct json *texts_json(const struct findings *f, const struct str *texts, size_t count)
{
    struct json *list = json_array(f->arena);
    for (size_t i = 0; i < count; i++) {
        json_push(f->arena, list, json_string(f->arena, texts[i]));
    }
    return list;
}

static struct json *problem_json(const struct findings *f, const struct diag *diag)
{
    struct arena *arena = f->arena;
    const struct rule *rule = rule_find(str_from(diag->rule));
    struct json *object = json_object(arena);
    json_set_str(arena, object, "rule", str_from(diag->rule));
    json_set(arena, object, "group",
             rule != NULL ? json_string(arena, str_from(rule->group)) : json_null(arena));
    json_set_str(arena, object, "severity",
                 diag->severity == SEVERITY_ERROR ? STR("error") : STR("warning"));
    json_set_str(arena, object, "message", diag->message);
    json_set(arena, object, "place", place_json(f, diag->span));
    json_set(arena, object, "labels", labels_json(f, diag));
    json_set(arena, object, "notes", texts_json(f, diag->notes, diag->note_count));
    json_set(arena, object, "helps", texts_json(f, diag->helps, diag->help_count));
    return object;
}

static struct json *problems_json(const struct findings *f)
{
    struct json *list = json_array(f->arena);
    for (size_t i = 0; i < f->diags->count; i++) {
        json_push(f->arena, list, problem_json(f, f->diags->items[i]));
    }
    return list;
}

static struct json *ignored_json(const struct findings *f)
{
    struct json *list = json_array(f->arena);
    for (size_t i = 0; i < f->hidden_count; i++) {
        struct json *object = problem_json(f, f->hidden[i].diag);
        json_set_str(f->arena, object, "reason", f->hidden[i].reason);
        json_set(f->arena, object, "comment", place_json(f, f->hidden[i].comment));
        json_push(f->arena, list, object);
    }
    return list;
}

static struct json *totals_json(const struct findings *f)
{
    struct json *object = json_object(f->arena);
    json_set_int(f->arena, object, "checked", (int64_t)f->checked_count);
    json_set_int(f->arena, object, "errors", (int64_t)f->diags->error_count);
    json_set_int(f->arena, object, "warnings", (int64_t)findings_warning_count(f));
    json_set_int(f->arena, object, "ignored", (int64_t)f->hidden_count);
    json_set_int(f->arena, object, "dropped", (int64_t)f->diags->dropped);
    return object;
}

struct str findings_json(const struct findings *f)
{
    struct json *tool = json_object(f->arena);
    json_set_str(f->arena, tool, "name", STR("jobrun"));
    json_set_str(f->arena, tool, "version", STR(JOBRUN_VERSION));

    struct json *document = json_object(f->arena);
    json_set_int(f->arena, document, "version", FINDINGS_JSON_VERSION);
    json_set(f->arena, document, "tool", tool);
    json_set_int(f->arena, document, "status", f->status);
    json_set(f->arena, document, "problems", problems_json(f));
    json_set(f->arena, document, "ignored", ignored_json(f));
    json_set(f->arena, document, "totals", totals_json(f));
    return json_format(f->arena, document, true);
}
