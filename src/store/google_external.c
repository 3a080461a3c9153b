/*
 * Workload identity federation: a token that another system gives to this workload (the
 * subject token, from a file or an URL) is exchanged for one of Google's at the security
 * token service, and that for one of a service account where the file names one. The
 * subject token is read anew each time: such tokens live for minutes.
 */
#include "base/arena.h"
#include "base/base64.h"
#include "base/error.h"
#include "base/json.h"
#include "store/google_client.h"
#include "store/google_credential.h"
#include "store/google_token.h"
#include "store/google_url.h"
#include "sys/fs.h"
#include "sys/host.h"

struct external {
    struct str audience;
    struct str subject_type;
    struct str token_url;
    struct str client_id, client_secret; /* .n 0: none */
    struct str user_project;             /* of a workforce pool; .n 0: none */
    struct google_target target;         /* .url.n 0: none */
    /* Where the subject token comes from: one of both. */
    struct str file;
    struct str url;
    const struct json *headers; /* of the request to `url` */
    struct str field;           /* of a document in JSON; .n 0: it is the text as a whole */
};

static struct external *own(const struct google_credential *credential)
{
    return credential->own;
}

/* --- the file --- */

static int refuse_source(const char *member, struct error *err)
{
    error_set(err, ERROR_NOT_ALLOWED, "a 'credential_source' with '%s' is not supported", member);
    return error_help(err, "supported are 'file' and 'url'");
}

static int decode_format(struct external *external, const struct json *format, struct error *err)
{
    struct str type = STR("text");

    if (!format) {
        return 0;
    }
    json_get_str(json_member(format, "type"), &type);
    if (str_is(type, "json")) {
        return google_member(format, "subject_token_field_name", &external->field, err);
    }
    if (!str_is(type, "text")) {
        return error_set(err, ERROR_NOT_ALLOWED, "'format' is neither 'text' nor 'json'");
    }
    return 0;
}

static bool is_header(struct str name, struct str value)
{
    for (size_t i = 0; i < value.n; i++) {
        if (value.s[i] < ' ' || value.s[i] >= 0x7F) {
            return false;
        }
    }
    return name.n > 0 && google_is_visible(name) && str_index(name, ':') == name.n;
}

static int check_headers(const struct json *headers, struct error *err)
{
    struct str value = {0};

    if (json_count(headers) > GOOGLE_HEADERS_MAX / 2) {
        return error_set(err, ERROR_NOT_ALLOWED, "'headers' has more than %d members",
                         GOOGLE_HEADERS_MAX / 2);
    }
    for (size_t i = 0; i < json_count(headers); i++) {
        if (!json_get_str(json_item(headers, i), &value) ||
            !is_header(json_name(headers, i), value)) {
            return error_set(err, ERROR_NOT_ALLOWED,
                             "'headers' has a member that is no header of a request");
        }
    }
    return 0;
}

static int decode_source(struct external *external, const struct json *source, struct error *err)
{
    static const char *const OTHERS[] = {"executable", "certificate", "environment_id"};

    for (size_t i = 0; i < ARRAY_COUNT(OTHERS); i++) {
        if (json_member(source, OTHERS[i])) {
            return refuse_source(OTHERS[i], err);
        }
    }
    json_get_str(json_member(source, "file"), &external->file);
    json_get_str(json_member(source, "url"), &external->url);
    external->headers = json_member(source, "headers");
    if ((external->file.n > 0) == (external->url.n > 0)) {
        return error_set(err, ERROR_NOT_ALLOWED,
                         "'credential_source' has not exactly one of 'file' and 'url'");
    }
    if (external->url.n > 0 &&
        google_url_check(external->url, GOOGLE_SUBJECT, "credential_source.url", err) != 0) {
        return -1;
    }
    return check_headers(external->headers, err) != 0
               ? -1
               : decode_format(external, json_member(source, "format"), err);
}

static int decode(struct google_credential *credential, const struct json *file, struct error *err)
{
    struct external *external = arena_alloc(credential->arena, sizeof *external);

    credential->own = external;
    json_get_str(json_member(file, "client_id"), &external->client_id);
    json_get_str(json_member(file, "client_secret"), &external->client_secret);
    json_get_str(json_member(file, "workforce_pool_user_project"), &external->user_project);
    if (google_member(file, "audience", &external->audience, err) != 0 ||
        google_member(file, "subject_token_type", &external->subject_type, err) != 0 ||
        google_member(file, "token_url", &external->token_url, err) != 0 ||
        google_url_check(external->token_url, GOOGLE_EXCHANGE, "token_url", err) != 0 ||
        decode_source(external, json_member(file, "credential_source"), err) != 0) {
        return -1;
    }
    return json_member(file, "service_account_impersonation_url")
               ? google_target_decode(credential->arena, file, &external->target, err)
               : 0;
}

/* --- the subject token --- */

static int ask_subject(const struct external *external, struct google_client *client,
                       struct arena *arena, struct str *text, struct error *err)
{
    struct google_question question = {
        .what = "the subject token",
        .url = external->url,
        .next_step = "in GitHub Actions the job needs 'permissions: id-token: write'",
    };
    struct http_answer answer;

    for (size_t i = 0; i < json_count(external->headers); i++) {
        struct str value = {0};
        json_get_str(json_item(external->headers, i), &value);
        google_question_add(&question, arena, json_name(external->headers, i).s, value);
        if (i < ARRAY_COUNT(question.secrets)) {
            question.secrets[i] = value;
        }
    }
    if (google_client_ask(client, arena, &question, &answer, err) != 0) {
        return -1;
    }
    *text = answer.body;
    return 0;
}

