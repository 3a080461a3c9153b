/* What libcurl's codes mean: for the next attempt, and for people. */
#include "store/http_parts.h"

#include <ctype.h>

/* Where the same code says something else once the request was sent, that stands
 * behind it. */
static const struct {
    CURLcode code;
    const char *text, *sent_text;
} TEXTS[] = {
    {CURLE_COULDNT_RESOLVE_HOST, "its name cannot be resolved", NULL},
    {CURLE_COULDNT_RESOLVE_PROXY, "the name of the proxy cannot be resolved", NULL},
    {CURLE_COULDNT_CONNECT, "no connection", NULL},
    {CURLE_OPERATION_TIMEDOUT, "no connection in time", "the connection stands still"},
    {CURLE_PARTIAL_FILE, "the answer ended too early", NULL},
    {CURLE_GOT_NOTHING, "the connection was closed without an answer", NULL},
    {CURLE_SEND_ERROR, "the connection was closed while the request was sent", NULL},
    {CURLE_RECV_ERROR, "the connection was closed", NULL},
    {CURLE_ABORTED_BY_CALLBACK, "the connection was closed", NULL},
    {CURLE_SSL_CONNECT_ERROR, "no TLS connection", NULL},
    {CURLE_PROXY, "the proxy refuses", NULL},
    {CURLE_URL_MALFORMAT, "the address is no URL", NULL},
    {CURLE_UNSUPPORTED_PROTOCOL, "only https:// addresses are asked", "the answer is no HTTP"},
    {CURLE_WEIRD_SERVER_REPLY, "the answer is no HTTP", NULL},
    {CURLE_SSL_CACERT_BADFILE, "the file of trusted certificates cannot be read", NULL},
};

enum attempt_failure http_failure_kind(CURLcode code, bool was_sent)
{
    switch (code) {
    case CURLE_OK:
        return ATTEMPT_ANSWERED;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_ISSUER_ERROR:
        return ATTEMPT_TLS;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_BAD_FUNCTION_ARGUMENT:
        return was_sent ? ATTEMPT_LOST : ATTEMPT_LOCAL;
    default:
        return was_sent ? ATTEMPT_LOST : ATTEMPT_NOT_SENT;
    }
}

/* The system's word, as a part of a sentence. */
static struct str errno_text(struct arena *arena, long number)
{
    struct str text = str_copy(arena, str_from(strerror((int)number)));
    struct buf buf = buf_make(arena, text.n);

    if (text.n > 0) {
        buf_add_char(&buf, (char)tolower((unsigned char)text.s[0]));
        buf_add(&buf, str_after(text, 1));
    }
    return buf_str(&buf);
}

/* "self-signed certificate": libcurl's own words come with a prefix. */
static struct str certificate_text(const struct http_exchange *exchange, struct arena *arena)
{
    struct str why = str_from(exchange->curl_message);
    struct str prefix = STR("SSL certificate problem: ");

    if (str_starts(why, prefix)) {
        why = str_after(why, prefix.n);
    }
    return str_format(arena, "its certificate is not trusted: %.*s",
                      STR_ARG(str_printable(arena, why)));
}

struct str http_failure_text(struct http_exchange *exchange, CURLcode code, bool was_sent)
{
    struct arena *arena = &exchange->arena;
    long number = 0;
    if (code == CURLE_PEER_FAILED_VERIFICATION) {
        return certificate_text(exchange, arena);
    }
    http_functions.curl_easy_getinfo(exchange->easy, CURLINFO_HTTP_CONNECTCODE, &number);
    if (number >= 300) {
        return str_format(arena, "the proxy answers with status %ld", number);
    }
    http_functions.curl_easy_getinfo(exchange->easy, CURLINFO_OS_ERRNO, &number);
    if (code == CURLE_COULDNT_CONNECT && number != 0) {
        return errno_text(arena, number);
    }
    for (size_t i = 0; i < ARRAY_COUNT(TEXTS); i++) {
        if (TEXTS[i].code == code) {
            bool has_other = was_sent && TEXTS[i].sent_text;
            return str_from(has_other ? TEXTS[i].sent_text : TEXTS[i].text);
        }
    }
    return str_format(arena, "the connection failed: %s", http_functions.curl_easy_strerror(code));
}
