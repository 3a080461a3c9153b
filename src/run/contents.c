#include "run/contents.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/error.h"
#include "run/listener.h"
#include "sys/tarball.h"

struct listing {
    struct arena *arena;
    struct str output;
    struct entry *entries;
    size_t count, capacity;
    uint64_t bytes, bytes_max;
    struct sha256 sha;
};

static int refuse(struct listing *listing, struct str path, const char *what, struct error *err)
{
    struct str shown = str_slice(str_printable(listing->arena, path), 0, 500);

    return error_set(err, ERROR_DAMAGED, "entry '%.*s' %s", STR_ARG(shown), what);
}

static bool has_long_segment(struct str path)
{
    struct str segment;
    bool more = true;

    while (more) {
        more = str_cut(path, '/', &segment, &path);
        if (segment.n > CONTENTS_NAME_MAX) {
            return true;
        }
    }
    return false;
}

/* What artifact_check_names() does not ask of names, and what must not wait for
 * it: that asks when all entries are known. */
static int check_item(struct listing *listing, const struct tarball_item *item, struct error *err)
{
    if (listing->count >= ARTIFACT_ENTRIES_MAX) {
        return error_set(err, ERROR_DAMAGED, "it holds more than %d entries", ARTIFACT_ENTRIES_MAX);
    }
    if (str_utf8_invalid_at(item->path) < item->path.n ||
        str_utf8_invalid_at(item->target) < item->target.n) {
        return refuse(listing, item->path, "has a name or target that is not UTF-8", err);
    }
    if (has_long_segment(item->path)) {
        return refuse(listing, item->path, "has a name that is too long", err);
    }
    if (item->size_bytes > listing->bytes_max - listing->bytes) {
        struct str most = size_show(listing->arena, listing->bytes_max);
        return error_set(err, ERROR_LIMIT, "it holds more than the %.*s that the whole disk has",
                         STR_ARG(most));
    }
    return 0;
}

static int begin(void *context, const struct tarball_item *item, struct error *err)
{
    static const enum entry_kind KINDS[] = {
        [FS_FILE] = ENTRY_FILE, [FS_LINK] = ENTRY_LINK, [FS_FOLDER] = ENTRY_FOLDER};
    struct listing *listing = context;

    if (check_item(listing, item, err) < 0) {
        return -1;
    }
    listing->bytes += item->size_bytes;
    *ARENA_PUSH(listing->arena, listing->entries, listing->count, listing->capacity) =
        (struct entry){
            .kind = KINDS[item->kind],
            .output = listing->output,
            .path = str_copy(listing->arena, item->path),
            .mode = item->mode,
            .size_bytes = item->size_bytes,
            .target = str_copy(listing->arena, item->target),
        };
    sha256_begin(&listing->sha);
    return 0;
}

static int data(void *context, const void *bytes, size_t n, struct error *err)
{
    struct listing *listing = context;

    (void)err;
    sha256_add(&listing->sha, bytes, n);
    return 0;
}

static int end(void *context, struct error *err)
{
    struct listing *listing = context;
    struct entry *entry = &listing->entries[listing->count - 1];
    unsigned char digest[SHA256_BYTES];

    (void)err;
    sha256_end(&listing->sha, digest);
    if (entry->kind == ENTRY_FILE) {
        entry->sha256 = digest_hex(listing->arena, digest, sizeof digest);
    }
    return 0;
}

int contents_read(struct arena *arena, int fd, enum pack_format format, struct str output,
                  uint64_t bytes_max, struct artifact *contents, struct error *err)
{
    struct listing listing = {.arena = arena, .output = output, .bytes_max = bytes_max};
    struct tarball_calls calls = {begin, data, end, &listing};

    if (tarball_read(fd, format, &calls, err) < 0) {
        return -1;
    }
    *contents = (struct artifact){.entries = listing.entries, .count = listing.count};
    return artifact_check_names(contents, arena, err);
}
