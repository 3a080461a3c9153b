#include "test.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/json.h"
#include "run/receipt.h"

#define COMMIT "0123456789abcdef0123456789abcdef01234567"
#define HEX_A  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HEX_B  "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define HEX_C  "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

struct world {
    struct arena arena;
    struct entry entries[4];
    struct receipt_param params[2];
    struct receipt_input inputs[3];
    struct str command[1];
    struct receipt receipt;
    struct error err;
};

static int setup(void **state)
{
    struct world *w = test_calloc(1, sizeof *w);
    w->entries[0] = (struct entry){.kind = ENTRY_FILE,
                                   .output = STR("bin"),
                                   .path = STR("app"),
                                   .mode = 0755,
                                   .size_bytes = 5000000000,
                                   .sha256 = STR(HEX_A),
                                   .crc32c = 0x0e3069283 & 0xffffffff};
    w->entries[1] = (struct entry){
        .kind = ENTRY_LINK, .output = STR("bin"), .path = STR("app-latest"), .target = STR("app")};
    w->entries[2] =
        (struct entry){.kind = ENTRY_FOLDER, .output = STR("docs"), .path = STR("empty")};
    w->entries[3] = (struct entry){.kind = ENTRY_FILE,
                                   .output = STR("docs"),
                                   .path = STR("a/\xC3\xBC \"x\".txt"),
                                   .mode = 0,
                                   .sha256 = STR(HEX_B),
                                   .version = STR("17")};
    w->params[0] = (struct receipt_param){STR("platform"), STR("linux-x64"), true};
    w->params[1] = (struct receipt_param){STR("jobs"), STR("4"), false};
    w->inputs[0] = (struct receipt_input){.name = STR("cli"),
                                          .label = STR("platform=linux-x64"),
                                          .address = STR("dev/" COMMIT "/cli/receipt.json"),
                                          .sha256 = STR(HEX_C)};
    w->inputs[1] = (struct receipt_input){
        .name = STR("lib"), .local = STR("/home/login/lib"), .sha256 = STR(HEX_B)};
    w->inputs[2] = (struct receipt_input){.name = STR("notes"), .absent = true};
    w->command[0] = STR("make 'a b'");
    w->receipt = (struct receipt){
        .address = {STR("dev"), STR(COMMIT), STR("build"), STR("platform=linux-x64")},
        .tool_version = STR("0.1.0"),
        .publish_id = STR("00112233445566778899aabbccddeeff"),
        .manifest_path = STR("manifests/build.yaml"),
        .manifest_sha256 = STR(HEX_A),
        .params = w->params,
        .param_count = 2,
        .dirty = STR(HEX_B),
        .inputs = w->inputs,
        .input_count = 3,
        .artifact = {.entries = w->entries, .count = 4},
        .command = w->command,
        .command_count = 1,
        .started_ms = 1700000000123,
        .finished_ms = 1700000060456,
        .host_platform = STR("linux-x64"),
        .host_name = STR("laptop"),
        .user = STR("login"),
    };
    artifact_seal(&w->receipt.artifact, &w->arena);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    arena_free(&w->arena);
    test_free(w);
    return 0;
}

static struct str format(struct world *w)
{
    struct str text = {0};
    if (receipt_format(&w->receipt, &w->arena, &text, &w->err) != 0) {
        fail_msg("%s", w->err.message);
    }
    return text;
}

static struct str replaced(struct world *w, struct str text, const char *from, const char *to)
{
    const char *at = strstr(text.s, from);
    if (!at) {
        fail_msg("'%s' is not in the receipt", from);
    }
    return str_format(&w->arena, "%.*s%s%s", (int)(at - text.s), text.s, to, at + strlen(from));
}

static void assert_refused(struct world *w, struct str text, enum error_kind kind,
                           const char *words)
{
    struct receipt parsed = {.started_ms = -7};
    w->err = (struct error){0};
    if (receipt_parse(text, &w->arena, &parsed, &w->err) == 0) {
        fail_msg("it was taken; expected '%s'", words);
    }
    if (!strstr(w->err.message, words)) {
        fail_msg("'%s' is not in '%s'", words, w->err.message);
    }
    assert_int_equal(w->err.kind, kind);
    assert_int_equal(parsed.started_ms, -7);
}

static void assert_damaged(struct world *w, struct str text, const char *words)
{
    assert_refused(w, text, ERROR_DAMAGED, words);
}

