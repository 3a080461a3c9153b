#include "run/stored.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "store/store.h"

#include <inttypes.h>

bool address_equal(const struct address *a, const struct address *b)
{
    return str_equal(a->environment, b->environment) && str_equal(a->commit, b->commit) &&
           str_equal(a->job, b->job) && str_equal(a->variant, b->variant);
}

int stored_read(struct arena *arena, struct store *store, const struct address *address,
                struct stored *stored, struct error *err)
{
    struct str key = address_receipt_key(arena, address);
    struct str shown = store_address(store, arena, key);
    struct object object = {0};

    if (store_read(store, arena, key, RECEIPT_BYTES_MAX, &object, err) < 0) {
        return -1;
    }
    stored->version = object.version;
    stored->sha256 = sha256_hex(arena, object.bytes);
    if (receipt_parse(object.bytes, arena, &stored->receipt, err) < 0) {
        return error_prefix(err, "'%.*s'", STR_ARG(shown));
    }
    if (!address_equal(&stored->receipt.address, address)) {
        struct str other = address_receipt_key(arena, &stored->receipt.address);
        return error_set(err, ERROR_DAMAGED, "'%.*s': it is the receipt of '%.*s'", STR_ARG(shown),
                         STR_ARG(other));
    }
    return 0;
}

/* A file that must be there. */
struct expected {
    struct str key;
    const struct entry *entry;
    bool is_listed;
    struct listed listed; /* of an object that differs: without its key */
    bool differs;
};

struct check {
    struct expected *items;
    size_t count;
    size_t good;
};

static int compare_expected(const void *a, const void *b)
{
    const struct expected *x = a;
    const struct expected *y = b;

    return str_compare(x->key, y->key);
}

static bool visit(void *context, const struct listed *object)
{
    struct check *check = context;
    struct expected wanted = {.key = object->key};
    struct expected *found =
        bsearch(&wanted, check->items, check->count, sizeof *check->items, compare_expected);

    if (found != NULL) {
        const struct entry *entry = found->entry;
        found->is_listed = true;
        found->listed.size_bytes = object->size_bytes;
        found->differs = object->size_bytes != entry->size_bytes ||
                         (entry->version.n > 0 && !str_equal(entry->version, object->version));
        check->good += !found->differs;
    }
    return true;
}

static int report(struct arena *arena, struct store *store, const struct check *check,
                  struct error *err)
{
    const struct expected *bad = check->items;
    size_t others = check->count - check->good - 1;
    struct buf text = buf_make(arena, 4096);

    while (bad->is_listed && !bad->differs) {
        bad++;
    }
    struct str shown = store_address(store, arena, bad->key);
    if (!bad->is_listed) {
        buf_addf(&text, "'%.*s' is missing", STR_ARG(shown));
    } else if (bad->listed.size_bytes != bad->entry->size_bytes) {
        buf_addf(&text, "'%.*s' is %" PRIu64 " bytes, its receipt says %" PRIu64, STR_ARG(shown),
                 bad->listed.size_bytes, bad->entry->size_bytes);
    } else {
        buf_addf(&text, "'%.*s' is not the version that its receipt names", STR_ARG(shown));
    }
    if (others > 0) {
        buf_addf(&text, ", and %zu other file%s of %zu", others, others == 1 ? "" : "s",
                 check->count);
    }
    return error_set(err, ERROR_DAMAGED, "%s", buf_str(&text).s);
}

int stored_check_files(struct arena *arena, struct store *store, const struct address *address,
                       const struct artifact *artifact, struct str output, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct check check = {0};
    struct str key = address_key(&scratch, address);
    struct str prefix =
        str_format(&scratch, "%.*s/%.*s/%.*s%s", STR_ARG(key), STR_ARG(artifact->content),
                   STR_ARG(output), output.n > 0 ? "/" : "");

    check.items = arena_array(&scratch, artifact->count, sizeof *check.items);
    for (size_t i = 0; i < artifact->count; i++) {
        const struct entry *entry = &artifact->entries[i];
        if (entry->kind == ENTRY_FILE && (output.s == NULL || str_equal(entry->output, output))) {
            struct str file =
                address_file_key(&scratch, address, artifact->content, entry->output, entry->path);
            check.items[check.count++] = (struct expected){.key = file, .entry = entry};
        }
    }
    if (check.count == 0) {
        return 0;
    }
    qsort(check.items, check.count, sizeof *check.items, compare_expected);
    if (store_list(store, &scratch, prefix, visit, &check, err) < 0) {
        return -1;
    }
    return check.good == check.count ? 0 : report(arena, store, &check, err);
}
