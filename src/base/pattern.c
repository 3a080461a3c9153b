#include "base/pattern.h"

#include "base/error.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

struct pattern {
    pcre2_code *code;
    pcre2_match_context *limits;
};

static void message_of(int code, char *message, size_t size)
{
    if (pcre2_get_error_message(code, (PCRE2_UCHAR *)message, size) < 0) {
        snprintf(message, size, "error %d of PCRE2", code);
    }
}

int pattern_open(struct str text, struct pattern **pattern, size_t *offset, struct error *err)
{
    PCRE2_SIZE at = 0;
    int code = 0;

    *pattern = NULL;
    *offset = 0;
    if (text.n > PATTERN_MAX_BYTES) {
        return error_set(err, ERROR_MANIFEST, "the pattern has %zu bytes, the maximum is %d",
                         text.n, PATTERN_MAX_BYTES);
    }
    /* \C would match half a character. */
    pcre2_code *compiled = pcre2_compile(
        (PCRE2_SPTR)(text.s ? text.s : ""), text.n,
        PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
    if (!compiled) {
        char message[256];
        if (code == PCRE2_ERROR_NOMEMORY) {
            memory_exhausted();
        }
        message_of(code, message, sizeof message);
        *offset = at < text.n ? at : text.n;
        return error_set(err, ERROR_MANIFEST, "the pattern is not a regular expression: %s",
                         message);
    }
    struct pattern *made = calloc(1, sizeof *made);
    pcre2_match_context *limits = pcre2_match_context_create(NULL);
    if (!made || !limits) {
        memory_exhausted();
    }
    pcre2_set_match_limit(limits, PATTERN_MATCH_LIMIT);
    pcre2_set_depth_limit(limits, PATTERN_DEPTH_LIMIT);
    pcre2_set_heap_limit(limits, PATTERN_HEAP_LIMIT_KIB);
    *made = (struct pattern){.code = compiled, .limits = limits};
    *pattern = made;
    return 0;
}

void pattern_close(struct pattern **pattern)
{
    if (*pattern) {
        pcre2_code_free((*pattern)->code);
        pcre2_match_context_free((*pattern)->limits);
        free(*pattern);
        *pattern = NULL;
    }
}

int pattern_match(const struct pattern *pattern, struct str subject, struct error *err)
{
    char message[256];
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);

    if (!data) {
        memory_exhausted();
    }
    int result = pcre2_match(pattern->code, (PCRE2_SPTR)(subject.s ? subject.s : ""), subject.n, 0,
                             0, data, pattern->limits);
    pcre2_match_data_free(data);
    if (result >= 0) {
        return 1;
    }
    switch (result) {
    case PCRE2_ERROR_NOMATCH:
        return 0;
    case PCRE2_ERROR_NOMEMORY:
        memory_exhausted();
    case PCRE2_ERROR_MATCHLIMIT:
    case PCRE2_ERROR_DEPTHLIMIT:
    case PCRE2_ERROR_HEAPLIMIT:
        error_set(err, ERROR_LIMIT, "the pattern takes too long to match");
        return error_help(err,
                          "repetitions inside of repetitions, like (a+)+, are the usual cause");
    default:
        message_of(result, message, sizeof message);
        return error_set(err, ERROR_USAGE, "the text cannot be matched: %s", message);
    }
}

static void free_code(pcre2_code **code)
{
    pcre2_code_free(*code);
}

/* A partial match says that the pattern wants more text behind the start. It does not
 * go together with an anchor at the end, which is why this compiles anew. */
bool pattern_may_begin(struct str text, struct str start)
{
    PCRE2_SIZE at = 0;
    int error = 0;
    pcre2_code *code CLEANUP(free_code) =
        pcre2_compile((PCRE2_SPTR)(text.s ? text.s : ""), text.n,
                      PCRE2_UTF | PCRE2_ANCHORED | PCRE2_NEVER_BACKSLASH_C, &error, &at, NULL);

    if (!code) {
        return false;
    }
    pcre2_match_data *data = pcre2_match_data_create(1, NULL);
    if (!data) {
        memory_exhausted();
    }
    int result = pcre2_match(code, (PCRE2_SPTR)start.s, start.n, 0,
                             PCRE2_PARTIAL_HARD | PCRE2_NOTEMPTY, data, NULL);
    pcre2_match_data_free(data);
    return result >= 0 || result == PCRE2_ERROR_PARTIAL;
}