static void a_receipt_is_read_back_as_it_was_written(void **state)
{
    struct world *w = *state;
    struct receipt r;
    struct str text = format(w);
    if (receipt_parse(text, &w->arena, &r, &w->err) != 0) {
        fail_msg("%s", w->err.message);
    }
    assert_str(r.address.environment, "dev");
    assert_str(r.address.commit, COMMIT);
    assert_str(r.address.job, "build");
    assert_str(r.address.variant, "platform=linux-x64");
    assert_str(r.tool_version, "0.1.0");
    assert_str(r.publish_id, "00112233445566778899aabbccddeeff");
    assert_str(r.manifest_path, "manifests/build.yaml");
    assert_str(r.manifest_sha256, HEX_A);
    assert_str(r.dirty, HEX_B);
    assert_int_equal(r.started_ms, 1700000000123);
    assert_int_equal(r.finished_ms, 1700000060456);
    assert_str(r.host_name, "laptop");
    assert_str(r.user, "login");
    assert_int_equal(r.ci_system.n, 0);
    assert_int_equal(r.command_count, 1);
    assert_str(r.command[0], "make 'a b'");
    assert_int_equal(r.param_count, 2);
    assert_str(r.params[1].name, "jobs");
    assert_str(r.params[1].value, "4");
    assert_true(r.params[0].variant);
    assert_false(r.params[1].variant);
    assert_int_equal(r.input_count, 3);
    assert_str(r.inputs[0].label, "platform=linux-x64");
    assert_str(r.inputs[0].address, "dev/" COMMIT "/cli/receipt.json");
    assert_str(r.inputs[0].sha256, HEX_C);
    assert_str(r.inputs[1].local, "/home/login/lib");
    assert_true(r.inputs[2].absent);
    assert_str(r.artifact.content, w->receipt.artifact.content.s);
    assert_int_equal(r.artifact.count, 4);
    for (size_t i = 0; i < 4; i++) {
        const struct entry *a = &w->receipt.artifact.entries[i];
        const struct entry *b = &r.artifact.entries[i];
        assert_int_equal(a->kind, b->kind);
        assert_true(str_equal(a->output, b->output) && str_equal(a->path, b->path));
        assert_int_equal(a->mode, b->mode);
        assert_int_equal(a->size_bytes, b->size_bytes);
        assert_true(str_equal(a->sha256, b->sha256) && str_equal(a->target, b->target));
        assert_int_equal(a->crc32c, b->crc32c);
        assert_true(str_equal(a->version, b->version));
    }
}

static const struct json *at(const struct json *value, const char *path)
{
    struct str rest = str_from(path);
    struct str name;
    bool more = true;
    while (more) {
        int64_t index;
        char key[64];
        more = str_cut(rest, '.', &name, &rest);
        snprintf(key, sizeof key, "%.*s", STR_ARG(name));
        value =
            str_to_int64(name, &index) ? json_item(value, (size_t)index) : json_member(value, key);
    }
    return value;
}

static void assert_member(const struct json *document, const char *path, const char *expected)
{
    struct str text = {0};
    if (!json_get_str(at(document, path), &text)) {
        fail_msg("there is no text at '%s'", path);
    }
    assert_str(text, expected);
}

static struct json *parse(struct world *w, struct str text)
{
    struct json *document = NULL;
    if (json_parse(&w->arena, text, RECEIPT_BYTES_MAX, &document, &w->err) != 0) {
        fail_msg("%s", w->err.message);
    }
    return document;
}

