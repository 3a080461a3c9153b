#include "store/google_client.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/json.h"
#include "store/google_token.h"
#include "store/google_url.h"

#define DESCRIPTION_BYTES_MAX ((size_t)300)

void google_client_close(struct google_client *client)
{
    http_close(&client->far);
    http_close(&client->near);
}

void google_question_add(struct google_question *question, struct arena *arena, const char *name,
                         struct str value)
{
    if (question->header_count == GOOGLE_HEADERS_MAX) {
        BUG("more than %d headers", GOOGLE_HEADERS_MAX);
    }
    question->headers[question->header_count++] =
        str_format(arena, "%s: %.*s", name, STR_ARG(value));
}

void google_form_add(struct buf *form, const char *name, struct str value)
{
    struct arena scratch CLEANUP(arena_wipe) = {0};

    buf_addf(form, "%s%s=", form->n > 0 ? "&" : "", name);
    buf_add(form, url_escape(&scratch, value));
}

/* --- what a service says of a request that it refuses --- */

struct refusal {
    struct str code; /* "invalid_grant", "PERMISSION_DENIED" */
    struct str description;
};

/* {"error": "...", "error_description": "..."} of a token endpoint (RFC 6749, 5.2), or
 * {"error": {"status": "...", "message": "..."}} of another service of Google's. */
static struct refusal read_refusal(struct arena *arena, struct str body)
{
    struct refusal refusal = {0};
    struct error ignored = {0};
    struct json *answer = NULL;

    if (json_parse(arena, body, HTTP_ERROR_BYTES_MAX, &answer, &ignored) != 0) {
        return refusal;
    }
    const struct json *error = json_member(answer, "error");
    if (json_is_object(error)) {
        json_get_str(json_member(error, "status"), &refusal.code);
        json_get_str(json_member(error, "message"), &refusal.description);
    } else {
        json_get_str(error, &refusal.code);
        json_get_str(json_member(answer, "error_description"), &refusal.description);
    }
    return refusal;
}

/* The text for a message, or nothing where a secret is in it. */
static struct str quotable(struct arena *arena, const struct google_question *question,
                           struct str text)
{
    for (size_t i = 0; i < ARRAY_COUNT(question->secrets); i++) {
        if (question->secrets[i].n > 0 && str_contains(text, question->secrets[i])) {
            return (struct str){0};
        }
    }
    return str_printable(arena, str_slice(text, 0, DESCRIPTION_BYTES_MAX));
}

static bool is_out_of_order(int status)
{
    return status >= 500 || status == 408 || status == 429;
}

static int refused(struct arena *arena, const struct google_question *question,
                   const struct http_answer *answer, struct error *err)
{
    struct str host = url_host(question->url);
    struct refusal refusal = read_refusal(arena, answer->body);
    struct str code = quotable(arena, question, refusal.code);
    struct str description = quotable(arena, question, refusal.description);
    bool is_down = is_out_of_order(answer->status);

    error_set(err, is_down ? ERROR_UNREACHABLE : ERROR_NOT_ALLOWED,
              "cannot get %s from '%.*s': HTTP %d%s%.*s%s%.*s", question->what, STR_ARG(host),
              answer->status, code.n > 0 ? " " : "", STR_ARG(code), description.n > 0 ? ": " : "",
              STR_ARG(description));
    if (is_down) {
        return error_help(err, "the service is out of order: try again later");
    }
    return question->next_step ? error_help(err, "%s", question->next_step) : -1;
}

/* --- the request --- */

static int open_http(struct google_client *client, const struct google_question *question,
                     struct http **http, struct error *err)
{
    bool is_near = question->is_near || google_url_is_near(question->url);
    struct http **one = is_near ? &client->near : &client->far;
    struct http_options options = {
        .connections_max = 1, .allow_plain = is_near, .no_proxy = is_near};

    if (!*one && http_open(client->arena, &options, one, err) != 0) {
        return -1;
    }
    *http = *one;
    return 0;
}

static void set_request(struct http_request *request, const struct google_question *question,
                        struct str *headers)
{
    size_t count = question->header_count;

    for (size_t i = 0; i < count; i++) {
        headers[i] = question->headers[i];
    }
    if (question->form.s) {
        headers[count++] = question->is_json
                               ? STR("Content-Type: application/json; charset=UTF-8")
                               : STR("Content-Type: application/x-www-form-urlencoded");
    }
    /* Another token does no harm, so every question may be asked again. */
    *request = (struct http_request){
        .method = question->form.s ? "POST" : "GET",
        .url = question->url,
        .headers = headers,
        .header_count = count,
        .source = {.head = question->form, .fd = -1},
        .sink = {.max_bytes = GOOGLE_ANSWER_BYTES_MAX},
        .is_idempotent = true,
    };
}

int google_client_ask(struct google_client *client, struct arena *arena,
                      const struct google_question *question, struct http_answer *answer,
                      struct error *err)
{
    struct str headers[GOOGLE_HEADERS_MAX + 1];
    struct attempts attempts = {0};
    struct http_request request;
    struct http *http;

    if (open_http(client, question, &http, err) != 0) {
        return -1;
    }
    set_request(&request, question, headers);
    request.attempts = &attempts;
    if (http_fetch(http, arena, &request, answer, err) != 0) {
        struct str host = url_host(question->url);
        return error_prefix(err, "cannot get %s from '%.*s'", question->what, STR_ARG(host));
    }
    if ((answer->status >= 200 && answer->status < 300) ||
        (question->may_fail && question->may_fail(answer))) {
        return 0;
    }
    return refused(arena, question, answer, err);
}
