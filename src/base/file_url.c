#include "base/file_url.h"

#include "base/arena.h"
#include "base/error.h"

#include <ctype.h>

#define START "file://"

static int digit_value(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    char lower = (char)tolower((unsigned char)digit);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* False where a '%' is not followed by two hexadecimal digits. */
static bool percent_decode(struct arena *arena, struct str text, struct str *decoded)
{
    struct buf buf = buf_make(arena, text.n);
    for (size_t i = 0; i < text.n; i++) {
        if (text.s[i] != '%') {
            buf_add_char(&buf, text.s[i]);
            continue;
        }
        int high = i + 2 < text.n ? digit_value(text.s[i + 1]) : -1;
        int low = i + 2 < text.n ? digit_value(text.s[i + 2]) : -1;
        if (high < 0 || low < 0) {
            return false;
        }
        buf_add_char(&buf, (char)(high * 16 + low));
        i += 2;
    }
    *decoded = buf_str(&buf);
    return true;
}

struct str file_url_encode(struct arena *arena, struct str path)
{
    return str_percent_encode_except(arena, path, STR("._~/-"));
}

struct str file_url_format(struct arena *arena, struct str host, struct str path)
{
    return str_format(arena, START "%.*s%.*s", STR_ARG(file_url_encode(arena, host)),
                      STR_ARG(file_url_encode(arena, path)));
}

bool file_url_is(struct str text)
{
    return text.n >= strlen(START) && strncasecmp(text.s, START, strlen(START)) == 0;
}

int file_url_path(struct arena *arena, struct str url, struct str *path, struct error *err)
{
    struct str rest = str_after(url, strlen(START));
    size_t slash = str_index(rest, '/');
    struct str host = str_slice(rest, 0, slash);
    bool local = host.n == 0 || (host.n == 9 && strncasecmp(host.s, "localhost", 9) == 0);
    if (!local || slash == rest.n) {
        error_set(err, ERROR_USAGE, "'%.*s' is not the address of a folder on this machine",
                  STR_ARG(url));
        return error_help(err, "an address of a folder is 'file:///absolute/path'");
    }
    if (!percent_decode(arena, str_after(rest, slash), path)) {
        return error_set(err, ERROR_USAGE,
                         "'%.*s' has a '%%' that two hexadecimal digits do not follow",
                         STR_ARG(url));
    }
    return 0;
}