static void a_receipt_is_a_statement_with_slsa_provenance(void **state)
{
    struct world *w = *state;
    w->receipt.repository = STR("https://host/repo");
    struct str text = format(w);
    assert_true(str_ends(text, STR("}\n")));
    struct json *d = parse(w, text);
    assert_member(d, "_type", "https://in-toto.io/Statement/v1");
    assert_member(d, "predicateType", "https://slsa.dev/provenance/v1");
    assert_int_equal(json_count(at(d, "subject")), 2);
    assert_member(d, "subject.0.name", "bin/app");
    assert_member(d, "subject.0.digest.sha256", HEX_A);
    assert_member(d, "subject.1.name", "docs/a/\xC3\xBC \"x\".txt");
    assert_member(d, "predicate.buildDefinition.externalParameters.job", "build");
    assert_member(d, "predicate.buildDefinition.externalParameters.params.platform", "linux-x64");
    assert_member(d, "predicate.buildDefinition.resolvedDependencies.0.uri",
                  "git+https://host/repo");
    assert_member(d, "predicate.buildDefinition.resolvedDependencies.0.digest.gitCommit", COMMIT);
    assert_member(d, "predicate.buildDefinition.resolvedDependencies.1.name",
                  "manifests/build.yaml");
    assert_member(d, "predicate.buildDefinition.resolvedDependencies.2.uri",
                  "dev/" COMMIT "/cli/receipt.json");
    /* The absent input is no dependency. */
    assert_int_equal(json_count(at(d, "predicate.buildDefinition.resolvedDependencies")), 4);
    assert_member(d, "predicate.runDetails.metadata.startedOn", "2023-11-14T22:13:20Z");
    assert_member(d, "predicate.runDetails.metadata.invocationId",
                  "00112233445566778899aabbccddeeff");
    assert_member(d, "predicate.runDetails.builder.id", RECEIPT_BUILDER_LOCAL);
    w->receipt.ci_system = STR("GitHub Actions");
    assert_member(parse(w, format(w)), "predicate.runDetails.builder.id", RECEIPT_BUILDER_CI);
}

static void an_artifact_without_files_has_its_listing_as_subject(void **state)
{
    struct world *w = *state;
    struct receipt r;
    struct entry links[] = {w->entries[1], w->entries[3]};
    w->receipt.artifact = (struct artifact){.entries = links, .count = 2};
    for (int round = 0; round < 2; round++) {
        struct artifact *artifact = &w->receipt.artifact;
        artifact_seal(artifact, &w->arena);
        struct str text = format(w);
        struct str digest;
        struct json *d = parse(w, text);
        assert_int_equal(json_count(at(d, "subject")), 1);
        assert_member(d, "subject.0.name", artifact->content.s);
        assert_true(json_get_str(at(d, "subject.0.digest.sha256"), &digest));
        assert_true(str_starts(digest, artifact->content));
        assert_int_equal(receipt_parse(text, &w->arena, &r, &w->err), 0);
        assert_damaged(w, replaced(w, text, digest.s, HEX_A), "subjects");
        artifact->count = 0;
    }
}

static void the_listing_is_what_the_content_is_named_after(void **state)
{
    struct world *w = *state;
    const struct artifact *artifact = &w->receipt.artifact;
    struct str digest = receipt_listing_sha256(&w->arena, artifact->entries, artifact->count);
    assert_int_equal(digest.n, SHA256_HEX);
    assert_true(str_starts(digest, artifact->content));
}

