#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "run/receipt.h"
#include "sys/host.h"

static struct json *digest_object(struct arena *arena, const char *kind, struct str hex)
{
    struct json *digest = json_object(arena);

    json_set_str(arena, digest, kind, hex);
    return digest;
}

static void push_subject(struct arena *arena, struct json *subjects, struct str name,
                         struct str sha256)
{
    struct json *subject = json_object(arena);

    json_set_str(arena, subject, "name", name);
    json_set(arena, subject, "digest", digest_object(arena, "sha256", sha256));
    json_push(arena, subjects, subject);
}

/* A statement needs a subject: without files it is the listing itself. */
static struct json *format_subjects(const struct receipt *receipt, struct arena *arena)
{
    const struct artifact *artifact = &receipt->artifact;
    struct json *subjects = json_array(arena);

    for (size_t i = 0; i < artifact->count; i++) {
        const struct entry *entry = &artifact->entries[i];
        if (entry->kind == ENTRY_FILE) {
            struct str name =
                str_format(arena, "%.*s/%.*s", STR_ARG(entry->output), STR_ARG(entry->path));
            push_subject(arena, subjects, name, entry->sha256);
        }
    }
    if (json_count(subjects) == 0) {
        push_subject(arena, subjects, artifact->content,
                     receipt_listing_sha256(arena, artifact->entries, artifact->count));
    }
    return subjects;
}

static struct json *format_external(const struct receipt *receipt, struct arena *arena)
{
    struct json *external = json_object(arena);
    struct json *params = json_object(arena);

    for (size_t i = 0; i < receipt->param_count; i++) {
        struct str name = str_copy(arena, receipt->params[i].name);
        json_set_str(arena, params, name.s, receipt->params[i].value);
    }
    json_set_str(arena, external, "job", receipt->address.job);
    json_set(arena, external, "params", params);
    return external;
}

static struct json *format_dependencies(const struct receipt *receipt, struct arena *arena)
{
    struct json *dependencies = json_array(arena);
    struct json *source = json_object(arena);
    struct json *manifest = json_object(arena);
    struct str repository = receipt->repository.n > 0 ? receipt->repository : STR("local");

    json_set_str(arena, source, "uri", str_format(arena, "git+%.*s", STR_ARG(repository)));
    json_set(arena, source, "digest", digest_object(arena, "gitCommit", receipt->address.commit));
    json_push(arena, dependencies, source);

    json_set_str(arena, manifest, "name", receipt->manifest_path);
    json_set(arena, manifest, "digest", digest_object(arena, "sha256", receipt->manifest_sha256));
    json_push(arena, dependencies, manifest);

    for (size_t i = 0; i < receipt->input_count; i++) {
        const struct receipt_input *input = &receipt->inputs[i];
        struct json *dependency = json_object(arena);
        if (input->absent) {
            continue;
        }
        bool is_local = input->address.n == 0;
        json_set_str(arena, dependency, is_local ? "name" : "uri",
                     is_local ? input->name : input->address);
        json_set(arena, dependency, "digest", digest_object(arena, "sha256", input->sha256));
        json_push(arena, dependencies, dependency);
    }
    return dependencies;
}

static struct json *format_build(const struct receipt *receipt, struct arena *arena)
{
    struct json *build = json_object(arena);
    struct json *internal = json_object(arena);

    json_set_str(arena, internal, "environment", receipt->address.environment);
    json_set_str(arena, internal, "platform", receipt->host_platform);
    json_set_str(arena, build, "buildType", STR(RECEIPT_BUILD_TYPE));
    json_set(arena, build, "externalParameters", format_external(receipt, arena));
    json_set(arena, build, "internalParameters", internal);
    json_set(arena, build, "resolvedDependencies", format_dependencies(receipt, arena));
    return build;
}

