#include "job/location.h"

#include "base/arena.h"

struct str location_normal(struct arena *arena, struct str absolute)
{
    struct buf out = buf_make(arena, BUF_MAX_DEFAULT);
    struct str rest = absolute;

    while (rest.n > 0) {
        struct str segment;
        str_cut(rest, '/', &segment, &rest);
        if (segment.n == 0 || str_is(segment, ".")) {
            continue;
        }
        if (!str_is(segment, "..")) {
            buf_add_char(&out, '/');
            buf_add(&out, segment);
            continue;
        }
        while (out.n > 0 && out.bytes[out.n - 1] != '/') {
            out.n--;
        }
        if (out.n > 0) {
            out.n--;
        }
    }
    if (out.n == 0) {
        buf_add_char(&out, '/');
    }
    return buf_str(&out);
}

struct str location_relative(struct arena *arena, struct str from, struct str to)
{
    struct buf out = buf_make(arena, BUF_MAX_DEFAULT);
    struct str from_rest = str_after(from, 1);
    struct str to_rest = str_after(to, 1);

    while (from_rest.n > 0 && to_rest.n > 0) {
        struct str from_segment, from_tail, to_segment, to_tail;
        str_cut(from_rest, '/', &from_segment, &from_tail);
        str_cut(to_rest, '/', &to_segment, &to_tail);
        if (!str_equal(from_segment, to_segment)) {
            break;
        }
        from_rest = from_tail;
        to_rest = to_tail;
    }
    while (from_rest.n > 0) {
        struct str segment;
        str_cut(from_rest, '/', &segment, &from_rest);
        buf_add(&out, out.n > 0 ? STR("/..") : STR(".."));
    }
    if (out.n > 0 && to_rest.n > 0) {
        buf_add_char(&out, '/');
    }
    buf_add(&out, to_rest);
    if (out.n == 0) {
        buf_add_char(&out, '.');
    }
    return buf_str(&out);
}

bool location_is_within(struct str folder, struct str path, struct str *rest)
{
    if (str_is(folder, "/")) {
        folder.n = 0;
    }
    if (!str_starts(path, folder)) {
        return false;
    }
    if (path.n > folder.n && path.s[folder.n] != '/') {
        return false;
    }
    if (rest != NULL) {
        *rest = str_after(path, folder.n + 1);
    }
    return true;
}

bool location_is_url(struct str text)
{
    size_t n = str_index(text, ':');

    if (n == 0 || !str_starts(str_after(text, n), STR("://"))) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        char c = text.s[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool other = (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
        if (!letter && (i == 0 || !other)) {
            return false;
        }
    }
    return true;
}