static void whatever_was_changed_in_a_receipt_is_damage(void **state)
{
    static const struct {
        const char *from, *to, *words;
    } rows[] = {
        {"in-toto.io/Statement/v1", "in-toto.io/Statement/v0", "in-toto"},
        {"slsa.dev/provenance/v1", "slsa.dev/provenance/v2", "SLSA"},
        {"\"version\": 1,", "\"version\": 0,", "no version"},
        {"\"version\": 1,", "\"version\": \"1\",", "no version"},
        {"\"environment\": \"dev\",\n        \"commit\"",
         "\"environment\": \"..\",\n        \"commit\"", "address"},
        {"\"commit\": \"0", "\"commit\": \"X", "address"},
        {"\"job\": \"build\",\n        \"variant\"", "\"job\": \"../x\",\n        \"variant\"",
         "address"},
        {"\"variant\": \"platform=linux-x64\"", "\"variant\": \"a=/../b\"", "address"},
        {"\"variant\": \"platform=linux-x64\"", "\"variant\": \"receipt.json\"", "address"},
        {"\"variant\": \"platform=linux-x64\"", "\"variant\": 7", "'variant'"},
        {"\"publish_id\": \"0011", "\"publish-id\": \"0011", "'publish_id'"},
        {"\"dirty\": \"b", "\"dirty\": \"B", "working tree"},
        {"\"manifest\": {\n        \"path\": \"manifests/build.yaml\",\n        \"sha256\": \"a",
         "\"manifest\": {\n        \"path\": \"manifests/build.yaml\",\n        \"sha256\": \"",
         "manifest"},
        {"\"started_ms\": 17", "\"started_ms\": -17", "'started_ms'"},
        {"\"finished_ms\": 17", "\"finished_ms\": 99917", "'finished_ms'"},
        {"\"name\": \"jobs\"", "\"name\": \"Jobs\"", "param"},
        {"\"variant\": false", "\"variant\": 0", "'variant'"},
        {"\"absent\": true", "\"absent\": false", "input"},
        {"\"local\": \"\",\n          \"absent\": false",
         "\"local\": \"x\",\n          \"absent\": false", "input"},
        {"\"address\": \"dev/", "\"address\": \"/dev/", "input"},
        {"\"make 'a b'\"", "7", "command"},
        {"\"kind\": \"folder\"", "\"kind\": \"device\"", "entry"},
        {"\"mode\": \"0755\"", "\"mode\": \"4755\"", "mode"},
        {"\"mode\": \"0755\"", "\"mode\": \"755\"", "mode"},
        {"\"mode\": \"0755\"", "\"mode\": \"0789\"", "mode"},
        {"\"mode\": \"0755\"", "\"mode\": \"0711\"", "content name"},
        {"\"size\": 5000000000", "\"size\": -1", "size"},
        {"\"size\": 5000000000", "\"size\": 5.0", "size"},
        {"\"size\": 5000000000", "\"size\": 4999999999", "content name"},
        {"\"crc32c\": \"e", "\"crc32c\": \"", "checksum"},
        {"\"crc32c\": \"e", "\"crc32c\": \"E", "checksum"},
        {"\"target\": \"app\"", "\"target\": \"../../x\"", "target"},
        {"\"target\": \"app\"", "\"target\": \"bpp\"", "content name"},
        {"\"output\": \"docs\",\n          \"path\": \"empty\"",
         "\"output\": \"docs\",\n          \"path\": \"../empty\"", "'..'"},
        {"\"output\": \"docs\",\n          \"path\": \"empty\"",
         "\"output\": \"../docs\",\n          \"path\": \"empty\"", "output"},
        {"\"path\": \"empty\"", "\"path\": \"a\\u0000b\"", "receipt"},
        {"\"path\": \"empty\"", "\"path\": \"a\"", "content name"},
        {"\"path\": \"app-latest\"", "\"path\": \"app\"", "two entries"},
        {"\"content\": \"", "\"content\": \"0", "content name"},
        {"\"name\": \"bin/app\"", "\"name\": \"bin/bpp\"", "subjects"},
        {"\"sha256\": \"aaaa", "\"sha256\": \"baaa", "subjects"},
        {"\"_type\"", "\"_type\": 1, \"_type\"", "receipt"},
    };
    struct world *w = *state;
    struct str text = format(w);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_damaged(w, replaced(w, text, rows[i].from, rows[i].to), rows[i].words);
    }
    for (size_t n = 0; n + 2 < text.n; n += 97) {
        assert_damaged(w, str_slice(text, 0, n), "receipt");
    }
}

static void pack(struct world *w)
{
    w->entries[0].path = STR("bin.tar.zst");
    w->entries[0].packed = PACK_TAR_ZST;
    w->entries[0].packed_count = 3;
    w->entries[0].packed_bytes = 70;
    w->entries[1].output = STR("docs");
    artifact_seal(&w->receipt.artifact, &w->arena);
}

static void what_is_in_an_archive_is_said_and_checked(void **state)
{
    struct world *w = *state;
    struct receipt read = {0};
    pack(w);
    struct str text = format(w);

    assert_int_equal(receipt_parse(text, &w->arena, &read, &w->err), 0);
    assert_int_equal(read.artifact.entries[0].packed, PACK_TAR_ZST);
    assert_int_equal(read.artifact.entries[0].packed_count, 3);
    assert_int_equal(read.artifact.entries[0].packed_bytes, 70);
    assert_int_equal(read.artifact.entries[1].packed, PACK_NONE);
    assert_damaged(w, replaced(w, text, "\"packed\": \"tar.zst\"", "\"packed\": \"tar.gz\""),
                   "an archive is none that jobrun makes");
    assert_damaged(w, replaced(w, text, "\"packed_files\": 3", "\"packed_files\": 1000001"),
                   "what an archive holds is no number");
    assert_damaged(w, replaced(w, text, "\"packed_size\": 70", "\"packed_size\": -1"),
                   "what an archive holds is no number");
}

static void an_archive_is_the_only_entry_of_its_output(void **state)
{
    struct world *w = *state;
    pack(w);
    w->entries[1].output = STR("bin");
    for (size_t i = 0; i < w->receipt.artifact.count; i++) {
        w->receipt.artifact.entries[i].output = STR("bin");
    }
    artifact_seal(&w->receipt.artifact, &w->arena);
    assert_damaged(w, format(w), "there is something beside the archive of an output");
}

