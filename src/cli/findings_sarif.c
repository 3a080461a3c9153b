/* `jobrun lint --format sarif`: the log; its rules are in sarif_rules.c. */
#include "base/arena.h"
#include "base/digest.h"
#include "base/file_url.h"
#include "base/json.h"
#include "cli/findings.h"

#define SCHEMA      "https://json.schemastore.org/sarif-2.1.0.json"
#define BASE_ID     "SRCROOT"
#define FINGERPRINT "jobrunFinding/v1"

static const char *level_of(const struct diag *diag)
{
    return diag->severity == SEVERITY_ERROR ? "error" : "warning";
}

struct json *sarif_message(struct arena *arena, struct str text)
{
    struct json *object = json_object(arena);
    json_set_str(arena, object, "text", text);
    return object;
}

/* Its notes and helps too: readers of SARIF show little more than the message. */
static struct json *message_json(const struct findings *f, const struct diag *diag)
{
    struct buf text = buf_make(f->arena, BUF_MAX_DEFAULT);
    buf_add(&text, diag->message);
    for (size_t i = 0; i < diag->note_count; i++) {
        buf_addf(&text, "\nnote: %.*s", STR_ARG(diag->notes[i]));
    }
    for (size_t i = 0; i < diag->help_count; i++) {
        buf_addf(&text, "\nhelp: %.*s", STR_ARG(diag->helps[i]));
    }
    return sarif_message(f->arena, buf_str(&text));
}

static struct json *artifact_json(const struct findings *f, const struct source *source)
{
    struct json *object = json_object(f->arena);
    struct str path;
    bool is_below = findings_path(f, source, &path);
    struct str uri = !is_below && str_starts(path, STR("/"))
                         ? file_url_format(f->arena, (struct str){0}, path)
                         : file_url_encode(f->arena, path);
    json_set_str(f->arena, object, "uri", uri);
    if (is_below) {
        json_set_str(f->arena, object, "uriBaseId", STR(BASE_ID));
    }
    return object;
}

static struct json *region_json(const struct findings *f, struct span span)
{
    struct region region = region_of(span);
    struct json *object = json_object(f->arena);
    json_set_int(f->arena, object, "startLine", (int64_t)region.start.line);
    json_set_int(f->arena, object, "startColumn", (int64_t)region.start.column);
    json_set_int(f->arena, object, "endLine", (int64_t)region.end.line);
    json_set_int(f->arena, object, "endColumn", (int64_t)region.end.column);
    return object;
}

static struct json *location_json(const struct findings *f, struct span span)
{
    struct json *physical = json_object(f->arena);
    json_set(f->arena, physical, "artifactLocation", artifact_json(f, span.source));
    json_set(f->arena, physical, "region", region_json(f, span));
    struct json *location = json_object(f->arena);
    json_set(f->arena, location, "physicalLocation", physical);
    return location;
}

static struct json *related_json(const struct findings *f, const struct diag *diag)
{
    struct json *list = json_array(f->arena);
    for (size_t i = 0; i < diag->label_count; i++) {
        const struct label *label = &diag->labels[i];
        if (label->span.source != NULL) {
            struct json *location = location_json(f, label->span);
            json_set_int(f->arena, location, "id", (int64_t)i + 1);
            json_set(f->arena, location, "message", sarif_message(f->arena, label->text));
            json_push(f->arena, list, location);
        }
    }
    return list;
}

/* A digest of what makes a finding the same one after lines above it have changed. */
static struct str identity(const struct findings *f, const struct diag *diag)
{
    struct str path;
    size_t line = source_line_number(diag->span.source, diag->span.start);
    findings_path(f, diag->span.source, &path);
    const struct str parts[] = {str_from(diag->rule), path,
                                str_trim(source_line(diag->span.source, line)), diag->message};
    unsigned char digest[SHA256_BYTES];
    struct sha256 sha;
    sha256_begin(&sha);
    for (size_t i = 0; i < ARRAY_COUNT(parts); i++) {
        sha256_add(&sha, parts[i].s, parts[i].n);
        sha256_add(&sha, "\n", 1);
    }
    sha256_end(&sha, digest);
    return digest_hex(f->arena, digest, sizeof digest);
}

/* Results, as they are added: of several with one identity each has a number. */
struct results {
    const struct findings *f;
    struct json *list;
    struct str *identities;
    size_t count, capacity;
};

static struct json *fingerprint_json(struct results *r, const struct diag *diag)
{
    struct str own = identity(r->f, diag);
    size_t before = 0;
    for (size_t i = 0; i < r->count; i++) {
        before += str_equal(r->identities[i], own);
    }
    *ARENA_PUSH(r->f->arena, r->identities, r->count, r->capacity) = own;
    struct json *object = json_object(r->f->arena);
    json_set_str(r->f->arena, object, FINGERPRINT,
                 str_format(r->f->arena, "%.*s:%zu", STR_ARG(own), before + 1));
    return object;
}

static struct json *suppression_json(const struct findings *f, const struct hidden *hidden)
{
    struct json *object = json_object(f->arena);
    json_set_str(f->arena, object, "kind", STR("inSource"));
    json_set_str(f->arena, object, "status", STR("accepted"));
    json_set_str(f->arena, object, "justification", hidden->reason);
    json_set(f->arena, object, "location", location_json(f, hidden->comment));
    struct json *list = json_array(f->arena);
    json_push(f->arena, list, object);
    return list;
}

