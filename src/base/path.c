#include "base/path.h"

#include "base/arena.h"

static const char *segment_problem(struct str segment)
{
    if (segment.n == 0) {
        return "has an empty segment";
    }
    if (str_is(segment, ".")) {
        return "has a '.' segment";
    }
    if (str_is(segment, "..")) {
        return "has a '..' segment";
    }
    return NULL;
}

static const char *bytes_problem(struct str path)
{
    for (size_t i = 0; i < path.n; i++) {
        unsigned char byte = (unsigned char)path.s[i];
        if (byte == '\\') {
            return "has a backslash";
        }
        if (byte == '\0') {
            return "has a NUL";
        }
        if (byte < 0x20 || byte == 0x7F) {
            return "has a control character";
        }
    }
    return NULL;
}

const char *path_segments_problem(struct str path)
{
    struct str segment;
    bool more = true;
    const char *problem = NULL;

    if (path.n == 0) {
        return "is empty";
    }
    if (path.n > PATH_BYTES_MAX) {
        return "is too long";
    }
    if (path.s[0] == '/') {
        return "is absolute";
    }
    if (path.s[path.n - 1] == '/') {
        return "ends in '/'";
    }
    while (more && !problem) {
        more = str_cut(path, '/', &segment, &path);
        problem = segment_problem(segment);
    }
    return problem;
}

const char *path_problem(struct str path)
{
    const char *problem = path_segments_problem(path);
    return problem ? problem : bytes_problem(path);
}

const char *path_or_folder_problem(struct str path)
{
    if (path.n > 1 && path.s[path.n - 1] == '/') {
        path.n--;
    }
    return path_problem(path);
}

static bool is_name(struct str segment, struct str name)
{
    return segment.n == name.n && strncasecmp(segment.s, name.s, name.n) == 0;
}

bool path_is_reserved(struct str path)
{
    struct str segment;
    bool more = true;

    while (more) {
        more = str_cut(path, '/', &segment, &path);
        if (is_name(segment, STR(".git")) || is_name(segment, STR(".jobrun"))) {
            return true;
        }
    }
    return false;
}

struct str path_below(struct arena *arena, struct str folder, struct str path)
{
    struct buf buf = buf_make(arena, folder.n + path.n + 1);

    buf_add(&buf, folder);
    if (folder.n > 0 && path.n > 0 && folder.s[folder.n - 1] != '/') {
        buf_add_char(&buf, '/');
    }
    buf_add(&buf, path);
    return buf_str(&buf);
}

struct str path_without_slash(struct str path)
{
    while (path.n > 1 && path.s[path.n - 1] == '/') {
        path.n--;
    }
    return path;
}

struct str path_folder(struct str path)
{
    size_t n = path.n;

    while (n > 0 && path.s[n - 1] != '/') {
        n--;
    }
    return str_slice(path, 0, n > 0 ? n - 1 : 0);
}

bool path_is_below(struct str path, struct str folder)
{
    return folder.n == 0 ||
           (path.n > folder.n && path.s[folder.n] == '/' && str_starts(path, folder));
}

int path_compare(struct str a, struct str b)
{
    size_t shorter = a.n < b.n ? a.n : b.n;
    size_t at = 0;

    while (at < shorter && a.s[at] == b.s[at]) {
        at++;
    }
    if (at == shorter) {
        return (a.n > b.n) - (a.n < b.n);
    }
    int left = a.s[at] == '/' ? -1 : (unsigned char)a.s[at];
    int right = b.s[at] == '/' ? -1 : (unsigned char)b.s[at];
    return left - right;
}
