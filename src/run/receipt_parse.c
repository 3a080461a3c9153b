#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "base/json.h"
#include "base/path.h"
#include "manifest/manifest.h"
#include "run/receipt.h"
#include "sys/git.h"

#define TIME_MS_MAX       INT64_C(253402300799999) /* the end of the year 9999 */
#define ID_BYTES_MAX      100
#define COMMANDS_MAX      10000
#define PARAMS_MAX        10000
#define INPUTS_MAX        1000000
#define VERSION_BYTES_MAX 1000

static int damaged(struct error *err, const char *what)
{
    return error_set(err, ERROR_DAMAGED, "it is not a receipt that jobrun writes: %s", what);
}

static int read_text(const struct json *object, const char *name, struct str *text,
                     struct error *err)
{
    if (!json_get_str(json_member(object, name), text)) {
        return error_set(err, ERROR_DAMAGED,
                         "it is not a receipt that jobrun writes: '%s' is missing or no text",
                         name);
    }
    return 0;
}

static int read_truth(const struct json *object, const char *name, bool *truth, struct error *err)
{
    if (!json_get_bool(json_member(object, name), truth)) {
        return error_set(err, ERROR_DAMAGED,
                         "it is not a receipt that jobrun writes: '%s' is not true or false", name);
    }
    return 0;
}

static int read_time(const struct json *object, const char *name, int64_t *ms, struct error *err)
{
    if (!json_get_int(json_member(object, name), ms) || *ms < 0 || *ms > TIME_MS_MAX) {
        return error_set(err, ERROR_DAMAGED,
                         "it is not a receipt that jobrun writes: '%s' is no time", name);
    }
    return 0;
}

static int read_array(const struct json *object, const char *name, size_t max,
                      const struct json **array, struct error *err)
{
    *array = json_member(object, name);
    if (!json_is_array(*array)) {
        return error_set(err, ERROR_DAMAGED,
                         "it is not a receipt that jobrun writes: '%s' is missing or no list",
                         name);
    }
    if (json_count(*array) > max) {
        return error_set(err, ERROR_LIMIT, "it lists %zu '%s', the maximum is %zu",
                         json_count(*array), name, max);
    }
    return 0;
}

static bool is_hex(struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (!(text.s[i] >= '0' && text.s[i] <= '9') && !(text.s[i] >= 'a' && text.s[i] <= 'f')) {
            return false;
        }
    }
    return true;
}

/* "name=value,name=value", percent-encoded, with '+' within lists. */
static bool is_variant(struct str text)
{
    static const char others[] = "._-%=,+";

    for (size_t i = 0; i < text.n; i++) {
        char c = text.s[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_plain && (c == '\0' || strchr(others, c) == NULL)) {
            return false;
        }
    }
    return text.n == 0 || (text.n <= ADDRESS_VARIANT_BYTES_MAX && str_index(text, '=') < text.n);
}

static int read_address(const struct json *own, struct address *address, struct error *err)
{
    const struct json *object = json_member(own, "address");

    if (read_text(object, "environment", &address->environment, err) < 0 ||
        read_text(object, "commit", &address->commit, err) < 0 ||
        read_text(object, "job", &address->job, err) < 0 ||
        read_text(object, "variant", &address->variant, err) < 0) {
        return -1;
    }
    if (!name_is_environment(address->environment) || !git_is_full_id(address->commit) ||
        !name_is_job(address->job) || !is_variant(address->variant)) {
        return damaged(err, "its address is none");
    }
    return 0;
}

static int read_place(const struct json *own, struct receipt *receipt, struct error *err)
{
    const struct json *host = json_member(own, "host");
    const struct json *ci = json_member(own, "ci");
    const struct json *manifest = json_member(own, "manifest");

    if (read_address(own, &receipt->address, err) < 0 ||
        read_text(own, "tool", &receipt->tool_version, err) < 0 ||
        read_text(own, "publish_id", &receipt->publish_id, err) < 0 ||
        read_text(own, "dirty", &receipt->dirty, err) < 0 ||
        read_text(own, "repository", &receipt->repository, err) < 0 ||
        read_text(host, "platform", &receipt->host_platform, err) < 0 ||
        read_text(host, "name", &receipt->host_name, err) < 0 ||
        read_text(host, "user", &receipt->user, err) < 0 ||
        read_text(ci, "system", &receipt->ci_system, err) < 0 ||
        read_text(ci, "url", &receipt->ci_run_url, err) < 0 ||
        read_text(manifest, "path", &receipt->manifest_path, err) < 0 ||
        read_text(manifest, "sha256", &receipt->manifest_sha256, err) < 0 ||
        read_time(own, "started_ms", &receipt->started_ms, err) < 0 ||
        read_time(own, "finished_ms", &receipt->finished_ms, err) < 0) {
        return -1;
    }
    if (receipt->publish_id.n == 0 || receipt->publish_id.n > ID_BYTES_MAX) {
        return damaged(err, "its publish id is none");
    }
    if (!digest_is_sha256_hex(receipt->manifest_sha256)) {
        return damaged(err, "the digest of its manifest is none");
    }
    if (receipt->dirty.n > 0 && !digest_is_sha256_hex(receipt->dirty)) {
        return damaged(err, "the fingerprint of its working tree is none");
    }
    return 0;
}