/* `hidden`: what hides it, or NULL. */
static void add_result(struct results *r, const struct diag *diag, const struct hidden *hidden)
{
    struct arena *arena = r->f->arena;
    const struct rule *rule = rule_find(str_from(diag->rule));
    struct json *result = json_object(arena);
    struct json *locations = json_array(arena);
    json_set_str(arena, result, "ruleId", str_from(diag->rule));
    if (rule != NULL) {
        json_set_int(arena, result, "ruleIndex", rule - RULES);
    }
    json_set_str(arena, result, "level", str_from(level_of(diag)));
    json_set(arena, result, "message", message_json(r->f, diag));
    json_push(arena, locations, location_json(r->f, diag->span));
    json_set(arena, result, "locations", locations);
    if (diag->label_count > 0) {
        json_set(arena, result, "relatedLocations", related_json(r->f, diag));
    }
    json_set(arena, result, "partialFingerprints", fingerprint_json(r, diag));
    json_set(arena, result, "suppressions",
             hidden != NULL ? suppression_json(r->f, hidden) : json_array(arena));
    json_push(arena, r->list, result);
}

static struct json *results_json(const struct findings *f)
{
    struct results r = {.f = f, .list = json_array(f->arena)};
    for (size_t i = 0; i < f->diags->count; i++) {
        if (f->diags->items[i]->span.source != NULL) {
            add_result(&r, f->diags->items[i], NULL);
        }
    }
    for (size_t i = 0; i < f->hidden_count; i++) {
        add_result(&r, f->hidden[i].diag, &f->hidden[i]);
    }
    return r.list;
}

static struct json *notification_json(const struct findings *f, const char *level,
                                      struct json *message, const char *id)
{
    struct json *descriptor = json_object(f->arena);
    json_set_str(f->arena, descriptor, "id", str_from(id));
    struct json *object = json_object(f->arena);
    json_set_str(f->arena, object, "level", str_from(level));
    json_set(f->arena, object, "message", message);
    json_set(f->arena, object, "descriptor", descriptor);
    return object;
}

/* What is no place in a file: usage, a file that cannot be read, what was dropped. */
static struct json *notifications_json(const struct findings *f)
{
    struct json *list = json_array(f->arena);
    for (size_t i = 0; i < f->diags->count; i++) {
        const struct diag *diag = f->diags->items[i];
        if (diag->span.source == NULL) {
            json_push(f->arena, list,
                      notification_json(f, level_of(diag), message_json(f, diag), diag->rule));
        }
    }
    if (f->diags->dropped > 0) {
        struct str text = str_format(f->arena, "%zu more are not shown", f->diags->dropped);
        json_push(f->arena, list,
                  notification_json(f, "warning", sarif_message(f->arena, text), "dropped"));
    }
    return list;
}

static struct json *invocations_json(const struct findings *f)
{
    static const char *const MEANINGS[] = {"clean", "findings", "usage", "cannot read"};
    struct json *invocation = json_object(f->arena);
    json_set(f->arena, invocation, "executionSuccessful", json_boolean(f->arena, f->status < 2));
    json_set_int(f->arena, invocation, "exitCode", f->status);
    if (f->status >= 0 && f->status < (int)ARRAY_COUNT(MEANINGS)) {
        json_set_str(f->arena, invocation, "exitCodeDescription", str_from(MEANINGS[f->status]));
    }
    json_set(f->arena, invocation, "toolExecutionNotifications", notifications_json(f));
    struct json *list = json_array(f->arena);
    json_push(f->arena, list, invocation);
    return list;
}

static struct json *tool_json(const struct findings *f)
{
    struct json *driver = json_object(f->arena);
    json_set_str(f->arena, driver, "name", STR("jobrun"));
    json_set_str(f->arena, driver, "version", STR(JOBRUN_VERSION));
    json_set(f->arena, driver, "rules", sarif_rules(f->arena));
    struct json *tool = json_object(f->arena);
    json_set(f->arena, tool, "driver", driver);
    return tool;
}

static struct json *bases_json(const struct findings *f)
{
    struct str root =
        str_format(f->arena, "%.*s%s", STR_ARG(f->top), str_ends(f->top, STR("/")) ? "" : "/");
    struct json *base = json_object(f->arena);
    json_set_str(f->arena, base, "uri", file_url_format(f->arena, (struct str){0}, root));
    struct json *object = json_object(f->arena);
    json_set(f->arena, object, BASE_ID, base);
    return object;
}

struct str findings_sarif(const struct findings *f)
{
    struct json *run = json_object(f->arena);
    json_set(f->arena, run, "tool", tool_json(f));
    json_set(f->arena, run, "invocations", invocations_json(f));
    if (f->top.n > 0) {
        json_set(f->arena, run, "originalUriBaseIds", bases_json(f));
    }
    json_set_str(f->arena, run, "columnKind", STR("unicodeCodePoints"));
    json_set(f->arena, run, "results", results_json(f));
    struct json *runs = json_array(f->arena);
    json_push(f->arena, runs, run);

    struct json *log = json_object(f->arena);
    json_set_str(f->arena, log, "$schema", STR(SCHEMA));
    json_set_str(f->arena, log, "version", STR("2.1.0"));
    json_set(f->arena, log, "runs", runs);
    return json_format(f->arena, log, true);
}
