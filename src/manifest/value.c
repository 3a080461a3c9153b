#include "manifest/param.h"

#include "base/arena.h"

struct str value_address_text(const struct value *value, struct arena *arena)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);

    if (!value->is_list) {
        return str_percent_encode(arena, value->text);
    }
    for (size_t i = 0; i < value->count; i++) {
        if (i > 0) {
            buf_add_char(&buf, '+');
        }
        buf_add(&buf, str_percent_encode(arena, value->items[i]));
    }
    return buf_str(&buf);
}

struct str value_show(const struct value *value, struct arena *arena)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);

    if (!value->is_list) {
        return value->text;
    }
    for (size_t i = 0; i < value->count; i++) {
        buf_add(&buf, i > 0 ? STR(", ") : STR(""));
        buf_add(&buf, value->items[i]);
    }
    return buf_str(&buf);
}

bool value_equal(const struct value *a, const struct value *b)
{
    if (a->is_list != b->is_list || (a->is_list && a->count != b->count)) {
        return false;
    }
    if (!a->is_list) {
        return str_equal(a->text, b->text);
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!str_equal(a->items[i], b->items[i])) {
            return false;
        }
    }
    return true;
}
