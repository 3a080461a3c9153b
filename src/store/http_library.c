#include "store/http_parts.h"
#include "sys/library.h"

struct http_functions http_functions;

/* Where there is none with OpenSSL, Debian's with GnuTLS does as well. */
static const char *const FILES[] = {
#ifdef __APPLE__
    "libcurl.4.dylib", "/usr/lib/libcurl.4.dylib",
#else
    "libcurl.so.4", "libcurl-gnutls.so.4",
#endif
    NULL};

static const struct library_symbol SYMBOLS[] = {
#define HTTP_SYMBOL(function) {#function, &http_functions.function},
    HTTP_FUNCTIONS(HTTP_SYMBOL)
#undef HTTP_SYMBOL
        {0}};

static const struct library LIBCURL = {
    .title = "libcurl, which asks remote stores,",
    .files = FILES,
    .package = "libcurl4 (Debian, Ubuntu), libcurl (conda-forge, Fedora), curl (Homebrew)",
    .symbols = SYMBOLS,
};

int http_ready(struct error *err)
{
    static bool is_open;

    if (is_open) {
        return 0;
    }
    if (library_open(&LIBCURL, err) != 0) {
        return -1;
    }
    if (http_functions.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return error_set(err, ERROR_INTERNAL, "libcurl cannot be prepared");
    }
    is_open = true;
    return 0;
}
