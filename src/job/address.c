#include "job/address.h"

#include "base/arena.h"
#include "base/digest.h"
#include "manifest/manifest.h"

#define DIGEST_PREFIX "sha256="

struct assignment {
    struct str name;
    const struct value *value;
};

static int compare_names(const void *a, const void *b)
{
    return str_compare(((const struct assignment *)a)->name, ((const struct assignment *)b)->name);
}

struct str address_variant_long(struct arena *arena, const struct manifest *manifest,
                                const struct value *values)
{
    struct assignment *sorted = arena_array(arena, manifest->param_count, sizeof *sorted);
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);
    size_t count = 0;

    for (size_t i = 0; i < manifest->param_count; i++) {
        if (manifest->params[i]->variant) {
            sorted[count++] = (struct assignment){manifest->params[i]->name, &values[i]};
        }
    }
    /* By the names alone: '=' would stand behind a '-' of a longer name. */
    if (count > 1) {
        qsort(sorted, count, sizeof *sorted, compare_names);
    }
    for (size_t i = 0; i < count; i++) {
        buf_add(&buf, i > 0 ? STR(",") : STR(""));
        buf_add(&buf, sorted[i].name);
        buf_add_char(&buf, '=');
        buf_add(&buf, value_address_text(sorted[i].value, arena));
    }
    return buf_str(&buf);
}

/* A short variant that looks like a digest is made one too: a param may be called
 * "sha256", and its value may be the digest of another variant. */
struct str address_variant(struct arena *arena, const struct manifest *manifest,
                           const struct value *values)
{
    struct str variant = address_variant_long(arena, manifest, values);

    if (variant.n <= ADDRESS_VARIANT_BYTES_MAX && !str_starts(variant, STR(DIGEST_PREFIX))) {
        return variant;
    }
    return str_format(arena, DIGEST_PREFIX "%.*s", STR_ARG(sha256_hex(arena, variant)));
}

static void add_segment(struct buf *buf, struct str segment)
{
    buf_add_char(buf, '/');
    buf_add(buf, segment);
}

static struct buf begin_key(struct arena *arena, const struct address *address)
{
    struct buf buf = buf_make(arena, BUF_MAX_DEFAULT);

    buf_add(&buf, address->environment);
    add_segment(&buf, address->commit);
    add_segment(&buf, address->job);
    if (address->variant.n > 0) {
        add_segment(&buf, address->variant);
    }
    return buf;
}

struct str address_key(struct arena *arena, const struct address *address)
{
    struct buf buf = begin_key(arena, address);

    return buf_str(&buf);
}

struct str address_receipt_key(struct arena *arena, const struct address *address)
{
    struct buf buf = begin_key(arena, address);

    add_segment(&buf, STR(ADDRESS_RECEIPT));
    return buf_str(&buf);
}

struct str address_url(struct arena *arena, struct str store_url, struct str key)
{
    while (store_url.n > 1 && store_url.s[store_url.n - 1] == '/') {
        store_url.n--;
    }
    return str_format(arena, "%.*s/%.*s", STR_ARG(store_url), STR_ARG(key));
}

struct str address_file_key(struct arena *arena, const struct address *address, struct str content,
                            struct str output, struct str path)
{
    struct buf buf = begin_key(arena, address);

    add_segment(&buf, content);
    add_segment(&buf, output);
    add_segment(&buf, path);
    return buf_str(&buf);
}

struct str address_effect_key(struct arena *arena, const struct address *address, struct str step,
                              struct str digest)
{
    struct buf buf = begin_key(arena, address);

    add_segment(&buf, STR(ADDRESS_EFFECTS));
    add_segment(&buf, step);
    buf_addf(&buf, "-%.*s.json", STR_ARG(digest));
    return buf_str(&buf);
}