static int read_params(const struct json *own, struct arena *arena, struct receipt *receipt,
                       struct error *err)
{
    const struct json *array = NULL;

    if (read_array(own, "params", PARAMS_MAX, &array, err) < 0) {
        return -1;
    }
    receipt->params = arena_array(arena, json_count(array), sizeof *receipt->params);
    for (size_t i = 0; i < json_count(array); i++) {
        struct receipt_param *param = &receipt->params[receipt->param_count++];
        if (read_text(json_item(array, i), "name", &param->name, err) < 0 ||
            read_text(json_item(array, i), "value", &param->value, err) < 0 ||
            read_truth(json_item(array, i), "variant", &param->variant, err) < 0) {
            return -1;
        }
        if (!name_is_param(param->name)) {
            return damaged(err, "a param has a name that no param can have");
        }
    }
    return 0;
}

/* An input is absent, or local, or from a store: one of them. */
static bool input_is_consistent(const struct receipt_input *input)
{
    if (input->absent) {
        return input->address.n == 0 && input->local.n == 0 && input->sha256.n == 0;
    }
    if (!digest_is_sha256_hex(input->sha256)) {
        return false;
    }
    return input->local.n > 0 ? input->address.n == 0 : path_problem(input->address) == NULL;
}

static int read_inputs(const struct json *own, struct arena *arena, struct receipt *receipt,
                       struct error *err)
{
    const struct json *array = NULL;

    if (read_array(own, "inputs", INPUTS_MAX, &array, err) < 0) {
        return -1;
    }
    receipt->inputs = arena_array(arena, json_count(array), sizeof *receipt->inputs);
    for (size_t i = 0; i < json_count(array); i++) {
        const struct json *item = json_item(array, i);
        struct receipt_input *input = &receipt->inputs[receipt->input_count++];
        if (read_text(item, "name", &input->name, err) < 0 ||
            read_text(item, "label", &input->label, err) < 0 ||
            read_text(item, "address", &input->address, err) < 0 ||
            read_text(item, "sha256", &input->sha256, err) < 0 ||
            read_text(item, "local", &input->local, err) < 0 ||
            read_truth(item, "absent", &input->absent, err) < 0) {
            return -1;
        }
        if (!name_is_param(input->name) || !input_is_consistent(input)) {
            return damaged(err, "an input is neither absent, local nor from a store");
        }
    }
    return 0;
}

static int read_commands(const struct json *own, struct arena *arena, struct receipt *receipt,
                         struct error *err)
{
    const struct json *array = NULL;

    if (read_array(own, "command", COMMANDS_MAX, &array, err) < 0) {
        return -1;
    }
    receipt->command = arena_array(arena, json_count(array), sizeof *receipt->command);
    for (size_t i = 0; i < json_count(array); i++) {
        if (!json_get_str(json_item(array, i), &receipt->command[receipt->command_count++])) {
            return damaged(err, "a command is no text");
        }
    }
    return 0;
}

static bool parse_mode(struct str text, unsigned *mode)
{
    *mode = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.s[i] < '0' || text.s[i] > '7') {
            return false;
        }
        *mode = *mode * 8 + (unsigned)(text.s[i] - '0');
    }
    return text.n == 4 && *mode <= 0777;
}

static bool parse_crc32c(struct str text, uint32_t *crc)
{
    *crc = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.s[i];
        *crc = *crc << 4 | (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
    }
    return text.n == 8 && is_hex(text);
}

static int read_file(const struct json *item, struct entry *entry, struct error *err)
{
    struct str mode;
    struct str crc;
    int64_t size;

    entry->kind = ENTRY_FILE;
    if (read_text(item, "mode", &mode, err) < 0 ||
        read_text(item, "sha256", &entry->sha256, err) < 0 ||
        read_text(item, "crc32c", &crc, err) < 0) {
        return -1;
    }
    if (!parse_mode(mode, &entry->mode)) {
        return damaged(err, "the mode of a file is none");
    }
    if (!json_get_int(json_member(item, "size"), &size) || size < 0) {
        return damaged(err, "the size of a file is none");
    }
    entry->size_bytes = (uint64_t)size;
    if (!digest_is_sha256_hex(entry->sha256) || !parse_crc32c(crc, &entry->crc32c)) {
        return damaged(err, "a checksum of a file is none");
    }
    if (json_member(item, "version") != NULL &&
        read_text(item, "version", &entry->version, err) < 0) {
        return -1;
    }
    return entry->version.n <= VERSION_BYTES_MAX ? 0
                                                 : damaged(err, "the version of a file is none");
}