static int read_file(const struct external *external, struct arena *arena, struct str *text,
                     struct error *err)
{
    if (fs_read_file(arena, external->file.s, GOOGLE_ANSWER_BYTES_MAX, text, err) == 0) {
        return 0;
    }
    err->kind = ERROR_NOT_ALLOWED;
    error_prefix(err, "cannot read the subject token");
    return error_help(err, "'credential_source' of the credentials names the file");
}

static int read_subject(const struct external *external, struct google_client *client,
                        struct arena *arena, struct str *token, struct error *err)
{
    struct json *document;
    struct str text;

    if (external->url.n > 0 ? ask_subject(external, client, arena, &text, err) != 0
                            : read_file(external, arena, &text, err) != 0) {
        return -1;
    }
    *token = str_trim(text);
    if (external->field.n > 0) {
        struct error problem = {0};
        if (json_parse(arena, text, GOOGLE_ANSWER_BYTES_MAX, &document, &problem) != 0 ||
            !json_get_str(json_member(document, external->field.s), token)) {
            return error_set(err, ERROR_NOT_ALLOWED,
                             "the subject token is not in JSON, or has no '%.*s'",
                             STR_ARG(external->field));
        }
    }
    return token->n > 0 ? 0 : error_set(err, ERROR_NOT_ALLOWED, "the subject token is empty");
}

/* --- the exchange --- */

static bool has_client(const struct external *external)
{
    return external->client_id.n > 0 && external->client_secret.n > 0;
}

/* JSON in an URL's escapes, in a form. */
static void add_options(struct buf *form, const struct external *external, struct arena *arena)
{
    struct json *options = json_object(arena);

    json_set_str(arena, options, "userProject", external->user_project);
    google_form_add(form, "options", url_escape(arena, json_format(arena, options, false)));
}

static struct str exchange_form(const struct external *external, struct arena *arena,
                                enum google_purpose purpose, struct str subject)
{
    struct buf form = buf_make(arena, BUF_MAX_DEFAULT);

    google_form_add(&form, "grant_type", STR("urn:ietf:params:oauth:grant-type:token-exchange"));
    google_form_add(&form, "audience", external->audience);
    google_form_add(&form, "scope", google_scope(purpose));
    google_form_add(&form, "requested_token_type",
                    STR("urn:ietf:params:oauth:token-type:access_token"));
    google_form_add(&form, "subject_token", subject);
    google_form_add(&form, "subject_token_type", external->subject_type);
    if (external->user_project.n > 0 && !has_client(external)) {
        add_options(&form, external, arena);
    }
    return buf_str(&form);
}

static int exchange(const struct external *external, struct google_client *client,
                    enum google_purpose purpose, struct google_token *token, struct error *err)
{
    struct arena scratch CLEANUP(arena_wipe) = {0};
    int64_t now_ms = host_monotonic_ms();
    struct http_answer answer;
    struct str subject;

    if (read_subject(external, client, &scratch, &subject, err) != 0) {
        return -1;
    }
    struct google_question question = {
        .what = "a token",
        .url = external->token_url,
        .form = exchange_form(external, &scratch, purpose, subject),
        .secrets = {subject, external->client_secret},
        .next_step = "the provider of the pool must trust the issuer and the audience of the "
                     "subject token, and its attribute condition must hold",
    };
    if (has_client(external)) {
        struct str pair = str_format(&scratch, "%.*s:%.*s", STR_ARG(external->client_id),
                                     STR_ARG(external->client_secret));
        struct str basic = str_format(&scratch, "Basic %.*s",
                                      STR_ARG(base64_encode(&scratch, BASE64_STANDARD, pair)));
        google_question_add(&question, &scratch, "Authorization", basic);
    }
    return google_client_ask(client, &scratch, &question, &answer, err) != 0
               ? -1
               : google_token_parse(token, answer.body, now_ms, err);
}

static int fetch(struct google_credential *credential, struct google_client *client,
                 enum google_purpose purpose, struct google_token *token, struct error *err)
{
    const struct external *external = own(credential);
    struct google_token federated CLEANUP(google_token_drop) = {0};

    if (external->target.url.n == 0) {
        return exchange(external, client, purpose, token, err);
    }
    return exchange(external, client, GOOGLE_FOR_IAM, &federated, err) != 0
               ? -1
               : google_target_fetch(&external->target, client, purpose, &federated, token, err);
}

static struct str describe(const struct google_credential *credential, struct arena *arena)
{
    const struct external *external = own(credential);

    if (external->target.email.n > 0) {
        return str_format(arena, "service account '%.*s', impersonated by federation",
                          STR_ARG(external->target.email));
    }
    return str_format(arena, "federated identity of '%.*s'", STR_ARG(external->audience));
}

static struct str next_step(const struct google_credential *credential, struct arena *arena)
{
    const struct external *external = own(credential);

    if (external->target.email.n > 0) {
        return google_grant_step(arena, "serviceAccount:", external->target.email);
    }
    return google_grant_step(arena, "", STR("principalSet:// of the pool"));
}

const struct google_kind GOOGLE_EXTERNAL = {
    .type = "external_account",
    .decode = decode,
    .fetch = fetch,
    .describe = describe,
    .next_step = next_step,
    .margin_ms = GOOGLE_TOKEN_MARGIN_MS,
};