static struct json *format_details(const struct receipt *receipt, struct arena *arena)
{
    struct json *details = json_object(arena);
    struct json *builder = json_object(arena);
    struct json *version = json_object(arena);
    struct json *metadata = json_object(arena);

    json_set_str(arena, version, "jobrun", receipt->tool_version);
    json_set_str(arena, builder, "id",
                 receipt->ci_system.n > 0 ? STR(RECEIPT_BUILDER_CI) : STR(RECEIPT_BUILDER_LOCAL));
    json_set(arena, builder, "version", version);
    json_set_str(arena, metadata, "invocationId", receipt->publish_id);
    json_set_str(arena, metadata, "startedOn", host_format_time(arena, receipt->started_ms));
    json_set_str(arena, metadata, "finishedOn", host_format_time(arena, receipt->finished_ms));
    json_set(arena, details, "builder", builder);
    json_set(arena, details, "metadata", metadata);
    return details;
}

static struct json *format_params(const struct receipt *receipt, struct arena *arena)
{
    struct json *params = json_array(arena);

    for (size_t i = 0; i < receipt->param_count; i++) {
        struct json *param = json_object(arena);
        json_set_str(arena, param, "name", receipt->params[i].name);
        json_set_str(arena, param, "value", receipt->params[i].value);
        json_set(arena, param, "variant", json_boolean(arena, receipt->params[i].variant));
        json_push(arena, params, param);
    }
    return params;
}

static struct json *format_inputs(const struct receipt *receipt, struct arena *arena)
{
    struct json *inputs = json_array(arena);

    for (size_t i = 0; i < receipt->input_count; i++) {
        const struct receipt_input *from = &receipt->inputs[i];
        struct json *input = json_object(arena);
        json_set_str(arena, input, "name", from->name);
        json_set_str(arena, input, "label", from->label);
        json_set_str(arena, input, "address", from->address);
        json_set_str(arena, input, "sha256", from->sha256);
        json_set_str(arena, input, "local", from->local);
        json_set(arena, input, "absent", json_boolean(arena, from->absent));
        json_push(arena, inputs, input);
    }
    return inputs;
}

static void format_packed(const struct entry *from, struct arena *arena, struct json *entry)
{
    if (from->packed != PACK_NONE) {
        json_set_str(arena, entry, "packed", str_from(pack_name(from->packed)));
        json_set_int(arena, entry, "packed_files", (int64_t)from->packed_count);
        json_set_int(arena, entry, "packed_size", (int64_t)from->packed_bytes);
    }
}

static struct json *format_entry(const struct entry *from, struct arena *arena)
{
    struct json *entry = json_object(arena);

    json_set_str(arena, entry, "output", from->output);
    json_set_str(arena, entry, "path", from->path);
    switch (from->kind) {
    case ENTRY_FILE:
        json_set_str(arena, entry, "kind", STR("file"));
        json_set_str(arena, entry, "mode", str_format(arena, "%04o", from->mode));
        json_set_int(arena, entry, "size", (int64_t)from->size_bytes);
        json_set_str(arena, entry, "sha256", from->sha256);
        json_set_str(arena, entry, "crc32c", str_format(arena, "%08x", (unsigned)from->crc32c));
        if (from->version.n > 0) {
            json_set_str(arena, entry, "version", from->version);
        }
        format_packed(from, arena, entry);
        break;
    case ENTRY_LINK:
        json_set_str(arena, entry, "kind", STR("link"));
        json_set_str(arena, entry, "target", from->target);
        break;
    case ENTRY_FOLDER:
        json_set_str(arena, entry, "kind", STR("folder"));
        break;
    }
    return entry;
}