static int read_entry(const struct json *item, struct entry *entry, struct error *err)
{
    struct str kind;

    if (read_text(item, "output", &entry->output, err) < 0 ||
        read_text(item, "path", &entry->path, err) < 0 || read_text(item, "kind", &kind, err) < 0) {
        return -1;
    }
    if (str_is(kind, "file")) {
        return read_file(item, entry, err);
    }
    if (str_is(kind, "link")) {
        entry->kind = ENTRY_LINK;
        return read_text(item, "target", &entry->target, err);
    }
    entry->kind = ENTRY_FOLDER;
    return str_is(kind, "folder") ? 0 : damaged(err, "an entry is no file, link or folder");
}

static int read_entries(const struct json *own, struct arena *arena, struct artifact *artifact,
                        struct error *err)
{
    const struct json *array = NULL;
    struct str content;

    if (read_text(own, "content", &content, err) < 0 ||
        read_array(own, "entries", ARTIFACT_ENTRIES_MAX, &array, err) < 0) {
        return -1;
    }
    artifact->entries = arena_array(arena, json_count(array), sizeof *artifact->entries);
    for (size_t i = 0; i < json_count(array); i++) {
        if (read_entry(json_item(array, i), &artifact->entries[artifact->count++], err) < 0) {
            return -1;
        }
    }
    if (artifact_check_names(artifact, arena, err) < 0) {
        return -1;
    }
    artifact_seal(artifact, arena);
    return str_equal(artifact->content, content)
               ? 0
               : damaged(err, "its content name is not the one that its entries give");
}

static bool subject_is(const struct json *subject, struct str output, struct str path,
                       struct str sha256)
{
    struct str name;
    struct str digest;

    if (!json_get_str(json_member(subject, "name"), &name) ||
        !json_get_str(json_member(json_member(subject, "digest"), "sha256"), &digest) ||
        !str_equal(digest, sha256)) {
        return false;
    }
    if (path.n == 0) {
        return str_equal(name, output);
    }
    return name.n == output.n + 1 + path.n && str_starts(name, output) && name.s[output.n] == '/' &&
           str_equal(str_after(name, output.n + 1), path);
}

/* What other tools verify must be what this one would download. */
static int check_subjects(const struct json *statement, const struct artifact *artifact,
                          struct arena *arena, struct error *err)
{
    const struct json *subjects = json_member(statement, "subject");
    size_t file_count = 0;
    bool same = json_is_array(subjects);

    for (size_t i = 0; i < artifact->count && same; i++) {
        const struct entry *entry = &artifact->entries[i];
        if (entry->kind == ENTRY_FILE) {
            same = subject_is(json_item(subjects, file_count++), entry->output, entry->path,
                              entry->sha256);
        }
    }
    if (same && file_count == 0) {
        struct str listing = receipt_listing_sha256(arena, artifact->entries, artifact->count);
        same = subject_is(json_item(subjects, file_count++), artifact->content, (struct str){0},
                          listing);
    }
    return same && json_count(subjects) == file_count
               ? 0
               : damaged(err, "its subjects are not the files that it lists");
}

static int check_version(const struct json *statement, const struct json *own, struct arena *arena,
                         struct error *err)
{
    struct str type;
    struct str tool = STR("of an unknown version");
    int64_t version;

    if (!json_get_str(json_member(statement, "_type"), &type) ||
        !str_is(type, RECEIPT_STATEMENT_TYPE)) {
        return damaged(err, "it is not an in-toto statement");
    }
    if (!json_get_str(json_member(statement, "predicateType"), &type) ||
        !str_is(type, RECEIPT_PREDICATE_TYPE)) {
        return damaged(err, "its predicate is not SLSA provenance");
    }
    if (!json_get_int(json_member(own, "version"), &version) || version < 1) {
        return damaged(err, "it has no version");
    }
    if (version > RECEIPT_VERSION) {
        json_get_str(json_member(own, "tool"), &tool);
        tool = str_slice(str_printable(arena, tool), 0, ID_BYTES_MAX);
        error_set(err, ERROR_NOT_ALLOWED,
                  "it was written by a newer jobrun (%.*s): its version is %lld, this jobrun reads "
                  "up to %d",
                  STR_ARG(tool), (long long)version, RECEIPT_VERSION);
        return error_help(err, "use a newer jobrun");
    }
    return 0;
}

int receipt_parse(struct str text, struct arena *arena, struct receipt *receipt, struct error *err)
{
    struct json *statement = NULL;
    struct receipt parsed = {0};

    if (json_parse(arena, text, RECEIPT_BYTES_MAX, &statement, err) < 0) {
        return error_prefix(err, "it is not a receipt that jobrun writes");
    }
    const struct json *own = json_member(json_member(statement, "predicate"), "jobrun_receipt");
    if (check_version(statement, own, arena, err) < 0 || read_place(own, &parsed, err) < 0 ||
        read_params(own, arena, &parsed, err) < 0 || read_inputs(own, arena, &parsed, err) < 0 ||
        read_commands(own, arena, &parsed, err) < 0 ||
        read_entries(own, arena, &parsed.artifact, err) < 0 ||
        check_subjects(statement, &parsed.artifact, arena, err) < 0) {
        return -1;
    }
    *receipt = parsed;
    return 0;
}
