/* What of an upload is there already: one list instead of a refusal for each file. */
#include "store/gcs_parts.h"

#include <stdlib.h>

/* Fewer small files than this are not worth a list. */
#define LIST_FILES_MIN 4

bool gcs_is_same(const struct transfer *transfer, const struct gcs_object *object)
{
    return object->size_bytes == transfer->size_bytes && object->has_crc32c &&
           object->crc32c == transfer->crc32c &&
           (object->sha256.n == 0 || str_equal(object->sha256, transfer->sha256));
}

int gcs_say_other_bytes(const struct gcs_store *gcs, const struct transfer *transfer,
                        const struct gcs_object *object, struct error *err)
{
    struct arena scratch CLEANUP(arena_free) = {0};
    struct str address = gcs_address(&gcs->place, &scratch, transfer->key);
    error_set(err, ERROR_CONFLICT,
              "it is there already with other bytes: %ju of them with CRC32C %08x, and it should "
              "have %ju with %08x",
              (uintmax_t)object->size_bytes, (unsigned)object->crc32c,
              (uintmax_t)transfer->size_bytes, (unsigned)transfer->crc32c);
    gcs_cannot_key(gcs, GCS_CREATE, transfer->key, err);
    return error_help(err,
                      "nothing but jobrun writes there; remove it and run again: gcloud "
                      "storage rm '%.*s'",
                      STR_ARG(address));
}

struct present {
    const struct gcs_store *gcs;
    struct transfer **sorted; /* by key */
    size_t count;
    bool *is_there; /* of each transfer */
    struct transfer *transfers;
    bool failed; /* `problem` says why */
    struct error problem;
};

static int compare_keys(const void *a, const void *b)
{
    const struct transfer *const *x = a;
    const struct transfer *const *y = b;
    return str_compare((*x)->key, (*y)->key);
}

static bool find_present(void *context, struct str key, const struct gcs_object *object)
{
    struct present *present = context;
    struct transfer wanted = {.key = key};
    const struct transfer *pointer = &wanted;
    struct transfer **found =
        bsearch(&pointer, present->sorted, present->count, sizeof *present->sorted, compare_keys);
    if (!found) {
        return true;
    }
    struct transfer *transfer = *found;
    if (!gcs_is_same(transfer, object)) {
        present->failed = true;
        gcs_say_other_bytes(present->gcs, transfer, object, &present->problem);
        return false;
    }
    transfer->was_there = true;
    transfer->version = str_copy(present->gcs->store.arena, object->generation);
    present->is_there[transfer - present->transfers] = true;
    return true;
}

/* The folder that all keys are in: "a/b/" of "a/b/c/x" and "a/b/d", "" of "a" and "b". */
static struct str common_folder(const struct transfer *transfers, size_t count)
{
    struct str folder = transfers[0].key;
    for (size_t i = 0; i < count; i++) {
        struct str key = transfers[i].key;
        size_t n = 0;
        while (n < folder.n && n < key.n && folder.s[n] == key.s[n]) {
            n++;
        }
        while (n > 0 && key.s[n - 1] != '/') {
            n--;
        }
        folder.n = n;
    }
    return folder;
}

static bool is_worth_a_list(const struct transfer *transfers, size_t count)
{
    bool is_worth = count >= LIST_FILES_MIN;
    for (size_t i = 0; i < count && !is_worth; i++) {
        is_worth = transfers[i].size_bytes > GCS_MULTIPART_BYTES_MAX;
    }
    return is_worth;
}

int gcs_find_present(struct gcs_store *gcs, struct arena *arena, struct transfer *transfers,
                     size_t count, bool *is_there, struct error *err)
{
    struct error problem = {0};
    struct present present = {
        .gcs = gcs, .count = count, .is_there = is_there, .transfers = transfers};
    if (!is_worth_a_list(transfers, count)) {
        return 0;
    }
    present.sorted = arena_array(arena, count, sizeof *present.sorted);
    for (size_t i = 0; i < count; i++) {
        present.sorted[i] = &transfers[i];
    }
    qsort(present.sorted, count, sizeof *present.sorted, compare_keys);
    if (gcs_list_objects(gcs, common_folder(transfers, count), true, find_present, &present,
                         &problem) != 0 &&
        problem.kind != ERROR_NOT_ALLOWED) {
        *err = problem;
        return -1;
    }
    if (present.failed) {
        *err = present.problem;
        return -1;
    }
    return 0;
}
