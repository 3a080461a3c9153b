#include "base/arena.h"
#include "base/str.h"
#include "manifest/manifest.h"

#define NAME_BYTES_MAX        100
#define ENVIRONMENT_BYTES_MAX 64

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool name_is_job(struct str name)
{
    if (name.n == 0 || name.n > NAME_BYTES_MAX) {
        return false;
    }
    for (size_t i = 0; i < name.n; i++) {
        char c = name.s[i];
        bool inside = i > 0 && i + 1 < name.n;
        if (!is_lower(c) && !is_digit(c) && !(inside && (c == '.' || c == '_' || c == '-'))) {
            return false;
        }
    }
    return true;
}

bool name_is_param(struct str name)
{
    if (name.n == 0 || name.n > NAME_BYTES_MAX || !is_lower(name.s[0])) {
        return false;
    }
    for (size_t i = 1; i < name.n; i++) {
        if (!is_lower(name.s[i]) && !is_digit(name.s[i]) && name.s[i] != '-') {
            return false;
        }
    }
    return true;
}

bool name_is_environment(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        char c = name.s[i];
        if (!is_lower(c) && !is_upper(c) && !is_digit(c) && c != '.' && c != '_' && c != '-') {
            return false;
        }
    }
    /* One that begins with '-' is an option in the wrong place. */
    return name.n > 0 && name.n <= ENVIRONMENT_BYTES_MAX && name.s[0] != '-' &&
           !str_is(name, ".") && !str_is(name, "..");
}

bool name_is_env(struct str name)
{
    if (name.n == 0 || is_digit(name.s[0])) {
        return false;
    }
    for (size_t i = 0; i < name.n; i++) {
        char c = name.s[i];
        if (!is_lower(c) && !is_upper(c) && !is_digit(c) && c != '_') {
            return false;
        }
    }
    return true;
}

struct str name_to_env(struct arena *arena, const char *prefix, struct str name)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);

    buf_add(&buf, str_from(prefix));
    for (size_t i = 0; i < name.n; i++) {
        char c = name.s[i];
        if (is_lower(c)) {
            c = (char)(c - 'a' + 'A');
        } else if (c == '-' || c == '.') {
            c = '_';
        }
        buf_add_char(&buf, c);
    }
    return buf_str(&buf);
}

bool name_is_reserved(struct str name)
{
    /* `--no-fetch` and `--no-publish` stand here by what follows their "no-". */
    static const char *const OPTIONS[] = {
        "force",       "dry-run", "explain",     "env",           "commit",   "store",
        "inputs-from", "input",   "params-file", "allow-effects", "fetch",    "publish",
        "timeout",     "log",     "format",      "color",         "progress", "help",
    };
    struct str base = str_starts(name, STR("no-")) ? str_after(name, 3) : name;

    for (size_t i = 0; i < ARRAY_COUNT(OPTIONS); i++) {
        if (str_is(base, OPTIONS[i])) {
            return true;
        }
    }
    return false;
}