static void format_place(const struct receipt *receipt, struct arena *arena, struct json *own)
{
    struct json *address = json_object(arena);
    struct json *host = json_object(arena);
    struct json *ci = json_object(arena);
    struct json *manifest = json_object(arena);

    json_set_str(arena, address, "environment", receipt->address.environment);
    json_set_str(arena, address, "commit", receipt->address.commit);
    json_set_str(arena, address, "job", receipt->address.job);
    json_set_str(arena, address, "variant", receipt->address.variant);
    json_set(arena, own, "address", address);
    json_set_str(arena, host, "platform", receipt->host_platform);
    json_set_str(arena, host, "name", receipt->host_name);
    json_set_str(arena, host, "user", receipt->user);
    json_set(arena, own, "host", host);
    json_set_str(arena, ci, "system", receipt->ci_system);
    json_set_str(arena, ci, "url", receipt->ci_run_url);
    json_set(arena, own, "ci", ci);
    json_set_str(arena, manifest, "path", receipt->manifest_path);
    json_set_str(arena, manifest, "sha256", receipt->manifest_sha256);
    json_set(arena, own, "manifest", manifest);
    json_set_str(arena, own, "repository", receipt->repository);
}

static void format_failure(const struct receipt *receipt, struct arena *arena, struct json *own)
{
    struct json *failure = json_object(arena);

    if (receipt->is_failure) {
        json_set_int(arena, failure, "status", receipt->status);
        json_set_str(arena, failure, "message", receipt->message);
        json_set(arena, own, "failure", failure);
    }
}

/* What SLSA has no field for. */
static struct json *format_own(const struct receipt *receipt, struct arena *arena)
{
    struct json *own = json_object(arena);
    struct json *commands = json_array(arena);
    struct json *entries = json_array(arena);

    json_set_int(arena, own, "version", RECEIPT_VERSION);
    json_set_str(arena, own, "tool", receipt->tool_version);
    json_set_str(arena, own, "publish_id", receipt->publish_id);
    format_failure(receipt, arena, own);
    format_place(receipt, arena, own);
    json_set_str(arena, own, "dirty", receipt->dirty);
    json_set_int(arena, own, "started_ms", receipt->started_ms);
    json_set_int(arena, own, "finished_ms", receipt->finished_ms);
    json_set(arena, own, "params", format_params(receipt, arena));
    json_set(arena, own, "inputs", format_inputs(receipt, arena));
    for (size_t i = 0; i < receipt->command_count; i++) {
        json_push(arena, commands, json_string(arena, receipt->command[i]));
    }
    json_set(arena, own, "command", commands);
    json_set_str(arena, own, "content", receipt->artifact.content);
    for (size_t i = 0; i < receipt->artifact.count; i++) {
        json_push(arena, entries, format_entry(&receipt->artifact.entries[i], arena));
    }
    json_set(arena, own, "entries", entries);
    return own;
}

int receipt_format(const struct receipt *receipt, struct arena *arena, struct str *text,
                   struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct json *statement = json_object(&scratch);
    struct json *predicate = json_object(&scratch);

    json_set(&scratch, predicate, "buildDefinition", format_build(receipt, &scratch));
    json_set(&scratch, predicate, "runDetails", format_details(receipt, &scratch));
    json_set(&scratch, predicate, "jobrun_receipt", format_own(receipt, &scratch));
    json_set_str(&scratch, statement, "_type", STR(RECEIPT_STATEMENT_TYPE));
    json_set(&scratch, statement, "subject", format_subjects(receipt, &scratch));
    json_set_str(&scratch, statement, "predicateType", STR(RECEIPT_PREDICATE_TYPE));
    json_set(&scratch, statement, "predicate", predicate);
    struct str formatted = json_format(&scratch, statement, true);
    if (formatted.n > RECEIPT_BYTES_MAX) {
        error_set(
            err, ERROR_LIMIT,
            "the receipt of job '%.*s' would be %zu bytes for %zu entries, the maximum is %zu",
            STR_ARG(receipt->address.job), formatted.n, receipt->artifact.count, RECEIPT_BYTES_MAX);
        return error_help(err, "publish the files as one archive: 'pack: tar.zst'");
    }
    *text = str_copy(arena, formatted);
    return 0;
}
