#include "base/arena.h"
#include "store/http.h"

struct str url_escape(struct arena *arena, struct str text)
{
    return str_percent_encode_except(arena, text, STR("-._~"));
}

static bool starts_ignoring_case(struct str text, struct str prefix)
{
    return text.n >= prefix.n && strncasecmp(text.s, prefix.s, prefix.n) == 0;
}

static bool is_of_host(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr(".-_:[]", c) != NULL);
}

/* A name and a password in front, and whatever two readers could read in two ways,
 * make it none. */
struct str url_host(struct str url)
{
    size_t start = starts_ignoring_case(url, STR("https://"))  ? sizeof "https://" - 1
                   : starts_ignoring_case(url, STR("http://")) ? sizeof "http://" - 1
                                                               : url.n;
    struct str rest = str_after(url, start);
    size_t n = 0;
    while (n < rest.n && is_of_host(rest.s[n])) {
        n++;
    }
    bool is_whole = n == rest.n || rest.s[n] == '/' || rest.s[n] == '?' || rest.s[n] == '#';
    return str_slice(rest, 0, is_whole ? n : 0);
}

/* "localhost:80" without its port; "[::1]:80" too. */
static struct str without_port(struct str host)
{
    size_t at = host.n > 0 && host.s[0] == '[' ? str_index(host, ']') : 0;
    size_t colon = str_index(str_after(host, at), ':');

    return str_slice(host, 0, at + colon);
}

static bool is_loopback_v4(struct str host)
{
    int64_t number;
    struct str part;
    struct str rest = host;

    if (!str_starts(host, STR("127."))) {
        return false;
    }
    for (int i = 0; i < 4; i++) {
        bool has_more = str_cut(rest, '.', &part, &rest);
        if (has_more != (i < 3) || part.n == 0 || !str_to_int64(part, &number) || number < 0 ||
            number > 255) {
            return false;
        }
    }
    return true;
}

bool url_is_loopback(struct str url)
{
    struct str host = without_port(url_host(url));

    return (host.n == sizeof "localhost" - 1 && starts_ignoring_case(host, STR("localhost"))) ||
           str_is(host, "[::1]") || is_loopback_v4(host);
}