static void the_record_of_a_failure_is_no_receipt(void **state)
{
    struct world *w = *state;
    w->receipt.is_failure = true;
    w->receipt.status = 3;
    w->receipt.message = STR("the command ended with status 3");
    struct str text = format(w);

    assert_true(str_contains(text, STR("\"status\": 3")));
    assert_damaged(w, text, "it is the record of a run that failed");
}

static void a_subject_too_many_is_damage(void **state)
{
    struct world *w = *state;
    struct str text = format(w);
    assert_damaged(w,
                   replaced(w, text, "\"subject\": [",
                            "\"subject\": [{\"name\": \"x\", \"digest\": {\"sha256\": \"" HEX_A
                            "\"}},"),
                   "subjects");
    assert_damaged(w, replaced(w, text, "\"subject\": [", "\"subjects\": ["), "subjects");
}

static void a_newer_version_says_that_a_newer_jobrun_wrote_it(void **state)
{
    struct world *w = *state;
    struct str text = replaced(w, format(w), "\"version\": 1,", "\"version\": 2,");
    assert_refused(w, replaced(w, text, "\"tool\": \"0.1.0\"", "\"tool\": \"9\\u001b\""),
                   ERROR_NOT_ALLOWED, "was written by a newer jobrun (9\\x1b): its version is 2");
    assert_true(strlen(w->err.help) > 0);
}

static void a_member_that_this_version_does_not_know_is_left_alone(void **state)
{
    struct world *w = *state;
    struct receipt r;
    struct str text = replaced(w, format(w), "\"tool\":", "\"later\": [1], \"tool\":");
    assert_int_equal(receipt_parse(text, &w->arena, &r, &w->err), 0);
}

static void a_receipt_over_its_maximum_is_not_written(void **state)
{
    struct world *w = *state;
    size_t count = 60000;
    struct entry *entries = arena_array(&w->arena, count, sizeof *entries);
    struct str text = STR("untouched");
    for (size_t i = 0; i < count; i++) {
        entries[i] = (struct entry){.kind = ENTRY_FILE,
                                    .output = STR("docs"),
                                    .path = str_format(&w->arena, "file-%zu", i),
                                    .sha256 = STR(HEX_A)};
    }
    w->receipt.artifact = (struct artifact){.entries = entries, .count = count};
    artifact_seal(&w->receipt.artifact, &w->arena);
    assert_int_equal(receipt_format(&w->receipt, &w->arena, &text, &w->err), -1);
    assert_int_equal(w->err.kind, ERROR_LIMIT);
    assert_non_null(strstr(w->err.message, "60000 entries"));
    assert_str(text, "untouched");
}

static void ten_thousand_files_fit_into_a_receipt(void **state)
{
    struct world *w = *state;
    size_t count = 10000;
    struct entry *entries = arena_array(&w->arena, count, sizeof *entries);
    struct receipt r;
    for (size_t i = 0; i < count; i++) {
        entries[i] = (struct entry){.kind = ENTRY_FILE,
                                    .output = STR("docs"),
                                    .path = str_format(&w->arena, "some/longer/path/f-%zu", i),
                                    .sha256 = STR(HEX_A)};
    }
    w->receipt.artifact = (struct artifact){.entries = entries, .count = count};
    artifact_seal(&w->receipt.artifact, &w->arena);
    assert_int_equal(receipt_parse(format(w), &w->arena, &r, &w->err), 0);
    assert_int_equal(r.artifact.count, count);
}

#define test(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_receipt_is_read_back_as_it_was_written),
        test(a_receipt_is_a_statement_with_slsa_provenance),
        test(an_artifact_without_files_has_its_listing_as_subject),
        test(the_listing_is_what_the_content_is_named_after),
        test(whatever_was_changed_in_a_receipt_is_damage),
        test(what_is_in_an_archive_is_said_and_checked),
        test(an_archive_is_the_only_entry_of_its_output),
        test(the_record_of_a_failure_is_no_receipt),
        test(a_subject_too_many_is_damage),
        test(a_newer_version_says_that_a_newer_jobrun_wrote_it),
        test(a_member_that_this_version_does_not_know_is_left_alone),
        test(a_receipt_over_its_maximum_is_not_written),
        test(ten_thousand_files_fit_into_a_receipt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
